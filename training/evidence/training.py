"""The training of the additive ranker: a snapshot and a recipe become a run folder.

tellgraph train --recipe evidence --snapshot snapshots/inspired --run runs/evidence
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.evaluation import validation_figures
from training.evidence.card import write_evidence_card
from training.evidence.definitions import FEATURES
from training.evidence.fitting import Candidates, fit_evidence, read_candidates
from training.evidence.ranker import EvidenceRecommender, chat_encoder
from training.evidence.snapshot_reader import SnapshotReader
from training.instances import split_instances
from training.progress import Progress
from training.recipe import EvidenceRecipe
from training.runs import RunFolder

__all__ = ["train_evidence"]


def train_evidence(
    run: RunFolder, recipe: EvidenceRecipe, cache: Path, progress: Progress, candidates: Candidates | None = None
) -> EvidenceRecommender:
    """Fit the curves and write the run. It takes about a minute, so an interrupted one begins anew.

    candidates: those of the run's training instances, where they have been read already.

    Raises TrainingError when the snapshot holds no training turn, PretrainedError when its encoder cannot be had.
    """
    began = time.monotonic()
    snapshot = run.snapshot()
    reader, encoder = SnapshotReader(snapshot), chat_encoder(snapshot, cache)
    instances = split_instances(snapshot, "train")
    if candidates is None:
        progress.phase("read evidence", len(instances))
        candidates = read_candidates(reader, encoder, instances, recipe, progress.advance)
    progress.phase("fit curves", recipe.seeds * recipe.epochs * math.ceil(len(instances) / recipe.batch_size))
    curves = fit_evidence(candidates, recipe, lambda loss: progress.advance(1, loss=loss))
    recommender = EvidenceRecommender(snapshot, recipe, curves, encoder, reader)
    entry: dict[str, Any] = {"stage": "fit", "epoch": recipe.epochs, "loss": curves.loss}
    entry |= {"seconds": round(time.monotonic() - began, 1)}
    entry |= validation_figures(recommender, split_instances(snapshot, "valid"), snapshot)
    run.write_history([entry])
    write_evidence_card(run, recommender, entry, len(instances))
    # Not by way of lists, which torch reads as float32: the curves that are loaded have to be these.
    tables = torch.from_numpy(np.stack([curves.knots, curves.values], axis=1))
    run.save_model({feature.name: table for feature, table in zip(FEATURES, tables, strict=True)})
    progress.epoch(entry)
    return recommender
