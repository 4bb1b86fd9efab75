"""Small graphs whose vectors and edges can be worked out on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphstore.graph import Graph


def uri(name: str) -> str:
    """Makes a URI whose order is that of the names."""
    return f"http://toy.example/{name}"


def write_items(graph: Graph, items: Mapping[str, Mapping[str, Any]]) -> None:
    """Make items of names and properties, or set the properties of those that are there."""
    rows = [
        {"uri": uri(name), "name": name, "title": name, "year": None, "properties": dict(properties)}
        for name, properties in items.items()
    ]
    graph.write("merge_items", items=rows, source="toy")


def write_dialogue(graph: Graph, name: str, mentions: Sequence[Sequence[str]], split: str = "train") -> None:
    """Make a dialogue of turns that mention items by name, or replace it."""
    row = {
        "id": name,
        "source": "toy",
        "split": split,
        "turns": [{"index": turn, "role": "seeker", "text": ""} for turn in range(len(mentions))],
        "mentions": [
            [turn, position, "item", uri(item), None, None, None]
            for turn, items in enumerate(mentions)
            for position, item in enumerate(items)
        ],
    }
    graph.write("merge_dialogues", dialogues=[row])


def write_text_vectors(graph: Graph, degrees: Mapping[str, float], encoder: str = "compass") -> None:
    """Give items text vectors of two numbers that point into a direction."""
    rows = [
        {
            "uri": uri(name),
            "vector": [float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))],
            "hash": f"{encoder} {angle}",
        }
        for name, angle in degrees.items()
    ]
    graph.write("write_vectors", vector="text_vector", hash="text_hash", change="text_change", rows=rows)


def edges(graph: Graph, type_: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the properties of the edges of one type, by the names of their ends; none stands twice."""
    found = [
        (row["uri"].rpartition("/")[2], to.rpartition("/")[2], _told(properties))
        for row in graph.read("visible_edges", type=type_)
        for to, properties in row["edges"]
    ]
    by_ends = {(source, target): properties for source, target, properties in found}
    assert len(by_ends) == len(found), f"an edge of type {type_} stands twice"
    return by_ends


def _told(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What an edge says, without the builds that it began and ends with."""
    return {name: value for name, value in properties.items() if name not in ("build", "ended")}


def vectors(graph: Graph, modality: str) -> dict[str, list[float]]:
    """Return the vectors of one modality by the names of their items."""
    parts = graph.read("export_vectors", vector=f"{modality}_vector", hash=f"{modality}_hash")
    found = {
        item.rpartition("/")[2]: vector
        for part in parts
        for item, vector in zip(part["uris"], part["vectors"], strict=True)
    }
    return dict(sorted(found.items()))
