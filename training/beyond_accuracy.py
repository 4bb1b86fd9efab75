"""What accuracy hides: hits by how often an item was mentioned in training, and what the lists look like.

The papers print such figures without a definition that could be run, so these are Tellgraph's own; they are
comparable between systems of one report, not with the papers.

    head, body, tail, unseen   items with ≥ 6, 2–5, ≤ 1 and 0 mentions in training, repeats counted
    tail_recall@k …            Recall@k over the instances whose label is of that segment; unseen is in tail
    coverage@k                 share of the catalogue that stands in some top-k list
    ild@k                      mean over lists of the mean pairwise (1 − cosine) of the items' text vectors
    pwp@k                      mean over lists of the mean share of all training mentions that the items hold
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphstore.snapshot import Snapshot
from training.metrics import Booleans, Floats, Integers

__all__ = [
    "LIST_CUTOFFS",
    "SEGMENTS",
    "CatalogueFacts",
    "coverage",
    "intra_list_distance",
    "popularity_share",
]

LIST_CUTOFFS = (10, 50)
SEGMENTS = {"head": (6, None), "body": (2, 5), "tail": (0, 1), "unseen": (0, 0)}


@dataclass(frozen=True, eq=False)
class CatalogueFacts:
    """What the figures need to know about the items, in the snapshot's item order.

    mentions: [items], mentions in the training dialogues, repeats counted.
    directions: [items, d], text vectors of length 1; a row of zeros where an item has none.
    """

    mentions: Integers
    directions: Floats

    @classmethod
    def of(cls, snapshot: Snapshot) -> CatalogueFacts:
        """Counts the training dialogues of a snapshot and reads its text vectors."""
        counts = Counter(
            uri for dialogue in snapshot.dialogues("train") for turn in dialogue.turns for uri in turn.mentions
        )
        mentions = np.array([counts[item["uri"]] for item in snapshot.items], dtype=np.int64)
        ids, vectors = snapshot.vectors("text")
        directions = np.zeros((len(mentions), vectors.shape[1] if len(ids) else 0), dtype=np.float64)
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        directions[np.searchsorted(snapshot.item_ids, ids)] = vectors / np.where(lengths == 0, 1, lengths)
        return cls(mentions, directions)

    def in_segment(self, name: str) -> Booleans:
        """[items], True for the items of a segment of SEGMENTS."""
        low, high = SEGMENTS[name]
        inside: Booleans = self.mentions >= low
        return inside if high is None else inside & (self.mentions <= high)

    @cached_property
    def share(self) -> Floats:
        """[items], each item's share of the training mentions of all items."""
        shares: Floats = self.mentions / max(int(self.mentions.sum()), 1)
        return shares


def coverage(lists: Integers, items: int) -> float:
    """Share of `items` that stands in some list. lists: [lists, k] items, −1 for an empty place."""
    return len(np.unique(lists[lists >= 0])) / items


def popularity_share(lists: Integers, share: Floats) -> Floats:
    """Mean training-mention share of each list's items: [lists], NaN for an empty list."""
    filled = lists >= 0
    totals = np.where(filled, share[lists], 0.0).sum(axis=1)
    return _divide(totals, filled.sum(axis=1))


def intra_list_distance(lists: Integers, directions: Floats) -> Floats:
    """Mean pairwise (1 − cosine) in each list: [lists], over its items that have a vector.

    NaN where fewer than two have one. The cosines of all pairs come from the length of the vectors' sum:
    |Σ v|² = m + 2 Σ_{i<j} cos(i, j) for m vectors of length 1.
    """
    padded = np.vstack([directions, np.zeros((1, directions.shape[1]))])  # an empty place, −1, adds nothing
    members = np.any(padded, axis=1, keepdims=True)[lists, 0].sum(axis=1)
    sums = np.zeros((len(lists), directions.shape[1]))
    for place in range(lists.shape[1]):  # one place at a time: all at once is lists × k × d numbers
        sums += padded[lists[:, place]]
    distances: Floats = 1 - _divide((sums**2).sum(axis=1) - members, members * (members - 1))
    return distances


def _divide(totals: Floats, counts: Integers) -> Floats:
    quotients = np.full(len(totals), np.nan)
    np.divide(totals, counts, out=quotients, where=counts > 0)
    return quotients
