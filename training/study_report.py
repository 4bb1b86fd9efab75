"""The figures of a study: means over seeds, their intervals by dialogue, and differences from the baseline.

An instance's value is averaged over the seeds first; then whole dialogues are resampled, as everywhere. So an interval
says what other dialogues might give, and `by_seed` what other seeds gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.bootstrap import Bootstrap, Difference, Estimate
from training.metrics import METRICS, Booleans, Floats, Integers, metric_values
from training.ranking import Task
from training.study_variants import Study, Variant

__all__ = ["STUDY_COLUMNS", "STUDY_METRICS", "RunFigures", "StudyReport", "VariantFigures", "study_report"]

STUDY_COLUMNS = ("all", "new")
STUDY_METRICS = ("recall@1", "recall@10", "recall@50", "mrr@50")
"""What tables show; the JSON has every metric."""


@dataclass(frozen=True, eq=False)
class RunFigures:
    """What one run says of the validation dialogues.

    ranks: column → [instances], 0-based, all instances in every column. token_loss: of a token of a reply, where it
    writes replies. seconds: of its training.
    """

    ranks: Mapping[str, Integers]
    token_loss: float | None
    seconds: float


@dataclass(frozen=True)
class VariantFigures:
    """A variant's figures over its seeds.

    figures: column → metric → mean with its interval by dialogue. against: the same less the baseline's; nothing for
    the baseline itself. by_seed: column → metric → a mean for each seed. token_loss: a figure for each seed, where
    there are any. seconds: of all its trainings.
    """

    changes: dict[str, Any]
    share: float
    place: float | None
    figures: dict[str, dict[str, Estimate]]
    against: dict[str, dict[str, Difference]]
    by_seed: dict[str, dict[str, list[float]]]
    token_loss: list[float]
    seconds: float


@dataclass(frozen=True)
class StudyReport:
    """What a study found. variants: name → figures, in the study's order. instances, dialogues: of each column."""

    study: Study
    seeds: list[int]
    instances: dict[str, int]
    dialogues: dict[str, int]
    variants: dict[str, VariantFigures]
    resamples: int

    def as_json(self) -> dict[str, Any]:
        """As JSON values; a figure without instances is null."""
        return {
            "study": self.study.name,
            "baseline": self.study.baseline,
            "axis": self.study.axis,
            "left_out": list(self.study.left_out),
            "recipe": self.study.recipe.as_dict(),
            "split": "valid",
            "seeds": self.seeds,
            "instances": self.instances,
            "resampled_dialogues": self.dialogues,
            "resamples": self.resamples,
            "variants": {name: asdict(figures) for name, figures in self.variants.items()},
        }


_Values = dict[str, dict[str, Floats]]  # column → metric → [seeds, instances of the column]


def study_report(
    study: Study, seeds: Sequence[int], task: Task, runs: Mapping[str, Sequence[RunFigures]], resamples: int = 2_000
) -> StudyReport:
    """Compare variants. runs: name of a variant → its runs, one for each seed, all on `task`."""
    members = {"all": np.ones_like(task.repeated), "new": ~task.repeated}
    draws = {column: Bootstrap(task.dialogue[rows], resamples, seed=0) for column, rows in members.items()}
    values = {name: _values(of_variant, members) for name, of_variant in runs.items()}
    baseline = values[study.baseline]
    return StudyReport(
        study=study,
        seeds=list(seeds),
        instances={column: int(rows.sum()) for column, rows in members.items()},
        dialogues={column: drawn.dialogues for column, drawn in draws.items()},
        variants={
            one.name: _compared(
                one, runs[one.name], values[one.name], None if one.name == study.baseline else baseline, draws
            )
            for one in study.variants
        },
        resamples=resamples,
    )


def _values(runs: Sequence[RunFigures], members: Mapping[str, Booleans]) -> _Values:
    """Of one variant."""
    of_seeds = {column: [metric_values(run.ranks[column][rows]) for run in runs] for column, rows in members.items()}
    return {
        column: {metric: np.stack([one[metric] for one in found]) for metric in METRICS}
        for column, found in of_seeds.items()
    }


def _compared(
    variant: Variant,
    runs: Sequence[RunFigures],
    values: _Values,
    baseline: _Values | None,
    draws: Mapping[str, Bootstrap],
) -> VariantFigures:
    """baseline: nothing where the variant is the baseline."""
    means = _means(values)
    against = {}
    for column, others in _means(baseline or {}).items():
        against[column] = {
            metric: draws[column].difference(means[column][metric], other) for metric, other in others.items()
        }
    return VariantFigures(
        changes=variant.changes,
        share=variant.share,
        place=variant.place,
        figures={
            column: {metric: draws[column].estimate(mean) for metric, mean in metrics.items()}
            for column, metrics in means.items()
        },
        against=against,
        by_seed={
            column: {metric: found.mean(axis=1).tolist() for metric, found in metrics.items() if found.size}
            for column, metrics in values.items()
        },
        token_loss=[run.token_loss for run in runs if run.token_loss is not None],
        seconds=round(sum(run.seconds for run in runs), 1),
    )


def _means(values: _Values) -> _Values:
    """Over the seeds: column → metric → [instances of the column]."""
    return {
        column: {metric: found.mean(axis=0) for metric, found in metrics.items()} for column, metrics in values.items()
    }
