"""Dialogues as every room sees them, and the readers of their file formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["Dialogue", "Opinion", "Role", "Turn"]

Role = Literal["seeker", "recommender"]


@dataclass(frozen=True)
class Opinion:
    """What a dialogue's people said afterwards about an item of it; None where nobody said.

    liked, seen: of the seeker. suggested: True when the recommender brought it up, False when the seeker did.
    """

    liked: bool | None = None
    seen: bool | None = None
    suggested: bool | None = None


@dataclass(frozen=True)
class Turn:
    """One utterance and what it mentions.

    items: URIs mentioned as things that can be recommended, in order, repeats kept (they are labels of
        recommender turns).
    entities: URIs mentioned otherwise (people, genres, …), in order, repeats kept.
    unlinked: names of items mentioned that have no URI, in order, repeats kept; they stand in the text only.
    opinions: one for each of `items`, or none at all where the file's format has none.
    A turn's mentions, oldest first, are `items` then `entities`: the order of the published protocol.
    """

    role: Role
    text: str
    items: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()
    opinions: tuple[Opinion, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError when there are opinions, but not as many as items."""
        if self.opinions and len(self.opinions) != len(self.items):
            raise ValueError(f"{len(self.opinions)} opinions on {len(self.items)} items")

    def keeping(self, kept: Callable[[str], bool]) -> Turn:
        """The turn with those mentions alone that pass; an item takes its opinion along."""
        places = [place for place, uri in enumerate(self.items) if kept(uri)]
        return replace(
            self,
            items=tuple(self.items[place] for place in places),
            entities=tuple(filter(kept, self.entities)),
            opinions=tuple(self.opinions[place] for place in places) if self.opinions else (),
        )

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
