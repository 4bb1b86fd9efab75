"""Co-mention counts and nearest neighbours: toy worlds with a provable answer, faiss against brute force."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.bench.neighbours import known_neighbours
from training.neighbours import (
    NeighbourLists,
    co_interactions,
    co_mention_counts,
    nearest_neighbours,
    updated_neighbours,
)

Edge = tuple[int, int, int]


def edges(found: NeighbourLists) -> list[Edge]:
    """(source, target, rank) of every edge."""
    return [
        (source, target, rank)
        for source, (targets, _) in sorted(found.items())
        for rank, target in enumerate(targets.tolist(), 1)
    ]


def scores(found: NeighbourLists) -> list[float]:
    """The score of every edge, in the same order."""
    return [score for _, (_, scores) in sorted(found.items()) for score in scores.tolist()]


def on_circle(*degrees: float) -> npt.NDArray[np.float32]:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def brute_force(vectors: npt.NDArray[np.float32], k: int) -> list[tuple[int, int, int, float]]:
    """Eq. 9-10 written down: every pair in float64, sorted by falling score and then by row."""
    found = []
    for row, own in enumerate(vectors.astype(np.float64)):
        scored = []
        for other, vector in enumerate(vectors.astype(np.float64)):
            lengths = np.linalg.norm(own) * np.linalg.norm(vector)
            score = round(float(own @ vector / lengths), 9) if lengths else 0.0
            if other != row and score > 0:
                scored.append((-score, other))
        found += [(row, other, rank, -score) for rank, (score, other) in enumerate(sorted(scored)[:k], 1)]
    return found


def test_a_pair_counts_once_per_dialogue_however_often_it_is_named() -> None:
    counts = co_mention_counts([["b", "a", "b"], ("a", "b", "c"), {"c"}, []])
    assert counts == {("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1}


def test_neighbours_on_a_circle() -> None:
    found = nearest_neighbours(on_circle(0, 10, 30, 100, 200), k=2)
    assert edges(found) == [
        (0, 1, 1), (0, 2, 2),
        (1, 0, 1), (1, 2, 2),  # 90 degrees away is no similarity, and more is a negative one
        (2, 1, 1), (2, 0, 2),
        (3, 2, 1),
    ]  # fmt: skip
    assert scores(found)[:2] == pytest.approx(np.cos(np.radians([10, 30])), abs=1e-6)


def test_length_does_not_matter() -> None:
    circle = on_circle(0, 10, 30)
    longer = circle * np.array([[1], [100], [0.01]], np.float32)
    assert edges(nearest_neighbours(longer, 2)) == edges(nearest_neighbours(circle, 2))


def test_twins_are_each_others_neighbours_and_never_their_own() -> None:
    found = nearest_neighbours(on_circle(20, 20, 20, 20), k=2)
    assert edges(found) == [
        (0, 1, 1), (0, 2, 2), (1, 0, 1), (1, 2, 2), (2, 0, 1), (2, 1, 2), (3, 0, 1), (3, 1, 2),
    ]  # fmt: skip
    assert scores(found) == pytest.approx([1.0] * 8)


def test_a_tie_larger_than_what_faiss_proposes_is_settled_by_row() -> None:
    # One direction in many lengths: a tie, which float32's rounding hides from faiss.
    direction = np.random.default_rng(5).normal(size=384)
    vectors = (np.linspace(1, 3, 40)[:, None] * direction).astype(np.float32)
    found = nearest_neighbours(vectors, k=3)
    assert edges(found)[:3] == [(0, 1, 1), (0, 2, 2), (0, 3, 3)]
    assert edges(found)[-3:] == [(39, 0, 1), (39, 1, 2), (39, 2, 3)]


def test_a_row_of_zeros_is_nobodys_neighbour() -> None:
    vectors = np.concatenate([on_circle(0), np.zeros((1, 2), np.float32), on_circle(5)])
    assert edges(nearest_neighbours(vectors, 5)) == [(0, 2, 1), (2, 0, 1)]


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_for_an_edge(rows: int) -> None:
    found = nearest_neighbours(np.ones((rows, 3), np.float32), 5)
    assert edges(found) == []


def test_no_neighbours_at_all_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="at least one"):
        nearest_neighbours(on_circle(0, 1), 0)


@settings(max_examples=200, deadline=None)
@given(
    # Small whole numbers make ties, twins, opposites and rows of zeros common.
    vectors=st.tuples(st.integers(1, 40), st.integers(1, 4)).flatmap(
        lambda shape: arrays(np.float32, shape, elements=st.integers(-3, 3))
    ),
    k=st.integers(1, 6),
)
def test_faiss_finds_what_brute_force_finds(vectors: npt.NDArray[np.float32], k: int) -> None:
    found = nearest_neighbours(vectors, k)
    expected = brute_force(vectors, k)
    assert edges(found) == [edge[:3] for edge in expected]
    assert scores(found) == pytest.approx([edge[3] for edge in expected], abs=1e-8)


def test_faiss_finds_what_brute_force_finds_in_many_dimensions() -> None:
    vectors = np.random.default_rng(3).normal(size=(300, 384)).astype(np.float32)
    assert edges(nearest_neighbours(vectors, 10)) == [edge[:3] for edge in brute_force(vectors, 10)]


def plain(found: NeighbourLists) -> dict[int, list[tuple[int, float]]]:
    """Lists that can be compared; a row without neighbours is left out."""
    both = {row: list(zip(targets.tolist(), marks.tolist(), strict=True)) for row, (targets, marks) in found.items()}
    return {row: edges for row, edges in both.items() if edges}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), k=st.integers(1, 4))
def test_an_update_finds_what_a_rebuild_finds(data: st.DataObject, k: int) -> None:
    shape = data.draw(st.tuples(st.integers(1, 25), st.integers(1, 4)))
    before = data.draw(arrays(np.float32, shape, elements=st.integers(-3, 3)))
    after = data.draw(arrays(np.float32, shape, elements=st.integers(-3, 3)))
    changed = data.draw(st.lists(st.integers(0, shape[0] - 1), unique=True))
    now = before.copy()
    now[changed] = after[changed]  # a row of zeros is one that was not there, or is gone
    known = nearest_neighbours(before, k)
    fresh = np.array(changed, np.int64)
    found = updated_neighbours(now, k, known_neighbours(known, len(now), k, fresh), fresh)
    assert plain({**known, **dict.fromkeys(changed, (np.empty(0, np.int64), np.empty(0))), **found}) == plain(
        nearest_neighbours(now, k)
    )


def test_hnsw_finds_nearly_what_brute_force_finds() -> None:
    generator = np.random.default_rng(4)
    centres = generator.normal(size=(20, 32))
    clouds = centres[generator.integers(20, size=2_000)] + 0.3 * generator.normal(size=(2_000, 32))
    vectors = clouds.astype(np.float32)
    exact, approximate = set(edges(nearest_neighbours(vectors, 10))), nearest_neighbours(vectors, 10, exact_rows=1_000)
    found = {(source, target) for source, target, _ in edges(approximate)}
    assert len(found & {(source, target) for source, target, _ in exact}) / len(exact) > 0.95


def test_people_who_used_both_are_counted_and_weigh_less_with_the_years() -> None:
    day = 86_400
    baskets = [
        [("b", 100 * day), ("a", 90 * day)],
        [("a", 60 * day), ("b", 70 * day), ("c", 10 * day)],
        [("a", 0), ("b", 0)],  # nobody knows when
    ]
    assert co_interactions(baskets) == {("a", "b"): (3, 3.0), ("a", "c"): (1, 1.0), ("b", "c"): (1, 1.0)}
    assert co_interactions(baskets, largest=2) == {("a", "b"): (3, 3.0)}  # c was the oldest
    halved = co_interactions(baskets, half_life=30)
    assert [count for count, _ in halved.values()] == [3, 1, 1]
    assert halved["a", "b"][1] == pytest.approx(1 + 0.5 + 1)
    assert halved["a", "c"][1] == pytest.approx(0.5 ** (40 / 30))
