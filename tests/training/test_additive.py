"""Curves: readable, rising where they have to, and learned where there is something to learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.models.additive import Curves, fit_curves, place_knots
from training.recipe import EvidenceRecipe

RECIPE = EvidenceRecipe("test", seeds=1, knots=5, negatives=20, epochs=20, batch_size=32, weight_decay=0.01)
KNOTS = np.array([[0.0, 1.0, 2.0, 4.0], [0.0, 0.5, 1.0, 3.0]])


def curves(seed: int) -> Curves:
    return Curves(KNOTS, np.random.default_rng(seed).normal(size=KNOTS.shape))


@given(st.lists(st.floats(-1, 6), min_size=2, max_size=2))
def test_a_curve_is_linear_between_its_knots_and_constant_beyond_them(values: list[float]) -> None:
    found = curves(1)(np.array(values))
    for knots, heights, x, y in zip(KNOTS, curves(1).values, values, found, strict=True):
        if x <= knots[0] or x >= knots[-1]:
            assert y == heights[0 if x <= knots[0] else -1]
        else:
            above = int(np.searchsorted(knots, x, side="right"))
            share = (x - knots[above - 1]) / (knots[above] - knots[above - 1])
            assert y == pytest.approx((1 - share) * heights[above - 1] + share * heights[above])


def test_the_mean_of_curves_gives_the_mean_of_scores() -> None:
    table = np.random.default_rng(0).uniform(0, 4, size=(50, 2))
    several = [curves(seed) for seed in range(4)]
    scores = [one(table).sum(axis=1) for one in several]
    assert Curves.mean(several)(table).sum(axis=1) == pytest.approx(np.mean(scores, axis=0))


def test_no_evidence_gives_nothing_and_no_order_changes() -> None:
    moved = curves(2).from_nought()
    assert moved(np.zeros(2)) == pytest.approx([0, 0])
    table = np.random.default_rng(0).uniform(0, 4, size=(50, 2))
    apart = moved(table).sum(axis=1) - curves(2)(table).sum(axis=1)
    assert apart == pytest.approx(apart[0])


def test_knots_ascend_and_nought_is_one_of_them_where_many_have_nothing() -> None:
    sample = np.stack([np.repeat([0.0, 3.0], 50), np.linspace(0.1, 1, 100), np.zeros(100)], axis=1)
    knots = place_knots(sample, 5)
    assert (np.diff(knots, axis=1) > 0).all()
    assert [row.min() for row in knots] == [0, pytest.approx(0.1), 0]
    assert knots[0, 1] == 3


def fitted(rising: bool, sign: float) -> Curves:
    """Labels have more (or, with a negative sign, less) of the first of two kinds of evidence."""
    draw = np.random.default_rng(3)
    tables = draw.uniform(0, 1, size=(400, 41, 2))
    tables[:, 0, 0] = draw.uniform(0.6, 1, 400) if sign > 0 else draw.uniform(0, 0.4, 400)

    def batch(rows: npt.NDArray[np.int64], generator: np.random.Generator) -> npt.NDArray[np.floating]:
        drawn = 1 + generator.integers(40, size=(len(rows), 20))
        found: npt.NDArray[np.float64] = tables[rows[:, None], np.insert(drawn, 0, 0, axis=1)]
        return found

    knots = place_knots(tables.reshape(-1, 2), 5)
    return fit_curves(batch, 400, knots, [rising, rising], 0.0, RECIPE, 0)


def test_the_evidence_that_tells_gets_the_curve() -> None:
    first, second = np.ptp(fitted(False, 1).values, axis=1)
    assert first > 3 * second


def test_a_curve_that_has_to_rise_does_and_one_that_need_not_may_fall() -> None:
    assert (np.diff(fitted(True, 1).values, axis=1) >= -1e-6).all()
    assert (np.diff(fitted(True, -1).values, axis=1) >= -1e-6).all()
    assert fitted(False, -1).values[0, -1] < fitted(False, -1).values[0, 0]
