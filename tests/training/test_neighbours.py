"""Co-mention counts and nearest neighbours: toy worlds with a provable answer, faiss against brute force."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.neighbours import Neighbours, co_mention_counts, nearest_neighbours

Edge = tuple[int, int, int]


def edges(found: Neighbours) -> list[Edge]:
    """(source, target, rank) of every edge."""
    return list(zip(found.source.tolist(), found.target.tolist(), found.rank.tolist(), strict=True))


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
    assert found.score[:2] == pytest.approx(np.cos(np.radians([10, 30])), abs=1e-6)


def test_length_does_not_matter() -> None:
    circle = on_circle(0, 10, 30)
    longer = circle * np.array([[1], [100], [0.01]], np.float32)
    assert edges(nearest_neighbours(longer, 2)) == edges(nearest_neighbours(circle, 2))


def test_twins_are_each_others_neighbours_and_never_their_own() -> None:
    found = nearest_neighbours(on_circle(20, 20, 20, 20), k=2)
    assert edges(found) == [
        (0, 1, 1), (0, 2, 2), (1, 0, 1), (1, 2, 2), (2, 0, 1), (2, 1, 2), (3, 0, 1), (3, 1, 2),
    ]  # fmt: skip
    assert found.score == pytest.approx(1.0)


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
    columns = (found.source, found.target, found.rank, found.score)
    assert [column.dtype.name for column in columns] == ["int64", "int64", "int64", "float64"]


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
    assert found.score == pytest.approx(np.array([edge[3] for edge in expected]), abs=1e-8)


def test_faiss_finds_what_brute_force_finds_in_many_dimensions() -> None:
    vectors = np.random.default_rng(3).normal(size=(300, 384)).astype(np.float32)
    assert edges(nearest_neighbours(vectors, 10)) == [edge[:3] for edge in brute_force(vectors, 10)]
