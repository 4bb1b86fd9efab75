"""Entities and relationships as the live graph describes them, for everything that shows them to people."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Described", "Edge"]


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
