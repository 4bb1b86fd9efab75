"""Taking out of the graph what an item, a source or an older file of it had brought.

A thing that several sources brought stays until the last of them is gone, and what one source said of an item goes
with that source. Everything happens in batches that may be repeated: an interrupted removal goes on when the
command is given again. Computed edges of what is gone go with it; the next `tellgraph build edges` finds
by itself what else they change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from graphstore.connection import Graph
from graphstore.uris import title_and_year_from_uri

__all__ = ["Kind", "Removal", "Replacement", "remove_entities", "remove_source"]

Kind = Literal["triples", "entities", "items", "dialogues", "interactions"]

_BATCH = 1_000
_EVERYTHING: tuple[Kind, ...] = ("triples", "items", "entities", "dialogues", "interactions")

Progress = Callable[[str, int], None]
"""Is told (what, how many of it are done)."""


def _silent(what: str, done: int) -> None:
    pass


def remove_entities(graph: Graph, uris: Collection[str]) -> int:
    """Delete entities, items or not, with their facts, edges, vectors and mentions; returns how many there were."""
    deleted = 0
    for batch in _parts(list(uris)):
        deleted += graph.write("delete_entities", uris=batch)[0]["deleted"]
    graph.write("note_removal")
    return deleted


def remove_source(graph: Graph, source: str, progress: Progress = _silent) -> None:
    """Remove a source with everything that nobody else brought. Raises ConnectionLostError, QueryError."""
    removal = Removal(graph, source, progress)
    for kind in _EVERYTHING:
        removal.remove(kind)
    graph.write("note_removal")


@dataclass
class Removal:
    """Takes one source off the graph, one kind of thing at a time."""

    graph: Graph
    source: str
    progress: Progress = _silent

    def remove(self, kind: Kind) -> None:
        """Remove what the source brought of one kind; entities go that nothing else of it needs."""
        if kind == "triples":
            self._facts()
        elif kind == "items":
            self._items()
        elif kind == "dialogues":
            self.dialogues()
        elif kind == "interactions":
            _repeat(lambda: self.graph.write("delete_users", source=self.source), "users", self.progress)
        if kind in ("triples", "items", "entities"):
            self._entities()

    def dialogues(self, split: str | None = None) -> None:
        """Delete the source's dialogues of one split, or of all."""
        ids = [row["id"] for row in self.graph.read("dialogues_of_source", source=self.source, split=split)]
        for done, batch in enumerate(_parts(ids), start=1):
            self.graph.write("delete_dialogues", ids=batch)
            self.progress("dialogues", min(done * _BATCH, len(ids)))

    def _facts(self) -> None:
        facts = _fact_types(self.graph)
        _repeat(
            lambda: self.graph.write("take_source_off_facts", facts=facts, source=self.source), "facts", self.progress
        )

    def _items(self) -> None:
        done = 0
        while uris := self.graph.read("items_of_source", source=self.source)[0]["uris"]:
            rows = [(uri, *title_and_year_from_uri(uri)) for uri in uris]
            items = [{"uri": uri, "title": title, "year": year} for uri, title, year in rows]
            self.graph.write("take_source_off_items", items=items, source=self.source)
            done += len(uris)
            self.progress("items", done)

    def _entities(self) -> None:
        facts, after, done = _fact_types(self.graph), "", 0
        while rows := self.graph.read("entities_of_source", source=self.source, after=after, facts=facts):
            free = [row for row in rows if not row["needed"]]
            shared = [row["uri"] for row in free if not row["alone"]]
            self.graph.write("take_source_off_entities", uris=shared, source=self.source)
            self.graph.write("delete_entities", uris=[row["uri"] for row in free if row["alone"]])
            after, done = rows[-1]["uri"], done + len(free)
            self.progress("entities", done)


@dataclass
class Replacement:
    """Makes a source hold of one kind what its new files say, and no more: `begin`, ingest as `name`, `finish`.

    Facts, items and entities come in under a name for the meantime, beside what the source has; then what it had goes.
    So whatever stands in both keeps its mentions, vectors and edges all the time. Dialogues, of one split or of all,
    and interactions are taken out first.
    """

    graph: Graph
    source: str
    kind: Kind
    split: str | None = None

    @property
    def name(self) -> str:
        """What to ingest as; the same in every run, so that an interrupted one is gone on with."""
        return self.source if self.kind in ("dialogues", "interactions") else f"{self.source} (replacing)"

    def begin(self) -> None:
        """Take out what cannot stand beside what comes."""
        if self.kind == "dialogues":
            Removal(self.graph, self.source).dialogues(self.split)
        elif self.kind == "interactions":
            Removal(self.graph, self.source).remove("interactions")

    def finish(self) -> None:
        """Remove what the source had, and let it have what came."""
        if self.name != self.source:
            Removal(self.graph, self.source).remove(self.kind)
            names: dict[str, Any] = {"source": self.name, "name": self.source}
            facts = _fact_types(self.graph)
            _repeat(lambda: self.graph.write("rename_source_of_facts", facts=facts, **names), "facts", _silent)
            _repeat(lambda: self.graph.write("rename_source_of_entities", **names), "entities", _silent)
        self.graph.write("note_removal")


def _fact_types(graph: Graph) -> list[str]:
    return [row["type"] for row in graph.read("relation_types")]


def _repeat(batch: Callable[[], list[dict[str, Any]]], what: str, progress: Progress) -> None:
    done = 0
    while now := batch()[0]["done"]:
        done += now
        progress(what, done)


def _parts(things: list[str]) -> list[list[str]]:
    return [things[start : start + _BATCH] for start in range(0, len(things), _BATCH)]
