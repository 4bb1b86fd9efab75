"""One way to train whatever a run folder's recipe names.

train(run) ──┬── Recipe ───────── training.mscrs_training
             ├── EvidenceRecipe ─ training.evidence.training
             └── SumRecipe ────── training.sum_training, which trains both of these
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training.errors import Interrupted, RunError, TrainingError
from training.evidence.training import train_evidence
from training.examples import StageName
from training.mscrs_training import STAGES, outstanding, train_mscrs
from training.processes import Processes
from training.progress import Progress
from training.recipe import AnyRecipe, EvidenceRecipe, Recipe, SumRecipe
from training.recommender import Recommender
from training.runs import RunFolder
from training.sum_training import train_sum

__all__ = ["Interrupted", "check_processes", "train"]


def train(
    run: RunFolder,
    cache: Path,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
    stages: Sequence[StageName] = STAGES,
) -> Recommender:
    """Train, or go on training, what a run folder asks for.

    cache: the cache folder of the settings, where pretrained models lie.
    stages: of MSCRS, which are to be trained now.
    stopped: asked after every step of MSCRS; when it says yes, a checkpoint is written and Interrupted raised.

    Raises:
        Interrupted: see `stopped`.
        RunError: none of the stages is left, or one has to come before.
        TrainingError: the snapshot holds no training turn, a pretrained model cannot be had, or see
            `training.stage_loop.run_stage`.
    """
    progress = progress or Progress()
    recipe = run.recipe
    check_processes(recipe, Processes.current())
    if isinstance(recipe, Recipe) and outstanding(run, recipe, stages):
        return train_mscrs(run, recipe, cache, device, progress, stopped, stages)
    if run.finished:
        return Recommender.load(run.path, cache, device=device)
    if isinstance(recipe, EvidenceRecipe):
        return train_evidence(run, recipe, cache, progress)
    if isinstance(recipe, SumRecipe):
        return train_sum(run, recipe, cache, device, progress, stopped)
    raise RunError(
        f"Nothing is left to train in {run.path}: recipe {recipe.name!r} gives no epochs to stage {', '.join(stages)}, "
        "or it is done."
    )


def check_processes(recipe: AnyRecipe, processes: Processes) -> None:
    """Raises TrainingError where several processes cannot train the recipe."""
    if processes.count > 1 and not isinstance(recipe, Recipe):
        raise TrainingError(
            f"Recipe {recipe.name!r} is not of MSCRS alone, and trains in one process: leave torchrun out."
        )
