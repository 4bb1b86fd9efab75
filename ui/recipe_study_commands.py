"""`tellgraph study ablation|sweep|curve`: what each part, number and dialogue of a training is worth."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from training.errors import Interrupted
from training.recipe import load_recipe
from training.study_variants import Study, ablation, curve, sweep
from ui.errors import DoorError
from ui.evaluate_tables import study_paired_table, study_table
from ui.output_file import prepare_output, write_json
from ui.train_command import ProgressBars, stop_after_a_step

__all__ = ["ablation_command", "curve_command", "sweep_command"]


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """What all three ask for."""
    options = (
        click.option("--recipe", "recipe_name", default="demo", show_default=True, help="A recipe of MSCRS."),
        click.option(
            "--snapshot",
            type=click.Path(path_type=Path),
            required=True,
            help="Folder that `tellgraph export` wrote.",
        ),
        click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the runs and results."),
        click.option(
            "--seeds",
            type=click.IntRange(1),
            default=3,
            show_default=True,
            help="Runs of each variant, from the recipe's seed upwards.",
        ),
        click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write results.json here as well."),
        click.option("--device", default="auto", show_default=True, help="auto (a GPU when there is one), cpu, cuda …"),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("ablation")
@_options
def ablation_command(recipe_name: str, snapshot: Path, **options: Any) -> None:
    """Train MSCRS without each of its parts, as the paper's ablations do, and compare with the whole.

    Taken away in turn: the graph of co-mentions, of texts, of pictures, all three; the fuse loss; the pre-training;
    the correlation mapping, where the recipe trains replies; the soft prompt. What is not there is said and skipped.

    Ctrl-C stops after a step; the same command goes on, and does nothing twice.

    \b
    Examples:
      tellgraph study ablation --recipe inspired --snapshot snapshots/inspired --out studies/ablation
      tellgraph study ablation --recipe small --snapshot snapshots/inspired --out studies/small --seeds 1
    """
    opened = Snapshot.open(snapshot)
    _run(ablation(load_recipe(recipe_name), opened), opened, **options)


@click.command("sweep")
@click.option("--field", required=True, help="A number of the recipe.")
@click.option("--values", required=True, help="Two or more, with commas between them.")
@_options
def sweep_command(field: str, values: str, recipe_name: str, snapshot: Path, **options: Any) -> None:
    """Train MSCRS with several values of one number of its recipe, and compare with the recipe's own.

    λ is text_weight (where there are texts and pictures), δ is fuse_weight, k of the similar items is similar_items.

    Ctrl-C stops after a step; the same command goes on, and does nothing twice.

    \b
    Examples:
      tellgraph study sweep --field fuse_weight --values 0,0.02,0.1,0.5 --recipe inspired \\
          --snapshot snapshots/inspired --out studies/delta
      tellgraph study sweep --field similar_items --values 1,5,10 --snapshot snapshots/inspired --out studies/k
    """
    opened = Snapshot.open(snapshot)
    _run(sweep(load_recipe(recipe_name), opened, field, _numbers(values, "--values")), opened, **options)


@click.command("curve")
@click.option("--shares", default="0.1,0.25,0.5,1", show_default=True, help="Of the training dialogues.")
@_options
def curve_command(shares: str, recipe_name: str, snapshot: Path, **options: Any) -> None:
    """Train MSCRS on shares of the training dialogues: what would more of them be worth?

    With one seed, a larger share holds the smaller ones. Dialogues that are left out are in no count either.

    Ctrl-C stops after a step; the same command goes on, and does nothing twice.

    \b
    Examples:
      tellgraph study curve --recipe inspired --snapshot snapshots/inspired --out studies/curve
      tellgraph study curve --shares 0.5,1 --seeds 1 --snapshot snapshots/inspired --out studies/half
    """
    study = curve(load_recipe(recipe_name), _numbers(shares, "--shares"))
    _run(study, Snapshot.open(snapshot), **options)


def _run(study: Study, snapshot: Snapshot, out: Path, seeds: int, json_path: Path | None, device: str) -> None:
    # torch takes seconds to import; --help should not
    from training.studies import run_study
    from training.study_page import write_study_page

    if json_path is not None:
        prepare_output(json_path)
    console = Console()
    for sentence in study.left_out:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    cache = Settings.from_environment().cache
    with stop_after_a_step() as wishes, ProgressBars() as bars:
        try:
            report = run_study(
                study, snapshot, out, cache, seeds=seeds, device=device, progress=bars, stopped=lambda: bool(wishes)
            )
        except Interrupted as error:
            raise DoorError(str(error)) from error
    write_study_page(report, out)
    if json_path is not None:
        write_json(json_path, report.as_json())
    console.print(study_table(report))
    console.print(study_paired_table(report))
    console.print(f"Kept: {out / 'README.md'}, figures.png and results.json", highlight=False, soft_wrap=True)


def _numbers(text: str, option: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        raise DoorError(f"{option} takes numbers with commas between them, such as 0.25,0.5, and not {text!r}.")
    return numbers
