"""Taking out of the graph what an item, a source or an older file of it had brought.

A thing that several sources brought stays until the last of them is gone, and what one source said of an item goes
with that source. Everything happens in batches that may be repeated: an interrupted removal goes on when the
command is given again. Computed edges of what is gone go with it; the next `tellgraph build edges` finds
by itself what else they change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from graphstore.connection import Graph
from graphstore.input_files import in_batches, no_progress
from graphstore.uris import in_an_id, title_and_year_from_uri

__all__ = ["Kind", "Removal", "Replacement", "remove_entities", "remove_source"]

Kind = Literal["triples", "entities", "items", "dialogues", "interactions"]

_BATCH = 1_000
_EVERYTHING: tuple[Kind, ...] = ("triples", "items", "entities", "dialogues", "interactions")

Progress = Callable[[str, int], None]
"""Is told (what, how many of it are done)."""


def remove_entities(graph: Graph, uris: Collection[str]) -> int:
    """Delete entities, items or not, with their facts, edges, vectors and mentions; returns how many there were."""
    deleted = 0
    for batch in in_batches(uris, _BATCH):
        deleted += graph.write("delete_entities", uris=batch)[0]["deleted"]
    graph.write("note_removal")
    return deleted


def remove_source(graph: Graph, source: str, progress: Progress = no_progress) -> None:
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
    progress: Progress = no_progress

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
        elif kind == "entities":
            _walk(self.graph, "unlist_entities", {"source": self.source}, "entities", self.progress)
        if kind in ("triples", "items", "entities"):
            self._entities()

    def dialogues(self, split: str | None = None, keep: Collection[str] = frozenset()) -> None:
        """Delete the source's dialogues of one split, or of all. keep: ids that stay."""
        rows = self.graph.read("dialogues_of_source", source=self.source, split=split)
        ids = [row["id"] for row in rows if row["id"] not in keep]
        for done, batch in enumerate(in_batches(ids, _BATCH), start=1):
            self.graph.write("delete_dialogues", ids=batch)
            self.progress("dialogues", min(done * _BATCH, len(ids)))

    def _facts(self) -> None:
        names = {"facts": _fact_types(self.graph), "source": self.source}
        _walk(self.graph, "take_source_off_facts", names, "facts", self.progress)

    def _items(self) -> None:
        done = 0
        while uris := self.graph.read("items_of_source", source=self.source)[0]["uris"]:
            rows = [(uri, *title_and_year_from_uri(uri)) for uri in uris]
            items = [{"uri": uri, "title": title, "year": year} for uri, title, year in rows]
            self.graph.write("take_source_off_items", items=items, source=self.source)
            done += len(uris)
            self.progress("items", done)

    def _entities(self) -> None:
        names = {"source": self.source, "facts": _fact_types(self.graph)}
        after, done = "", 0
        while rows := self.graph.read("entities_of_source", after=after, **names):
            free = [row for row in rows if not row["needed"]]
            shared = [row["uri"] for row in free if not row["alone"]]
            self.graph.write("take_source_off_entities", uris=shared, source=self.source)
            self.graph.write("delete_entities", uris=[row["uri"] for row in free if row["alone"]])
            after, done = rows[-1]["uri"], done + len(free)
            self.progress("entities", done)


@dataclass
class Replacement:
    """Makes a source hold of one kind what its new files say, and no more: `begin`, ingest as `name`, `finish`.

    What comes stands under a name for the meantime, beside what the source has, and only then what it had goes: so
    nothing is lost when the new files turn out to be no good, and whatever stands in both keeps its mentions, vectors
    and edges. Dialogues come in under their own ids at once, of one split or of all, and `finish` deletes the others.

    dialogue_ids: of the dialogues that came.
    """

    graph: Graph
    source: str
    kind: Kind
    split: str | None = None
    dialogue_ids: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """What to ingest as."""
        return self.source if self.kind == "dialogues" else f"{self.source} (replacing)"

    def begin(self) -> None:
        """Bring a replacement to its end that was interrupted in `finish`; undo one that did not come so far."""
        phase = self.graph.read("replacement_phase", source=self.source, kind=self.kind)[0]["phase"]
        if phase is not None:
            self._swap(phase)
        elif self.name != self.source:
            Removal(self.graph, self.name).remove(self.kind)

    def finish(self) -> None:
        """Remove what the source had, and let it have what came."""
        if self.kind == "dialogues":
            Removal(self.graph, self.source).dialogues(self.split, keep=self.dialogue_ids)
        else:
            self._note("removing")
            self._swap("removing")
        self.graph.write("note_removal")

    def _swap(self, phase: str) -> None:
        if phase == "removing":
            Removal(self.graph, self.source).remove(self.kind)
            self._note("renaming")
        names: dict[str, Any] = {"source": self.name, "name": self.source}
        if self.kind == "interactions":
            ids = {"prefix": f"{in_an_id(self.name)}/", "new_prefix": f"{in_an_id(self.source)}/"}
            _repeat(lambda: self.graph.write("rename_source_of_users", **names, **ids), "users", no_progress)
        else:
            facts = {"facts": _fact_types(self.graph)}
            _walk(self.graph, "rename_source_of_facts", names | facts, "facts", no_progress)
            _walk(self.graph, "rename_source_of_entities", names, "entities", no_progress)
        self._note(None)

    def _note(self, phase: str | None) -> None:
        self.graph.write("note_replacement", source=self.source, kind=self.kind, phase=phase)


def _fact_types(graph: Graph) -> list[str]:
    return [row["type"] for row in graph.read("relation_types")]


def _repeat(batch: Callable[[], list[dict[str, Any]]], what: str, progress: Progress) -> None:
    done = 0
    while now := batch()[0]["done"]:
        done += now
        progress(what, done)


def _walk(graph: Graph, query: str, parameters: dict[str, Any], what: str, progress: Progress) -> None:
    """Run a write that goes from entity to entity, by URI."""
    last: str | None = ""
    done = 0
    while last is not None:
        (row,) = graph.write(query, after=last, **parameters)
        last, done = row["last"], done + row["done"]
        progress(what, done)
