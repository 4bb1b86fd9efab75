"""One way to run every study of recipes: an ordinary run for each variant and seed, ranked on the validation dialogues.

    Study ── variants × seeds ──► OUT/VARIANT/seed-N, run folders ── valid_ranks.json ──► StudyReport

Seed by seed, all variants: whoever stops early has whole rows of fewer seeds. A run that is finished is not done again,
and one that is not goes on from its checkpoint. The runs share the snapshot's files (links) and the encodings in the
cache; each does its own pre-training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from graphstore.snapshot import Snapshot
from training.errors import EvaluationError, Interrupted, RunError
from training.instances import split_instances
from training.loop import train
from training.mscrs_recommender import MSCRSRecommender
from training.mscrs_training import outstanding
from training.progress import NamedProgress, Progress
from training.ranking import Task, rank_task
from training.recipe import Recipe
from training.runs import RunFolder
from training.study_report import RunFigures, StudyReport, study_report
from training.study_variants import Study, Variant

__all__ = ["run_study"]

_MARK = "study.json"
_RANKS = "valid_ranks.json"
_CONTEXTS_AT_ONCE = 64


def run_study(
    study: Study,
    snapshot: Snapshot,
    out: Path,
    cache: Path,
    *,
    seeds: int = 3,
    device: str = "auto",
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> StudyReport:
    """Train and rank whatever is not done yet in `out`, then compare.

    seeds: runs of each variant, from the recipe's seed upwards. cache, device, progress, stopped: as of
    `training.loop.train`.

    Raises:
        Interrupted: `stopped` said so; the same call goes on.
        RunError: `out` holds something else, another study, or runs of another recipe, or is being worked on.
        EvaluationError: the snapshot has nothing to rank in its validation dialogues.
        TrainingError: as `training.loop.train`.
    """
    progress = progress or Progress()
    task = _task(snapshot)
    work = [(number, variant) for number in range(seeds) for variant in study.variants]
    found: dict[str, list[RunFigures]] = {variant.name: [] for variant in study.variants}
    with _claimed(out, study, snapshot):
        for done, (number, variant) in enumerate(work):
            recipe = replace(variant.recipe, seed=variant.recipe.seed + number)
            name = f"{variant.name}, seed {recipe.seed}"
            said = NamedProgress(progress, f"{name} ({done + 1} of {len(work)})")
            try:
                if stopped():
                    raise Interrupted("Between two runs.")
                run = _run(out, variant, recipe, snapshot)
                found[variant.name].append(_figures(run, recipe, task, cache, device, said, stopped))
            except Interrupted as error:
                raise Interrupted(
                    f"Stopped in {name}; runs that are done: {done} of {len(work)}. The same command goes on."
                ) from error
    return study_report(study, [study.recipe.seed + number for number in range(seeds)], task, found)


def _task(snapshot: Snapshot) -> Task:
    instances = split_instances(snapshot, "valid")
    if not instances:
        raise EvaluationError(
            f"{snapshot.folder} has no recommendation in valid dialogues to compare by: ingest some, --split valid."
        )
    return Task.of(instances, [item["uri"] for item in snapshot.items])


@contextmanager
def _claimed(out: Path, study: Study, snapshot: Snapshot) -> Iterator[None]:
    """Keep other studies, and other processes, out of the folder."""
    manifest = (snapshot.folder / "manifest.json").read_bytes()
    mark = json.dumps({"study": study.name, "snapshot": hashlib.sha256(manifest).hexdigest()}) + "\n"
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file: name another folder with --out.")
    out.mkdir(parents=True, exist_ok=True)
    _check_mark(out, mark)  # before the lock leaves a file in somebody else's folder
    try:
        with FileLock(out / ".lock", timeout=0):
            _check_mark(out, mark)  # another study may have taken the folder meanwhile
            (out / _MARK).write_text(mark, encoding="utf-8")
            yield
    except Timeout as error:
        raise RunError(f"Another process is at work in {out}: wait for it, or name another folder.") from error


def _check_mark(out: Path, mark: str) -> None:
    if any(one.name != ".lock" for one in out.iterdir()):
        if not (out / _MARK).is_file():
            raise RunError(f"{out} already holds something that is no study: name another folder with --out.")
        if (out / _MARK).read_text(encoding="utf-8") != mark:
            raise RunError(f"{out} holds another study, or one of another snapshot: name another folder with --out.")


def _run(out: Path, variant: Variant, recipe: Recipe, snapshot: Snapshot) -> RunFolder:
    """The run of a variant with the recipe's seed, made where it is not there."""
    path = out / variant.folder / f"seed-{recipe.seed}"
    held_out = variant.held_out(snapshot, recipe.seed)
    run = RunFolder.open_or_create(path, recipe, snapshot, held_out)
    if run.recipe != recipe or run.held_out() != frozenset(held_out):
        raise RunError(f"{path} was trained by another recipe: name another folder with --out, or delete this one.")
    return run


def _figures(
    run: RunFolder,
    recipe: Recipe,
    task: Task,
    cache: Path,
    device: str,
    progress: Progress,
    stopped: Callable[[], bool],
) -> RunFigures:
    """Train and rank where that is still to be done."""
    file = run.path / _RANKS
    if outstanding(run, recipe) or not file.is_file():
        trained = train(run, cache, device=device, progress=progress, stopped=stopped)
        assert isinstance(trained, MSCRSRecommender)  # the recipe is of MSCRS
        progress.phase("rank the validation dialogues", len(task.contexts))
        system = MSCRSRecommender(trained.snapshot, recipe, trained.assembly, keep=True)
        _rank(run, system, task, progress)
    ranks = json.loads(file.read_text(encoding="utf-8"))
    history = run.history()
    losses = [entry["valid_token"] for entry in history if "valid_token" in entry]
    if recipe.patience:  # the best epoch's weights were kept
        losses.sort(reverse=True)
    return RunFigures(
        ranks={name: np.array(ranks[name], np.int64) for name in ("all", "new")},
        token_loss=losses[-1] if losses else None,
        seconds=sum(entry["seconds"] for entry in history),
    )


def _rank(run: RunFolder, system: MSCRSRecommender, task: Task, progress: Progress) -> None:
    seen = 0

    def on_batch(name: str, done: int, total: int) -> None:
        nonlocal seen
        progress.advance(done - seen)
        seen = done

    ranking = rank_task(system, task, len(system.snapshot.items), _CONTEXTS_AT_ONCE, on_batch)
    run.write_json(_RANKS, {"all": ranking.ranks.tolist(), "new": ranking.ranks_new.tolist()})
