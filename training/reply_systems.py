"""Systems that reply without a language model: what every trained one is held against.

    ReplySystem ─┬─ ConstantReply    the training dialogues' most frequent reply, whatever was said
                 ├─ RandomReply      any of their replies
                 └─ RetrievedReply   the one that followed the most similar words

All three say what people said, word for word, so they are fluent; the first two have not read the context.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from training.context_text import recent_text
from training.conversation_instances import ConversationInstance
from training.encoders import Encoder
from training.errors import EvaluationError
from training.instances import Context
from training.kept_encodings import KeptEncodings

__all__ = ["ConstantReply", "RandomReply", "ReplySystem", "RetrievedReply", "reply_ladder"]

_TEXTS_AT_ONCE = 512  # between two words to a progress bar

Progress = Callable[[int], None]


class ReplySystem(Protocol):
    """Anything that replies to a chat.

    name: what tables call it; different systems have different names.
    """

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def replies(self, contexts: Sequence[Context]) -> list[str]:
        """One reply per context, with SLOT in the place of each item that it recommends."""
        ...


class ConstantReply:
    """The most frequent target of the training instances; of equally frequent ones the first in the alphabet."""

    name = "constant reply"

    def __init__(self, training: Sequence[ConversationInstance]) -> None:
        times = Counter(target for target in _targets(training) if target.strip())
        self._reply = min(times, key=lambda target: (-times[target], target))

    def replies(self, contexts: Sequence[Context]) -> list[str]:
        """The same reply as many times."""
        return [self._reply] * len(contexts)


class RandomReply:
    """A training target drawn anew for every context; the same seed draws the same."""

    name = "random reply"

    def __init__(self, training: Sequence[ConversationInstance], seed: int = 0) -> None:
        self._targets = _targets(training)
        self._seed = seed

    def replies(self, contexts: Sequence[Context]) -> list[str]:
        """A draw each, with replacement."""
        drawn = np.random.default_rng(self._seed).integers(len(self._targets), size=len(contexts))
        return [self._targets[place] for place in drawn]


class RetrievedReply:
    """The target that followed the training context most similar to a chat's newest turns, by cosine of an encoder.

    encoder: reads all training contexts once. progress: told how many more were read. kept: of the same encoder,
    where what it read is found the next time.

    It is for chats that are no part of the training dialogues: a training chat would find its own reply.
    """

    name = "retrieved reply"

    def __init__(
        self,
        training: Sequence[ConversationInstance],
        encoder: Encoder[str],
        progress: Progress = lambda more: None,
        kept: KeptEncodings | None = None,
    ) -> None:
        self._targets = _targets(training)
        self._encoder = encoder
        texts = [recent_text(instance.context.turns) for instance in training]
        encode = partial(self._encoded, texts, progress)
        self._directions = _unit(kept.rows("vectors", texts, encode, progress) if kept else encode())

    def replies(self, contexts: Sequence[Context]) -> list[str]:
        """The most similar one's; of equally similar ones the first's."""
        if not contexts:
            return []
        texts = [recent_text(context.turns) for context in contexts]
        likeness = _unit(self._encoded(texts, lambda more: None)) @ self._directions.T  # [n, training]
        return [self._targets[place] for place in likeness.argmax(axis=1)]

    def _encoded(self, texts: Sequence[str], progress: Progress) -> npt.NDArray[np.float32]:
        """Vectors as they come: [n, dimensions]."""
        rows = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            rows.append(self._encoder.encode(texts[start : start + _TEXTS_AT_ONCE]))
            progress(len(rows[-1]))
        return np.concatenate(rows)


def reply_ladder(
    training: Sequence[ConversationInstance],
    encoder: Encoder[str],
    *,
    seed: int = 0,
    progress: Progress = lambda more: None,
    kept: KeptEncodings | None = None,
) -> list[ReplySystem]:
    """What a model's replies are evaluated beside, lowest rung first. Raises EvaluationError without instances."""
    return [ConstantReply(training), RandomReply(training, seed), RetrievedReply(training, encoder, progress, kept)]


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Of length 1, [n, dimensions]; zeros for a chat without words."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: npt.NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return directions


def _targets(training: Sequence[ConversationInstance]) -> list[str]:
    if not any(instance.target.strip() for instance in training):
        raise EvaluationError(
            "The training dialogues have no reply of a recommender to compare with: ingest dialogues with their text, "
            "--split train."
        )
    return [instance.target for instance in training]
