"""What of a chat is compared with what others said: two texts, for one encoder.

`whole` is what the chat is about, `recent` what it has come to. Both are read by build_vectors for the training
dialogues in the graph, and by the rankers for the chat that goes on: one definition, so that their vectors compare.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphstore.dialogues import Turn

__all__ = ["recent_text", "whole_text"]

_WORDS = 180  # as many as the encoder reads
_TURNS = 3


def whole_text(turns: Sequence[Turn]) -> str:
    """The newest words of a chat, both speakers'."""
    words = " ".join(turn.text for turn in turns).split()
    return " ".join(words[-_WORDS:])


def recent_text(turns: Sequence[Turn]) -> str:
    """The newest turns of a chat."""
    return " ".join(turn.text for turn in turns[-_TURNS:])
