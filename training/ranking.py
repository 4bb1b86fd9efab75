"""From systems' scores to ranks of labels and top lists, batch by batch: no full score matrix is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from training.errors import EvaluationError
from training.instances import Context, Instance
from training.metrics import Booleans, Floats, Integers, label_ranks, top_items

__all__ = ["LONGEST_LIST", "OnBatch", "Ranking", "System", "Task", "rank_task"]

LONGEST_LIST = 50

OnBatch = Callable[[str, int, int], None]
"""Told a system's name, the contexts scored so far, and how many there are."""


class System(Protocol):
    """Anything that scores the whole catalogue for a context."""

    @property
    def name(self) -> str:
        """The system's name in reports."""

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[contexts, items] finite figures in the snapshot's item order; higher is better."""


@dataclass(frozen=True, eq=False)
class Task:
    """Instances as columns. Each distinct context is scored once, however many labels it has.

    contexts, mentioned: [contexts], the contexts and the items (as indices) that each mentions.
    context_dialogue: [contexts], a dialogue that the context stands in.
    context, label, dialogue: [instances], rows of the contexts, indices of items, numbers of dialogues.
    repeated: [instances], whether the label is in the context.
    """

    contexts: list[Context]
    mentioned: list[list[int]]
    context_dialogue: Integers
    context: Integers
    label: Integers
    dialogue: Integers
    repeated: Booleans

    @classmethod
    def of(cls, instances: Sequence[Instance], items: Sequence[str]) -> Task:
        """Instances whose labels are all among `items`, the catalogue in its order."""
        position = {uri: index for index, uri in enumerate(items)}
        contexts = {context: row for row, context in enumerate(dict.fromkeys(i.context for i in instances))}
        names = {name: row for row, name in enumerate(dict.fromkeys(i.dialogue_id for i in instances))}
        context = np.array([contexts[instance.context] for instance in instances], dtype=np.int64)
        dialogue = np.array([names[instance.dialogue_id] for instance in instances], dtype=np.int64)
        context_dialogue = np.zeros(len(contexts), dtype=np.int64)
        context_dialogue[context] = dialogue
        return cls(
            contexts=list(contexts),
            mentioned=[sorted({position[uri] for uri in c.mentions if uri in position}) for c in contexts],
            context_dialogue=context_dialogue,
            context=context,
            label=np.array([position[instance.label] for instance in instances], dtype=np.int64),
            dialogue=dialogue,
            repeated=np.array([instance.repeated for instance in instances], dtype=np.bool_),
        )


@dataclass(frozen=True, eq=False)
class Ranking:
    """One system's outcome over the whole catalogue, and without the items of the context ("new").

    ranks, ranks_new: [instances], 0-based rank of the label.
    lists, lists_new: [contexts, at most LONGEST_LIST] best items; −1 is an empty place.
    """

    ranks: Integers
    ranks_new: Integers
    lists: Integers
    lists_new: Integers


def rank_task(system: System, task: Task, items: int, batch_size: int, on_batch: OnBatch) -> Ranking:
    """Scores every context of a task, `batch_size` at once, and ranks its labels among `items` items.

    Raises EvaluationError when the scores have another shape than [contexts, items] or are not finite.
    """
    ranks, ranks_new = np.zeros_like(task.label), np.zeros_like(task.label)
    lists: list[Integers] = []
    lists_new: list[Integers] = []
    for start in range(0, len(task.contexts), batch_size):
        stop = min(start + batch_size, len(task.contexts))
        scores = _checked_scores(system, task.contexts[start:stop], items)
        removed = _mentioned_mask(task.mentioned[start:stop], items)
        rows = np.flatnonzero((task.context >= start) & (task.context < stop))
        local = task.context[rows] - start
        ranks[rows] = label_ranks(scores[local], task.label[rows])
        ranks_new[rows] = label_ranks(scores[local], task.label[rows], removed[local])
        lists.append(top_items(scores, LONGEST_LIST))
        lists_new.append(top_items(scores, LONGEST_LIST, removed))
        on_batch(system.name, stop, len(task.contexts))
    return Ranking(ranks, ranks_new, np.concatenate(lists), np.concatenate(lists_new))


def _checked_scores(system: System, contexts: Sequence[Context], items: int) -> Floats:
    scores = np.asarray(system.scores(contexts), dtype=np.float64)
    if scores.shape != (len(contexts), items):
        raise EvaluationError(
            f"{system.name} scored {scores.shape} for {len(contexts)} contexts and {items} items: "
            "it does not belong to this snapshot."
        )
    if not np.isfinite(scores).all():
        raise EvaluationError(
            f"{system.name} gave a score that is not a finite number: its run is damaged or did not converge."
        )
    return scores


def _mentioned_mask(mentioned: Sequence[Sequence[int]], items: int) -> Booleans:
    mask = np.zeros((len(mentioned), items), dtype=np.bool_)
    for row, indices in enumerate(mentioned):
        mask[row, indices] = True
    return mask
