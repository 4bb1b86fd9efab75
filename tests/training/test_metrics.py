"""Ranks and metrics by hand, by brute force, and against ranx."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.metrics import METRICS, Booleans, Floats, label_ranks, metric_values, top_items


def brute_rank(scores: list[float], label: int, removed: list[bool]) -> int:
    rank = 0
    for item, score in enumerate(scores):
        if item != label and not removed[item] and not score < scores[label]:
            rank += 1
    return rank


def test_ranks_by_hand() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.4], [0.1, 0.9, 0.5, 0.4], [3.0, 2.0, 1.0, 0.0]])
    assert label_ranks(scores, np.array([1, 3, 3])).tolist() == [0, 2, 3]


def test_ties_stand_before_the_label_wherever_they_are_in_the_catalogue() -> None:
    scores = np.array([[1.0, 1.0, 1.0, 0.0]] * 3)
    assert label_ranks(scores, np.array([0, 1, 2])).tolist() == [2, 2, 2]
    assert label_ranks(np.zeros((1, 50)), np.array([0])).tolist() == [49]


def test_removed_items_take_no_part() -> None:
    scores = np.array([[0.9, 0.8, 0.7, 0.6]])
    removed = np.array([[True, False, True, False]])
    assert label_ranks(scores, np.array([3]), removed).tolist() == [1]


@given(
    arrays(np.float64, (4, 6), elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0])),
    arrays(np.int64, 4, elements=st.integers(0, 5)),
    arrays(np.bool_, (4, 6)),
)
def test_ranks_agree_with_counting(scores: Floats, labels: np.ndarray, removed: Booleans) -> None:
    expected = [
        brute_rank(row.tolist(), int(label), gone.tolist())
        for row, label, gone in zip(scores, labels, removed, strict=True)
    ]
    assert label_ranks(scores, labels, removed).tolist() == expected


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (0, (1, 1, 1, 1, 1, 1, 1)),
        (1, (0, 1, 1, 1 / math.log2(3), 1 / math.log2(3), 1 / 2, 1 / 2)),
        (2, (0, 1, 1, 1 / 2, 1 / 2, 1 / 3, 1 / 3)),
        (9, (0, 1, 1, 1 / math.log2(11), 1 / math.log2(11), 1 / 10, 1 / 10)),
        (10, (0, 0, 1, 0, 1 / math.log2(12), 0, 1 / 11)),
        (49, (0, 0, 1, 0, 1 / math.log2(51), 0, 1 / 50)),
        (50, (0, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_metrics_by_hand(rank: int, expected: tuple[float, ...]) -> None:
    values = metric_values(np.array([rank]))
    assert tuple(values) == METRICS
    assert [value.item() for value in values.values()] == pytest.approx(expected)


def test_metrics_agree_with_ranx(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():  # ranx's imports warn of what is theirs
        warnings.simplefilter("ignore")
        import numba

        # Compiling ranx takes minutes, running it as plain Python a second.
        monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
        from ranx import Qrels, Run, evaluate

        generator = np.random.default_rng(7)
        scores = generator.permuted(np.tile(np.arange(200.0), (60, 1)), axis=1)
        labels = generator.integers(200, size=60)
        truth = Qrels({f"q{row}": {f"i{label}": 1} for row, label in enumerate(labels)})
        run = Run({f"q{row}": {f"i{i}": s for i, s in enumerate(line)} for row, line in enumerate(scores.tolist())})
        expected = evaluate(truth, run, list(METRICS))
    ours = {name: values.mean() for name, values in metric_values(label_ranks(scores, labels)).items()}
    assert ours == pytest.approx(dict(expected))
    assert 0 < ours["recall@10"] < ours["recall@50"] < 1, "too easy or too hard to tell anything"


def test_top_items_are_best_first_and_leave_removed_places_empty() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.7, 0.7, 0.2]])
    assert top_items(scores, 2).tolist() == [[1, 2], [0, 1]]
    removed = np.array([[False, True, False], [True, True, False]])
    assert top_items(scores, 50, removed).tolist() == [[2, 0, -1], [2, -1, -1]]
