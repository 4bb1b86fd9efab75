"""The evidence of chats out of a snapshot: for training and for evaluation, thousands of chats at once.

`training.pipeline.graph_reader` finds the same in the live graph; a test holds that both give the same numbers. A
chat of a training dialogue leaves that dialogue out of every count: otherwise "mentioned together with what you
named" would know the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Dialogue
from graphstore.snapshot import Contexts, Snapshot
from training.evidence.chat_vectors import ChatEncoder, ChatVectors
from training.evidence.definitions import Evidence
from training.evidence.findings import NEAREST, Findings, Links, evidence_of
from training.evidence.words import Catalogue
from training.instances import Context
from training.recommender import Step

__all__ = ["SnapshotReader"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Rows:
    """A sparse matrix by rows: `of` gives the entries of several rows at once."""

    starts: Integers
    columns: Integers
    values: Floats

    @classmethod
    def make(cls, rows: npt.ArrayLike, columns: npt.ArrayLike, values: npt.ArrayLike, count: int) -> _Rows:
        row, column, value = np.asarray(rows, np.int64), np.asarray(columns, np.int64), np.asarray(values, np.float64)
        order = np.lexsort((column, row))
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))])
        return cls(starts.astype(np.int64), column[order], value[order])

    def of(self, rows: Integers) -> tuple[Integers, Integers, Floats]:
        """(position in `rows`, column, value) of each entry."""
        sizes = self.starts[rows + 1] - self.starts[rows]
        position = np.repeat(np.arange(len(rows)), sizes)
        first = np.repeat(self.starts[rows] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
        place = first + np.arange(len(position))
        return position, self.columns[place], self.values[place]


class SnapshotReader:
    """Reads the evidence of chats. Building it takes a second or two; a chat then takes milliseconds."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        dialogues = list(snapshot.dialogues())
        self._dialogue_ids = np.array([dialogue.id for dialogue in dialogues], object)  # by line
        self._train = [dialogue for dialogue in dialogues if dialogue.split == "train"]
        self.catalogue = Catalogue.of(snapshot.items, (dialogue.turns for dialogue in self._train))
        self._item_of = np.full(len(snapshot.uris), -1)
        self._item_of[snapshot.item_ids] = np.arange(len(snapshot.items))
        self._of_dialogue = {dialogue.id: _Own.of(dialogue, snapshot.entity_id) for dialogue in self._train}
        everything = list(self._of_dialogue.values())
        entities = len(snapshot.uris)
        self._mentioning = _counted([own.mentioned for own in everything], entities)
        self._recommending = _counted([own.recommended for own in everything], entities)

    def read(self, context: Context, vectors: ChatVectors, dialogue: str | None = None) -> Evidence:
        """The evidence after `context`. dialogue: id of the training dialogue that it is a part of, if any."""
        return evidence_of(context, self.find(context, vectors, dialogue), self.catalogue)

    def find(self, context: Context, vectors: ChatVectors, dialogue: str | None = None) -> Findings:
        """The counts behind it; `dialogue` as in `read`."""
        named = [uri for uri in context.newest_first if uri in self.snapshot.entity_id]
        ids = np.array([self.snapshot.entity_id[uri] for uri in named], np.int64)
        own = self._of_dialogue.get(dialogue or "")
        mentioning, recommending = self._counts(dialogue)
        return Findings(
            named=named,
            mentioning=mentioning[ids],
            dialogues=len(self._train) - (own is not None),
            mentioned=mentioning[self.snapshot.item_ids],
            recommended=recommending[self.snapshot.item_ids],
            co_mentions=self._co_mentioned(ids, own),
            adjacent=self._adjacent(ids),
            shared=self._shared(ids),
            similar_text=self._similar_text(ids),
            whole=self._similar_chats(self._contexts.whole, vectors.whole, dialogue),
            recent=self._similar_chats(self._contexts.recent, vectors.recent, dialogue),
            described=self._described(vectors.whole),
            described_now=self._described(vectors.recent),
            own=own is not None,
            steps=lambda source, via, item: self._steps(int(ids[source]), via, int(self.snapshot.item_ids[item])),
            turn=self._turn,
        )

    def moment(self) -> None:
        """None: a snapshot never changes."""
        return None

    def popularity(self, dialogue: str | None = None) -> Floats:
        """[items], training dialogues that mention each, without `dialogue`."""
        return self._counts(dialogue)[0][self.snapshot.item_ids]

    def read_own(self, context: Context, dialogue: str, encoder: ChatEncoder) -> Evidence:
        """The evidence after a part of a training dialogue, by the vectors that are stored of it, if there are any."""
        row = self._context_rows.get((dialogue, len(context.turns)))
        if row is None:
            return self.read(context, encoder.encode(context), dialogue)
        return self.read(context, ChatVectors(self._contexts.whole[row], self._contexts.recent[row]), dialogue)

    def _counts(self, dialogue: str | None) -> tuple[Floats, Floats]:
        """[entities], training dialogues that mention each, and in which a recommender does, without one."""
        mentioning, recommending = self._mentioning.copy(), self._recommending.copy()
        if own := self._of_dialogue.get(dialogue or ""):
            mentioning[own.mentioned] -= 1
            recommending[own.recommended] -= 1
        return mentioning, recommending

    def _co_mentioned(self, ids: Integers, own: _Own | None) -> Links:
        sources, entities, counts = self._co_mentions.of(ids)
        items = self._item_of[entities]
        if own is not None:
            counts = counts - (np.isin(ids, own.mentioned)[sources] & np.isin(entities, own.mentioned))
        kept = (items >= 0) & (counts > 0)
        return Links(sources[kept], items[kept], counts[kept])

    def _adjacent(self, ids: Integers) -> Links:
        sources, entities, _ = self._facts.of(ids)
        items = self._item_of[entities]
        kept = items >= 0
        return Links(sources[kept], items[kept], np.ones(int(kept.sum())))

    def _shared(self, ids: Integers) -> Links:
        sources, vias, _ = self._facts.of(ids)
        position, entities, _ = self._facts.of(vias)
        sources, vias, items = sources[position], vias[position], self._item_of[entities]
        kept = (items >= 0) & (entities != ids[sources])
        sources, vias, items = sources[kept], vias[kept], items[kept]
        return Links(sources, items, self._degree[vias], vias)

    def _similar_text(self, ids: Integers) -> Links:
        sources, entities, scores = self._text.of(ids)
        stands = [pair in self._text_edges for pair in zip(ids[sources].tolist(), entities.tolist(), strict=True)]
        return Links(sources, self._item_of[entities], scores, outwards=np.array(stands, bool))

    def _similar_chats(
        self, stored: npt.NDArray[np.float32], vector: npt.NDArray[np.float32], dialogue: str | None
    ) -> Links:
        if not len(stored) or not vector.any():
            return Links.none()
        similarity = (stored @ vector).astype(np.float64)
        if dialogue is not None:
            similarity[self._context_dialogues == dialogue] = -np.inf
        rows = _nearest(similarity)
        position, items, _ = self._led_to.of(rows)
        return Links(rows[position], items, similarity[rows[position]])

    def _described(self, vector: npt.NDArray[np.float32]) -> tuple[Integers, Floats]:
        items, stored = self._descriptions
        if not len(items) or not vector.any():
            return np.empty(0, np.int64), np.empty(0)
        similarity = (stored @ vector).astype(np.float64)
        rows = _nearest(similarity)
        return items[rows], similarity[rows]

    def _turn(self, row: int) -> str:
        return f"{self._context_dialogues[row]}#{self._contexts.turn[row]}"

    def _steps(self, source: int, via: int, item: int) -> tuple[Step, ...]:
        pairs = [(source, item)] if via < 0 else [(source, via), (via, item)]
        return tuple(self._fact_of[min(pair), max(pair)] for pair in pairs)

    @cached_property
    def _co_mentions(self) -> _Rows:
        edges = self.snapshot.edges("CO_MENTIONED")
        return _both_ways(edges["source"], edges["target"], edges["count"], len(self.snapshot.uris))

    @cached_property
    def _facts(self) -> _Rows:
        """Each pair of neighbours once, both ways."""
        columns = list(self.snapshot.facts().values())
        pairs = np.stack([_joined(columns, "source"), _joined(columns, "target")], axis=1)
        pairs = np.unique(np.sort(pairs, axis=1), axis=0)
        loops = pairs[:, 0] == pairs[:, 1]
        sources, targets = pairs[~loops].T
        return _both_ways(sources, targets, np.ones(int((~loops).sum())), len(self.snapshot.uris))

    @cached_property
    def _degree(self) -> Floats:
        """Facts of each entity, whatever their type or direction."""
        columns = list(self.snapshot.facts().values())
        sources, targets = _joined(columns, "source"), _joined(columns, "target")
        count = len(self.snapshot.uris)
        ends = np.concatenate([sources, targets[sources != targets]])  # a fact with itself is one
        return np.bincount(ends, minlength=count).astype(np.float64)

    @cached_property
    def _fact_of(self) -> dict[tuple[int, int], Step]:
        """Pair of entities, the smaller id first -> the first of its facts, by type and direction."""
        uris, found = self.snapshot.uris, {}
        for name, columns in sorted(self.snapshot.facts().items(), reverse=True):
            for source, target in zip(columns["source"].tolist(), columns["target"].tolist(), strict=True):
                found[min(source, target), max(source, target)] = (uris[source], name, uris[target])
        return found

    @cached_property
    def _text(self) -> _Rows:
        """Similar descriptions, both ways, a pair that stands in both with its score once."""
        pairs = {(min(pair), max(pair)): score for pair, score in self._text_edges.items()}
        sources, targets = ([pair[end] for pair in pairs] for end in (0, 1))
        return _both_ways(sources, targets, list(pairs.values()), len(self.snapshot.uris))

    @cached_property
    def _text_edges(self) -> dict[tuple[int, int], float]:
        """(source, target) of a similar description -> its score."""
        edges = self.snapshot.edges("TEXT_SIMILAR")
        ends = zip(edges["source"].tolist(), edges["target"].tolist(), strict=True)
        return dict(zip(ends, edges["score"].tolist(), strict=True))

    @cached_property
    def _descriptions(self) -> tuple[Integers, npt.NDArray[np.float32]]:
        ids, vectors = self.snapshot.vectors("text")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True) if len(ids) else np.ones((0, 1))
        return self._item_of[ids], (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)

    @cached_property
    def _contexts(self) -> Contexts:
        return self.snapshot.contexts()

    @cached_property
    def _context_dialogues(self) -> npt.NDArray[np.object_]:
        found: npt.NDArray[np.object_] = self._dialogue_ids[self._contexts.dialogue]
        return found

    @cached_property
    def _context_rows(self) -> dict[tuple[str, int], int]:
        keys = zip(self._context_dialogues.tolist(), self._contexts.turn.tolist(), strict=True)
        return {key: row for row, key in enumerate(keys)}

    @cached_property
    def _led_to(self) -> _Rows:
        """Context -> items that its turn mentions, each once."""
        turns = {dialogue.id: dialogue.turns for dialogue in self._train}
        position = self.catalogue.position
        rows, items = [], []
        for (dialogue, turn), row in self._context_rows.items():
            mentioned = sorted({position[uri] for uri in turns[dialogue][turn].mentions if uri in position})
            rows += [row] * len(mentioned)
            items += mentioned
        return _Rows.make(rows, items, np.ones(len(rows)), len(self._context_rows))


