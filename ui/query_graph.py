"""Which results are graphs, and the graph in such a result.

A query's columns decide: `source`, `relation` and `target` are an edge a row; `uris` and `relations` a way a row;
`uri`, `relation` and `direction` a neighbour a row, of the entity that the parameter `uri` names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphstore.errors import QueryError
from graphstore.queries import Query

__all__ = ["ResultGraph", "check_drawable", "result_graph"]

_EDGES = {"source", "relation", "target"}
_WAYS = {"uris", "relations"}
_STAR = {"uri", "relation", "direction"}

_Edge = tuple[str, str, str]


@dataclass(frozen=True)
class ResultGraph:
    """What is drawn.

    names: what each node's URI is called, in the order of the rows.
    edges: the relations from one URI to another, each named once, by (source, target).
    """

    names: dict[str, str]
    edges: dict[tuple[str, str], tuple[str, ...]]


def check_drawable(query: Query) -> None:
    """Raises QueryError when the query's result is no graph."""
    columns = query.columns.keys()
    if not any(shape <= columns for shape in (_EDGES, _WAYS)) and not (columns >= _STAR and "uri" in query.parameters):
        raise QueryError(
            f"The result of {query.name!r} is a list and no graph: take --format table, json or csv. Drawn is what "
            "has the columns source, relation and target, or uris and relations, or the neighbours of a uri."
        )


def result_graph(query: Query, parameters: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> ResultGraph:
    """The graph in the rows. Raises QueryError when they hold none."""
    check_drawable(query)
    names: dict[str, str] = {}
    edges: dict[tuple[str, str], dict[str, None]] = {}
    read = _edges if query.columns.keys() >= _EDGES else _ways if query.columns.keys() >= _WAYS else _star
    for row in rows:
        for source, relation, target in read(row, names, parameters):
            edges.setdefault((source, target), {})[relation] = None
    return ResultGraph(names, {ends: tuple(relations) for ends, relations in edges.items()})


def _edges(row: Mapping[str, Any], names: dict[str, str], parameters: Mapping[str, Any]) -> Iterator[_Edge]:
    for end in ("source", "target"):
        names.setdefault(row[end], row.get(f"{end}_name") or row[end])
    yield row["source"], row["relation"], row["target"]


def _ways(row: Mapping[str, Any], names: dict[str, str], parameters: Mapping[str, Any]) -> Iterator[_Edge]:
    uris = row["uris"]
    for uri, name in zip(uris, row.get("names", uris), strict=True):
        names.setdefault(uri, name or uri)
    for place, relation in enumerate(row["relations"]):
        ends = uris[place : place + 2]
        if relation.startswith("<"):  # written as it was met, against its direction
            ends = ends[::-1]
        yield ends[0], relation.strip("<>"), ends[1]


def _star(row: Mapping[str, Any], names: dict[str, str], parameters: Mapping[str, Any]) -> Iterator[_Edge]:
    centre = parameters["uri"]
    names.setdefault(centre, centre.rpartition("/")[2].replace("_", " ") or centre)
    names.setdefault(row["uri"], row.get("name") or row["uri"])
    ends = (centre, row["uri"]) if row["direction"] == "out" else (row["uri"], centre)
    yield ends[0], row["relation"], ends[1]
