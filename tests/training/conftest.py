"""A small trained run, made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.director_world import write_director_world
from training.loop import train
from training.mscrs_recommender import MSCRSRecommender
from training.recipe import load_recipe
from training.recommender import Recommender
from training.runs import RunFolder


@pytest.fixture(scope="session")
def director_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished `tiny` training on the director world."""
    folder = tmp_path_factory.mktemp("director")
    snapshot = write_director_world(folder / "snapshot")
    # Aligning prompts with what random weights make of words would only disturb: no fuse loss.
    recipe = replace(load_recipe("tiny"), epochs=120, learning_rate=1e-2, fuse_weight=0.0)
    run = RunFolder.create(folder / "run", recipe, snapshot)
    train(run, Path("no-cache-needed"), device="cpu")
    return run


@pytest.fixture(scope="session")
def director_recommender(director_run: RunFolder) -> MSCRSRecommender:
    """The same run, loaded from its folder."""
    recommender = Recommender.load(director_run.path, Path("no-cache-needed"), device="cpu")
    assert isinstance(recommender, MSCRSRecommender)
    return recommender
