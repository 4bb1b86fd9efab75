"""`tellgraph study …`: questions about a model that one run does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from training.recipe import EvidenceRecipe, SumRecipe, load_any_recipe
from ui.errors import DoorError
from ui.evaluate_tables import accuracy_table, faithfulness_table, paired_table
from ui.lightgcn_study_command import lightgcn
from ui.output_file import prepare_output, write_json
from ui.ratings_command import ratings
from ui.recipe_study_commands import ablation_command, curve_command, sweep_command
from ui.train_command import ProgressBars

if TYPE_CHECKING:
    from training.cross_validation import HeldOutMSCRS

__all__ = ["command"]


@click.group("study")
def command() -> None:
    """Questions about a model that one run does not answer.

    \b
    Examples:
      tellgraph study folds --snapshot snapshots/inspired
      tellgraph study folds --snapshot snapshots/inspired --without description --without description_now
      tellgraph study ablation --recipe inspired --snapshot snapshots/inspired --out studies/ablation
      tellgraph study sweep --field text_weight --values 0,0.5,1 --snapshot snapshots/inspired --out studies/lambda
      tellgraph study curve --snapshot snapshots/inspired --out studies/curve
      tellgraph study faithfulness --run runs/evidence
      tellgraph study lightgcn --data amazon-baby
      tellgraph study ratings ann.json ben.json
    """


for _study in (ablation_command, curve_command, lightgcn, ratings, sweep_command):
    command.add_command(_study)


@command.command()
@click.option("--snapshot", type=click.Path(path_type=Path), help="Folder that `tellgraph export` wrote.")
@click.option("--run", type=click.Path(path_type=Path), help="A finished run of both scorers, instead of a snapshot.")
@click.option("--recipe", "recipe_name", default="evidence", show_default=True, help="An evidence recipe.")
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="With --run, the run's own.")
@click.option("--seeds", type=click.IntRange(1), help="Instead of the recipe's number.")
@click.option("--without", multiple=True, help="A feature to leave out; may be given several times.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure to this file.")
def folds(
    snapshot: Path | None,
    run: Path | None,
    recipe_name: str,
    folds: int,
    seeds: int | None,
    without: Sequence[str],
    json_path: Path | None,
) -> None:
    """Score the additive ranker by cross-validation inside the training dialogues, grouped by dialogue.

    Eight times the data of INSPIRED's validation dialogues, so that differences show; no other split is touched. With
    --run, MSCRS and the sum are scored beside it, on the folds that the run was trained with.

    \b
    Examples:
      tellgraph study folds --snapshot snapshots/inspired
      tellgraph study folds --snapshot snapshots/inspired --seeds 1 --without description --json figures.json
      tellgraph study folds --run runs/both
    """
    # torch takes seconds to import; --help should not
    from training.cross_validation import cross_validate
    from training.evidence.definitions import FEATURES
    from training.evidence.ranker import chat_encoder

    if (snapshot is None) == (run is None):
        raise DoorError("Name one of --snapshot (what `tellgraph export` wrote) and --run (a run of both scorers).")
    known = [feature.name for feature in FEATURES]
    if unknown := sorted(set(without) - set(known)):
        raise DoorError(f"There is no feature {unknown[0]}: --without takes some of {', '.join(known)}.")
    if json_path is not None:
        prepare_output(json_path)
    cache = Settings.from_environment().cache
    with ProgressBars() as bars:
        mscrs = None
        if run is not None:
            recipe, opened, mscrs = _both(run, cache, bars)
        else:
            recipe, opened = _evidence_recipe(recipe_name), Snapshot.open(Path(str(snapshot)))
        chosen = replace(recipe, seeds=seeds or recipe.seeds)
        encoder = chat_encoder(opened, cache)
        report = cross_validate(opened, chosen, encoder, folds=folds, without=without, mscrs=mscrs, progress=bars)
    if json_path is not None:
        write_json(json_path, report.as_json())
    console = Console()
    console.print(accuracy_table(report))
    console.print(paired_table(report))


def _evidence_recipe(name: str) -> EvidenceRecipe:
    recipe = load_any_recipe(name)
    if not isinstance(recipe, EvidenceRecipe):
        raise DoorError(f"Recipe {name} is not one of the additive ranker: take `evidence`.")
    return recipe


def _both(run: Path, cache: Path, bars: ProgressBars) -> tuple[EvidenceRecipe, Snapshot, HeldOutMSCRS]:
    from training.cross_validation import HeldOutMSCRS
    from training.runs import RunFolder

    folder = RunFolder.open(run)
    recipe = folder.recipe
    if not isinstance(recipe, SumRecipe):
        raise DoorError(
            f"{run} is no run of both scorers: train one with --recipe inspired+evidence, or take --snapshot."
        )
    return recipe.evidence, folder.snapshot(), HeldOutMSCRS.of_run(folder, recipe, cache, bars)


@command.command()
@click.option("--run", type=click.Path(path_type=Path), required=True, help="A finished run's folder.")
@click.option("--chats", type=click.IntRange(1), default=100, show_default=True, help="Chats, drawn by the seed.")
@click.option("--top", type=click.IntRange(1), default=3, show_default=True, help="Edges that count as the strongest.")
@click.option(
    "--split", type=click.Choice(["valid", "test"]), default="valid", show_default=True, help="Of the run's dialogues."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure to this file.")
@click.option("--device", default="auto", show_default=True, help="auto (a GPU when there is one), cpu, cuda …")
def faithfulness(run: Path, chats: int, top: int, split: str, seed: int, json_path: Path | None, device: str) -> None:
    """Measure whether reasons are what they say: delete their edges for real, rebuild, and score again.

    For the best item after each chat, the edges of its strongest terms are deleted, then as many other edges of the
    same kinds at random, then every edge with a term but the strongest. A few seconds a chat; no database is needed.

    \b
    Examples:
      tellgraph study faithfulness --run runs/evidence
      tellgraph study faithfulness --run runs/both --chats 30 --top 1 --json figures.json
    """
    # torch takes seconds to import; --help should not
    from training.faithfulness import measure_faithfulness
    from training.instances import split_instances
    from training.recommender import Recommender

    if json_path is not None:
        prepare_output(json_path)
    recommender = Recommender.load(run, Settings.from_environment().cache, device)
    instances = split_instances(recommender.snapshot, split)
    if not instances:
        raise DoorError(
            f"The snapshot of {run} has no recommendation in {split} dialogues: ingest some, --split {split}."
        )
    with ProgressBars() as bars:
        found = measure_faithfulness(recommender, instances, chats=chats, top=top, seed=seed, progress=bars)
    if json_path is not None:
        write_json(json_path, found.as_json())
    Console().print(faithfulness_table(found))
