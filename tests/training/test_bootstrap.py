"""Intervals by dialogue: cases that can be worked out, and the statistics that they should have."""

from __future__ import annotations

import numpy as np
import pytest

from training.bootstrap import Bootstrap, Difference, Estimate
from training.metrics import Floats

EACH_ITS_OWN = np.arange(400)


def test_the_value_is_the_mean_over_instances_not_over_dialogues() -> None:
    estimate = Bootstrap(np.array([0, 0, 0, 1]), 100, seed=0).estimate(np.array([1.0, 1.0, 1.0, 0.0]))
    assert (estimate.value, estimate.n) == (0.75, 4)


def test_two_dialogues_reach_from_one_to_the_other() -> None:
    """A quarter of all draws takes the first twice, another the second twice: both ends are in the interval."""
    estimate = Bootstrap(np.array([0, 0, 0, 1]), 1_000, seed=0).estimate(np.array([0.5, 1.0, 0.0, 0.0]))
    assert (estimate.low, estimate.high) == (0.0, 0.5)


def test_resampling_agrees_with_drawing_dialogues_one_by_one() -> None:
    generator = np.random.default_rng(3)
    dialogues = generator.integers(40, size=200)
    values = generator.random(200) + dialogues / 40
    estimate = Bootstrap(dialogues, 4_000, seed=1).estimate(values)
    members = [values[dialogues == each] for each in np.unique(dialogues)]
    drawn = [
        np.concatenate([members[each] for each in generator.integers(len(members), size=len(members))]).mean()
        for _ in range(4_000)
    ]
    assert (estimate.low, estimate.high) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))), abs=0.01)


def test_independent_instances_get_the_textbook_interval() -> None:
    values = np.random.default_rng(0).normal(size=400)
    estimate = Bootstrap(EACH_ITS_OWN, 4_000, seed=0).estimate(values)
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.06)


def test_instances_of_one_dialogue_that_agree_make_the_interval_wider() -> None:
    values = np.repeat(np.random.default_rng(0).integers(0, 2, size=40).astype(np.float64), 10)
    together = Bootstrap(np.repeat(np.arange(40), 10), 2_000, seed=0).estimate(values)
    apart = Bootstrap(EACH_ITS_OWN, 2_000, seed=0).estimate(values)
    assert _width(together) == pytest.approx(np.sqrt(10) * _width(apart), rel=0.1)


def test_the_seed_decides_and_nothing_else() -> None:
    values = np.random.default_rng(0).random(400)
    first, again, other = (Bootstrap(EACH_ITS_OWN, 200, seed).estimate(values) for seed in (5, 5, 6))
    assert first == again
    assert first.value == other.value
    assert first.low != other.low


def test_a_pair_is_compared_on_the_same_draws() -> None:
    """Both systems swing wildly between dialogues, but one is always better by the same small step."""
    swing = np.random.default_rng(0).random(400)
    difference = Bootstrap(EACH_ITS_OWN, 999, seed=0).difference(swing + 0.01, swing)
    assert (difference.difference, difference.low, difference.high) == pytest.approx((0.01, 0.01, 0.01))
    assert difference.p == pytest.approx(2 / 1_000), "no draw favours the other system"


def test_a_difference_is_signed() -> None:
    better, worse = np.ones(400), np.random.default_rng(0).random(400)
    draws = Bootstrap(EACH_ITS_OWN, 200, seed=0)
    forth, back = draws.difference(better, worse), draws.difference(worse, better)
    assert forth.difference is not None
    assert forth.difference > 0
    assert (back.difference, back.low, back.high) == (-forth.difference, -(forth.high or 0), -(forth.low or 0))


def test_equal_systems_do_not_differ() -> None:
    values = np.random.default_rng(0).random(400)
    assert Bootstrap(EACH_ITS_OWN, 200, seed=0).difference(values, values) == Difference(0.0, 0.0, 0.0, 1.0, 400)


def test_differences_that_cancel_in_every_dialogue_are_none_whatever_their_last_bits() -> None:
    values, other = np.tile([0.1, 0.2, 0.0], 50), np.tile([0.0, 0.0, 0.3], 50)
    found = Bootstrap(np.repeat(np.arange(50), 3), 200, seed=0).difference(values, other)
    assert found == Difference(0.0, 0.0, 0.0, 1.0, 150)
    assert (values - other)[:3].sum() != 0, "nothing would be shown"


def test_p_is_evenly_spread_where_there_is_no_difference() -> None:
    generator = np.random.default_rng(0)
    found = [
        Bootstrap(np.arange(100), 199, seed=trial).difference(generator.normal(size=100), np.zeros(100)).p
        for trial in range(300)
    ]
    assert np.mean([p is not None and p <= 0.1 for p in found]) == pytest.approx(0.1, abs=0.05)


def test_without_resamples_there_is_a_value_and_no_interval() -> None:
    draws = Bootstrap(np.array([0, 1]), 0, seed=0)
    assert draws.estimate(np.array([0.0, 1.0])) == Estimate(0.5, None, None, 2)
    assert draws.difference(np.array([0.0, 1.0]), np.zeros(2)) == Difference(0.5, None, None, None, 2)


def test_without_instances_there_is_no_value() -> None:
    draws = Bootstrap(np.array([], dtype=np.int64), 100, seed=0)
    assert draws.estimate(np.array([])) == Estimate(None, None, None, 0)
    assert draws.difference(np.array([]), np.array([])) == Difference(None, None, None, None, 0)


def _width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_a_figure_of_sums_that_is_the_mean_has_the_means_interval() -> None:
    generator = np.random.default_rng(5)
    draws = Bootstrap(generator.integers(30, size=200), 500, seed=2)
    values, other = generator.random(200), generator.random(200)
    counts, other_counts = (np.stack([column, np.ones(200)], axis=1) for column in (values, other))

    def mean(sums: Floats) -> Floats:
        means: Floats = sums[:, 0] / sums[:, 1]
        return means

    plain, summed = draws.estimate(values), draws.estimate_of_sums(counts, mean)
    assert (summed.value, summed.low, summed.high) == pytest.approx((plain.value, plain.low, plain.high))
    left, right = draws.difference(values, other), draws.difference_of_sums(counts, other_counts, mean)
    assert (right.difference, right.low, right.high, right.p) == pytest.approx(
        (left.difference, left.low, left.high, left.p)
    )


def test_draws_that_say_nothing_are_left_out() -> None:
    def inverse(sums: Floats) -> Floats:
        inverses: Floats = np.divide(1, sums[:, 0], out=np.full(len(sums), np.nan), where=sums[:, 0] > 0)
        return inverses

    draws = Bootstrap(np.array([0, 1]), 1_000, seed=0)
    estimate = draws.estimate_of_sums(np.array([[0.0], [2.0]]), inverse)
    assert (estimate.value, estimate.low, estimate.high) == (0.5, 0.25, 0.5)
    assert draws.estimate_of_sums(np.zeros((2, 1)), inverse) == Estimate(None, None, None, 2)
    nothing = Bootstrap(np.empty(0, np.int64), 10, seed=0)
    assert nothing.estimate_of_sums(np.empty((0, 1)), inverse) == Estimate(None, None, None, 0)
    assert nothing.difference(np.empty(0), np.empty(0)) == Difference(None, None, None, None, 0)
