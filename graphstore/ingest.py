"""Files into the graph: idempotent writes in batches, and a count of everything that was read.

    read_triples ───┐
    read_items ─────┤
    read_uris ──────┼── _accepted ── in_batches ── merge_*.cypher
    read_dialogues ─┘       │
                            └── RejectsFile

What is new is counted by the server, inside the transaction that makes it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from graphstore.connection import Graph
from graphstore.dialogue_files import DialogueFormat, read_numbered_dialogues
from graphstore.dialogues import Dialogue
from graphstore.errors import InputFileError
from graphstore.input_files import Progress, in_batches, no_progress
from graphstore.item_files import read_items, read_uris
from graphstore.rejects import Reject, RejectsFile
from graphstore.relation_type import RelationType
from graphstore.schema import prepare_schema
from graphstore.triple_files import Triple, read_triples
from graphstore.uris import name_from_uri, title_and_year_from_uri

__all__ = ["Count", "FileIngest"]

Record = TypeVar("Record")

_ROWS_PER_STATEMENT = 10_000
# Facts wait for more of their own type, because a statement writes one type; this many are about 20 MB.
_FACTS_AT_ONCE = 50_000
# Neo4j's planner must have seen relationships before it looks them up from their ends (merge_facts.cypher).
_FIRST_FACTS = 100
_REMEMBERED_ENTITIES = 1_000_000  # of 60 characters about 200 MB
_ITEMS_PER_STATEMENT = 2_000
_DIALOGUES_PER_STATEMENT = 200


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

    source: where new entities are from, or what dialogues are called by; when not given, the file's name up
        to its first dot, or the dialogues' format.
    counts: by kind of thing, growing while the method runs, so that it tells how far a failed file came.
    notes: anything else worth a line of the closing table, counted.

    Every method raises InputFileError when the file is missing, empty, binary, cut off, or when no line of it
    could be taken; whatever stands before the trouble has then been written, and writing it again does no
    harm. Every method raises ConnectionLostError and QueryError as `Graph.write` does.
    """

    graph: Graph
    path: Path
    rejects: RejectsFile
    source: str | None = None
    progress: Progress = no_progress
    counts: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    notes: Counter[str] = field(default_factory=Counter)
    # Entities that this run has written: most stand in many facts, and asking for one again costs as much.
    _written: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        prepare_schema(self.graph)

    def triples(self) -> None:
        """Facts from N-Triples; their ends become entities."""
        accepted = self._accepted("facts", self._with_types(read_triples(self.path, self.progress)))
        for batch in in_batches(accepted, _FACTS_AT_ONCE, first=_FIRST_FACTS):
            uris = (uri for _, triple in batch for uri in (triple.subject, triple.object))
            self.notes["new entities"] += self._write_entities(uris)
            pairs: dict[RelationType, list[list[str]]] = defaultdict(list)
            for relation, triple in batch:
                pairs[relation].append([triple.subject, triple.object])
            for relation, of_one_type in pairs.items():
                self.counts["facts"].new += self._write_facts(relation, of_one_type)

    def entities(self) -> None:
        """Entities from a list of URIs."""
        accepted = self._accepted("entities", read_uris(self.path, self.progress))
        for batch in in_batches(accepted, _ROWS_PER_STATEMENT):
            self.counts["entities"].new += self._write_entities(batch)

    def items(self) -> None:
        """Items from a list of URIs or from JSON lines; the second adds to what the first made."""
        accepted = self._accepted("items", read_items(self.path, self.progress))
        for batch in in_batches(accepted, _ITEMS_PER_STATEMENT):
            rows: dict[str, dict[str, Any]] = {}
            for item in batch:
                row = rows.setdefault(item.uri, _item_row(item.uri))
                row["properties"].update(item.properties)
                self.notes.update(f"fields {name!r} ignored" for name in item.unknown)
                if {"plot", "genres"} & item.properties.keys():
                    self.notes["descriptions (plot or genres)"] += 1
            (made,) = self.graph.write("merge_items", items=list(rows.values()), source=self._origin())
            self.counts["items"].new += made["new"]

    def dialogues(self, format: DialogueFormat, split: str | None) -> None:
        """Dialogues with their turns and mentions; a mention of something that is no entity is rejected."""
        records = read_numbered_dialogues(self.path, format, self.source, split, self.progress)
        for batch in in_batches(self._accepted("dialogues", records), _DIALOGUES_PER_STATEMENT):
            uris = {uri for _, dialogue in batch for turn in dialogue.turns for uri in turn.mentions}
            known = set(self.graph.read("known_entities", uris=sorted(uris))[0]["uris"])
            rows = [self._dialogue_row(line, dialogue, known) for line, dialogue in batch]
            (made,) = self.graph.write("merge_dialogues", dialogues=rows)
            self.counts["dialogues"].new += made["new"]
            self.counts["mentions"].new += made["new_mentions"]

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
        self.rejects.add(reject)
        if reject.part is None:
            self.counts[kind].read += 1
            self.counts[kind].rejected += 1
        else:
            self.notes[f"{reject.part}s left out"] += 1

    def _with_types(self, triples: Iterable[Triple | Reject]) -> Iterator[tuple[RelationType, Triple] | Reject]:
        """Puts the relationship type to each fact; a predicate that the graph has not seen is registered."""
        rows = self.graph.read("relation_types")
        relations = {row["uri"]: RelationType(row["type"], row["uri"]) for row in rows}
        for triple in triples:
            if isinstance(triple, Reject):
                yield triple
                continue
            predicate = triple.predicate
            if predicate not in relations:
                try:
                    relation = RelationType.from_predicate(predicate, {one.name for one in relations.values()})
                except ValueError as error:
                    yield Reject(str(self.path), triple.line, str(error), predicate)
                    continue
                self.graph.write("merge_relation_type", type=relation.name, uri=predicate)
                relations[predicate] = relation
            yield relations[predicate], triple

    def _write_entities(self, uris: Iterable[str]) -> int:
        rows = [[uri, name_from_uri(uri)] for uri in dict.fromkeys(uris) if uri not in self._written]
        new = 0
        for part in _parts(rows):
            new += self.graph.make("merge_entities", entities=part, source=self._origin()).nodes
            self._written.update(uri for uri, _ in part)
        if len(self._written) > _REMEMBERED_ENTITIES:
            self._written.clear()
        return new

    def _write_facts(self, relation: RelationType, pairs: list[list[str]]) -> int:
        distinct = [list(pair) for pair in dict.fromkeys(map(tuple, pairs))]
        return sum(
            self.graph.make("merge_facts", type=relation.name, pairs=part, source=self._origin()).relationships
            for part in _parts(distinct)
        )

    def _dialogue_row(self, line: int, dialogue: Dialogue, known: set[str]) -> dict[str, Any]:
        """A dialogue as merge_dialogues.cypher takes it. A rejected mention keeps its position empty."""
        mentions = []
        for index, turn in enumerate(dialogue.turns):
            for position, uri in enumerate(turn.mentions):
                if uri in known:
                    kind = "item" if position < len(turn.items) else "entity"
                    mentions.append([index, position, kind, uri, None, None, None])
                else:
                    reason = "the graph has no such entity"
                    self.rejects.add(Reject(str(self.path), line, reason, uri, "mention", index))
        count = self.counts["mentions"]
        read = sum(len(turn.mentions) for turn in dialogue.turns)
        count.read += read
        count.rejected += read - len(mentions)
        turns = [{"index": index, "role": turn.role, "text": turn.text} for index, turn in enumerate(dialogue.turns)]
        place = {"id": dialogue.id, "source": dialogue.source, "split": dialogue.split}
        return place | {"turns": turns, "mentions": mentions}

    def _origin(self) -> str:
        return self.source or self.path.name.split(".", 1)[0] or self.path.name


def _item_row(uri: str) -> dict[str, Any]:
    title, year = title_and_year_from_uri(uri)
    return {"uri": uri, "name": name_from_uri(uri), "title": title, "year": year, "properties": {}}


def _parts(rows: Sequence[Record]) -> Iterator[Sequence[Record]]:
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        yield rows[start : start + _ROWS_PER_STATEMENT]
