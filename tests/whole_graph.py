"""A graph as a value that can be compared."""

from __future__ import annotations

import json
from typing import Any

from graphstore.graph import Graph

__all__ = ["whole_graph"]

# How often something was written, and by whom last, is no part of what a graph says.
_COUNTERS = frozenset({"change", "built_change", "builder", "removals", "text_change", "image_change"})
_SETS = frozenset({"sources", "item_sources", "given_by", "counted"})


def whole_graph(graph: Graph, without: frozenset[str] = frozenset()) -> list[str]:
    """Every node and relationship with its properties, in an order that depends on nothing else.

    without: further properties that do not matter.
    """
    nodes = [
        {"labels": sorted(row["labels"]), "properties": _told(row["properties"], without)}
        for row in graph.read("dump_nodes")
    ]
    edges = [{**row, "properties": _told(row["properties"], without)} for row in graph.read("dump_relationships")]
    return sorted(json.dumps(thing, sort_keys=True) for thing in nodes + edges)


def _told(properties: dict[str, Any], without: frozenset[str]) -> dict[str, Any]:
    return {
        name: sorted(value) if name in _SETS else value
        for name, value in properties.items()
        if name not in _COUNTERS | without
    }
