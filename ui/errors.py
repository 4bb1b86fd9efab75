"""What can go wrong at the doors.

DoorError
└── NotReadyError            there is no run, no graph, or nothing in it yet: says which command comes first
"""

from __future__ import annotations

__all__ = ["DoorError", "NotReadyError"]


class DoorError(Exception):
    """Base of every error that `ui` raises on purpose."""


class NotReadyError(DoorError):
    """There is no run, no graph, or nothing in it yet."""
