"""Scores systems on recommendation instances: all / repeated / new, with intervals, from one pass.

    instances ─► ranking.Task ─► System.scores [contexts, items] ─► ranking.Ranking
                                                     ├─► ranks ─► metrics ─► columns ─► bootstrap
                                                     └─► top lists ─► beyond_accuracy

docs/evaluation.md explains every figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphstore.snapshot import Snapshot
from training.beyond_accuracy import (
    LIST_CUTOFFS,
    SEGMENTS,
    CatalogueFacts,
    coverage,
    intra_list_distance,
    popularity_share,
)
from training.bootstrap import Bootstrap, Difference, Estimate
from training.errors import EvaluationError
from training.evaluation_report import COLUMNS, Column, Report
from training.instances import Instance
from training.metrics import Booleans, Floats, Integers, metric_values
from training.ranking import OnBatch, Ranking, System, Task, rank_task

__all__ = ["evaluate_systems", "validation_figures"]

_Values = dict[str, dict[str, Floats]]  # column → metric → [instances of the column]


def evaluate_systems(
    systems: Sequence[System],
    instances: Sequence[Instance],
    snapshot: Snapshot,
    *,
    resamples: int = 2_000,
    seed: int = 0,
    batch_size: int = 64,
    on_batch: OnBatch = lambda name, done, total: None,
) -> Report:
    """The figures of every system on the same instances. systems: the ladder, from its lowest rung.

    resamples: draws for the intervals; 0 gives the accuracy figures alone (no interval, pair or list figure),
        which is what a training loop needs.
    seed: of the draws. batch_size: contexts scored at once. on_batch: called after every batch.

    Raises EvaluationError without instances, and when a system's scores have a wrong shape or are not finite.
    """
    if not instances:
        raise EvaluationError("There is nothing to evaluate: the dialogues give no recommendation instance.")
    task = Task.of(instances, [item["uri"] for item in snapshot.items])
    members = {"all": np.ones_like(task.repeated), "repeated": task.repeated, "new": ~task.repeated}
    draws = {column: Bootstrap(task.dialogue[members[column]], resamples, seed) for column in COLUMNS}
    items = len(snapshot.items)
    rankings = {system.name: rank_task(system, task, items, batch_size, on_batch) for system in systems}
    values = {name: _values(ranking, members) for name, ranking in rankings.items()}
    return Report(
        columns={name: Column(int(members[name].sum()), draws[name].dialogues) for name in COLUMNS},
        systems={name: _estimates(columns, draws) for name, columns in values.items()},
        paired=_pairs(values, draws) if resamples else {},
        beyond_accuracy=_beyond_accuracy(rankings, task, snapshot, resamples, seed) if resamples else {},
        resamples=resamples,
        seed=seed,
    )


def validation_figures(
    system: System, instances: Sequence[Instance], snapshot: Snapshot, batch_size: int = 64
) -> dict[str, Any]:
    """What a line of a training's history says of the validation dialogues: nothing where they give no instance."""
    if not instances:
        return {}
    report = evaluate_systems([system], instances, snapshot, resamples=0, batch_size=batch_size)
    columns = report.systems[system.name]
    return {"valid": {column: {name: one.value for name, one in columns[column].items()} for column in columns}}


def _values(ranking: Ranking, members: Mapping[str, Booleans]) -> _Values:
    ranks = {"all": ranking.ranks, "repeated": ranking.ranks, "new": ranking.ranks_new}
    return {column: metric_values(ranks[column][members[column]]) for column in COLUMNS}


def _estimates(values: _Values, draws: Mapping[str, Bootstrap]) -> dict[str, dict[str, Estimate]]:
    return {
        column: {metric: draws[column].estimate(figures) for metric, figures in metrics.items()}
        for column, metrics in values.items()
    }


def _pairs(
    values: Mapping[str, _Values], draws: Mapping[str, Bootstrap]
) -> dict[str, dict[str, dict[str, dict[str, Difference]]]]:
    """Every system against each one that stands before it."""
    order = list(values)
    return {
        name: {
            lower: {
                column: {
                    metric: draws[column].difference(figures, values[lower][column][metric])
                    for metric, figures in metrics.items()
                }
                for column, metrics in columns.items()
            }
            for lower in order[: order.index(name)]
        }
        for name, columns in values.items()
    }


def _beyond_accuracy(
    rankings: Mapping[str, Ranking], task: Task, snapshot: Snapshot, resamples: int, seed: int
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """System → column (all, new) → figure. Lists count once per context that the column has a label in."""
    facts = CatalogueFacts.of(snapshot)
    new_contexts = np.unique(task.context[~task.repeated])
    every = np.ones_like(task.repeated)
    figures: dict[str, dict[str, dict[str, Estimate]]] = {}
    for name, ranking in rankings.items():
        new_lists = ranking.lists_new[new_contexts]
        figures[name] = {
            "all": _hits_by_segment(ranking.ranks, every, task, facts, resamples, seed)
            | _list_figures(ranking.lists, task.context_dialogue, facts, resamples, seed),
            "new": _hits_by_segment(ranking.ranks_new, ~task.repeated, task, facts, resamples, seed)
            | _list_figures(new_lists, task.context_dialogue[new_contexts], facts, resamples, seed),
        }
    return figures


def _hits_by_segment(
    ranks: Integers, members: Booleans, task: Task, facts: CatalogueFacts, resamples: int, seed: int
) -> dict[str, Estimate]:
    figures = {}
    for segment in SEGMENTS:
        rows = members & facts.in_segment(segment)[task.label]
        draws = Bootstrap(task.dialogue[rows], resamples, seed)
        for cutoff in LIST_CUTOFFS:
            figures[f"{segment}_recall@{cutoff}"] = draws.estimate((ranks[rows] < cutoff).astype(np.float64))
    return figures


def _list_figures(
    lists: Integers, dialogue: Integers, facts: CatalogueFacts, resamples: int, seed: int
) -> dict[str, Estimate]:
    """Of lists [lists, k]; `dialogue` [lists] is the unit of their intervals. Coverage, no mean, has none."""
    figures = {}
    for cutoff in LIST_CUTOFFS:
        top = lists[:, :cutoff]
        share = coverage(top, len(facts.mentions)) if len(top) else None
        figures[f"coverage@{cutoff}"] = Estimate(share, None, None, len(top))
        for name, values in (
            (f"ild@{cutoff}", intra_list_distance(top, facts.directions)),
            (f"pwp@{cutoff}", popularity_share(top, facts.share)),
        ):
            known = ~np.isnan(values)
            figures[name] = Bootstrap(dialogue[known], resamples, seed).estimate(values[known])
    return figures
