"""The edges that MSCRS adds to the facts: who is mentioned together, and who is alike.

`co_mention_counts` is Eq. 6 of the MSCRS paper: C_ij is the number of training dialogues that mention
both i and j, by whichever speaker and however often; the diagonal is left out. (INSPIRED's 801 training
dialogues give 28,999 pairs, 24,697 of them with a count of 1.)

`nearest_neighbours` is Eq. 9 and 10: cosine similarity, negative values dropped, the k best per row (the
paper's k is 20 on ReDial and 10 on INSPIRED), no row its own neighbour. It is exact, recall 1 at every k:
faiss's flat index compares every pair in float32 and proposes twice as many candidates as are wanted,
float64 decides among them, so that rounding neither drops a neighbour nor settles a tie, and where a tie
could reach past the candidates the row is compared with all others. Work grows with rows², which is right
up to about 100,000 items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

import faiss
import numpy as np
import numpy.typing as npt
import torch

__all__ = ["Neighbours", "co_mention_counts", "nearest_neighbours"]

SCORE_DECIMALS = 9  # far above float64's noise: equal vectors tie whatever way their sums were taken
FLOAT32_NOISE = 1e-4  # more than float32 is off in the inner product of two unit vectors of 1,000 numbers


@dataclass(frozen=True)
class Neighbours:
    """Directed edges, in columns of one length, ordered by source and rank.

    source, target: int64 row numbers; row `source` receives from `target`.
    score: float64 cosine similarity in (0, 1], rounded to nine decimals.
    rank: int64, 1 for the most similar; equal scores stand in the order of their row numbers.
    """

    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    rank: npt.NDArray[np.int64]


def co_mention_counts(mentions: Iterable[Collection[str]]) -> Counter[tuple[str, str]]:
    """Count for each pair how many dialogues mention both (Eq. 6).

    Args:
        mentions: per dialogue, the URIs that it mentions; repeats count once.

    Returns:
        Counts of pairs, the smaller URI first.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for dialogue in mentions:
        counts.update(combinations(sorted(set(dialogue)), 2))
    return counts


def nearest_neighbours(vectors: npt.NDArray[np.float32], k: int) -> Neighbours:
    """Find each row's k most similar rows (Eq. 9-10), fewer where fewer are similar at all.

    Args:
        vectors: [n, d], any length; a row of zeros has no neighbours and is nobody's.
        k: how many per row, at least 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}: a row needs at least one neighbour")
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    rows = np.flatnonzero(lengths)
    unit = vectors[rows] / lengths[rows, None]  # [m, d] float64
    found = [_best(unit, row, candidates, k) for row, candidates in enumerate(_candidates(unit, k))]
    sizes = [len(targets) for targets, _ in found]
    return Neighbours(
        source=np.repeat(rows, sizes).astype(np.int64),
        target=rows[np.concatenate([targets for targets, _ in found])] if found else np.empty(0, np.int64),
        score=np.concatenate([scores for _, scores in found]) if found else np.empty(0),
        rank=np.concatenate([np.arange(1, size + 1) for size in sizes]) if found else np.empty(0, np.int64),
    )


def _candidates(unit: npt.NDArray[np.float64], k: int) -> Iterable[npt.NDArray[np.int64]]:
    """Yield per row enough other rows to hold its k best, ties for the last place included."""
    wanted = min(len(unit), 2 * k + 2)
    if wanted == 0:
        return
    single = unit.astype(np.float32)
    faiss.omp_set_num_threads(torch.get_num_threads())
    index = faiss.IndexFlatIP(single.shape[1])
    index.add(single)
    everyone = np.arange(len(unit))
    for row, (scores, candidates) in enumerate(zip(*index.search(single, wanted), strict=True)):
        # The k-th best other row, or 0, below which nothing is kept.
        others = scores[candidates != row]
        least = max(others[k - 1], 0.0) if len(others) >= k else 0.0
        complete = wanted == len(unit) or scores[-1] < least - FLOAT32_NOISE
        yield candidates if complete else everyone


def _best(
    unit: npt.NDArray[np.float64], row: int, candidates: npt.NDArray[np.int64], k: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    scores = (unit[candidates] @ unit[row]).round(SCORE_DECIMALS)
    kept = (candidates != row) & (scores > 0)
    candidates, scores = candidates[kept], scores[kept]
    order = np.lexsort((candidates, -scores))[:k]
    return candidates[order], scores[order]
