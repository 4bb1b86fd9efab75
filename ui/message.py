"""What is made of a message: the turn that the run reads, and the sentences that are said beside the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphstore.dialogues import Turn
from training.instances import Context
from training.recommender import Recommender
from ui.described import Described
from ui.linking import Linking
from ui.writer import lead

__all__ = [
    "LONGEST_MESSAGE",
    "NOTHING_KNOWN",
    "against",
    "named_by_person",
    "notices",
    "plain_reply",
    "shortened",
    "turn_of_person",
]

LONGEST_MESSAGE = 1_500
"""In characters; of a longer message the end is read."""


NOTHING_KNOWN = "I found nothing in what you wrote that the graph knows, so this rests on your words alone."
_AGAINST = re.compile(
    r"\b(?:hate[ds]?|hating|dislike[ds]?|never|not|no|nothing|without|cannot|\w+n['’]t)\b", re.IGNORECASE
)


def against(text: str) -> Iterator[str]:
    """What the person should know who writes that something is not liked."""
    if found := _AGAINST.search(text):
        yield (
            f"You write “{found[0]}”: I cannot tell what is said against something, so everything that you name or "
            "describe counts for it. Leave it out, or dislike it where it is recommended."
        )


def shortened(text: str) -> tuple[str, tuple[str, ...]]:
    """As much of a message as is read, and what is said of the rest."""
    if len(text) <= LONGEST_MESSAGE:
        return text, ()
    notice = f"That is a long message ({len(text):,} characters): I read its last {LONGEST_MESSAGE:,}."
    return text[-LONGEST_MESSAGE:], (notice,)


def turn_of_person(text: str, linking: Linking, recommender: Recommender) -> Turn:
    """The person's turn, with those links that the run was trained with."""
    known = recommender.snapshot.entity_id
    entities = [link.entity for link in linking.links if link.entity.uri in known]
    return Turn(
        role="seeker",
        text=text,
        items=tuple(entity.uri for entity in entities if entity.is_item),
        entities=tuple(entity.uri for entity in entities if not entity.is_item),
    )


def named_by_person(context: Context) -> list[str]:
    """What the person named, oldest first, each once, at its newest place."""
    mentions = [uri for turn in context.turns if turn.role == "seeker" for uri in turn.mentions]
    return list(reversed(dict.fromkeys(reversed(mentions))))


def plain_reply(text: str, linking: Linking, items: Sequence[Described]) -> str:
    """What is said of the recommended items, or asked where there are none."""
    if linking.ambiguous and not items:
        return "That name means more than one thing here. Which one do you mean?"
    if not text:
        return "Write a few words first: something that you like."
    return lead(items)


def notices(linking: Linking, named: bool, answered: bool, recommender: Recommender) -> Iterator[str]:
    """What the person should know of the names in a message. named: anything was, so far; answered: with items."""
    known = recommender.snapshot.entity_id
    unknown = [f"“{name}”" for name in linking.unknown]
    if unknown:
        yield f"I know nothing called {', '.join(unknown)}: it is not in the graph, or written otherwise there."
    newer = [f"“{link.entity.label}”" for link in linking.links if link.entity.uri not in known]
    if newer:
        yield f"{', '.join(newer)} came into the graph after this run was trained, so the model cannot use it."
    if answered and not named:
        yield NOTHING_KNOWN
