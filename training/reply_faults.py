"""What is wrong with replies without a look at the words of a target: slots in the wrong number, and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import numpy as np

from training.metrics import Floats
from training.title_slots import SLOT

__all__ = ["SLOT_FIGURES", "is_empty", "is_unfilled", "repeats", "slot_counts", "slots_in"]

_PHRASE = 4  # tokens; a phrase that is there this often, or a token that often in a row, is an endless repetition:
_PHRASE_TIMES = 3
_TOKEN_TIMES = 4


def slots_in(text: str) -> int:
    """How many slots a text has; one needs no spaces around it."""
    return text.count(SLOT)


def slot_counts(predictions: Sequence[str], targets: Sequence[str]) -> Floats:
    """For every pair: slots that both have, slots of the prediction, of the target; whether both have any, the target.

    Returns [n, 5]; the figures in SLOT_FIGURES are functions of their sums. Raises ValueError where numbers differ.
    """
    pairs = [(slots_in(left), slots_in(right)) for left, right in zip(predictions, targets, strict=True)]
    rows = [[min(pair), *pair, min(pair) > 0, pair[1] > 0] for pair in pairs]
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _share(part: int, *whole: int) -> Callable[[Floats], Floats]:
    """Sum of one column by the mean of others; NaN where these are 0."""

    def figure(sums: Floats) -> Floats:
        below = sums[:, whole].mean(axis=1)
        shares: Floats = np.divide(sums[:, part], below, out=np.full(len(sums), np.nan), where=below > 0)
        return shares

    return figure


SLOT_FIGURES: Mapping[str, Callable[[Floats], Floats]] = {
    "slot_precision": _share(0, 1),
    "slot_recall": _share(0, 2),
    "slot_f": _share(0, 1, 2),
    "slot_reply": _share(3, 4),
}
"""Name → function of summed counts [r, 5]: hits by slots given, by slots wanted, F of both; and of the targets that
have a slot, the share whose reply has one."""


def is_empty(reply: str) -> bool:
    """Whether nothing is said."""
    return not reply.split()


def repeats(reply: str) -> bool:
    """Whether a reply goes round in circles: a phrase of 4 tokens stands in it 3 times, or a token 4 times in a row."""
    tokens = reply.split()
    phrases = Counter(zip(*(tokens[start:] for start in range(_PHRASE)), strict=False))
    if max(phrases.values(), default=0) >= _PHRASE_TIMES:
        return True
    return any(sum(1 for _ in run) >= _TOKEN_TIMES for _, run in groupby(tokens))


def is_unfilled(shown: str) -> bool:
    """Whether a slot is left in a reply as a person sees it: no recommendation was left for it."""
    return SLOT in shown
