"""Recommendation instances: what a system knows at one turn, and the item that was recommended there.

The protocol is UniCRS's, as it is described in docs/evaluation.md: walk a dialogue's turns, keep the
utterances and the mentions so far, and give one instance per recommender turn and catalogue item that it
mentions. An item that stands twice in a turn counts twice, and an item that is in the context already counts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot

__all__ = [
    "Context",
    "Instance",
    "by_turn",
    "count_unknown_links",
    "recommendation_instances",
    "split_instances",
    "without_unknown_links",
]


@dataclass(frozen=True)
class Context:
    """The utterances of a dialogue so far, oldest first. Contexts of one dialogue share their turns."""

    turns: tuple[Turn, ...]

    @cached_property
    def mentions(self) -> tuple[str, ...]:
        """Every URI mentioned so far by either speaker, oldest first, repeats kept."""
        return tuple(uri for turn in self.turns for uri in turn.mentions)

    @property
    def newest_first(self) -> tuple[str, ...]:
        """What is mentioned, each URI once, at the place where it was named last."""
        return tuple(dict.fromkeys(reversed(self.mentions)))


@dataclass(frozen=True)
class Instance:
    """One item that a recommender turn mentions, and what was said before it.

    dialogue_id: the dialogue, the unit that intervals are resampled by.
    turn_index: position of the recommender turn in its dialogue, from 0.
    label: URI of the item, always one of the catalogue's.
    """

    dialogue_id: str
    turn_index: int
    context: Context
    label: str

    @property
    def repeated(self) -> bool:
        """Whether the label was mentioned before this turn."""
        return self.label in self.context.mentions


def without_unknown_links(dialogue: Dialogue, entities: Container[str]) -> Dialogue:
    """The dialogue with only those links that the vocabulary `entities` knows."""
    return replace(dialogue, turns=tuple(turn.keeping(entities.__contains__) for turn in dialogue.turns))


def count_unknown_links(dialogues: Iterable[Dialogue], entities: Container[str]) -> int:
    """Number of links, repeats counted, that the protocol drops because `entities` does not know them."""
    return sum(uri not in entities for dialogue in dialogues for turn in dialogue.turns for uri in turn.mentions)


def recommendation_instances(
    dialogues: Iterable[Dialogue], entities: Container[str], items: Container[str]
) -> list[Instance]:
    """One instance per recommender turn with an earlier utterance and catalogue item among its `items`.

    dialogues: any split; links that are not in `entities` are dropped before anything else.
    entities, items: URIs of the vocabulary and of the catalogue, which is a part of it.

    Instances of one turn share one context, in the order of dialogues, turns and links.
    """
    return [instance for dialogue in dialogues for instance in _of_dialogue(dialogue, entities, items)]


def split_instances(snapshot: Snapshot, split: str) -> list[Instance]:
    """The instances of the snapshot's own dialogues of one split."""
    items = {item["uri"] for item in snapshot.items}
    return recommendation_instances(snapshot.dialogues(split), snapshot.entity_id, items)


def by_turn(instances: Iterable[Instance]) -> Iterator[list[Instance]]:
    """Instances in their order, those of one turn, which share a context, together."""
    for _, group in groupby(instances, key=lambda one: (one.dialogue_id, one.turn_index)):
        yield list(group)


def _of_dialogue(dialogue: Dialogue, entities: Container[str], items: Container[str]) -> Iterator[Instance]:
    turns = without_unknown_links(dialogue, entities).turns
    for index, turn in enumerate(turns):
        if turn.role != "recommender" or index == 0:
            continue
        context = Context(turns[:index])
        for uri in turn.items:
            if uri in items:
                yield Instance(dialogue.id, index, context, uri)
