"""Looking around in the graph: entities by their names, what they are connected to, and what two have to do with each
other. Knows no Streamlit.

    search ── Star of each opened entity ── Filters ── neighbourhood ── Neighbourhood, at most 300 nodes
                                                └── compare ── Comparison
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any

from graphstore.connection import Graph, ReadLimits
from ui.graph_layout import MOST_NODES
from ui.query_graph import ResultGraph

__all__ = [
    "MODALITIES",
    "Comparison",
    "Entity",
    "Filters",
    "Neighbour",
    "Neighbourhood",
    "Star",
    "compare",
    "describe",
    "neighbourhood",
    "search",
    "star",
]

MODALITIES = {
    "facts": "Facts",
    "co_mention": "Mentioned together",
    "co_interaction": "Liked together",
    "text": "Reads alike",
    "image": "Looks alike",
}
"""What `neighbourhood` calls a modality, and what people call it."""

_SCORED = ("text", "image")
_COUNTED = ("co_mention", "co_interaction")
_FOUND = 8
_LIMITS = ReadLimits(seconds=20, rows=5_000)


@dataclass(frozen=True)
class Entity:
    """An entity of the graph: what `cypher/entity.cypher` says of it, under its columns' names."""

    uri: str
    label: str
    is_item: bool
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbour:
    """An edge of an entity. weight: 1 for a fact, a count, or a score, as the modality has it."""

    uri: str
    name: str
    relation: str
    modality: str
    outwards: bool
    weight: float


@dataclass(frozen=True)
class Star:
    """An entity with all its edges. cut: there are more than were read."""

    entity: Entity
    neighbours: tuple[Neighbour, ...]
    cut: bool

    @property
    def uri(self) -> str:
        """The entity's."""
        return self.entity.uri

    @property
    def name(self) -> str:
        """The entity's."""
        return self.entity.label


@dataclass(frozen=True)
class Filters:
    """Which edges are shown.

    modalities: see MODALITIES; relations: relationship types, all where it is empty.
    least_score: of similarities, a cosine; least_count: of what is mentioned or liked together.
    most: how many nodes are drawn; no more than MOST_NODES.
    """

    modalities: frozenset[str] = frozenset(MODALITIES)
    relations: frozenset[str] = frozenset()
    least_score: float = 0.0
    least_count: int = 1
    most: int = MOST_NODES

    def let(self, neighbour: Neighbour) -> bool:
        """Whether an edge is shown."""
        if neighbour.modality in _SCORED and neighbour.weight < self.least_score:
            return False
        if neighbour.modality in _COUNTED and neighbour.weight < self.least_count:
            return False
        return neighbour.modality in self.modalities and (not self.relations or neighbour.relation in self.relations)


@dataclass(frozen=True)
class Neighbourhood:
    """What is drawn of some stars.

    edges: source, target and edge for each row of the table, in the order of the stars.
    hidden: neighbours that pass the filters and found no room. cut: and there are others that were not even read.
    """

    graph: ResultGraph
    edges: tuple[tuple[str, str, Neighbour], ...]
    hidden: int
    cut: bool


@dataclass(frozen=True)
class Comparison:
    """What two entities have to do with each other.

    edges: rows of `edges_between`; shared: of `shared_facts`; paths: of `shortest_paths`; ways: of `why_similar`.
    """

    first: Entity
    second: Entity
    edges: list[dict[str, Any]]
    shared: list[dict[str, Any]]
    paths: list[dict[str, Any]]
    ways: list[dict[str, Any]]


def search(graph: Graph, text: str) -> list[Entity]:
    """The entities that a name may become while it is typed, the best first; none for a text without words."""
    rows = graph.ask("suggest_entities", {"text": text, "limit": _FOUND}, _LIMITS).rows
    return [_entity(row) for row in rows]


