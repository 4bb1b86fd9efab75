"""What the queries for people answer does not depend on what builds of edges left in the graph unseen."""

from __future__ import annotations

from typing import Any

import pytest

from graphstore.graph import Graph
from graphstore.queries import all_queries
from graphstore.snapshot_manifest import EDGE_COLUMNS
from tests.docs.cypher import EXAMPLES

pytestmark = pytest.mark.database

_NOT_COMPARED = {
    "changed_since": "tells of ended edges as well, while they are there",
    "counts": "counts edges as they stand",
    "hubs": "counts edges as they stand",
    "why_similar": "divides by the number of connections as they stand",
}


def answers(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    names = [query.name for query in all_queries() if not query.internal and query.name not in _NOT_COMPARED]
    return {name: graph.read(name, **EXAMPLES[name]) for name in names}


def test_edges_that_nobody_sees_change_no_answer(toy_films: Graph, probes: None) -> None:
    graph = toy_films  # this module's own: nobody reads it after
    before, changes = answers(graph), graph.read("changed_since", build=0)
    for name in EDGE_COLUMNS:
        graph.write("drop_hidden_edges", type=name)
        graph.write("restore_ended_edges", type=name)
    assert graph.read("hidden_edges") == [{"edges": 0}]
    assert answers(graph) == before
    assert graph.read("changed_since", build=0) == [row for row in changes if row["change"] == "new"]
