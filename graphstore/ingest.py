"""Files into the graph: idempotent writes in batches, and a count of everything that was read.

read_triples ──────┐
read_items ────────┤
read_uris ─────────┼── _accepted ── in_batches ── GraphWriter, or Preview in a dry run
read_dialogues ────┤       │
read_interactions ─┘       └── RejectsFile
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from graphstore.connection import Graph
from graphstore.dialogue_files import DialogueFormat, read_numbered_dialogues
from graphstore.dialogues import Dialogue, Opinion
from graphstore.errors import InputFileError
from graphstore.graph_writer import BatchWriter, GraphWriter, Preview
from graphstore.input_files import Progress, in_batches, no_progress
from graphstore.interaction_files import Interaction, read_interactions
from graphstore.item_files import read_items, read_uris
from graphstore.rejects import Reject, RejectsFile
from graphstore.relation_type import RelationType
from graphstore.schema import prepare_schema
from graphstore.triple_files import Triple, read_triples
from graphstore.uris import name_from_uri, title_and_year_from_uri

__all__ = ["Count", "FileIngest", "source_of"]

Record = TypeVar("Record")

_FACTS_PER_STATEMENT = 10_000
# Neo4j's planner must have seen relationships before it looks them up from their ends (merge_facts.cypher).
_FIRST_FACTS = 100
_ENTITIES_PER_STATEMENT = 10_000
_ITEMS_PER_STATEMENT = 2_000
_DIALOGUES_PER_STATEMENT = 200
_INTERACTIONS_PER_STATEMENT = 10_000


def source_of(path: Path) -> str:
    """What a file's things are said to be from when nobody says: its name up to the first dot.

    Bytes of the name that are no UTF-8, which Neo4j cannot hold, are written out: `caf\\xe9`.
    """
    name = os.fsencode(path.name).decode(errors="backslashreplace")
    return name.split(".", 1)[0] or name


@dataclass
class Count:
    """What became of the things of one kind: everything read is new, was there already, or was rejected."""

    read: int = 0
    new: int = 0
    rejected: int = 0

    @property
    def already_there(self) -> int:
        """What the graph had, or what stood in the file before."""
        return self.read - self.new - self.rejected


@dataclass
class FileIngest:
    """One file on its way into the graph. Making one prepares the graph's schema; then call one method.

    source: whom the graph names for what this file brings, and what dialogues are called by; when not given,
        `source_of` the file, or the dialogues' format.
    dry_run: write nothing, and count what would be written.
    counts: by kind of thing, growing while the method runs, so that it tells how far a failed file came.
    notes: anything else worth a line of the closing table, counted.
    dialogue_ids: of the dialogues that were taken.

    Every method raises InputFileError when the file is missing, empty, binary, cut off, or when no line of it
    could be taken; whatever stands before the trouble has then been written, and writing it again does no
    harm. Every method raises ConnectionLostError and QueryError as `Graph.write` does.
    """

    graph: Graph
    path: Path
    rejects: RejectsFile
    source: str | None = None
    progress: Progress = no_progress
    dry_run: bool = False
    counts: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    notes: Counter[str] = field(default_factory=Counter)
    dialogue_ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.source_name = self.source or source_of(self.path)
        self._writer: BatchWriter
        if self.dry_run:
            self._writer = Preview(self.graph, self.source_name)
        else:
            prepare_schema(self.graph)
            self._writer = GraphWriter(self.graph, self.source_name)

    def triples(self) -> None:
        """Facts from N-Triples, Turtle, RDF/XML or a table; their ends become entities."""
        accepted = self._accepted("facts", self._with_types(read_triples(self.path, self.progress)))
        for batch in in_batches(accepted, _FACTS_PER_STATEMENT, first=_FIRST_FACTS):
            uris = (uri for _, triple in batch for uri in (triple.subject, triple.object))
            self.notes["new entities"] += self._writer.entities(uris)
            facts = dict.fromkeys((triple.subject, relation, triple.object) for relation, triple in batch)
            self.counts["facts"].new += self._writer.facts(facts)

    def entities(self) -> None:
        """Entities from a list of URIs."""
        accepted = self._accepted("entities", read_uris(self.path, self.progress))
        for batch in in_batches(accepted, _ENTITIES_PER_STATEMENT):
            self.counts["entities"].new += self._writer.entities(batch, listed=True)

    def items(self, item_prefix: str | None = None) -> None:
        """Items from a list of URIs, JSON lines or a table; the last two add to what the first made.

        item_prefix: what makes URIs of ids, for records that have no URI.
        """
        accepted = self._accepted("items", read_items(self.path, self.progress, item_prefix))
        for batch in in_batches(accepted, _ITEMS_PER_STATEMENT):
            rows: dict[str, dict[str, Any]] = {}
            for item in batch:
                row = rows.setdefault(item.uri, _item_row(item.uri))
                row["properties"].update(item.properties)
                self.notes.update(f"fields {name!r} ignored" for name in item.unknown)
                if {"plot", "genres"} & item.properties.keys():
                    self.notes["descriptions (plot or genres)"] += 1
            self.counts["items"].new += self._writer.items(list(rows.values()))

    def dialogues(
        self,
        format: DialogueFormat,
        split: str | None,
        film_links: Path | None = None,
        item_prefix: str | None = None,
        *,
        quotable: bool = False,
    ) -> None:
        """Dialogues with their turns and mentions; a mention of something that is no entity is rejected.

        film_links: the table of `redial`'s URIs; when not given, the one beside the file.
        item_prefix: what makes URIs of a `log`'s item ids; without it they are URIs.
        quotable: whether what was said may be shown to others.
        """
        records = read_numbered_dialogues(self.path, format, self.source, split, self.progress, film_links, item_prefix)
        for batch in in_batches(self._accepted("dialogues", records), _DIALOGUES_PER_STATEMENT):
            uris = sorted({uri for _, dialogue in batch for turn in dialogue.turns for uri in turn.mentions})
            known = set(self.graph.read("known_entities", uris=uris)[0]["uris"])
            items = set(self.graph.read("known_items", uris=uris)[0]["uris"])
            rows = [self._dialogue_row(line, one, known, items) | {"quotable": quotable} for line, one in batch]
            new, new_mentions = self._writer.dialogues(rows)
            self.counts["dialogues"].new += new
            self.counts["mentions"].new += new_mentions
            self.dialogue_ids.update(dialogue.id for _, dialogue in batch)

    def interactions(self, item_prefix: str | None = None) -> None:
        """Who used or bought which item, and when; an interaction with something that is no item is rejected.

        item_prefix: what makes URIs of the log's ids; without it they are URIs.
        """
        accepted = self._accepted("interactions", read_interactions(self.path, item_prefix, self.progress))
        for batch in in_batches(accepted, _INTERACTIONS_PER_STATEMENT):
            known = set(self.graph.read("known_items", uris=sorted({one.item for one in batch}))[0]["uris"])
            rows = dict.fromkeys((one.user, one.item, one.time or 0) for one in self._of_items(batch, known))
            self.counts["interactions"].new += self._writer.interactions(list(rows))

    def _of_items(self, batch: Iterable[Interaction], known: set[str]) -> Iterator[Interaction]:
        for one in batch:
            if one.item in known:
                yield one
            else:
                self.counts["interactions"].rejected += 1
                self.rejects.add(Reject(str(self.path), one.line, "the graph has no such item", one.item))

    def _accepted(self, kind: str, records: Iterable[Record | Reject]) -> Iterator[Record]:
        """The records that are none of the rejects, which are kept; both are counted."""
        count = self.counts[kind]
        for record in records:
            if isinstance(record, Reject):
                self._reject(record, kind)
            else:
                count.read += 1
                yield record
        if count.read and count.read == count.rejected:
            raise InputFileError(
                f"Not one line of {self.path} could be taken: is it of another format? "
                f"{self.rejects.path} gives the reason for each."
            )

    def _reject(self, reject: Reject, kind: str) -> None:
        if reject.part is None:
            self.counts[kind].read += 1
            self.counts[kind].rejected += 1
        else:
            self.notes[f"{reject.part}s left out"] += 1
        self.rejects.add(reject)  # ends the ingest where it is one too many

    def _with_types(self, triples: Iterable[Triple | Reject]) -> Iterator[tuple[RelationType, Triple] | Reject]:
        """Puts the relationship type to each fact; a predicate that the graph has not seen is registered."""
        relations = self._relations()
        for triple in triples:
            if isinstance(triple, Reject):
                yield triple
                continue
            try:
                while (predicate := triple.predicate) not in relations:
                    relation = RelationType.from_predicate(predicate, {one.name for one in relations.values()})
                    # Another ingest may have given the name away since this one looked.
                    relations |= {predicate: relation} if self._writer.relation_type(relation) else self._relations()
            except ValueError as error:
                yield Reject(str(self.path), triple.line, str(error), triple.predicate)
            else:
                yield relations[triple.predicate], triple

    def _relations(self) -> dict[str, RelationType]:
        return {row["uri"]: RelationType(row["type"], row["uri"]) for row in self.graph.read("relation_types")}

    def _dialogue_row(self, line: int, dialogue: Dialogue, known: set[str], items: set[str]) -> dict[str, Any]:
        """A dialogue as merge_dialogues.cypher takes it. A rejected mention keeps its position empty."""
        mentions: list[list[Any]] = []
        count = self.counts["mentions"]
        for index, turn in enumerate(dialogue.turns):
            opinions = dict(enumerate(turn.opinions))
            for position, uri in enumerate(turn.mentions):
                count.read += 1
                if uri in known:
                    kind = "item" if position < len(turn.items) else "entity"
                    said = opinions.get(position, Opinion())
                    mentions.append([index, position, kind, uri, said.liked, said.seen, said.suggested])
                    self.notes["mentions as an item of what is none"] += kind == "item" and uri not in items
                else:
                    count.rejected += 1
                    reason = "the graph has no such entity"
                    self.rejects.add(Reject(str(self.path), line, reason, uri, "mention", index))
            self.notes["mentions without a URI, kept as text"] += len(turn.unlinked)
        turns = [
            {"index": index, "role": turn.role, "text": turn.text, "unlinked": list(turn.unlinked)}
            for index, turn in enumerate(dialogue.turns)
        ]
        place = {"id": dialogue.id, "source": dialogue.source, "split": dialogue.split}
        return place | {"turns": turns, "mentions": mentions}


def _item_row(uri: str) -> dict[str, Any]:
    title, year = title_and_year_from_uri(uri)
    return {"uri": uri, "name": name_from_uri(uri), "title": title, "year": year, "properties": {}}
