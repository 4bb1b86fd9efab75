"""The edges that MSCRS adds to the facts: who is mentioned together, and who is alike.

`co_mention_counts` is Eq. 6 of the MSCRS paper: C_ij is the number of training dialogues that mention
both i and j, by whichever speaker and however often; the diagonal is left out. (INSPIRED's 801 training
dialogues give 28,999 pairs, 24,697 of them with a count of 1.) `co_interactions` counts people in the same way,
those who liked or used both, and lets the older ones weigh less.

`nearest_neighbours` is Eq. 9 and 10: cosine similarity, negative values dropped, the k best per row (the
paper's k is 20 on ReDial and 10 on INSPIRED), no row its own neighbour. Up to `EXACT_ROWS` rows it is exact,
recall 1 at every k: faiss's flat index compares every pair in float32 and proposes twice as many candidates
as are wanted, float64 decides among them, so that rounding neither drops a neighbour nor settles a tie, and
where a tie could reach past the candidates the row is compared with all others. Above, faiss's HNSW index
proposes the candidates; tests/bench/neighbours.py prints its recall. `updated_neighbours` does for a few new or
changed rows only what they change, and finds what an exact rebuild would find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import faiss
import numpy as np
import numpy.typing as npt
import torch

__all__ = [
    "EXACT_ROWS",
    "KnownNeighbours",
    "NeighbourLists",
    "co_interactions",
    "co_mention_counts",
    "nearest_neighbours",
    "updated_neighbours",
]

EXACT_ROWS = 100_000
"""From here on work that grows with rows² would take hours, and HNSW takes over."""

ROWS_AT_ONCE = 1_024
HNSW_LINKS, HNSW_EFFORT = 16, (40, 64)
SECONDS_PER_DAY = 86_400
SCORE_DECIMALS = 9  # far above float64's noise: equal vectors tie whatever way their sums were taken
FLOAT32_NOISE = 1e-4  # more than float32 is off in the inner product of two unit vectors of 1,000 numbers


NeighbourLists = dict[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]
"""Row → the rows that it receives from, the most similar first, and their cosine similarities in (0, 1], rounded to
nine decimals. Equal scores stand in the order of their row numbers."""


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


def co_interactions(
    baskets: Iterable[Sequence[tuple[str, int]]], half_life: float | None = None, largest: int | None = None
) -> dict[tuple[str, str], tuple[int, float]]:
    """Count for each pair how many people liked or used both, and how much that weighs now.

    Args:
        baskets: per person, things and the last time of each, in seconds since 1970; 0 is an unknown time.
        half_life: in days; a pair counts from the later of its two times, and half as much for each half-life
            that lies between it and the latest time of all. None, and an unknown time: it counts whole.
        largest: how many things of one person count, the latest.

    Returns:
        Count and weight of pairs, the smaller URI first.
    """
    latest_first = (sorted(dict(basket).items(), key=lambda thing: (-thing[1], thing[0])) for basket in baskets)
    people = [dict(sorted(basket[:largest])) for basket in latest_first]
    latest = max((time for things in people for time in things.values()), default=0)
    found: dict[tuple[str, str], tuple[int, float]] = {}
    for things in people:
        for (first, begun), (second, ended) in combinations(things.items(), 2):
            time = max(begun, ended)
            age = (latest - time) / SECONDS_PER_DAY if time and half_life else 0.0
            count, weight = found.get((first, second), (0, 0.0))
            found[first, second] = count + 1, weight + 0.5 ** (age / (half_life or 1.0))
    return found


def nearest_neighbours(vectors: npt.NDArray[np.float32], k: int, exact_rows: int = EXACT_ROWS) -> NeighbourLists:
    """Find each row's k most similar rows (Eq. 9-10), fewer where fewer are similar at all.

    Args:
        vectors: [n, d], any length; a row of zeros has no neighbours and is nobody's.
        k: how many per row, at least 1.
        exact_rows: with more rows than these, HNSW proposes the candidates.
    """
    if k < 1:
        raise ValueError(f"k is {k}: a row needs at least one neighbour")
    space = _Space.of(vectors)
    return space.best(np.arange(len(space.rows)), k, approximate=len(space.rows) > exact_rows)


@dataclass(frozen=True)
class KnownNeighbours:
    """What an update asks of the lists as they were before, in today's row numbers.

    reach: [n] float32, each row's score of its k-th neighbour, 0 where it has fewer.
    listing: the rows whose lists name a changed row.
    lists: the lists of some rows. A row that is no more is in none of them; those that had it are among the changed.
    """

    reach: npt.NDArray[np.float32]
    listing: npt.NDArray[np.int64]
    lists: Callable[[Collection[int]], NeighbourLists]


def updated_neighbours(
    vectors: npt.NDArray[np.float32], k: int, known: KnownNeighbours, changed: npt.NDArray[np.int64]
) -> NeighbourLists:
    """What `nearest_neighbours` would find now, for the rows whose neighbours are others than `known`.

    Args:
        vectors: [n, d], as they are now.
        known: the lists as they were before.
        changed: rows that are new or have other vectors.

    Returns:
        The lists of the changed rows, and of those that list one or are to list one.
    """
    space = _Space.of(vectors)
    lists = space.best(np.flatnonzero(np.isin(space.rows, np.union1d(known.listing, changed))), k)
    merged: dict[int, list[tuple[float, int]]] = {}
    reach = known.reach.copy()
    reach[list(lists)] = np.inf  # these are made anew
    for row, target, score in space.newcomers(reach, changed):
        merged.setdefault(row, []).append((-score, target))
    before = known.lists(merged.keys())
    for row, newcomers in merged.items():
        targets, scores = before.get(row, (np.empty(0, np.int64), np.empty(0)))
        best = sorted([*zip((-scores).tolist(), targets.tolist(), strict=True), *newcomers])[:k]
        lists[row] = np.array([target for _, target in best]), -np.array([score for score, _ in best])
    return lists


@dataclass(frozen=True)
class _Space:
    """The rows that have a direction: `rows` [m] their numbers, ascending; `unit` [m, d] float32 of length one."""

    vectors: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int64]
    unit: npt.NDArray[np.float32]

    @classmethod
    def of(cls, vectors: npt.NDArray[np.float32]) -> _Space:
        lengths = np.linalg.norm(vectors, axis=1)
        rows = np.flatnonzero(lengths)
        return cls(vectors, rows, (vectors[rows] / lengths[rows, None]).astype(np.float32))

    def best(self, places: npt.NDArray[np.int64], k: int, approximate: bool = False) -> NeighbourLists:
        """The lists of the rows at these places of `rows`."""
        faiss.omp_set_num_threads(torch.get_num_threads())
        lists: NeighbourLists = {}
        wanted = min(len(self.rows), 2 * k + 2)
        index = self._index(approximate) if len(places) else None
        for start in range(0, len(places), ROWS_AT_ONCE):
            block = places[start : start + ROWS_AT_ONCE]
            scores, candidates = index.search(self.unit[block], wanted)  # type: ignore[union-attr]
            complete = approximate or wanted == len(self.rows)
            for place, near, proposed in zip(block.tolist(), scores, candidates, strict=True):
                others = near[proposed != place]
                # The k-th best other row, or 0, below which nothing is kept: a tie with it may lie outside.
                least = max(others[k - 1], 0.0) if len(others) >= k else 0.0
                if not complete and near[-1] >= least - FLOAT32_NOISE:
                    proposed = np.arange(len(self.rows))
                lists[int(self.rows[place])] = self._ranked(place, proposed[proposed >= 0], k)
        return lists

    def newcomers(
        self, reach: npt.NDArray[np.float32], changed: npt.NDArray[np.int64]
    ) -> Iterator[tuple[int, int, float]]:
        """(row, changed row, score) wherever the changed one is similar enough to be among the row's k best."""
        least = reach[self.rows]
        new = np.flatnonzero(np.isin(self.rows, changed))
        for start in range(0, len(new), ROWS_AT_ONCE // 4):
            block = new[start : start + ROWS_AT_ONCE // 4]
            near = self.unit[block] @ self.unit.T  # [b, m] float32
            which, places = np.nonzero(near >= least - FLOAT32_NOISE)
            for target, place in zip(block[which].tolist(), places.tolist(), strict=True):
                score = self._scores(place, np.array([target]))[0]
                if target != place and score > 0:
                    yield int(self.rows[place]), int(self.rows[target]), float(score)

    def _index(self, approximate: bool) -> faiss.Index:
        dimensions = self.unit.shape[1]
        if approximate:
            graph = faiss.IndexHNSWFlat(dimensions, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
            graph.hnsw.efConstruction, graph.hnsw.efSearch = HNSW_EFFORT
        index: faiss.Index = graph if approximate else faiss.IndexFlatIP(dimensions)
        index.add(self.unit)
        return index

    def _ranked(
        self, place: int, candidates: npt.NDArray[np.int64], k: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        scores = self._scores(place, candidates)
        kept = (candidates != place) & (scores > 0)
        candidates, scores = candidates[kept], scores[kept]
        order = np.lexsort((candidates, -scores))[:k]
        return self.rows[candidates[order]], scores[order]

    def _scores(self, place: int, candidates: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Cosine in float64, of the vectors as they came."""
        one = self.vectors[self.rows[place]].astype(np.float64)
        others = self.vectors[self.rows[candidates]].astype(np.float64)
        # einsum and not @, whose sums depend on how many rows there are
        products = np.einsum("nd,d->n", others, one) / np.sqrt(np.einsum("nd,nd->n", others, others))
        scores: npt.NDArray[np.float64] = (products / np.sqrt(np.einsum("d,d->", one, one))).round(SCORE_DECIMALS)
        return scores
