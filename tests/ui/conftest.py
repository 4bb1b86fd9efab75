"""The film world in a real graph, and a run trained on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.graph import Graph
from graphstore.settings import Settings
from tests.training.conftest import director_sum_run
from tests.ui.film_world import fill, train_run
from training.recommender import Recommender

__all__ = ["director_sum_run"]


@pytest.fixture(scope="session")
def film_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world's files, among them the pictures that the graph points to."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def film_run(graph_session: Graph, film_folder: Path, settings: Settings) -> Path:
    """A run of the `tiny` recipe on the world."""
    fill(graph_session, film_folder, settings)
    return train_run(graph_session, film_folder, settings)


@pytest.fixture(scope="module")
def films(film_run: Path, graph_session: Graph, film_folder: Path, settings: Settings) -> Graph:
    """The graph with the world in it, which other modules' tests may have emptied since."""
    fill(graph_session, film_folder, settings)
    return graph_session


@pytest.fixture(scope="session")
def recommender(film_run: Path, settings: Settings) -> Recommender:
    """The trained run, loaded."""
    return Recommender.load(film_run, settings.cache)
