"""`tellgraph train`: a snapshot and a recipe become a run folder."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from training.devices import device_named
from training.errors import TrainingError
from training.examples import StageName
from training.loop import Interrupted, check_processes, train
from training.mscrs_training import STAGES, outstanding
from training.processes import Processes, joined_processes
from training.progress import Progress as TrainingProgress
from training.recipe import EPOCHS_FIELDS, AnyRecipe, EvidenceRecipe, Recipe, SumRecipe, load_any_recipe
from training.runs import RunFolder
from training.sum_training import begin_with
from ui.errors import DoorError

__all__ = ["ProgressBars", "command", "stop_after_a_step"]

_Part = TypeVar("_Part", bound=Recipe | EvidenceRecipe)


class ProgressBars(TrainingProgress):
    """Draws a training's progress on standard error, and a line per epoch."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: Any = None

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def phase(self, name: str, total: int) -> None:
        """Start a new bar; a total of 0 is unknown."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(name, total=total or None, figures="")

    def advance(self, done: int, **figures: float) -> None:
        """Move the bar and show running means."""
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        self._bars.update(self._task, advance=done, figures=shown)

    def epoch(self, entry: dict[str, Any]) -> None:
        """Print an epoch's figures."""
        line = f"{entry['stage']} {entry['epoch']}: loss {entry['loss']:.3f}, {entry['seconds']:.0f} s"
        if "valid_loss" in entry:
            line += f", valid {entry['valid_loss']:.3f}"
        if "token" in entry:
            line += f" · loss of a token {entry['token']:.3f}"
        if "valid_token" in entry:
            line += f", valid {entry['valid_token']:.3f}"
        for column in ("all", "new"):
            if "valid" in entry:
                recalls = " / ".join(f"{entry['valid'][column][f'recall@{k}']:.3f}" for k in (1, 10, 50))
                line += f" · valid {column} R@1/10/50 {recalls}"
        if "kept" in entry:
            line += " · the best so far"
        self._bars.console.print(line, highlight=False, soft_wrap=True)


@contextmanager
def stop_after_a_step() -> Iterator[list[bool]]:
    """Turn the first Ctrl-C into a wish (the list gets a True); a second one interrupts at once."""
    wishes: list[bool] = []

    def note(number: int, frame: FrameType | None) -> None:
        wishes.append(True)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield wishes
    finally:
        signal.signal(signal.SIGINT, before)


@click.command("train")
@click.option(
    "--recipe", "recipe_name", default="demo", show_default=True, help="A shipped recipe's name or a YAML file."
)
@click.option("--snapshot", type=click.Path(path_type=Path), help="Folder that `tellgraph export` wrote.")
@click.option("--run", "run_path", type=click.Path(path_type=Path), required=True, help="Folder for the run.")
@click.option("--resume", is_flag=True, help="Go on from the run's last checkpoint.")
@click.option(
    "--stage",
    type=click.Choice([*STAGES, "all"]),
    default="all",
    show_default=True,
    help="MSCRS's stage to train now; the recipe gives each its epochs.",
)
@click.option("--epochs", type=click.IntRange(1), help="Of the stage `recommend`, instead of the recipe's number.")
@click.option("--seed", type=int, help="Instead of the recipe's seed.")
@click.option(
    "--mscrs",
    "mscrs_path",
    type=click.Path(path_type=Path),
    help="For both scorers: a run of MSCRS that is done, with its recipe and snapshot, instead of training one.",
)
@click.option("--device", default="auto", show_default=True, help="auto (a GPU when there is one), cpu, cuda, cuda:1 …")
def command(
    recipe_name: str,
    snapshot: Path | None,
    run_path: Path,
    resume: bool,
    stage: StageName | Literal["all"],
    epochs: int | None,
    seed: int | None,
    mscrs_path: Path | None,
    device: str,
) -> None:
    """Train MSCRS on a snapshot, the additive ranker (recipe `evidence`), or both. No database is needed.

    \b
    Examples:
      tellgraph train --recipe evidence --snapshot snapshots/inspired --run runs/evidence
      tellgraph train --recipe demo --snapshot snapshots/inspired --run runs/demo
      tellgraph train --recipe inspired+evidence --snapshot snapshots/inspired --run runs/both
      tellgraph train --recipe small --snapshot snapshots/inspired --run runs/small --stage pretrain
      tellgraph train --run runs/small --resume
      tellgraph train --recipe small+evidence --mscrs runs/small --run runs/both

    Ctrl-C keeps what was learnt; --resume goes on from there. Shipped recipes: demo,
    evidence, inspired, paper, small, tiny; demo+evidence, inspired+evidence,
    small+evidence and tiny+evidence train both scorers, and how much each counts in
    their sum.
    """
    if resume and any(given is not None for given in (epochs, seed, mscrs_path)):
        raise DoorError(
            "--epochs, --seed and --mscrs are of a new run: one that goes on keeps its recipe. Leave them out."
        )
    if mscrs_path and any(given is not None for given in (snapshot, epochs, seed)):
        raise DoorError("With --mscrs, all that is that run's: leave --snapshot, --epochs and --seed out.")
    recipe = RunFolder.open(run_path).recipe if resume else _recipe(recipe_name, epochs, seed)
    _check_stage(recipe, stage, resume)
    device_named(device)
    with stop_after_a_step() as wishes, joined_processes(device) as processes:
        check_processes(recipe, processes)
        run = (
            RunFolder(run_path)
            if resume
            else _made(_beginning(run_path, recipe, snapshot, mscrs_path), run_path, processes)
        )
        settings = Settings.from_environment()
        with ProgressBars() if processes.first else nullcontext(TrainingProgress()) as bars:
            try:
                stages = STAGES if stage == "all" else (stage,)
                train(run, settings.cache, device=device, progress=bars, stopped=lambda: bool(wishes), stages=stages)
            except Interrupted as error:
                raise DoorError(str(error)) from error
    if processes.first:
        _say_what_comes_next(run, recipe)


