"""`tellgraph study …`: questions about a model that one run does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from training.recipe import EvidenceRecipe, load_any_recipe
from ui.errors import DoorError
from ui.evaluate_tables import accuracy_table, paired_table
from ui.json_file import prepare_json, write_json
from ui.train_command import ProgressBars

__all__ = ["command"]


@click.group("study")
def command() -> None:
    """Questions about a model that one run does not answer.

    \b
    Examples:
      tellgraph study folds --snapshot snapshots/inspired
      tellgraph study folds --snapshot snapshots/inspired --without description --without description_now
    """


@command.command()
@click.option(
    "--snapshot", type=click.Path(path_type=Path), required=True, help="Folder that `tellgraph export` wrote."
)
@click.option("--recipe", "recipe_name", default="evidence", show_default=True, help="An evidence recipe.")
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True)
@click.option("--seeds", type=click.IntRange(1), help="Instead of the recipe's number.")
@click.option("--without", multiple=True, help="A feature to leave out; may be given several times.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure to this file.")
def folds(
    snapshot: Path, recipe_name: str, folds: int, seeds: int | None, without: Sequence[str], json_path: Path | None
) -> None:
    """Score the additive ranker by cross-validation inside the training dialogues, grouped by dialogue.

    Eight times the data of INSPIRED's validation dialogues, so that differences show; no other split is touched.

    \b
    Examples:
      tellgraph study folds --snapshot snapshots/inspired
      tellgraph study folds --snapshot snapshots/inspired --seeds 1 --without description --json figures.json
    """
    # torch takes seconds to import; --help should not
    from training.evidence.cross_validation import cross_validate
    from training.evidence.definitions import FEATURES
    from training.evidence.ranker import chat_encoder

    recipe = load_any_recipe(recipe_name)
    if not isinstance(recipe, EvidenceRecipe):
        raise DoorError(f"Recipe {recipe_name} is not one of the additive ranker: take `evidence`.")
    known = [feature.name for feature in FEATURES]
    if unknown := sorted(set(without) - set(known)):
        raise DoorError(f"There is no feature {unknown[0]}: --without takes some of {', '.join(known)}.")
    if json_path is not None:
        prepare_json(json_path)
    opened = Snapshot.open(snapshot)
    encoder = chat_encoder(opened, Settings.from_environment().cache)
    chosen = replace(recipe, seeds=seeds or recipe.seeds)
    with ProgressBars() as bars:
        report = cross_validate(opened, chosen, encoder, folds=folds, without=without, progress=bars)
    if json_path is not None:
        write_json(json_path, report.as_json())
    console = Console()
    console.print(accuracy_table(report))
    console.print(paired_table(report))
