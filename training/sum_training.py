"""The training of the served sum: both scorers, and how much each counts, learned on dialogues that neither knows.

RUN/evidence/     an evidence run of its own
RUN/mscrs/        an MSCRS run of its own
RUN/folds/0, 1 …  MSCRS without one fold of the training dialogues each
RUN               the two weights

What a model says of dialogues that it was trained on is better than what it says of others, so that weights learned
there would favour whoever learns by heart. Each fold is therefore judged by models that were trained without it
(stacking; Wolpert, Neural Networks 1992).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphstore.snapshot import Snapshot
from training.errors import Interrupted, RunError, TrainingError
from training.evaluation import validation_figures
from training.evidence.fitting import Candidates, fit_by_fold, held_out_scores, read_candidates
from training.evidence.ranker import EvidenceRecommender, chat_encoder
from training.evidence.snapshot_reader import SnapshotReader
from training.evidence.training import train_evidence
from training.examples import StageName
from training.folds import fold_name, folds_of, held_out_logits
from training.instances import split_instances
from training.mscrs_recommender import MSCRSRecommender
from training.mscrs_training import RANKING_STAGES, STAGES, outstanding, train_mscrs
from training.progress import NamedProgress, Progress
from training.recipe import EvidenceRecipe, Recipe, SumRecipe
from training.runs import RunFolder
from training.sum_card import write_sum_card
from training.sum_recommender import SumRecommender, Weights

__all__ = ["begin_with", "fit_weights", "train_sum"]

_DECAY = 1e-5  # so that there is a least loss where every label comes first

Floats = npt.NDArray[np.float64]


def train_sum(
    run: RunFolder,
    recipe: SumRecipe,
    cache: Path,
    device: str,
    progress: Progress,
    stopped: Callable[[], bool],
) -> SumRecommender:
    """Train what is not trained yet, then the weights; see `training.loop.train`."""
    began = time.monotonic()
    snapshot = run.snapshot()
    instances = split_instances(snapshot, "train")
    if len({one.dialogue_id for one in instances}) < recipe.folds:
        raise TrainingError(
            f"{snapshot.folder} holds too few training dialogues with a recommendation for {recipe.folds} folds: "
            "ingest more, or train --recipe evidence alone."
        )
    reader, encoder = SnapshotReader(snapshot), chat_encoder(snapshot, cache)
    progress.phase("read evidence", len(instances))
    candidates = read_candidates(reader, encoder, instances, recipe.evidence, progress.advance)
    fold = folds_of(candidates.dialogues.tolist(), recipe.folds, recipe.seed)
    part = RunFolder.open_or_create(run.path / "evidence", recipe.evidence, snapshot)
    evidence = _evidence(part, recipe.evidence, cache, progress, candidates)

    def train(part: RunFolder, title: str, stages: Sequence[StageName]) -> None:
        train_mscrs(part, recipe.mscrs, cache, device, NamedProgress(progress, title), stopped, stages)

    if (taken := RunFolder(run.path / "mscrs")).finished:  # its weights fit, or nothing is to be trained beside it
        MSCRSRecommender.of_run(taken, recipe.mscrs, cache, device)
    try:
        runs = list(_trained(run, recipe, snapshot, candidates.dialogues, fold, train))
    except Interrupted as error:
        raise Interrupted(f"Stopped. Go on: tellgraph train --run {run.path} --resume") from error
    scores = np.zeros((2, *candidates.items.shape))
    scores[0] = held_out_scores(candidates, fold, fit_by_fold(candidates, fold, recipe.evidence, progress))
    progress.phase("mscrs on its folds", len(instances))
    for rows, logits in held_out_logits(runs[1:], recipe.mscrs, instances, cache, device, progress.advance):
        scores[1, rows] = logits[candidates.items[rows]]
    weights, loss = fit_weights(scores, candidates)
    mscrs = MSCRSRecommender.of_run(runs[0], recipe.mscrs, cache, device)
    recommender = SumRecommender(recipe, evidence, mscrs, weights)
    entry: dict[str, Any] = {"stage": "weights", "epoch": 1, "loss": loss}
    entry |= {"seconds": round(time.monotonic() - began, 1)}
    entry |= validation_figures(recommender, split_instances(snapshot, "valid"), snapshot)
    run.write_history([entry])
    write_sum_card(run, recommender, entry)
    run.save_model({name: torch.tensor(value, dtype=torch.float64) for name, value in asdict(weights).items()})
    progress.epoch(entry)
    return recommender


def begin_with(path: Path, recipe: SumRecipe, trained: RunFolder) -> RunFolder:
    """A new run of both scorers at `path` whose MSCRS is `trained`: that run's recipe and snapshot count for all.

    A sum of another recipe of MSCRS than `recipe` names is called `THAT+evidence`.

    Raises RunError: `trained` is no run of MSCRS alone, is not done, or does not know every dialogue; `path` holds
        something, or lies inside `trained`.
    """
    mscrs = trained.recipe
    if not isinstance(mscrs, Recipe):
        raise RunError(f"{trained.path} is no run of MSCRS alone, but of recipe {mscrs.name!r}.")
    if left := outstanding(trained, mscrs):
        raise RunError(
            f"{trained.path} is not done: tellgraph train --run {trained.path} --resume, for stage {' and '.join(left)}"
        )
    if trained.held_out():
        raise RunError(f"{trained.path} was trained without some dialogues, to judge on them: take one that knows all.")
    if path.resolve().is_relative_to(trained.path.resolve()):
        raise RunError(
            f"{path} lies inside the run that it is to take: name a folder beside {trained.path} with --run."
        )
    if mscrs != recipe.mscrs:
        recipe = replace(recipe, name=f"{mscrs.name}+evidence", mscrs=mscrs)
    return RunFolder.create(path, recipe, trained.snapshot(), parts={"mscrs": trained})


def _trained(
    run: RunFolder,
    recipe: SumRecipe,
    snapshot: Snapshot,
    dialogues: npt.NDArray[np.object_],
    fold: npt.NDArray[np.int64],
    train: Callable[[RunFolder, str, Sequence[StageName]], None],
) -> Iterator[RunFolder]:
    """MSCRS as it is served, which knows every dialogue, and without each fold."""
    for number in range(-1, recipe.folds):
        held_out = set(dialogues[fold == number].tolist())
        name, title = ("mscrs", "mscrs") if number < 0 else (fold_name(number), f"mscrs without fold {number + 1}")
        part = RunFolder.open_or_create(run.path / name, recipe.mscrs, snapshot, held_out)
        # What is judged on a fold ranks, and writes nothing.
        stages = STAGES if number < 0 else RANKING_STAGES
        if outstanding(part, recipe.mscrs, stages):
            train(part, title, stages)
        yield part


def fit_weights(scores: Floats, candidates: Candidates) -> tuple[Weights, float]:
    """What each scorer counts for, by softmax cross-entropy over the label and drawn items; and the loss.

    scores: [2, instances, 1 + pool], of evidence and of MSCRS, the label's first. Raises TrainingError where neither
        helps.
    """
    drawn = candidates.items[:, 1:] != candidates.items[:, :1]
    log_odds = math.log(candidates.catalogue / drawn.shape[1])
    offset = np.concatenate([np.zeros((len(drawn), 1)), np.where(drawn, log_odds, -np.inf)], axis=1)
    scale = scores.std(axis=(1, 2)) + 1e-12
    scaled = torch.from_numpy(scores / scale[:, None, None])
    found, loss = _minimum(scaled, torch.from_numpy(offset))
    if not (found > 0).all():  # whoever does not help is left out, and the other counts as it does alone
        best = int(found.argmax())
        alone, loss = _minimum(scaled[best : best + 1], torch.from_numpy(offset))
        found = torch.zeros_like(found)
        found[best] = alone.clamp(min=0.0)[0]
    if not found.any():
        raise TrainingError(
            "Neither scorer finds the items of dialogues that it has not seen, so there is nothing to add up."
        )
    evidence, mscrs = (found.numpy() / scale).tolist()
    return Weights(evidence, mscrs), loss


def _minimum(scores: Tensor, offset: Tensor) -> tuple[Tensor, float]:
    """Weights [m] of scores [m, n, c] with the least loss, which is convex."""
    weights = torch.ones(len(scores), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = torch.einsum("m,mnc->nc", weights, scores) + offset
        value: Tensor = -logits.log_softmax(dim=1)[:, 0].mean() + _DECAY * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach(), float(loss().detach())


def _evidence(
    run: RunFolder, recipe: EvidenceRecipe, cache: Path, progress: Progress, candidates: Candidates
) -> EvidenceRecommender:
    if run.finished:
        return EvidenceRecommender.of_run(run, recipe, cache)
    return train_evidence(run, recipe, cache, progress, candidates)
