"""What other chats with the same part of the graph said (MSCRS Eq. 26): E^(1), averaged from frozen states once.

    training chats ── encoder ──► states [n, p, context] ──┐
          └── mapping ──► k nearest of a chat ─────────────┴─ mean ──► E^(1) of the chat [p, context]

The rows of E^(0) are the encoder's states, newest first; a chat with no neighbour keeps its own, as a node without
edges keeps itself in the other graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphstore.snapshot import Snapshot
from training.correlation import CorrelationMapping, Integers, Rows, Widening
from training.instances import Context

__all__ = ["CorrelatedChats", "Halves", "entities_of"]

Halves = npt.NDArray[np.float16]


def entities_of(context: Context, snapshot: Snapshot) -> frozenset[int]:
    """Q_s of Eq. 25: ids of the entities that a chat mentions."""
    return frozenset(snapshot.entity_id[uri] for uri in context.mentions if uri in snapshot.entity_id)


class CorrelatedChats:
    """The states of n training chats, found by what they have in common with another chat.

    states: float16 [n, p, context]. neighbours: k of the mapping; 0 finds none.
    """

    def __init__(self, mapping: CorrelationMapping, states: Halves, neighbours: int) -> None:
        self.mapping = mapping
        self.states = states
        self.neighbours = neighbours

    def of_training(self, advance: Callable[[int], None] | None = None) -> Halves:
        """E^(1) of the training chats themselves, [n, p, context]; no chat sees its own dialogue."""
        if not self.neighbours:
            return self.states
        found = self.mapping.neighbours(self.neighbours, advance)
        return self._means([row[row >= 0] for row in found], self.states)

    def of_others(self, entities: Sequence[Collection[int]], states: Halves) -> Halves:
        """E^(1) of chats that go on, [m, p, context]. entities: ids that each mentions; states: their own."""
        found = [self.mapping.nearest(of_chat, self.neighbours) for of_chat in entities] if self.neighbours else []
        return self._means(found, states)

    def _means(self, found: Sequence[Integers], own: Halves) -> Halves:
        """Mean states of each chat's neighbours; its own where it has none, or where nobody looked."""
        means = own.copy()
        for row, nearest in enumerate(found):
            if len(nearest):
                means[row] = self.states[nearest].mean(axis=0, dtype=np.float32)
        return means

    def tensors(self) -> dict[str, Tensor]:
        """What a run folder keeps of it."""
        sets = self.mapping.sets
        return {
            "states": torch.from_numpy(np.array(self.states)),  # a copy: torch wants to be able to write
            "starts": torch.from_numpy(sets.starts),
            "members": torch.from_numpy(sets.values),
        }

    @classmethod
    def of_tensors(cls, tensors: dict[str, Tensor], widening: Widening, neighbours: int) -> CorrelatedChats:
        """The same again, for chats that go on: whose dialogue a training chat is of, is known no more."""
        sets = Rows(tensors["starts"].numpy(), tensors["members"].numpy())
        mapping = CorrelationMapping(widening, sets, [str(row) for row in range(len(sets.starts) - 1)])
        return cls(mapping, tensors["states"].numpy(), neighbours)
