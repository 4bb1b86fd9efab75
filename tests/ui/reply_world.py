"""Chats, replies and ratings for the tests of the page that shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graphstore.dialogues import Turn
from training.conversation_instances import ConversationInstance
from training.instances import Context

__all__ = ["HOSTILE", "instance", "rating", "save_ratings"]

HOSTILE = "</script><img src=x onerror=alert(1)> & \"quoted\" 'too' $style <!-- <movie>"


def instance(number: int, said: str = "Something with sharks?", target: str = "<movie>!", turns: int = 1) -> Any:
    """Make a chat of some turns, numbered."""
    spoken = tuple(Turn("recommender" if turn % 2 else "seeker", f"{said} {turn}") for turn in range(turns))
    return ConversationInstance(f"toy/{number}", turns, Context(spoken), target, ())


def rating(chat: int, system: str, fluency: int, informativeness: int) -> dict[str, Any]:
    """Make a rating as the page saves it."""
    return {"chat": chat, "system": system, "fluency": fluency, "informativeness": informativeness}


def save_ratings(path: Path, *ratings: dict[str, Any], page: str = "p", rater: str = "") -> Path:
    """Write a file as the page saves it."""
    path.write_text(json.dumps({"page": page, "rater": rater, "ratings": list(ratings)}), encoding="utf-8")
    return path
