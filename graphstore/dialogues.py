"""Dialogues as every room sees them, and the readers of their file formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Dialogue", "Role", "Turn"]

Role = Literal["seeker", "recommender"]


@dataclass(frozen=True)
class Turn:
    """One utterance and what it mentions.

    items: URIs mentioned as things that can be recommended, in order, repeats kept (they are labels of
        recommender turns).
    entities: URIs mentioned otherwise (people, genres, …), in order, repeats kept.
    A turn's mentions, oldest first, are `items` then `entities`: the order of the published protocol.
    """

    role: Role
    text: str
    items: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()

    @property
    def mentions(self) -> tuple[str, ...]:
        """Every URI that the turn mentions: items, then entities."""
        return self.items + self.entities


@dataclass(frozen=True)
class Dialogue:
    """A conversation. `id` is unique in the graph; `split` is train, valid, test or, in a live chat, None."""

    id: str
    source: str
    split: str | None
    turns: tuple[Turn, ...]
