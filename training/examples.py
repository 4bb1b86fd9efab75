"""What each training stage learns from: chats, and the ids that should score high after them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from graphstore.snapshot import Snapshot
from training.contexts import ContextReader, ReadContexts
from training.instances import Context, by_turn, split_instances, without_unknown_links
from training.recipe import Recipe

__all__ = [
    "Examples",
    "StageName",
    "drawn",
    "pretraining_examples",
    "pretraining_validation",
    "recommendation_examples",
]

StageName = Literal["pretrain", "recommend", "converse"]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Examples:
    """One pass per turn with its set of labels: the same loss as one per label, in fewer steps.

    contexts: the chats, n of them. labels: per chat, entity ids ("pretrain", Eq. 21) or item indices
    ("recommend", Eq. 23), repeats kept. dialogues: per chat, its dialogue's id.
    """

    stage: StageName
    contexts: ReadContexts
    labels: Sequence[Sequence[int]]
    dialogues: Sequence[str]

    def __len__(self) -> int:
        return len(self.labels)


_Turn = tuple[str, Context, list[int]]


def recommendation_examples(
    snapshot: Snapshot,
    recipe: Recipe,
    reader: ContextReader,
    advance: Callable[[int], None] | None = None,
    held_out: Collection[str] = (),
) -> Examples:
    """Recommender turns of the training dialogues but `held_out`, and the items that they mention (Eq. 23-24)."""
    item_index = {item["uri"]: index for index, item in enumerate(snapshot.items)}
    turns: list[_Turn] = []
    for of_turn in by_turn(split_instances(snapshot, "train")):
        first = of_turn[0]
        if first.dialogue_id in held_out:
            continue
        turns.append((first.dialogue_id, first.context, [item_index[one.label] for one in of_turn]))
    return _examples("recommend", drawn(turns, recipe), reader, advance)


def pretraining_examples(
    snapshot: Snapshot,
    recipe: Recipe,
    reader: ContextReader,
    advance: Callable[[int], None] | None = None,
    held_out: Collection[str] = (),
) -> Examples:
    """Turns of either speaker, read with the turn itself, and the entities that it mentions (Eq. 21-22)."""
    turns = [turn for turn in _naming_turns(snapshot, "train") if turn[0] not in held_out]
    return _examples("pretrain", drawn(turns, recipe), reader, advance)


def pretraining_validation(
    snapshot: Snapshot, reader: ContextReader, advance: Callable[[int], None] | None = None
) -> Examples:
    """The same of the validation dialogues, all of them."""
    return _examples("pretrain", _naming_turns(snapshot, "valid"), reader, advance)


def _naming_turns(snapshot: Snapshot, split: str) -> list[_Turn]:
    """Turns of a split that mention an entity which the snapshot knows."""
    found: list[_Turn] = []
    for dialogue in snapshot.dialogues(split):
        known = without_unknown_links(dialogue, snapshot.entity_id).turns
        for position, turn in enumerate(known, 1):
            if turn.mentions:
                labels = [snapshot.entity_id[uri] for uri in turn.mentions]
                found.append((dialogue.id, Context(known[:position]), labels))
    return found


def drawn(turns: Sequence[Thing], recipe: Recipe) -> list[Thing]:
    """As many of a stage's turns as the recipe trains on, drawn by its seed, in their order."""
    if not 0 < recipe.max_turns < len(turns):
        return list(turns)
    chosen = np.random.default_rng(recipe.seed).choice(len(turns), recipe.max_turns, replace=False)
    return [turns[at] for at in sorted(chosen)]


def _examples(
    stage: StageName, turns: list[_Turn], reader: ContextReader, advance: Callable[[int], None] | None
) -> Examples:
    contexts = reader.read([context for _, context, _ in turns], advance, keep=True)
    return Examples(stage, contexts, [labels for *_, labels in turns], [dialogue for dialogue, *_ in turns])
