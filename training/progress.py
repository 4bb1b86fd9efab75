"""What a training tells while it runs."""

from __future__ import annotations

from typing import Any

__all__ = ["NamedProgress", "Progress"]


class Progress:
    """This one keeps silent; a subclass draws."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins: reading contexts, or one epoch, with so many pieces of work."""

    def advance(self, done: int, **figures: float) -> None:
        """So many more pieces are done; `figures` are running means."""

    def epoch(self, entry: dict[str, Any]) -> None:
        """An epoch ended: its line of history.jsonl."""


class NamedProgress(Progress):
    """Says which part of something larger a phase belongs to."""

    def __init__(self, progress: Progress, part: str) -> None:
        self._progress, self._part = progress, part

    def phase(self, name: str, total: int) -> None:
        """The part's name stands before the phase's."""
        self._progress.phase(f"{self._part}: {name}", total)

    def advance(self, done: int, **figures: float) -> None:
        """Passed on."""
        self._progress.advance(done, **figures)

    def epoch(self, entry: dict[str, Any]) -> None:
        """The part's name stands before the stage's."""
        self._progress.epoch(entry | {"stage": f"{self._part}: {entry['stage']}"})
