"""Studies of recipes: variants that differ in one thing, runs that are done once, tables of what the runs say."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from tests.training.director_world import write_director_world
from training.errors import EvaluationError, Interrupted, RecipeError, RunError
from training.instances import split_instances
from training.ranking import Task
from training.recipe import Recipe, load_recipe
from training.runs import RunFolder
from training.studies import run_study
from training.study_page import write_study_page
from training.study_report import RunFigures, StudyReport, study_report
from training.study_variants import FULL, Variant, ablation, curve, numeric_fields, sweep

NO_CACHE = Path("no-cache-needed")
BRIEF = replace(load_recipe("tiny"), pretrain_epochs=1, epochs=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write_director_world(tmp_path_factory.mktemp("studies") / "snapshot")


@pytest.fixture
def bare(tmp_path: Path) -> Snapshot:
    """Two items of similar texts, and nothing else."""
    items = [f"http://toy.example/{name}" for name in "ab"]
    return write_snapshot(
        tmp_path / "bare",
        entities=[],
        items=[{"uri": uri, "title": uri, "popularity": 0} for uri in items],
        facts={},
        text_similar=[(items[0], items[1], 0.9, 1)],
        dialogues=[],
        registry={},
    )


def test_a_weight_of_one_graph_alone_is_not_swept(bare: Snapshot) -> None:
    with pytest.raises(RecipeError, match="edges of one of them alone"):
        sweep(BRIEF, bare, "text_weight", [0, 1])


def _names(variants: tuple[Variant, ...]) -> list[str]:
    return [one.name for one in variants]


def test_an_ablation_takes_each_part_away(world: Snapshot) -> None:
    recipe = replace(load_recipe("tiny"), converse_epochs=1)
    study = ablation(recipe, world)
    assert (study.baseline, study.left_out) == (FULL, ())
    assert study.variants[0] == Variant(FULL, recipe, {})
    assert _names(study.variants[1:]) == [
        "without co-mention graph", "without text graph", "without image graph", "without the three graphs",
        "without fuse loss", "without pre-training", "without correlation mapping", "without soft prompt",
    ]  # fmt: skip
    for one in study.variants[1:]:
        assert one.changes
        assert one.recipe == replace(recipe, **one.changes) != recipe


def test_what_is_not_there_cannot_be_taken_away(world: Snapshot, bare: Snapshot) -> None:
    def left_out(recipe: Recipe, snapshot: Snapshot) -> list[str]:
        study = ablation(recipe, snapshot)
        assert len(study.variants) + len(study.left_out) == 9
        return [sentence.removeprefix("without ") for sentence in study.left_out]

    replies = replace(BRIEF, converse_epochs=1)
    assert left_out(replies, bare) == [
        "co-mention graph is left out: the snapshot has no CO_MENTIONED edge.",
        "image graph is left out: the snapshot has no IMAGE_SIMILAR edge.",
    ]
    assert left_out(BRIEF, world) == [
        "correlation mapping is left out: recipe 'tiny' trains no replies (converse_epochs), and only these use it."
    ]
    assert left_out(replace(replies, pretrain_epochs=0, text_graph=False), world) == [
        "text graph is left out: recipe 'tiny' has text_graph: False already.",
        "pre-training is left out: recipe 'tiny' has pretrain_epochs: 0 already.",
    ]


def test_a_sweep_is_held_against_the_recipes_own_value_or_the_first(world: Snapshot) -> None:
    study = sweep(BRIEF, world, "fuse_weight", [0, 0.1, 1, 0.1])
    assert [one.recipe.fuse_weight for one in study.variants] == [0.0, 0.1, 1.0]
    assert [one.place for one in study.variants] == [0.0, 0.1, 1.0]
    assert (study.baseline, study.axis) == ("fuse_weight 0.1", "fuse_weight")
    whole = sweep(BRIEF, world, "similar_items", [5, 10])
    assert [one.changes for one in whole.variants] == [{"similar_items": 5}, {"similar_items": 10}]
    assert all(isinstance(one.recipe.similar_items, int) for one in whole.variants)
    assert whole.baseline == "similar_items 5"


@pytest.mark.parametrize(
    ("field", "values", "sentence"),
    [
        ("lambda", [0, 1], f"no number called 'lambda' .* There are {', '.join(sorted(numeric_fields()))}"),
        ("name", [0, 1], "no number called 'name'"),
        ("seed", [0, 1], "no number called 'seed'"),
        ("epochs", [1, 1.5], "epochs is a whole number in a recipe, and 1.5 is none"),
        ("epochs", [1, 0], "epochs is 0, the least is 1"),
        ("fuse_weight", [0.5, -2], "fuse_weight is -2.0, the least is 0"),
        ("reply_tokens", [8, 16], "trains no replies"),
        ("fuse_weight", [0.5, 0.5], "two or more values"),
    ],
)
def test_a_sweep_of_nothing_is_refused(world: Snapshot, field: str, values: list[float], sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence):
        sweep(BRIEF, world, field, values)


def test_shares_of_the_training_dialogues_are_nested_and_the_seed_draws_them(world: Snapshot) -> None:
    study = curve(BRIEF, [1, 0.1, 0.5])
    assert _names(study.variants) == ["share 0.1", "share 0.5", "share 1"]
    assert study.baseline == "share 1"
    every = {dialogue.id for dialogue in world.dialogues("train")}
    tenth, half, whole = (every - set(one.held_out(world, seed=3)) for one in study.variants)
    assert tenth < half < whole == every
    assert (len(tenth), len(half)) == (round(0.1 * len(every)), len(every) // 2)
    assert half != every - set(study.variants[1].held_out(world, seed=4))
    for wrong in ([0.0, 1], [0.5, 1.1], [float("nan"), 1], [1]):
        with pytest.raises(RecipeError, match="share"):
            curve(BRIEF, wrong)


def _plain(report: StudyReport) -> Any:
    """As JSON, without how long it took."""
    found = json.loads(json.dumps(report.as_json()))
    for one in found["variants"].values():
        del one["seconds"]
    return found


def test_the_figures_are_those_of_the_runs(world: Snapshot, tmp_path: Path) -> None:
    study = curve(BRIEF, [0.2, 1])
    report = run_study(study, world, tmp_path / "out", NO_CACHE, seeds=2, device="cpu")
    assert report.seeds == [0, 1]
    small, whole = report.variants.values()
    for column, metric in itertools.product(("all", "new"), ("recall@10", "mrr@50")):
        for name, figures in report.variants.items():
            runs = [RunFolder.open(tmp_path / "out" / name.replace(" ", "-") / f"seed-{seed}") for seed in (0, 1)]
            told = [run.history()[-1]["valid"][column][metric] for run in runs]
            assert figures.by_seed[column][metric] == pytest.approx(told)
            assert figures.figures[column][metric].value == pytest.approx(np.mean(told))
        apart = small.against[column][metric].difference
        mine, other = small.figures[column][metric].value, whole.figures[column][metric].value
        assert mine is not None
        assert other is not None
        assert apart == pytest.approx(mine - other)
    assert mine != other, "in mrr@50 they differ, so that there was something to compare"
    assert not whole.against
    assert RunFolder.open(tmp_path / "out" / "share-0.2" / "seed-1").held_out() == set(
        study.variants[0].held_out(world, 1)
    )


def test_without_correlation_mapping_only_the_replies_are_others(world: Snapshot, tmp_path: Path) -> None:
    """24 rows of the prompt hold all that the encoder reads, so that chats of other films have other states."""
    recipe = replace(BRIEF, converse_epochs=1, prompt_rows=24)
    whole = ablation(recipe, world)
    chosen = (FULL, "without correlation mapping", "without soft prompt")
    study = replace(whole, variants=tuple(one for one in whole.variants if one.name in chosen))
    report = run_study(study, world, tmp_path / "out", NO_CACHE, seeds=1, device="cpu")
    full, same, other = report.variants.values()
    assert all(one.difference == 0 for metrics in same.against.values() for one in metrics.values())
    assert same.token_loss != full.token_loss
    assert any(one.difference != 0 for metrics in other.against.values() for one in metrics.values())
    write_study_page(report, tmp_path / "out")
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert all(f"| {one.name} | " in page for one in study.variants)
    assert f"{same.token_loss[0]:.4f}" in page
    assert (tmp_path / "out" / "figures.png").read_bytes().startswith(b"\x89PNG")


def test_an_interrupted_study_goes_on_and_does_nothing_twice(
    world: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = sweep(BRIEF, world, "fuse_weight", [0, 1])
    whole = run_study(study, world, tmp_path / "whole", NO_CACHE, seeds=1, device="cpu")
    stops: list[str] = []
    found = None
    while found is None:
        calls = itertools.count()
        try:
            found = run_study(
                study, world, tmp_path / "parts", NO_CACHE, seeds=1, device="cpu", stopped=_after(calls, 4)
            )
        except Interrupted as error:
            stops.append(str(error))
        assert len(stops) < 20
    assert "fuse_weight 0.0, seed 0; runs that are done: 0 of 2" in stops[0]
    assert any("runs that are done: 1 of 2. The same command goes on" in stop for stop in stops)
    assert _plain(found) == _plain(whole)

    def fail(*arguments: object, **options: object) -> None:
        raise AssertionError("it is done already")

    monkeypatch.setattr("training.studies.train", fail)
    assert _plain(run_study(study, world, tmp_path / "parts", NO_CACHE, seeds=1, device="cpu")) == _plain(whole)


def _after(calls: itertools.count[int], most: int) -> Callable[[], bool]:
    return lambda: next(calls) >= most


def test_a_folder_is_of_one_study(world: Snapshot, bare: Snapshot, tmp_path: Path) -> None:
    out, study = tmp_path / "out", sweep(BRIEF, world, "fuse_weight", [0, 1])

    def stop_at_once(other: Any = study, folder: Path = out, snapshot: Snapshot = world) -> None:
        run_study(other, snapshot, folder, NO_CACHE, seeds=1, stopped=lambda: True)

    with pytest.raises(Interrupted, match="done: 0 of 2"):
        stop_at_once()
    with pytest.raises(RunError, match="holds another study"):
        stop_at_once(curve(BRIEF, [0.5, 1]))
    with pytest.raises(EvaluationError, match="--split valid"):
        stop_at_once(snapshot=bare)
    RunFolder.create(out / "fuse_weight-0.0" / "seed-0", replace(BRIEF, epochs=7, fuse_weight=0.0), world)
    with pytest.raises(RunError, match="another recipe"):
        run_study(study, world, out, NO_CACHE, seeds=1)
    with FileLock(out / ".lock"), pytest.raises(RunError, match="Another process"):
        stop_at_once()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="no study"):
        stop_at_once(folder=tmp_path / "mine")


def test_a_column_without_instances_says_nothing(world: Snapshot, tmp_path: Path) -> None:
    instances = split_instances(world, "valid")[:4]
    known = [replace(one, label=one.context.mentions[0]) for one in instances]
    task = Task.of(known, [item["uri"] for item in world.items])
    study = sweep(BRIEF, world, "fuse_weight", [0, 0.1])
    first, middle = ({"all": np.full(4, rank), "new": np.full(4, rank)} for rank in (0, 20))
    runs = {
        "fuse_weight 0.0": [RunFigures(first, None, 1.0), RunFigures(middle, None, 1.0)],
        "fuse_weight 0.1": [RunFigures(first, None, 1.0)] * 2,
    }
    report = study_report(study, [0, 1], task, runs)
    assert report.instances == {"all": 4, "new": 0}
    assert report.variants["fuse_weight 0.0"].figures["all"]["recall@10"].value == 0.5
    assert report.variants["fuse_weight 0.0"].against["all"]["recall@10"].difference == -0.5
    assert report.variants["fuse_weight 0.0"].figures["new"]["recall@10"].value is None
    write_study_page(report, tmp_path)
    assert "| fuse_weight 0.0 | 0.500 [0.500, 0.500] |" in (tmp_path / "README.md").read_text(encoding="utf-8")
