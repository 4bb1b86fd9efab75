"""The training of the additive ranker: a snapshot and a recipe become a run folder.

tellgraph train --recipe evidence --snapshot snapshots/inspired --run runs/evidence
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import torch

from training.evaluation import evaluate_systems
from training.evidence.card import write_evidence_card
from training.evidence.definitions import FEATURES
from training.evidence.fitting import fit_evidence, read_candidates, training_instances
from training.evidence.ranker import EvidenceRecommender, chat_encoder
from training.evidence.snapshot_reader import SnapshotReader
from training.instances import recommendation_instances
from training.progress import Progress
from training.recipe import EvidenceRecipe
from training.runs import RunFolder

__all__ = ["train_evidence"]


def train_evidence(run: RunFolder, recipe: EvidenceRecipe, cache: Path, progress: Progress) -> EvidenceRecommender:
    """Fit the curves and write the run. It takes about a minute, so an interrupted one begins anew.

    Raises TrainingError when the snapshot holds no training turn, PretrainedError when its encoder cannot be had.
    """
    began = time.monotonic()
    snapshot = run.snapshot()
    reader, encoder = SnapshotReader(snapshot), chat_encoder(snapshot, cache)
    instances = len(training_instances(snapshot))
    progress.phase("read evidence", instances)
    candidates = read_candidates(reader, encoder, recipe, progress.advance)
    progress.phase("fit curves", recipe.seeds * recipe.epochs * math.ceil(instances / recipe.batch_size))
    curves = fit_evidence(candidates, recipe, lambda loss: progress.advance(1, loss=loss))
    recommender = EvidenceRecommender(snapshot, recipe, curves, encoder, reader)
    entry: dict[str, Any] = {"stage": "fit", "epoch": recipe.epochs, "loss": curves.loss, "fuse": 0.0}
    entry |= {"seconds": round(time.monotonic() - began, 1)} | _validate(recommender)
    run.write_history([entry])
    write_evidence_card(run, recommender, entry, instances)
    tables = zip(FEATURES, curves.knots, curves.values, strict=True)
    run.save_model(
        {feature.name: torch.tensor([knots.tolist(), values.tolist()]).double() for feature, knots, values in tables}
    )
    progress.epoch(entry)
    return recommender


def _validate(recommender: EvidenceRecommender) -> dict[str, Any]:
    snapshot = recommender.snapshot
    instances = recommendation_instances(snapshot.dialogues("valid"), snapshot.entity_id, recommender.item_index)
    if not instances:
        return {}
    report = evaluate_systems([recommender], instances, snapshot, resamples=0)
    columns = report.systems[recommender.name]
    return {"valid": {column: {name: one.value for name, one in columns[column].items()} for column in columns}}
