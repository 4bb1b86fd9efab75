"""LightGCN beside popularity on a split of interactions: the figures of `tellgraph study lightgcn`.

    read_split ── train_lightgcn (chooses its epoch on val) ── held_out_ranks on val, and on test where one is named

Training knows train.json alone, also when a test file is ranked, and a user's val items compete there like all others:
so do the benchmarks that the published figures come from.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.bootstrap import Bootstrap, Estimate
from training.full_ranking import Scores, figures_by_user, held_out_ranks, popularity_scores
from training.interactions import Interactions, InteractionSplit
from training.lightgcn_options import LightGCNOptions
from training.lightgcn_training import train_lightgcn
from training.progress import Progress

__all__ = ["LIGHTGCN", "LightGCNStudy", "study_lightgcn"]

LIGHTGCN = "LightGCN"

Figures = dict[str, Estimate]


@dataclass(frozen=True)
class LightGCNStudy:
    """What was trained, and how well it ranks.

    figures: val and, where a test file was named, test → system → metric → mean over users with its interval.
    best_epoch: whose figures these are, counted from 1. epochs: how many were trained. seconds: of training.
    stopped: whether somebody ended the training early.
    """

    figures: dict[str, dict[str, Figures]]
    options: LightGCNOptions
    best_epoch: int
    epochs: int
    seconds: float
    stopped: bool
    users: int
    items: int
    interactions: dict[str, int]
    unknown_users: int

    @property
    def split(self) -> str:
        """The part that the headline figures are of: test where there is one, else val."""
        return "test" if "test" in self.figures else "val"

    def as_json(self) -> dict[str, Any]:
        """LightGCN's figures on `split` under their own names, and everything else beside them."""
        headline = {name: figure.value for name, figure in self.figures[self.split][LIGHTGCN].items()}
        return headline | {"split": self.split} | asdict(self)


def study_lightgcn(
    split: InteractionSplit,
    options: LightGCNOptions,
    *,
    resamples: int = 1_000,
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> LightGCNStudy:
    """Train and rank. Raises what `train_lightgcn` raises."""
    began = time.perf_counter()
    trained = train_lightgcn(split, options, progress=progress, stopped=stopped)
    seconds = time.perf_counter() - began
    systems = {"popularity": popularity_scores(split.train, split.items), LIGHTGCN: trained.scores}
    held_out = {"val": split.val} | ({"test": split.test} if split.test else {})
    return LightGCNStudy(
        {name: _figures(systems, split.train, part, resamples) for name, part in held_out.items()},
        options,
        trained.best_epoch,
        trained.epochs,
        seconds,
        trained.stopped,
        split.users,
        split.items,
        {name: len(part.users) for name, part in ({"train": split.train} | held_out).items()},
        split.unknown_users,
    )


def _figures(
    systems: dict[str, Scores], train: Interactions, held_out: Interactions, resamples: int
) -> dict[str, Figures]:
    draws = Bootstrap(np.unique(held_out.users), resamples, seed=0)
    return {
        name: {
            metric: draws.estimate(values)
            for metric, values in figures_by_user(held_out_ranks(scores, train, held_out), held_out.users).items()
        }
        for name, scores in systems.items()
    }
