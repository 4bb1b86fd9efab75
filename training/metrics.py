"""Ranks of labels and the published accuracy metrics, on whole batches at once.

The definitions are those of UniCRS's evaluation: one label per instance, at 0-based rank r:

    Recall@k = [r < k]        MRR@k = [r < k] / (r + 1)        NDCG@k = [r < k] / log2(r + 2)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["METRICS", "Booleans", "Floats", "Integers", "label_ranks", "metric_values", "top_items"]

METRICS = ("recall@1", "recall@10", "recall@50", "ndcg@10", "ndcg@50", "mrr@10", "mrr@50")

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def label_ranks(scores: Floats, labels: Integers, removed: Booleans | None = None) -> Integers:
    """0-based rank of each row's label; an item that ties with the label stands before it.

    scores: [n, items], finite, higher is better.
    labels: [n], column of the right item.
    removed: [n, items], True for items that take no part in a row's ranking. A label's own place is not
        affected by its being removed.

    Returns [n].
    """
    ahead = scores >= np.take_along_axis(scores, labels[:, None], axis=1)
    if removed is not None:
        ahead &= ~removed
    ahead[np.arange(len(labels)), labels] = False
    ranks: Integers = np.count_nonzero(ahead, axis=1).astype(np.int64)
    return ranks


def metric_values(ranks: Integers) -> dict[str, Floats]:
    """Each of METRICS for every instance. ranks: [n], 0-based. Returns name → [n], each in 0..1."""
    gains = {
        "recall": np.ones(len(ranks)),
        "ndcg": 1 / np.log2(ranks + 2.0),
        "mrr": 1 / (ranks + 1.0),
    }
    values = {}
    for name in METRICS:
        kind, cutoff = name.split("@")
        values[name] = np.where(ranks < int(cutoff), gains[kind], 0.0)
    return values


def top_items(scores: Floats, k: int, removed: Booleans | None = None) -> Integers:
    """The k best items of each row, best first; ties in catalogue order.

    scores, removed: as in `label_ranks`.

    Returns [n, min(k, items)] columns; −1 where a row has no further item to show.
    """
    ranked = scores if removed is None else np.where(removed, -np.inf, scores)
    best = np.argsort(-ranked, axis=1, kind="stable")[:, :k].astype(np.int64)
    return np.where(np.isneginf(np.take_along_axis(ranked, best, axis=1)), -1, best)
