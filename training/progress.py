"""What a training tells while it runs."""

from __future__ import annotations

from typing import Any

__all__ = ["Progress"]


class Progress:
    """This one keeps silent; a subclass draws."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins: reading contexts, or one epoch, with so many pieces of work."""

    def advance(self, done: int, **figures: float) -> None:
        """So many more pieces are done; `figures` are running means."""

    def epoch(self, entry: dict[str, Any]) -> None:
        """An epoch ended: its line of history.jsonl."""
