"""What an ingest does with its batches: `GraphWriter` writes them, `Preview` only says what that would make.

Both answer with how much is new. The writer has it counted by the server, inside the transaction that makes it; the
preview asks the graph what it has, and remembers a number for everything that a file brought before.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphstore.connection import Graph
from graphstore.input_files import in_batches
from graphstore.relation_type import RelationType
from graphstore.uris import in_an_id, name_from_uri

__all__ = ["BatchWriter", "Fact", "GraphWriter", "Preview"]

Fact = tuple[str, RelationType, str]

ROWS_PER_STATEMENT = 10_000
REMEMBERED_ENTITIES = 1_000_000  # of 60 characters about 200 MB


class BatchWriter(Protocol):
    """Takes batches of one source. Each method returns how many of its things are new."""

    def relation_type(self, relation: RelationType) -> bool:
        """Keep a predicate that the graph has not seen, and say so; False: its name stands for another by now."""

    def entities(self, uris: Iterable[str], listed: bool = False) -> int:
        """Entities by their URIs; one may come again. listed: by a list of entities, and not by facts."""

    def facts(self, facts: Collection[Fact]) -> int:
        """Distinct facts between entities."""

    def items(self, rows: Sequence[dict[str, Any]]) -> int:
        """As merge_items.cypher takes them."""

    def dialogues(self, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
        """As merge_dialogues.cypher takes them; new dialogues and new mentions."""

    def interactions(self, rows: Sequence[tuple[str, str, int]]) -> int:
        """User, item, time."""


@dataclass
class GraphWriter:
    """Writes batches into the graph, a transaction each. Raises ConnectionLostError, QueryError."""

    graph: Graph
    source: str
    # Most entities stand in many facts, and asking for one again costs as much as for a new one.
    _written: set[str] = field(default_factory=set)

    def relation_type(self, relation: RelationType) -> bool:
        return bool(self.graph.write("merge_relation_type", type=relation.name, uri=relation.uri)[0]["kept"])

    def entities(self, uris: Iterable[str], listed: bool = False) -> int:
        new = 0
        rows = ([uri, name_from_uri(uri)] for uri in dict.fromkeys(uris) if uri not in self._written)
        for part in in_batches(rows, ROWS_PER_STATEMENT):
            new += self.graph.make("merge_entities", entities=part, source=self.source, listed=listed).nodes
            self._written.update(uri for uri, _ in part)
        if len(self._written) > REMEMBERED_ENTITIES:
            self._written.clear()
        return new

    def facts(self, facts: Collection[Fact]) -> int:
        rows = ([subject, relation.name, object_] for subject, relation, object_ in facts)
        parts = in_batches(rows, ROWS_PER_STATEMENT)
        return sum(self.graph.make("merge_facts", facts=part, source=self.source).relationships for part in parts)

    def items(self, rows: Sequence[dict[str, Any]]) -> int:
        return int(self.graph.write("merge_items", items=rows, source=self.source)[0]["new"])

    def dialogues(self, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
        (made,) = self.graph.write("merge_dialogues", dialogues=rows)
        return made["new"], made["new_mentions"]

    def interactions(self, rows: Sequence[tuple[str, str, int]]) -> int:
        rows_ = [list(row) for row in rows]
        names = {"source": self.source, "prefix": f"{in_an_id(self.source)}/"}
        return self.graph.make("merge_interactions", interactions=rows_, **names).relationships


@dataclass
class Preview:
    """Says what `GraphWriter` would make, and writes nothing. Raises ConnectionLostError, QueryError."""

    graph: Graph
    source: str
    # Hashes, and not the things: five million of them are 300 MB.
    _seen: set[int] = field(default_factory=set)

    def relation_type(self, relation: RelationType) -> bool:
        return True

    def entities(self, uris: Iterable[str], listed: bool = False) -> int:
        asked = self._asked("known_entities", list(dict.fromkeys(uris)))
        return sum(self._new("entity", part, known) for part, known in asked)

    def facts(self, facts: Collection[Fact]) -> int:
        new = 0
        named = ((subject, relation.name, object_) for subject, relation, object_ in facts)
        for part in in_batches(named, ROWS_PER_STATEMENT):
            rows = self.graph.read("known_facts", facts=[list(fact) for fact in part])
            new += self._new("fact", part, {tuple(row["fact"]) for row in rows})
        return new

    def items(self, rows: Sequence[dict[str, Any]]) -> int:
        uris = [row["uri"] for row in rows]
        return sum(self._new("item", part, known) for part, known in self._asked("known_items", uris))

    def dialogues(self, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
        found = self.graph.read("known_dialogues", ids=[row["id"] for row in rows])
        known = {row["id"]: {tuple(mention) for mention in row["mentions"]} for row in found}
        mentions = sum(tuple(one[:4]) not in known.get(row["id"], ()) for row in rows for one in row["mentions"])
        return sum(row["id"] not in known for row in rows), mentions

    def interactions(self, rows: Sequence[tuple[str, str, int]]) -> int:
        asked = [list(row) for row in rows]
        found = self.graph.read("known_interactions", interactions=asked, prefix=f"{in_an_id(self.source)}/")
        return self._new("interaction", rows, {(row["user"], row["item"], row["time"]) for row in found})

    def _asked(self, query: str, uris: list[str]) -> Iterator[tuple[Sequence[str], set[str]]]:
        for part in in_batches(uris, ROWS_PER_STATEMENT):
            yield part, set(self.graph.read(query, uris=part)[0]["uris"])

    def _new(self, kind: str, things: Sequence[Hashable], known: Collection[Hashable]) -> int:
        before = len(self._seen)
        self._seen.update(hash((kind, thing)) for thing in things if thing not in known)
        return len(self._seen) - before
