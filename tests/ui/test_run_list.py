"""The list of runs: whatever lies in the folder, each run is said with what can be read of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.training.director_world import film, write_director_world
from training.loop import train
from training.recipe import load_recipe
from training.runs import RunFolder
from ui.evaluate_command import EVALUATION, command
from ui.run_charts import curves, intervals, long_tail, metric_names
from ui.run_list import find_runs, summarize
from ui.run_parts import figures_table, head, how_to_evaluate, overview, unlike

NASTY = '<img src=x onerror="alert(1)"> `x`'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was trained for a moment, and evaluated."""
    folder = tmp_path_factory.mktemp("runs")
    snapshot = write_director_world(folder / "snapshot")
    path = folder / "runs" / "brief"
    train(RunFolder.create(path, replace(load_recipe("tiny"), epochs=1), snapshot), folder, device="cpu")
    result = CliRunner().invoke(command, ["--run", str(path), "--dialogues", str(_dialogues(folder)), *_FORMAT])
    assert result.exit_code == 0, result.output
    return path


_FORMAT = ("--format", "tellgraph")


def _dialogues(folder: Path) -> Path:
    file = folder / "talks.jsonl"
    turns = [
        {"role": "seeker", "text": "More like it?", "items": [film(0, 6)]},
        {"role": "recommender", "text": "This one.", "items": [film(0, 0)]},
    ]
    file.write_text(json.dumps({"id": "1", "turns": turns}) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """A run to damage."""
    return Path(shutil.copytree(run, tmp_path / "copy"))


def test_an_evaluated_run_is_said_with_its_figures(run: Path) -> None:
    summary = summarize(run)
    assert (summary.name, summary.state, summary.troubles) == ("brief", "evaluated", ())
    assert summary.dialogues == "talks.jsonl"
    assert summary.recipe
    assert summary.recipe.name == "tiny"
    assert {entry["stage"] for entry in summary.history} == {"pretrain", "recommend"}
    assert {figure.system for figure in summary.accuracy} >= {"popularity", "mscrs"}
    saved = json.loads((run / EVALUATION).read_text(encoding="utf-8"))
    for figure in summary.accuracy:
        assert saved["systems"][figure.system][figure.column][figure.metric]["value"] == figure.value
    assert overview(summary, True)["used by"] == "the chat"


def test_a_run_that_was_not_evaluated_says_the_command(copy: Path) -> None:
    (copy / EVALUATION).unlink()
    summary = summarize(copy)
    assert summary.state == "trained"
    assert f"tellgraph evaluate --run {copy} --dialogues" in how_to_evaluate(summary)


def test_an_unfinished_run_says_how_to_go_on(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    summary = summarize(copy)
    assert summary.state == "not finished"
    assert f"tellgraph train --run {copy} --resume" in summary.troubles[0]


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"systems": 3, "beyond_accuracy": {}}', '{"systems": {"a": {"all": {"m": 1}}}}', "\xff"],
)
def test_figures_that_cannot_be_read_are_said(copy: Path, content: str) -> None:
    (copy / EVALUATION).write_text(content, encoding="latin-1")
    summary = summarize(copy)
    assert summary.accuracy == ()
    assert "is of another version" in summary.troubles[0]
    assert summary.state == "trained"


def test_a_figure_without_a_value_is_left_out(copy: Path) -> None:
    values = json.loads((copy / EVALUATION).read_text(encoding="utf-8"))
    values["systems"]["popularity"]["all"]["recall@1"]["value"] = None
    (copy / EVALUATION).write_text(json.dumps(values), encoding="utf-8")
    summary = summarize(copy)
    found = {(figure.system, figure.column, figure.metric) for figure in summary.accuracy}
    assert ("popularity", "all", "recall@1") not in found
    assert ("popularity", "all", "recall@10") in found


@pytest.mark.parametrize("text", ["not: [yaml", "- a list", "name: tiny\nflavour: 3\n", "", "\x00"])
def test_a_recipe_that_cannot_be_read_is_said(copy: Path, text: str) -> None:
    (copy / "recipe.yaml").write_text(text, encoding="utf-8")
    summary = summarize(copy)
    assert (summary.recipe, summary.state) == (None, "cannot be read")
    assert "ecipe" in summary.troubles[0]


@pytest.mark.parametrize("history", ["{", '"text"\n', "[1]\n", '{"stage": "x"}\n', "\xff"])
def test_a_damaged_history_leaves_the_rest(copy: Path, history: str) -> None:
    (copy / "history.jsonl").write_text(history, encoding="latin-1")
    summary = summarize(copy)
    assert summary.history == ()
    assert summary.accuracy


def test_the_chats_run_comes_first_and_the_others_by_name(run: Path, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "recipe.yaml").write_text("x: [", encoding="utf-8")
    (tmp_path / "no run").mkdir()
    (tmp_path / "file").touch()
    assert [one.name for one in find_runs(tmp_path, run)] == ["brief", "broken", "copy"]
    assert [one.name for one in find_runs(tmp_path, copy)] == ["copy", "broken"]
    assert [one.state for one in find_runs(tmp_path / "nowhere", tmp_path / "gone")] == ["cannot be read"]


def test_charts_hold_every_figure_with_its_interval(run: Path, copy: Path) -> None:
    both = [summarize(run), summarize(copy)]
    assert "recall@50" in metric_names(both)
    rows = intervals(both, "recall@50", "all")["data"]["values"]
    assert {(row["line"], row["group"]) for row in rows} >= {("popularity", "brief"), ("mscrs", "copy")}
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    assert {row["line"] for row in long_tail(both[0])["data"]["values"]} <= {"head", "body", "tail", "unseen"}
    assert len(curves(both, dark=True)["data"]["values"]) == 2 * len(both[0].history)
    columns, table = figures_table(both, ("recall@50",), lambda one: one.accuracy)
    assert columns[:3] == ("column", "metric", "brief: popularity")
    assert all(row["brief: popularity"] == row["copy: popularity"] for row in table)


def test_figures_that_say_little_beside_each_other_are_marked(run: Path, copy: Path) -> None:
    def written(**changed: Any) -> str:
        values = json.loads((run / EVALUATION).read_text(encoding="utf-8")) | changed
        (copy / EVALUATION).write_text(json.dumps(values), encoding="utf-8")
        return unlike([summarize(run), summarize(copy)])

    assert written() == ""
    assert "different dialogues" in written(dialogues="others.jsonl")
    systems = json.loads((run / EVALUATION).read_text(encoding="utf-8"))["systems"]
    systems["popularity"]["all"]["recall@50"]["value"] = 0.123
    assert "different snapshots" in written(systems=systems)


def test_names_from_files_are_escaped(copy: Path) -> None:
    recipe: dict[str, Any] = yaml.safe_load((copy / "recipe.yaml").read_text(encoding="utf-8"))
    (copy / "recipe.yaml").write_text(yaml.safe_dump(recipe | {"name": NASTY}), encoding="utf-8")
    assert "<img" not in head(summarize(copy), True)
