"""What the tests share: settings that touch nothing of the user's, one real Neo4j, the shared data sets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphstore.graph import Graph, open_graph
from graphstore.private_server import PrivateServer
from graphstore.schema import prepare_schema
from graphstore.settings import Settings
from tests.toy_films import VECTOR_INDEXES, know_probes, make_toy_films

# The models of the tests are too small to share: threads that wait for each other take several times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_OWN_VARIABLES = ("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_DATABASE")


@pytest.fixture(scope="session", autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings with a home of the test run's own, also for commands that read the environment.

    The cache is the user's: jars and weights are downloaded once and only read.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELLGRAPH_HOME", str(tmp_path_factory.mktemp("home")))
        for name in _OWN_VARIABLES:
            patch.delenv(name, raising=False)
        yield Settings.from_environment()


@pytest.fixture(scope="session")
def graph_session(settings: Settings) -> Iterator[Graph]:
    """A real Neo4j for the whole test run, stopped at its end."""
    try:
        with open_graph(settings) as graph:
            yield graph
    finally:
        PrivateServer(settings).stop()


@pytest.fixture
def graph(graph_session: Graph) -> Graph:
    """The real Neo4j, emptied, with its schema."""
    graph_session.write("delete_everything")
    prepare_schema(graph_session)
    return graph_session


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets every graph run the statements of tests/cypher by name as well."""
    know_probes(monkeypatch)


@pytest.fixture(scope="module")
def toy_films(graph_session: Graph) -> Iterator[Graph]:
    """The toy graph of tests/cypher/make_toy_films.cypher, for tests that only read."""
    make_toy_films(graph_session)
    yield graph_session
    for name in VECTOR_INDEXES:
        graph_session.write("drop_index", name=name)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of INSPIRED and ReDial; the test is skipped where there is none."""
    checkout = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("TELLGRAPH_DATA") or checkout.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the data sets are not here: {folder} is missing, set TELLGRAPH_DATA")
    return folder
