"""`tellgraph study lightgcn`: the graph layers on a public benchmark of users and items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from training.full_ranking import FULL_RANKING_METRICS
from training.interactions import read_split
from training.lightgcn_options import LightGCNOptions
from ui.output_file import prepare_output, write_json
from ui.train_command import ProgressBars, stop_after_a_step

if TYPE_CHECKING:
    from training.lightgcn_study import LightGCNStudy

__all__ = ["PUBLISHED_ON_BABY_TEST", "lightgcn"]

PUBLISHED_ON_BABY_TEST = dict(zip(FULL_RANKING_METRICS, (0.0479, 0.0754, 0.0257, 0.0328), strict=True))
"""LightGCN of 64 dimensions on the test part of Amazon Baby, as multimodal recommenders print it."""

_DEFAULTS = {field.name: field.default for field in fields(LightGCNOptions)}


def _option(name: str, kind: Any, text: str) -> Callable[[Any], Any]:
    return click.option(f"--{name.replace('_', '-')}", type=kind, default=_DEFAULTS[name], show_default=True, help=text)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder with train.json and val.json.")
@click.option("--test", type=click.Path(path_type=Path), help="A file of the same form, ranked at the end.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure to this file.")
@_option("layers", click.IntRange(0), "Rounds of propagation; 0 is matrix factorisation.")
@_option("dimension", click.IntRange(1), "Of the embeddings.")
@_option("learning_rate", click.FloatRange(0, min_open=True), "Adam's.")
@_option("weight_decay", click.FloatRange(0), "Of the L2 term, on the embeddings that a step reads.")
@_option("batch_size", click.IntRange(1), "Training pairs in a step.")
@_option("epochs", click.IntRange(1), "At most so many.")
@_option("patience", click.IntRange(1), "Epochs without a better Recall@20 on val before training ends.")
@_option("seed", int, "The same seed gives the same figures.")
def lightgcn(data: Path, test: Path | None, json_path: Path | None, **options: Any) -> None:
    """Train LightGCN on users and items, and rank all items for each user: what MSCRS's graph layers do alone.

    The files are JSON, `{"user id": [item id, …], …}`. Training sees train.json; val.json says which epoch is kept; the
    test file is only ranked. No database is needed. Ctrl-C ends the training and keeps the best epoch so far.

    \b
    Examples:
      tellgraph study lightgcn --data amazon-baby
      tellgraph study lightgcn --data amazon-baby --test test.json --json figures.json
      tellgraph study lightgcn --data amazon-baby --layers 2 --weight-decay 0.01 --seed 1
    """
    # torch takes seconds to import; --help should not
    from training.lightgcn_study import study_lightgcn

    if json_path is not None:
        prepare_output(json_path)
    split = read_split(data, test)
    with stop_after_a_step() as wishes, ProgressBars() as bars:
        found = study_lightgcn(split, LightGCNOptions(**options), progress=bars, stopped=lambda: bool(wishes))
    if json_path is not None:
        write_json(json_path, found.as_json())
    console = Console()
    console.print(_summary(found), highlight=False, soft_wrap=True)
    console.print(_table(found))


def _summary(found: LightGCNStudy) -> str:
    counts = ", ".join(f"{name} {count:,}" for name, count in found.interactions.items())
    ending = "ended by Ctrl-C" if found.stopped else f"trained in {found.seconds:,.0f} s"
    left_out = f" Users without a training item, left out: {found.unknown_users:,}." if found.unknown_users else ""
    return (
        f"{found.users:,} users, {found.items:,} items; interactions: {counts}.{left_out}\n"
        f"Epoch {found.best_epoch} of {found.epochs} is best on val; {ending}."
    )


def _table(found: LightGCNStudy) -> Table:
    table = Table("", *FULL_RANKING_METRICS, box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    for part, systems in found.figures.items():
        table.add_row(f"[bold]{part}[/bold]")
        for name, figures in systems.items():
            table.add_row(name, *(f"{one.value:.4f}\n{one.low:.4f}–{one.high:.4f}" for one in figures.values()))
        table.add_section()
    table.add_row("LightGCN *", *(f"{value:.4f}" for value in PUBLISHED_ON_BABY_TEST.values()))
    table.caption = "below: 95 % interval by user    * as published, on Amazon Baby's test part"
    return table
