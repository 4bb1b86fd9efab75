"""Nearest neighbours: HNSW against the exact search, time and recall; a million rows on demand.

    python -m tests.bench.neighbours [--rows 20000 100000] [--million] [--seed 3]

Generated vectors of 384 numbers in clouds, as descriptions are: one cloud per fifty rows, noise as long as the
distance between clouds. Recall is the share of the exact ten nearest that HNSW finds.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tests.bench._machine import peak
from training.neighbours import KnownNeighbours, NeighbourLists, nearest_neighbours, updated_neighbours

_DIMENSIONS, _K = 384, 10


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description="HNSW against the exact search.")
    options.add_argument("--rows", type=int, nargs="*", default=[20_000, 100_000])
    options.add_argument("--million", action="store_true", help="A million rows by HNSW as well: twenty minutes.")
    options.add_argument("--seed", type=int, default=3)
    given = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    for rows in given.rows:
        compare(rows, given.seed)
    if given.million:
        vectors = clouds(1_000_000, given.seed)
        seconds, _ = timed(lambda: nearest_neighbours(vectors, _K))
        print(f"{len(vectors):>9,} rows: HNSW {seconds:,.0f} s, Python's peak memory {peak() / 1e9:.1f} GB")


def compare(rows: int, seed: int) -> None:
    """Print both times, the recall, and what one percent of new rows costs."""
    vectors = clouds(rows, seed)
    exact_seconds, exact = timed(lambda: nearest_neighbours(vectors, _K, exact_rows=rows))
    seconds, approximate = timed(lambda: nearest_neighbours(vectors, _K, exact_rows=0))
    hits = sum(len(np.intersect1d(exact[row][0], approximate[row][0])) for row in exact)
    recall = hits / sum(len(targets) for targets, _ in exact.values())
    print(
        f"{rows:>9,} rows: exact {exact_seconds:,.1f} s × 1.00, HNSW {seconds:,.1f} s × {seconds / exact_seconds:.2f}, "
        f"recall {recall:.3f}"
    )
    new = np.sort(np.random.default_rng(seed).choice(rows, rows // 100, replace=False))
    without = vectors.copy()
    without[new] = 0
    known = nearest_neighbours(without, _K, exact_rows=rows)
    before = known_neighbours(known, rows, _K, new)
    update_seconds, lists = timed(lambda: updated_neighbours(vectors, _K, before, new))
    same = all(np.array_equal(lists.get(row, known.get(row, ((),)))[0], targets) for row, (targets, _) in exact.items())
    print(f"          1 % new: {update_seconds:,.1f} s × {update_seconds / exact_seconds:.2f}, the same lists: {same}")


def known_neighbours(lists: NeighbourLists, rows: int, k: int, changed: npt.NDArray[np.int64]) -> KnownNeighbours:
    """What an update asks of these lists."""
    reach = np.zeros(rows, np.float32)
    for row, (_, scores) in lists.items():
        reach[row] = scores[k - 1] if len(scores) >= k else 0.0
    listing = [row for row, (targets, _) in lists.items() if np.isin(targets, changed).any()]
    return KnownNeighbours(
        reach, np.array(listing, np.int64), lambda some: {row: lists[row] for row in some if row in lists}
    )


def clouds(rows: int, seed: int) -> npt.NDArray[np.float32]:
    """[rows, 384] float32."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(rows // 50, 1), _DIMENSIONS)).astype(np.float32)
    vectors = centres[chance.integers(len(centres), size=rows)]
    for start in range(0, rows, 100_000):
        part = vectors[start : start + 100_000]
        part += chance.standard_normal(part.shape, dtype=np.float32)
    return vectors


def timed(work: Callable[[], NeighbourLists]) -> tuple[float, NeighbourLists]:
    """Seconds and what came out."""
    start = time.perf_counter()
    lists = work()
    return time.perf_counter() - start, lists


if __name__ == "__main__":
    main()
