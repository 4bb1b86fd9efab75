"""An additive ranker: a score is a sum of readable curves, one per kind of evidence.

    score(c, i) = Σ_j f_j(x_j(c, i)),    f_j(0) = 0

f_j is linear between its knots and constant beyond the outer ones: a generalised additive model (Hastie and Tibshirani,
Statistical Science 1986) with no interaction, so that what evidence j gives to a score is f_j(x_j) and nothing else.
It is trained as MSCRS's recommendation task is (Eq. 23): softmax cross-entropy over the label and drawn items.

Several seeds are averaged by averaging their curves, which is the same as averaging their scores, since all of them
have the same knots.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from training.recipe import EvidenceRecipe

__all__ = ["Curves", "fit_curves", "place_knots"]

Floats = npt.NDArray[np.float64]

_LAST_RATE = 0.02  # of the learning rate, where its linear decay ends
_DENSE = 0.99  # share of items with some evidence from which nought is no case of its own
_NEAREST = 1e-3  # least distance of two knots, of the range of all


@dataclass(frozen=True, eq=False)
class Curves:
    """The learned functions, in the units of the evidence.

    knots: [F, K], ascending in every row. values: [F, K], f_j at its knots. loss: mean of the last epoch's, if known.
    """

    knots: Floats
    values: Floats
    loss: float = math.nan

    def __call__(self, evidence: npt.NDArray[np.floating]) -> Floats:
        """f_j(x_j) for each of [..., F], float64."""
        parts = np.empty(evidence.shape, np.float64)
        for j, (knots, values) in enumerate(zip(self.knots, self.values, strict=True)):
            x = evidence[..., j].astype(np.float64)
            parts[..., j] = np.interp(x, knots, values)
        return parts

    @classmethod
    def mean(cls, curves: Sequence[Curves]) -> Curves:
        """The curves whose scores are the means of those of `curves`, which have the same knots."""
        loss = float(np.mean([one.loss for one in curves]))
        return cls(curves[0].knots, np.mean([one.values for one in curves], axis=0), loss)

    def from_nought(self) -> Curves:
        """The same curves moved so that f_j(0) = 0. No order of items depends on where they stand."""
        return Curves(self.knots, self.values - self(np.zeros(len(self.knots)))[:, None], self.loss)


def place_knots(sample: npt.NDArray[np.floating], count: int) -> Floats:
    """`count` knots per feature of a sample [n, F]: [F, count].

    They stand at quantiles; where many items have no evidence, at 0 and at quantiles of the rest, so that a curve may
    leap where there is any at all.
    """
    rows = []
    for column in sample.T.astype(np.float64):
        found = column[column != 0]
        if len(found) > _DENSE * len(column):
            knots = np.quantile(column, np.linspace(0, 1, count))
        else:
            rest = np.quantile(found, np.linspace(0, 1, count - 1)) if len(found) else np.ones(count - 1)
            knots = np.sort(np.append(rest, 0.0))
        steps = np.maximum(np.diff(knots), _NEAREST * max(float(np.ptp(knots)), 1e-3))
        rows.append(knots[0] + np.concatenate([[0.0], np.cumsum(steps)]))
    return np.array(rows)


class _Curves(nn.Module):
    """f_j = w_j · x + Σ_k v_jk · hat_k(x) on standardised evidence; w_j lets a whole curve rise at once."""

    def __init__(self, knots: Tensor, rising: Tensor) -> None:
        super().__init__()
        self.knots, self.rising = knots, rising
        self.values = nn.Parameter(torch.zeros_like(knots))
        self.slope = nn.Parameter(torch.zeros(len(knots)))

    def forward(self, evidence: Tensor) -> Tensor:
        """[..., F] -> scores [...]."""
        flat = evidence.movedim(-1, 0).reshape(len(self.knots), -1).contiguous()
        above = torch.searchsorted(self.knots, flat).clamp(1, self.knots.shape[1] - 1)
        low, high = self.knots.gather(1, above - 1), self.knots.gather(1, above)
        share = ((flat - low) / (high - low)).clamp(0, 1)
        table = self.table()
        below = table.gather(1, above - 1)
        return (below + share * (table.gather(1, above) - below)).sum(dim=0).reshape(evidence.shape[:-1])

    def table(self) -> Tensor:
        """f_j at its knots, [F, K]."""
        return self.values + self.slope[:, None] * self.knots

    @torch.no_grad()
    def keep_rising(self) -> None:
        """Project the curves that have to rise onto those that do."""
        table = self.table()
        risen = table.cummax(dim=1).values
        self.values.add_((risen - table) * self.rising[:, None])


def fit_curves(
    candidates: Callable[[npt.NDArray[np.int64], np.random.Generator], npt.NDArray[np.floating]],
    instances: int,
    knots: Floats,
    rising: Sequence[bool],
    log_odds: float,
    recipe: EvidenceRecipe,
    seed: int,
    advance: Callable[[float], None] = lambda loss: None,
) -> Curves:
    """Learn the curves from `instances` labels.

    candidates: (rows of a batch [b], generator) -> evidence [b, 1 + negatives, F], the label's first. An item that is
        drawn though it is the label may stand among them as NaN: it is left out.
    knots: [F, K]. rising: per feature, whether more of it can only help.
    log_odds: log(items / negatives), by which drawn items count for the whole catalogue.
    advance: told the loss of every step.
    """
    generator = np.random.default_rng(seed)
    middle = knots.mean(axis=1)
    scale = np.maximum(knots.std(axis=1), 1e-9)
    model = _Curves(
        torch.from_numpy((knots - middle[:, None]) / scale[:, None]).float().contiguous(), torch.tensor(rising).float()
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    steps = recipe.epochs * math.ceil(instances / recipe.batch_size)
    step = 0
    for _ in range(recipe.epochs):
        losses = []
        order = generator.permutation(instances)
        for start in range(0, instances, recipe.batch_size):
            evidence = candidates(order[start : start + recipe.batch_size], generator)
            loss = _loss(model, torch.from_numpy((evidence - middle) / scale).float(), log_odds)
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * max(_LAST_RATE, 1 - step / steps)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            model.keep_rising()
            step += 1
            losses.append(loss.item())
            advance(losses[-1])
    return Curves(knots, model.table().detach().double().numpy(), float(np.mean(losses))).from_nought()


def _loss(model: _Curves, evidence: Tensor, log_odds: float) -> Tensor:
    absent = evidence.isnan().any(dim=-1)
    scores = model(evidence.nan_to_num())
    drawn = (scores[:, 1:] + log_odds).masked_fill(absent[:, 1:], float("-inf"))
    return -torch.cat([scores[:, :1], drawn], dim=1).log_softmax(dim=1)[:, 0].mean()
