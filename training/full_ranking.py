"""How well held-out items of users are ranked among all items: the protocol of collaborative filtering.

A user's candidates are all items but those that training knows of the user. With the user's n held-out items at 0-based
ranks r_1, …, r_n,

    Recall@k = Σ [r_j < k] / n        NDCG@k = Σ [r_j < k] / log2(r_j + 2)  /  Σ_{j < min(n, k)} 1 / log2(j + 2)

averaged over the users that have held-out items. An item that ties with a held-out one stands before it, as in
`training.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from training.interactions import Interactions
from training.metrics import Floats, Integers, label_ranks

__all__ = ["FULL_RANKING_METRICS", "Scores", "figures_by_user", "held_out_ranks", "popularity_scores"]

FULL_RANKING_METRICS = ("recall@10", "recall@20", "ndcg@10", "ndcg@20")
_BLOCK = 128  # users at once: their scores on 7,000 items fit into a cache

Scores = Callable[[Integers], npt.NDArray[Any]]
"""Users [n] → their scores on all items, floating [n, items], in memory that may be written to."""


def held_out_ranks(scores: Scores, train: Interactions, held_out: Interactions) -> Integers:
    """0-based rank of each held-out item among the items that its user has not in train: [pairs of held_out]."""
    users = np.unique(held_out.users)
    ranks = np.zeros(len(held_out.users), np.int64)
    for first in range(0, len(users), _BLOCK):
        block = users[first : first + _BLOCK]
        table = scores(block)
        known = _pairs_of(train, block)
        table[np.searchsorted(block, train.users[known]), train.items[known]] = -np.inf
        asked = _pairs_of(held_out, block)
        rows = np.searchsorted(block, held_out.users[asked])
        ranks[asked] = label_ranks(table[rows], held_out.items[asked])
    return ranks


def figures_by_user(ranks: Integers, users: Integers) -> dict[str, Floats]:
    """Each of FULL_RANKING_METRICS for every user that has held-out items, by user id: name → [users], in 0..1.

    ranks, users: [pairs], 0-based rank of a held-out item and whose it is.
    """
    _, user_of, counts = np.unique(users, return_inverse=True, return_counts=True)
    gains = 1 / np.log2(ranks + 2.0)
    values = {}
    for name in FULL_RANKING_METRICS:
        kind, cutoff = name.split("@")
        k = int(cutoff)
        if kind == "recall":
            weights, best = np.where(ranks < k, 1.0, 0.0), counts.astype(np.float64)
        else:
            ideal = np.cumsum(1 / np.log2(np.arange(k) + 2.0))
            weights, best = np.where(ranks < k, gains, 0.0), ideal[np.minimum(counts, k) - 1]
        values[name] = np.bincount(user_of, weights=weights) / best
    return values


def popularity_scores(train: Interactions, items: int) -> Scores:
    """The same for everybody: how many users have the item in train."""
    counts = np.bincount(train.items, minlength=items).astype(np.float64)
    return lambda users: np.tile(counts, (len(users), 1))


def _pairs_of(part: Interactions, block: Integers) -> Integers:
    """Positions of the pairs of some users. block: sorted."""
    first, last = np.searchsorted(part.users, [block[0], block[-1] + 1])
    positions: Integers = first + np.flatnonzero(np.isin(part.users[first:last], block))
    return positions