def describe(graph: Graph, uri: str) -> Entity | None:
    """What one entity says of itself, or None where there is none of that URI."""
    rows = graph.ask("entity", {"uri": uri}, _LIMITS).rows
    return _entity(rows[0]) if rows else None


def _entity(row: Mapping[str, Any]) -> Entity:
    title = row["title"] or row["name"] or row["uri"]
    return Entity(row["uri"], f"{title} ({row['year']})" if row["year"] else title, row["is_item"], row)


def star(graph: Graph, uri: str) -> Star | None:
    """An entity and its edges as one build has them, or None where there is no such entity."""

    def work() -> Star | None:
        entity = describe(graph, uri)
        answer = graph.ask("neighbourhood", {"uri": uri, "limit": _LIMITS.rows + 1}, _LIMITS)
        return None if entity is None else Star(entity, tuple(map(_neighbour, answer.rows)), answer.cut)

    return graph.steady(work)


def _neighbour(row: Mapping[str, Any]) -> Neighbour:
    return Neighbour(
        uri=row["uri"],
        name=row["name"] or row["uri"],
        relation=row["relation"],
        modality=row["modality"],
        outwards=row["direction"] == "out",
        weight=row["weight"],
    )


def neighbourhood(stars: Sequence[Star], filters: Filters) -> Neighbourhood:
    """What is drawn: the stars' own entities, then neighbours of each in turn, the strongest of each relation first."""
    names = {one.uri: one.name for one in stars}
    shown = {one.uri: [edge for edge in one.neighbours if filters.let(edge)] for one in stars}
    waiting = [_by_turns(edges) for edges in shown.values()]
    every = {edge.uri for edges in shown.values() for edge in edges} - names.keys()
    most = max(min(filters.most, MOST_NODES), len(stars))
    for edge in chain.from_iterable(zip_longest(*waiting)):
        if edge is not None and len(names) < most:
            names.setdefault(edge.uri, edge.name)
    edges = list(_drawn(shown, names))
    relations: dict[tuple[str, str], dict[str, None]] = {}
    for source, target, edge in edges:
        relations.setdefault((source, target), {})[edge.relation] = None
    graph = ResultGraph(names, {ends: tuple(found) for ends, found in relations.items()})
    return Neighbourhood(graph, tuple(edges), len(every - names.keys()), any(one.cut for one in stars))


def _by_turns(edges: Sequence[Neighbour]) -> Iterator[Neighbour]:
    """One of each relation, then the second of each: where room is short, no relation takes it all."""
    groups: dict[tuple[str, str, bool], list[Neighbour]] = {}
    for edge in edges:
        groups.setdefault((edge.modality, edge.relation, edge.outwards), []).append(edge)
    for one in chain.from_iterable(zip_longest(*groups.values())):
        if one is not None:
            yield one


def _drawn(shown: Mapping[str, Iterable[Neighbour]], names: Mapping[str, str]) -> Iterator[tuple[str, str, Neighbour]]:
    """The edges with both ends drawn, each once: two opened entities both have the edge between them."""
    seen = set()
    for uri, edges in shown.items():
        for edge in edges:
            source, target = (uri, edge.uri) if edge.outwards else (edge.uri, uri)
            if edge.uri in names and (source, edge.relation, target) not in seen:
                seen.add((source, edge.relation, target))
                yield source, target, edge


def compare(graph: Graph, first: Entity, second: Entity) -> Comparison:
    """What connects two entities, as one build has it."""
    ends = {"first": first.uri, "second": second.uri}

    def rows(name: str, **more: Any) -> list[dict[str, Any]]:
        return graph.ask(name, {**ends, **more}, _LIMITS).rows

    def work() -> Comparison:
        return Comparison(
            first,
            second,
            edges=graph.ask("edges_between", {"pairs": [[first.uri, second.uri]]}, _LIMITS).rows,
            shared=rows("shared_facts"),
            paths=rows("shortest_paths"),
            ways=rows("why_similar"),
        )

    return graph.steady(work)
