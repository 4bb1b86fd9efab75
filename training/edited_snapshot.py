"""A snapshot without some of its edges: what an export would hold had they been deleted in the graph.

Only what a study needs is taken along: nodes, items, vectors and everything that was said stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from operator import ne
from typing import cast

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Dialogue
from graphstore.snapshot import Columns, Snapshot
from training.recommender import Step

__all__ = ["Edge", "EditedSnapshot", "edge_of"]

Edge = tuple[str, str, str]
"""(one end, relationship type, other end), the smaller end first: a similarity that stands both ways is one edge."""

Integers = npt.NDArray[np.int64]


def edge_of(step: Step) -> Edge:
    """The edge of a step, whichever way it runs; a turn's is named by `DIALOGUE#INDEX`, as in a term's path."""
    start, relation, end = step
    return min(start, end), relation, max(start, end)


@dataclass(frozen=True, eq=False)
class EditedSnapshot(Snapshot):
    """Reads relations and dialogues from disk once for all edited copies. removed: the edges that it lacks.

    A dialogue that no longer mentions an item counts for none of its co-mentions, as after a build.
    """

    removed: frozenset[Edge] = frozenset()

    @classmethod
    def of(cls, snapshot: Snapshot) -> EditedSnapshot:
        """A copy that lacks nothing yet."""
        return cls(**{field.name: getattr(snapshot, field.name) for field in fields(Snapshot)})

    def without(self, edges: Collection[Edge]) -> EditedSnapshot:
        """A copy that lacks these; what is loaded already is shared."""
        copy = replace(self, removed=frozenset(edges))
        copy.__dict__.update({name: self.__dict__[name] for name in ("_relations", "_dialogues", "entity_id")
                              if name in self.__dict__})  # fmt: skip
        return copy

    def relation(self, name: str) -> Columns:
        """The columns of a relation, without what was removed."""
        if name not in self._relations:
            self._relations[name] = super().relation(name)
        columns = self._relations[name]
        if name == "CO_MENTIONED":
            columns = self._fewer_counts(columns)
        gone = {(start, end) for start, relation, end in self.removed if relation == name}
        if not gone:
            return columns
        kept = ~self._pairs_in(columns, gone)
        return cast(Columns, {key: values[kept] for key, values in columns.items()})

    def dialogues(self, split: str | None = None) -> Iterator[Dialogue]:
        """The dialogues, whose turns lack the mentions that were removed."""
        for dialogue in self._dialogues:
            if split in (None, dialogue.split):
                gone = self._mentions_gone.get(dialogue.id)
                yield _without_mentions(dialogue, gone) if gone else dialogue

    def edges_of(self, item: str, relations: Collection[str]) -> list[Edge]:
        """Every edge of these types that ends in an item, mentions by turns of training dialogues among them."""
        found: set[Edge] = set()
        entity = self.entity_id[item]
        for name in relations:
            if name in self.manifest["relations"]:
                columns = self.relation(name)
                for end, other in (("source", "target"), ("target", "source")):
                    others = columns[other][columns[end] == entity].tolist()
                    found |= {edge_of((item, name, self.uris[one])) for one in others}
        if "MENTIONS" in relations:
            for dialogue in self.dialogues("train"):
                for index, turn in enumerate(dialogue.turns):
                    if item in turn.mentions:
                        found.add(edge_of((f"{dialogue.id}#{index}", "MENTIONS", item)))
        return sorted(found)

    @cached_property
    def _relations(self) -> dict[str, Columns]:
        return {}

    @cached_property
    def _dialogues(self) -> list[Dialogue]:
        return list(super().dialogues())

    @cached_property
    def _mentions_gone(self) -> dict[str, list[tuple[int, str]]]:
        """Dialogue → (turn, item) of the mentions that were removed."""
        gone = defaultdict(list)
        for start, relation, end in self.removed:
            if relation == "MENTIONS":
                turn, item = (start, end) if end in self.entity_id else (end, start)
                dialogue, _, index = turn.rpartition("#")
                gone[dialogue].append((int(index), item))
        return dict(gone)

    def _fewer_counts(self, columns: Columns) -> Columns:
        """Co-mentions of what is left in the dialogues."""
        lost: defaultdict[tuple[int, int], int] = defaultdict(int)
        for dialogue in self._dialogues if self._mentions_gone else ():
            if dialogue.split != "train" or dialogue.id not in self._mentions_gone:
                continue
            left = _without_mentions(dialogue, self._mentions_gone[dialogue.id])
            before, after = (
                sorted({self.entity_id[uri] for turn in one.turns for uri in turn.mentions}) for one in (dialogue, left)
            )
            for entity in set(before) - set(after):
                for other in before:
                    if other != entity and (other in after or other > entity):
                        lost[min(entity, other), max(entity, other)] += 1
        if not lost:
            return columns
        count = columns["count"].copy()
        pairs = {pair: at for at, pair in enumerate(zip(columns["source"].tolist(), columns["target"].tolist(),
                                                        strict=True))}  # fmt: skip
        for pair, fewer in lost.items():
            if pair in pairs:  # a dialogue may have come after the edges were built
                count[pairs[pair]] -= fewer
        kept = count > 0
        return cast(Columns, {key: values[kept] for key, values in {**columns, "count": count}.items()})

    def _pairs_in(self, columns: Columns, gone: Collection[tuple[str, str]]) -> npt.NDArray[np.bool_]:
        """Which rows run between the ends of one of the pairs, either way."""
        count = len(self.uris)
        codes = [self.entity_id[start] * count + self.entity_id[end] for start, end in gone]
        codes += [self.entity_id[end] * count + self.entity_id[start] for start, end in gone]
        found: npt.NDArray[np.bool_] = np.isin(columns["source"] * count + columns["target"], codes)
        return found


def _without_mentions(dialogue: Dialogue, gone: Collection[tuple[int, str]]) -> Dialogue:
    turns = list(dialogue.turns)
    for index, item in gone:
        turns[index] = turns[index].keeping(partial(ne, item))
    return replace(dialogue, turns=tuple(turns))
