"""Drawings for the page: where nodes stand, and that names in them are data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ui.graph_chart import graph_chart, graph_in_words
from ui.graph_layout import places
from ui.query_graph import ResultGraph

NASTY = '<b>"x"</b> **y** \u202e{"expr": "datum"}'


def star(size: int) -> ResultGraph:
    names = {str(number): f"name {number}" for number in range(size)}
    return ResultGraph(names, {("0", str(number)): ("STARRING",) for number in range(1, size)})


@pytest.mark.parametrize("size", [0, 1, 2, 300])
def test_every_node_has_a_place_inside(size: int) -> None:
    graph = star(size)
    spots = places(graph.names, graph.edges)
    assert list(spots) == list(graph.names)
    assert all(0 <= place <= 1 for spot in spots.values() for place in spot)
    assert spots == places(graph.names, graph.edges)


def test_nodes_keep_their_neighbourhood_when_one_is_opened() -> None:
    before = places(star(20).names, star(20).edges)
    grown = star(25)
    after = places(grown.names, grown.edges, before)
    known = [node for node in before if node in after]
    x = np.corrcoef([before[node][0] for node in known], [after[node][0] for node in known])[0, 1]
    y = np.corrcoef([before[node][1] for node in known], [after[node][1] for node in known])[0, 1]
    assert min(x, y) > 0.9


def test_names_are_values_of_the_chart_and_nothing_else() -> None:
    graph = ResultGraph({"a": NASTY, "b": "Plain"}, {("a", "b"): ("CO_MENTIONED", "DIRECTOR")})
    chart = graph_chart(graph, places(graph.names, graph.edges), ["a"])
    nodes = next(layer["data"]["values"] for layer in chart["layer"] if layer["mark"]["type"] == "circle")
    assert [node["kind"] for node in nodes] == ["open", "closed"]
    assert nodes[0]["name"] == NASTY.replace("\u202e", " ")
    rest = json.dumps([{key: value for key, value in layer.items() if key != "data"} for layer in chart["layer"]])
    assert "<b>" not in rest
    lines = next(layer["data"]["values"] for layer in chart["layer"] if layer["mark"]["type"] == "rule")
    assert lines[0]["said"] == "mentioned together, directed by"
    assert lines[0]["graph"] == "Mentioned together"


def test_a_large_drawing_names_few_of_its_nodes() -> None:
    graph = star(200)
    chart = graph_chart(graph, places(graph.names, graph.edges), dark=True)
    nodes = next(layer["data"]["values"] for layer in chart["layer"] if layer["mark"]["type"] == "circle")
    assert 0 < sum(bool(node["label"]) for node in nodes) < 60
    assert graph_in_words(graph) == "A drawing of 200 nodes and 199 lines between them: 199 facts."
