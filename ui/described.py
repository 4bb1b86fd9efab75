"""Entities and relationships as the live graph describes them, for everything that shows them to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Described", "Edge", "label_of"]


@dataclass(frozen=True)
class Described:
    """An entity as the graph describes it.

    drawn: it is of the sample that ships, whose pictures are drawn and whose conversations are simulated.
    conversations: training dialogues that mention it, where that was counted.
    """

    uri: str
    title: str
    year: int | None = None
    is_item: bool = False
    genres: tuple[str, ...] = ()
    plot: str | None = None
    images: tuple[str, ...] = ()
    drawn: bool = False
    conversations: int | None = None

    @property
    def label(self) -> str:
        """Title with the year, where one is known."""
        return f"{self.title} ({self.year})" if self.year else self.title


@dataclass(frozen=True)
class Edge:
    """A relationship of the live graph. count: dialogues, or people, that have both; similarity: cosine; else None."""

    source: str
    relation: str
    target: str
    count: int | None = None
    similarity: float | None = None
    simulated: bool = False


def label_of(uri: str, known: Mapping[str, Described]) -> str:
    """What an entity is called; the URI where the graph does not describe it."""
    return known[uri].label if uri in known else uri
