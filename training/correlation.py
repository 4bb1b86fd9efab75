"""Correlation semantic mapping: chats that lead to the same part of the graph (MSCRS Eq. 25-26).

    entities of a chat ── one hop in the four graphs (25) ──► widened sets ── most in common ──► k training chats
                                          mean of what the encoder made of these chats (26) ──► E^(1)

Counts are taken over posting lists, chat by chat: no more than one row of "how much has each in common with this
one" is ever held. A chat's own dialogue is no neighbour of it, nor does a co-mention that only that dialogue made widen
its set: either would show it its own later turns.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from training.graphs import SIMILARITIES, CoMentions, similar_items
from training.recipe import Recipe

__all__ = ["CorrelationMapping", "Integers", "Rows", "Widening"]

Integers = npt.NDArray[np.integer[Any]]

_NOBODY = -1  # number of the dialogue of a chat that is of none
_BLOCK = 512  # rows


@dataclass(frozen=True)
class Rows:
    """A list of integers for each of `len(starts) - 1` rows: row r is `values[starts[r] : starts[r + 1]]`.

    starts: int64 [rows + 1]. values: int32, of which there are tens of millions.
    """

    starts: Integers
    values: Integers

    @classmethod
    def of_pairs(cls, rows: Integers, values: Integers, count: int) -> Rows:
        """Group values by their row."""
        order = np.argsort(rows, kind="stable")
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=count), out=starts[1:])
        return cls(starts, values.astype(np.int32, copy=False)[order])

    def turned(self, count: int) -> Rows:
        """Of each value below `count`, the rows that hold it, ascending.

        Rows are sorted a block at a time: to sort them all at once would take twice as much again as is held.
        """
        starts = np.zeros(count + 1, np.int64)
        for values, _ in self._blocks():
            starts[1:] += np.bincount(values, minlength=count)
        np.cumsum(starts, out=starts)
        free, holders = starts[:-1].copy(), np.empty(len(self.values), np.int32)
        for values, rows in self._blocks():
            counts = np.bincount(values, minlength=count)
            places = np.repeat(free - np.cumsum(counts) + counts, counts) + np.arange(len(values))
            holders[places] = rows[np.argsort(values, kind="stable")]
            free += counts
        return Rows(starts, holders)

    def _blocks(self) -> Iterator[tuple[Integers, Integers]]:
        """Values, and the row of each."""
        for first in range(0, len(self.starts) - 1, _BLOCK):
            starts = self.starts[first : first + _BLOCK + 1]
            rows = np.arange(first, first + len(starts) - 1, dtype=np.int32)
            yield self.values[starts[0] : starts[-1]], np.repeat(rows, np.diff(starts))

    def gather(self, rows: Integers) -> Integers:
        """The lists of some rows, one after the other."""
        if not len(rows):
            return np.empty(0, np.int32)
        return np.concatenate([self.values[self.starts[row] : self.starts[row + 1]] for row in rows.tolist()])


class Widening:
    """Eq. 25: the entities of a chat and their neighbours in the four graphs, in either direction.

    The graphs are those that `recipe` takes; that of `co_mentions` has training dialogues alone, and a threshold.
    """

    def __init__(self, snapshot: Snapshot, recipe: Recipe, co_mentions: CoMentions) -> None:
        found = [*snapshot.facts().values(), *(similar_items(snapshot, recipe, name) for name in SIMILARITIES)]
        ends = [(columns["source"], columns["target"]) for columns in found]
        sources, targets = (np.concatenate([pair[side] for pair in ends]).astype(np.int64) for side in (0, 1))
        both = np.concatenate([sources, targets]), np.concatenate([targets, sources])
        self.entities = len(snapshot.uris)
        self._edges = Rows.of_pairs(*both, self.entities)
        self._co_mentions = co_mentions
        self._counts = co_mentions.count.numpy()
        source, target = co_mentions.source.numpy(), co_mentions.target.numpy()
        kept = np.flatnonzero(self._counts >= co_mentions.threshold)
        ends_of = np.concatenate([source[kept], target[kept]])
        self._together = Rows.of_pairs(ends_of, np.concatenate([kept, kept]), self.entities)
        self._sum_of_ends = source + target  # less one end, it is the other

    def widen(self, entities: Collection[int], without: str | None = None) -> Integers:
        """The widened set, sorted.

        entities: ids. without: a training dialogue whose own co-mentions do not count.
        """
        own = np.array(sorted(set(entities)), np.int64)
        reached = [own, self._edges.gather(own)]
        lost = self._lost(without)
        for entity in own.tolist():
            positions = self._together.values[self._together.starts[entity] : self._together.starts[entity + 1]]
            if len(lost):
                positions = positions[~np.isin(positions, lost)]
            reached.append(self._sum_of_ends[positions] - entity)
        return np.unique(np.concatenate(reached)).astype(np.int32)

    def _lost(self, dialogue: str | None) -> Integers:
        """Pairs that are no edges without that dialogue."""
        own = self._co_mentions.pairs_of.get(dialogue, np.empty(0, np.int64)) if dialogue else np.empty(0, np.int64)
        return own[self._counts[own] - 1 < self._co_mentions.threshold]


class CorrelationMapping:
    """Eq. 25's sets of n training chats, and what other chats have in common with them.

    sets: widened set of each chat. dialogues: id of each chat's dialogue.
    """

    def __init__(self, widening: Widening, sets: Rows, dialogues: Sequence[str]) -> None:
        self.widening = widening
        self.sets = sets
        self._number = {dialogue: at for at, dialogue in enumerate(dict.fromkeys(dialogues))}
        self._dialogues = np.array([self._number[dialogue] for dialogue in dialogues], np.int64)
        self._sizes = np.diff(sets.starts)
        self._postings = sets.turned(widening.entities)  # entity → chats

    @classmethod
    def of_chats(
        cls, widening: Widening, entities: Sequence[Collection[int]], dialogues: Sequence[str]
    ) -> CorrelationMapping:
        """Widen the sets of training chats. entities: ids that each mentions; dialogues: id of each one's dialogue."""
        starts, members = [0], array("i")  # grows in place: to join as many arrays in the end would hold all twice
        for of_chat, dialogue in zip(entities, dialogues, strict=True):
            members.frombytes(widening.widen(of_chat, dialogue).tobytes())
            starts.append(len(members))
        return cls(widening, Rows(np.array(starts, np.int64), np.frombuffer(members, np.int32)), dialogues)

    def __len__(self) -> int:
        return len(self._sizes)

    def nearest(self, entities: Collection[int], k: int, dialogue: str | None = None) -> Integers:
        """The k training chats that have the most entities in common with a chat, the nearest first; maybe fewer.

        Of two with as many in common the one with the smaller set is nearer, then the earlier one. entities: ids that
        the chat mentions. dialogue: its own, where it is one of the training dialogues; no chat of it is given.
        """
        common = self._common(self.widening.widen(entities, dialogue))
        return self._nearest(common, k, self._number.get(dialogue or "", _NOBODY))

    def neighbours(self, k: int, advance: Callable[[int], None] | None = None) -> Integers:
        """The same for each training chat: [n, k], -1 where there are fewer. `advance` is told of each chat."""
        found = np.full((len(self), k), -1, np.int64)
        before: Integers = np.empty(0, np.int32)
        common = self._common(before)
        for row in range(len(self)):
            members = self.sets.values[self.sets.starts[row] : self.sets.starts[row + 1]]
            # A chat that goes on reaches what it reached before, and a little more: only that is counted.
            more = np.setdiff1d(members, before, assume_unique=True)
            if len(more) == len(members) - len(before):
                common = common + self._common(more) if len(more) else common
            else:
                common = self._common(members)
            before = members
            nearest = self._nearest(common, k, int(self._dialogues[row]))
            found[row, : len(nearest)] = nearest
            if advance:
                advance(1)
        return found

    def _common(self, members: Integers) -> Integers:
        """How many of the entities each training chat's set holds."""
        return np.bincount(self._postings.gather(members), minlength=len(self))

    def _nearest(self, common: Integers, k: int, own: int) -> Integers:
        some = np.flatnonzero((common > 0) & (self._dialogues != own))
        if len(some) > k:  # every chat that may be among the k: ties are told apart below
            least = np.partition(common[some], len(some) - k)[len(some) - k]
            some = some[common[some] >= least]
        order = np.lexsort((some, self._sizes[some], -common[some]))
        return some[order[:k]]
