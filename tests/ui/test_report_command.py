"""`tellgraph report`: what was measured, as a page, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from graphstore.errors import GraphStoreError
from tests.training.director_world import film, write_director_world
from training.loop import train
from training.recipe import load_recipe
from training.runs import RunFolder
from ui.errors import DoorError
from ui.evaluate_command import EVALUATION, REPLY_EVALUATION
from ui.evaluate_command import command as evaluate
from ui.report_command import command

TALK = [
    {"role": "seeker", "text": "Hello, something good?"},
    {"role": "recommender", "text": "Try film 1-1.", "items": [film(1, 0)]},
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was trained for a moment in all stages, and evaluated in both tasks."""
    folder = tmp_path_factory.mktemp("report")
    snapshot = write_director_world(folder / "snapshot")
    file = folder / "talks|valid.jsonl"
    file.write_text(json.dumps({"id": "1", "turns": TALK}) + "\n", encoding="utf-8")
    path = folder / "runs" / "brief"
    recipe = replace(load_recipe("tiny"), pretrain_epochs=1, epochs=1, converse_epochs=1)
    train(RunFolder.create(path, recipe, snapshot), folder, device="cpu")
    for more in ([], ["--replies"]):
        arguments = ["--run", str(path), "--dialogues", str(file), "--format", "tellgraph", *more]
        done = CliRunner().invoke(evaluate, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return path


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The table after a heading: first cell → the others."""
    table = page[page.index(heading) :].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]
    return {first: others for first, *others in cells}


def test_the_page_holds_the_figures_of_both_tasks(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.md"
    done = report(run, "--out", out, "--title", "Toy | films", "--reference")
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert page.startswith("# Toy \\| films\n")
    assert "- **brief**: recipe `tiny`, seed 0; pretrain: 1 epoch, " in page
    figures = json.loads((run / EVALUATION).read_text(encoding="utf-8"))
    shown = rows(page, "| system, all |")
    for system, columns in figures["systems"].items():
        values = [columns["all"][metric]["value"] for metric in ("recall@1", "recall@10", "recall@50", "mrr@50")]
        assert [cell.split(" ")[0] for cell in shown[system]] == [f"{value:.3f}" for value in values]
    assert shown["MSCRS, as published (test split)"] == ["0.096", "0.257", "0.425", "0.148"]
    said = json.loads((run / REPLY_EVALUATION).read_text(encoding="utf-8"))
    replies = rows(page, "| system | rouge@l |")
    assert list(said["systems"]) == [name for name in replies if name in said["systems"]]
    for system, values in said["systems"].items():
        assert replies[system][0].split(" ")[0] == f"{values['rouge@l']['value']:.3f}"
        assert replies[system][-3] == str(said["faults"][system]["empty"])


def test_two_runs_share_the_systems_that_need_no_training(run: Path) -> None:
    again = run.parent / "other"
    again.mkdir(exist_ok=True)
    for file in ("recipe.yaml", "history.jsonl", EVALUATION):
        (again / file).write_bytes((run / file).read_bytes())
    page = report(run, again).output
    shown = rows(page, "| system, new |")
    assert [name for name in shown if "popularity" in name] == ["popularity"]
    assert {"brief: mscrs", "other: mscrs"} <= shown.keys()


@pytest.mark.parametrize("broken", ["", "[]", '{"dialogues": "x"}'])
def test_figures_that_cannot_be_read_are_a_sentence(run: Path, tmp_path: Path, broken: str) -> None:
    (tmp_path / "recipe.yaml").write_bytes((run / "recipe.yaml").read_bytes())
    (tmp_path / EVALUATION).write_text(broken, encoding="utf-8")
    error = report(tmp_path).exception
    assert isinstance(error, DoorError)
    assert "evaluate the run again" in str(error)


def test_a_run_without_figures_says_how_to_have_them(run: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_bytes((run / "recipe.yaml").read_bytes())
    assert "tellgraph evaluate --run" in str(report(tmp_path).exception)


def test_a_folder_that_is_no_run_is_a_sentence(tmp_path: Path) -> None:
    error: Any = report(tmp_path).exception
    assert not isinstance(error, GraphStoreError)
    assert "is no run folder" in str(error)


def test_runs_of_one_name_are_told_apart(run: Path, tmp_path: Path) -> None:
    """Every run of a study is called by its seed."""
    for variant, hits in (("full", 0.5), ("without", 0.25)):
        folder = tmp_path / variant / "seed-0"
        folder.mkdir(parents=True)
        (folder / "recipe.yaml").write_bytes((run / "recipe.yaml").read_bytes())
        figures = json.loads((run / EVALUATION).read_text(encoding="utf-8"))
        for columns in figures["systems"].values():
            columns["all"]["recall@1"]["value"] = hits
        (folder / EVALUATION).write_text(json.dumps(figures), encoding="utf-8")
    page = report(tmp_path / "full" / "seed-0", tmp_path / "without" / "seed-0").output
    shown = rows(page, "| system, all |")
    assert shown["full/seed-0: mscrs"][0].startswith("0.500")
    assert shown["without/seed-0: mscrs"][0].startswith("0.250")
    # Their ladders differ as well, as those of two snapshots do.
    assert {"full/seed-0: popularity", "without/seed-0: popularity"} <= shown.keys()
