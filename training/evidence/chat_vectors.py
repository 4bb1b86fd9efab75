"""Vectors of a chat, by the encoder that made those in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.context_text import recent_text, whole_text
from training.encoders import TextEncoder
from training.instances import Context

__all__ = ["ChatEncoder", "ChatVectors"]


@dataclass(frozen=True, eq=False)
class ChatVectors:
    """Vectors of a chat's two texts (`training.context_text`), each [d] of length 1, or of zeros without words."""

    whole: npt.NDArray[np.float32]
    recent: npt.NDArray[np.float32]


class ChatEncoder:
    """Encodes chats; the network is loaded when the first one comes.

    name: of the encoder, as the snapshot's manifest gives it; None where the graph holds no vectors.
    """

    def __init__(self, name: str | None, cache: Path) -> None:
        self.name = name
        self._cache = cache
        self._last: tuple[Context, ChatVectors] | None = None

    def encode(self, context: Context) -> ChatVectors:
        """The vectors of one chat, kept for the next call. Raises PretrainedError when the encoder cannot be had."""
        last = self._last  # one read: another thread may replace it
        if last is None or last[0] != context:
            self._last = last = (context, self.encode_all([context])[0])
        return last[1]

    def encode_all(self, contexts: Sequence[Context]) -> list[ChatVectors]:
        """The same of several, in their order."""
        if self.name is None:
            nothing = np.zeros(0, np.float32)
            return [ChatVectors(nothing, nothing) for _ in contexts]
        texts = [text(context.turns) for context in contexts for text in (whole_text, recent_text)]
        distinct = sorted(set(texts), key=lambda text: (len(text), text))  # batches of one length hold little padding
        rows = dict(zip(distinct, self._network.encode(distinct), strict=True))
        vectors = [_unit(rows[text]) for text in texts]
        return [ChatVectors(whole, recent) for whole, recent in zip(vectors[::2], vectors[1::2], strict=True)]

    @cached_property
    def _network(self) -> TextEncoder:
        assert self.name is not None  # encode_all sees to it
        return TextEncoder(self.name, self._cache)


def _unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
