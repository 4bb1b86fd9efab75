"""Recall and NDCG over whole catalogues: by hand, and against counting in plain Python."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from training.full_ranking import figures_by_user, held_out_ranks, popularity_scores
from training.interactions import Interactions


def _part(pairs: list[tuple[int, int]]) -> Interactions:
    columns = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return Interactions("part.json", columns[:, 0], columns[:, 1])


def test_figures_by_hand() -> None:
    """User 4 finds one of two at once and the other at rank 14; user 9 finds its only one at rank 2."""
    figures = figures_by_user(np.array([0, 14, 2]), np.array([4, 4, 9]))
    both = 1 + 1 / math.log2(3)
    assert figures["recall@10"].tolist() == [0.5, 1.0]
    assert figures["recall@20"].tolist() == [1.0, 1.0]
    assert figures["ndcg@10"].tolist() == pytest.approx([1 / both, 0.5])
    assert figures["ndcg@20"].tolist() == pytest.approx([(1 + 1 / math.log2(16)) / both, 0.5])


def test_more_held_out_items_than_places() -> None:
    """Thirty held-out items in the first thirty places: ten places show a third of them, and could show no better."""
    figures = figures_by_user(np.arange(30), np.zeros(30, np.int64))
    assert figures["recall@10"].tolist() == pytest.approx([1 / 3])
    assert figures["ndcg@10"].tolist() == pytest.approx([1.0])


def test_items_of_train_do_not_compete_and_ties_stand_before() -> None:
    table = np.array([[5.0, 4.0, 3.0, 3.0, 1.0]])
    train, held_out = _part([(0, 0)]), _part([(0, 1), (0, 3), (0, 4)])
    ranks = held_out_ranks(lambda users: table[users].copy(), train, held_out)
    assert ranks.tolist() == [0, 2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_ranks_agree_with_counting(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users are missing from either part, and blocks of three do not come out even."""
    monkeypatch.setattr("training.full_ranking._BLOCK", 3)
    drawing = random.Random(seed)
    table = np.array([[float(drawing.randrange(5)) for _ in range(9)] for _ in range(14)])
    pairs = drawing.sample([(user, item) for user in range(14) for item in range(9)], 50)
    train, held_out = _part([pair for pair in pairs[:30] if pair[0] != 3]), _part(pairs[30:])

    found = held_out_ranks(lambda users: table[users].copy(), train, held_out)

    known = set(zip(train.users.tolist(), train.items.tolist(), strict=True))
    expected = [
        sum(
            table[user, other] >= table[user, item]
            for other in range(9)
            if other != item and (user, other) not in known
        )
        for user, item in zip(held_out.users.tolist(), held_out.items.tolist(), strict=True)
    ]
    assert found.tolist() == expected


def test_popularity_counts_users_in_train() -> None:
    scores = popularity_scores(_part([(0, 1), (1, 1), (1, 2)]), 4)
    assert scores(np.array([0, 7])).tolist() == [[0, 2, 1, 0]] * 2