def _beginning(
    path: Path, recipe: AnyRecipe, snapshot_path: Path | None, mscrs_path: Path | None
) -> Callable[[], RunFolder]:
    """What makes the new run."""
    if mscrs_path is None:
        snapshot = _snapshot(snapshot_path)
        return lambda: RunFolder.create(path, recipe, snapshot)
    if not isinstance(recipe, SumRecipe):
        raise DoorError(f"--mscrs is for recipes of both scorers, and {recipe.name!r} is none: small+evidence is one.")
    both, trained = recipe, RunFolder.open(mscrs_path)
    return lambda: begin_with(path, both, trained)


def _made(begin: Callable[[], RunFolder], path: Path, processes: Processes) -> RunFolder:
    """A new run, which the first process makes for all."""
    error: TrainingError | None = None
    if processes.first:
        try:
            begin()
        except TrainingError as raised:
            error = raised
    if processes.any(error is not None):
        raise error or DoorError("The first process could not begin; it says why.")
    return RunFolder(path)


def _say_what_comes_next(run: RunFolder, recipe: AnyRecipe) -> None:
    click.echo(f"Trained: {run.path} (figures and curves in {run.path / 'README.md'})")
    if isinstance(recipe, Recipe) and (left := outstanding(run, recipe)):
        click.echo(f"Next: tellgraph train --run {run.path} --resume, for stage {' and '.join(left)}")
        return
    click.echo(f"Next: tellgraph evaluate --run {run.path} --dialogues FILE, or tellgraph app --run {run.path}")


def _check_stage(recipe: AnyRecipe, stage: StageName | Literal["all"], resume: bool) -> None:
    if stage == "all":
        return
    if not isinstance(recipe, Recipe):
        raise DoorError(f"--stage is one of MSCRS's, and recipe {recipe.name!r} is not of MSCRS alone: leave it out.")
    if not recipe.epochs_of(stage):
        raise DoorError(
            f"Recipe {recipe.name!r} gives no epochs to stage {stage}: set {EPOCHS_FIELDS[stage]} in a recipe of "
            "your own."
        )
    if not resume and stage != "pretrain" and recipe.pretrain_epochs:
        raise DoorError(
            f"Stage {stage} starts from the pre-training: begin with --stage pretrain, then --resume --stage {stage}."
        )


def _recipe(name: str, epochs: int | None, seed: int | None) -> AnyRecipe:
    recipe = load_any_recipe(name)
    if isinstance(recipe, SumRecipe):
        evidence, mscrs = _changed(recipe.evidence, None, seed), _changed(recipe.mscrs, epochs, seed)
        return replace(recipe, evidence=evidence, mscrs=mscrs, seed=recipe.seed if seed is None else seed)
    return _changed(recipe, epochs, seed)


def _changed(recipe: _Part, epochs: int | None, seed: int | None) -> _Part:
    return replace(
        recipe,
        epochs=recipe.epochs if epochs is None else epochs,
        seed=recipe.seed if seed is None else seed,
    )


def _snapshot(folder: Path | None) -> Snapshot:
    if folder is None:
        raise DoorError("Name the snapshot to train on with --snapshot (tellgraph export DIR writes one).")
    return Snapshot.open(folder)