@dataclass(frozen=True, eq=False)
class _Own:
    """What one dialogue counts for: ids of entities that it mentions, and that its recommender does."""

    mentioned: Integers
    recommended: Integers

    @classmethod
    def of(cls, dialogue: Dialogue, entity_id: Mapping[str, int]) -> _Own:
        by = {
            role: {entity_id[uri] for turn in dialogue.turns if turn.role == role for uri in turn.mentions}
            for role in ("seeker", "recommender")
        }
        both = by["seeker"] | by["recommender"]
        return cls(np.array(sorted(both), np.int64), np.array(sorted(by["recommender"]), np.int64))


def _counted(of_dialogues: Sequence[Integers], entities: int) -> Floats:
    ids = np.fromiter(chain.from_iterable(one.tolist() for one in of_dialogues), np.int64)
    return np.bincount(ids, minlength=entities).astype(np.float64)


def _both_ways(sources: npt.ArrayLike, targets: npt.ArrayLike, values: npt.ArrayLike, count: int) -> _Rows:
    one, other = np.asarray(sources, np.int64), np.asarray(targets, np.int64)
    return _Rows.make(np.concatenate([one, other]), np.concatenate([other, one]), np.tile(np.asarray(values), 2), count)


def _joined(columns: Sequence[Mapping[str, npt.NDArray[np.int64]]], end: str) -> Integers:
    return np.concatenate([one[end] for one in columns]) if columns else np.empty(0, np.int64)


def _nearest(similarity: Floats) -> Integers:
    """Rows of the `NEAREST` largest finite numbers, the largest first; of equals the first row."""
    order = np.argsort(-similarity, kind="stable")[:NEAREST]
    rows: Integers = order[np.isfinite(similarity[order])]
    return rows
