"""Intervals and paired comparisons by resampling whole dialogues.

Instances of one dialogue share its context and its person, so they are not independent: drawing instances
would make every interval too narrow. Drawing dialogues with replacement (a cluster bootstrap) keeps them
together. The mean over the drawn instances is a ratio of two sums, Σ w_d s_d / Σ w_d n_d, with w_d the times
that dialogue d was drawn, s_d the sum of its values and n_d the number of its instances: two matrix products
for all draws. Whatever else is a function of such sums (a corpus BLEU, an F of all slots) is resampled the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.metrics import Floats, Integers

__all__ = ["Bootstrap", "Difference", "Estimate"]

_INTERVAL = (2.5, 97.5)  # percentiles: 95 %
_DIGITS = 12  # what lies beyond is the order of summation: it must not decide on which side of 0 a difference is


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval.

    value: None where there is nothing to average.
    low, high: None where there is nothing to average or no interval was asked for.
    n: number of instances (or lists) averaged.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Difference:
    """A paired difference of two systems' means on the same instances.

    difference: mean of the first minus mean of the second; low, high: its 95 % interval.
    p: two-sided bootstrap p-value of no difference; with B resamples never below 2 / (B + 1).
    n: number of instances compared.
    """

    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int


class Bootstrap:
    """One set of resampled dialogues, shared by every figure over the same instances so that they pair up.

    dialogues: [n], which dialogue each instance belongs to; any integers.
    resamples: number of draws; 0 leaves intervals out.
    seed: of the draws; the same dialogues and seed give the same figures.
    """

    def __init__(self, dialogues: Integers, resamples: int, seed: int) -> None:
        members, self._dialogue_of, sizes = np.unique(dialogues, return_inverse=True, return_counts=True)
        self.dialogues = len(members)
        self._instances = len(dialogues)
        self._sizes = sizes.astype(np.float64)
        self._weights = _draw(self.dialogues, resamples, seed)

    def estimate(self, values: Floats) -> Estimate:
        """Mean of `values` [n] and its interval."""
        if not self._instances:
            return Estimate(None, None, None, 0)
        mean = float(np.round(values.mean(), _DIGITS))
        if not len(self._weights):
            return Estimate(mean, None, None, self._instances)
        low, high = np.percentile(self._means(values), _INTERVAL)
        return Estimate(mean, float(low), float(high), self._instances)

    def estimate_of_sums(self, counts: Floats, figure: Callable[[Floats], Floats]) -> Estimate:
        """A figure of the instances' summed counts, and its interval.

        counts: [n, k]. figure: sums [r, k] → [r], NaN where the sums say nothing: no value, or a draw left out.
        """
        if not self._instances or np.isnan(value := figure(counts.sum(axis=0)[None])[0]):
            return Estimate(None, None, None, self._instances)
        draws = self._draws(counts, figure)
        if not len(draws):
            return Estimate(float(value), None, None, self._instances)
        low, high = np.percentile(draws, _INTERVAL)
        return Estimate(float(value), float(low), float(high), self._instances)

    def difference(self, values: Floats, other: Floats) -> Difference:
        """Mean of `values` [n] minus mean of `other` [n], with its interval and p-value."""
        return _difference(self.estimate(values - other), self._means(values - other))

    def difference_of_sums(self, counts: Floats, other: Floats, figure: Callable[[Floats], Floats]) -> Difference:
        """A figure of the summed `counts` [n, k] minus that of the summed `other` [n, k]; see `estimate_of_sums`."""
        both = np.hstack([counts, other])

        def apart(sums: Floats) -> Floats:
            left, right = np.hsplit(sums, 2)
            return np.round(figure(left) - figure(right), _DIGITS)

        return _difference(self.estimate_of_sums(both, apart), self._draws(both, apart))

    def _draws(self, counts: Floats, figure: Callable[[Floats], Floats]) -> Floats:
        """The figure in each resample that gives one: [at most resamples]."""
        sums = np.stack([self._sums(column) for column in counts.T], axis=1)
        draws = figure(self._weights @ sums)
        known: Floats = draws[~np.isnan(draws)]
        return known

    def _sums(self, values: Floats) -> Floats:
        """Summed by dialogue: [dialogues]."""
        return np.bincount(self._dialogue_of, weights=values, minlength=self.dialogues).astype(np.float64)

    def _means(self, values: Floats) -> Floats:
        """The mean in each resample: [resamples], or none without an instance."""
        if not self._instances:
            return np.empty(0)
        means: Floats = np.round((self._weights @ self._sums(values)) / (self._weights @ self._sizes), _DIGITS)
        return means


def _difference(estimate: Estimate, draws: Floats) -> Difference:
    if estimate.low is None:
        return Difference(estimate.value, None, None, None, estimate.n)
    # one is added to each tail: the observed sample counts as a draw, so p is never 0
    tail = min(int((draws <= 0).sum()), int((draws >= 0).sum())) + 1
    p = min(1.0, 2 * tail / (len(draws) + 1))
    return Difference(estimate.value, estimate.low, estimate.high, p, estimate.n)


def _draw(dialogues: int, resamples: int, seed: int) -> Floats:
    """How often each dialogue is drawn: [resamples, dialogues]; every row sums to `dialogues`."""
    drawn = np.random.default_rng(seed).integers(max(dialogues, 1), size=(resamples, dialogues))
    rows = np.arange(resamples)[:, None] * dialogues
    times = np.bincount((rows + drawn).ravel(), minlength=resamples * dialogues)
    # float64, since numpy multiplies matrices of integers without BLAS
    return times.reshape(resamples, dialogues).astype(np.float64)
