"""How long the stages of an answer take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Clock"]


class Clock:
    """Milliseconds by stage; `turn` is their sum."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {"turn": 0.0}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens within."""
        started = time.perf_counter()
        yield
        spent = 1000 * (time.perf_counter() - started)
        self.milliseconds[name] = self.milliseconds.get(name, 0.0) + spent
        self.milliseconds["turn"] += spent
