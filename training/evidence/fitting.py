"""Curves learned from the training dialogues of a snapshot.

dialogues ── recommendation instances ── SnapshotReader ──► tables of candidates ── fit_curves, by seed ──► Curves
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from training.errors import no_training_turn
from training.evidence.chat_vectors import ChatEncoder
from training.evidence.definitions import FEATURES
from training.evidence.snapshot_reader import SnapshotReader
from training.instances import Instance, by_turn
from training.models.additive import Curves, fit_curves, place_knots
from training.progress import Progress
from training.recipe import EvidenceRecipe

__all__ = ["Candidates", "fit_by_fold", "fit_evidence", "held_out_scores", "read_candidates"]

_POOL = 4  # times the items drawn in an epoch: what is kept of each chat to draw from


@dataclass(frozen=True, eq=False)
class Candidates:
    """Evidence of every instance's label and of items drawn beside it.

    tables: float32 [instances, 1 + pool, F], the label's first. items: int64 [instances, 1 + pool].
    dialogues: [instances]. catalogue: how many items there are.
    """

    tables: npt.NDArray[np.float32]
    items: npt.NDArray[np.int64]
    dialogues: npt.NDArray[np.object_]
    catalogue: int

    def of(self, rows: npt.NDArray[np.int64]) -> Candidates:
        """Some of the instances."""
        return Candidates(self.tables[rows], self.items[rows], self.dialogues[rows], self.catalogue)


def read_candidates(
    reader: SnapshotReader,
    encoder: ChatEncoder,
    instances: Sequence[Instance],
    recipe: EvidenceRecipe,
    advance: Callable[[int], None] = lambda done: None,
) -> Candidates:
    """The evidence of training instances of the reader's snapshot; `advance` is told of every one that is done.

    Raises TrainingError when there is none.
    """
    if not instances:
        raise no_training_turn(reader.snapshot.folder)
    generator = np.random.default_rng(recipe.seed)
    count = len(reader.snapshot.items)
    pool = min(_POOL * recipe.negatives, count)
    tables = np.empty((len(instances), 1 + pool, len(FEATURES)), np.float32)
    items = np.empty((len(instances), 1 + pool), np.int64)
    row = 0
    for of_turn in by_turn(instances):
        first = of_turn[0]
        table = reader.read_own(first.context, first.dialogue_id, encoder).table()
        for instance in of_turn:
            items[row, 0] = reader.catalogue.position[instance.label]
            items[row, 1:] = generator.choice(count, pool, replace=False)
            tables[row] = table[items[row]]
            row += 1
        advance(len(of_turn))
    return Candidates(tables, items, np.array([one.dialogue_id for one in instances], object), count)


def fit_evidence(
    candidates: Candidates, recipe: EvidenceRecipe, advance: Callable[[float], None] = lambda loss: None
) -> Curves:
    """The mean of the seeds' curves, moved so that no evidence gives 0. `advance` is told the loss of every step."""
    instances, pool = len(candidates.items), candidates.items.shape[1] - 1
    negatives = min(recipe.negatives, pool)
    generator = np.random.default_rng(recipe.seed)
    drawn = candidates.tables[np.arange(instances), generator.integers(1, pool + 1, instances)]
    knots = place_knots(np.concatenate([candidates.tables[:, 0], drawn]), recipe.knots)

    def batch(rows: npt.NDArray[np.int64], draw: np.random.Generator) -> npt.NDArray[np.floating]:
        columns = draw.permuted(np.tile(np.arange(1, pool + 1), (len(rows), 1)), axis=1)[:, :negatives]
        evidence = candidates.tables[rows[:, None], np.concatenate([np.zeros((len(rows), 1), np.int64), columns], 1)]
        is_label = candidates.items[rows[:, None], columns] == candidates.items[rows, :1]
        evidence[:, 1:][is_label] = np.nan
        chosen: npt.NDArray[np.floating] = evidence
        return chosen

    rising = [feature.rising or (recipe.rising_popularity and feature.kind == "popularity") for feature in FEATURES]
    log_odds = float(np.log(candidates.catalogue / negatives))
    with _one_thread():
        fits = [
            fit_curves(batch, instances, knots, rising, log_odds, recipe, recipe.seed + number, advance)
            for number in range(recipe.seeds)
        ]
    return Curves.mean(fits)


def fit_by_fold(
    candidates: Candidates, fold: npt.NDArray[np.int64], recipe: EvidenceRecipe, progress: Progress
) -> list[Curves]:
    """For each fold the curves that are learned from the others. fold: of each instance, from 0 and none left out."""
    others = [np.flatnonzero(fold != number) for number in range(int(fold.max()) + 1)]
    steps = sum(math.ceil(len(rows) / recipe.batch_size) for rows in others)
    progress.phase("fit curves", steps * recipe.seeds * recipe.epochs)
    return [fit_evidence(candidates.of(rows), recipe, lambda loss: progress.advance(1, loss=loss)) for rows in others]


def held_out_scores(
    candidates: Candidates, fold: npt.NDArray[np.int64], curves: Sequence[Curves]
) -> npt.NDArray[np.float64]:
    """Scores of all candidates [instances, 1 + pool], each by the curves that do not know its fold."""
    scores = np.zeros(candidates.items.shape)
    for number, one in enumerate(curves):
        scores[fold == number] = one(candidates.tables[fold == number]).sum(axis=-1)
    return scores


@contextmanager
def _one_thread() -> Iterator[None]:
    """The steps are too small to share: on a busy machine, threads that wait for each other took ten times as long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
