"""What docs/cypher.md says of py2neo: what works against Neo4j 5.26, and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.queries import load_query
from graphstore.settings import Settings

py2neo = pytest.importorskip("py2neo")
pytestmark = pytest.mark.database


@pytest.fixture
def old_door(toy_films: Graph, settings: Settings) -> Iterator[Any]:
    """The toy films through py2neo."""
    graph = py2neo.Graph(toy_films.uri, auth=("neo4j", PrivateServer(settings).password()))
    yield graph
    graph.service.connector.close()  # py2neo keeps its sockets and has no other way to end them


def test_a_query_of_the_library_runs(old_door: Any, toy_films: Graph) -> None:
    query = load_query("neighbourhood")
    rows = old_door.run(query.text, query.bind({"uri": "urn:alien"})).data()
    assert rows == toy_films.read("neighbourhood", uri="urn:alien")


def test_nodes_are_matched_created_and_merged(old_door: Any, toy_films: Graph) -> None:
    assert old_door.nodes.match("Item", year=1979).first()["title"] == "Alien"
    node = py2neo.Node("Probe", number=1)
    old_door.create(node)
    old_door.merge(py2neo.Node("Probe", number=1), "Probe", "number")
    assert len(old_door.nodes.match("Probe")) == 1
    old_door.delete(node)


def test_the_schema_is_out_of_its_reach(old_door: Any) -> None:
    with pytest.raises(py2neo.errors.ClientError, match="ProcedureNotFound"):
        old_door.schema.get_indexes("Entity")
