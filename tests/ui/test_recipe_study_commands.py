"""`tellgraph study ablation|sweep|curve`: tables, files, Ctrl-C, and a sentence for what is wrong."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.training.director_world import write_director_world
from training.errors import RecipeError
from training.progress import Progress
from training.recipe import load_recipe
from ui.errors import DoorError
from ui.study_command import command


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_director_world(tmp_path_factory.mktemp("world") / "snapshot").folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tiny`, for a moment."""
    file = tmp_path_factory.mktemp("recipe") / "brief.yaml"
    values = load_recipe("tiny").as_dict() | {"name": "brief", "pretrain_epochs": 0, "epochs": 1}
    file.write_text(json.dumps(values))  # which is YAML
    return file


def study(name: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [name, *(str(argument) for argument in arguments)])


def test_a_sweep_leaves_a_table_a_picture_and_figures(world: Path, recipe: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "new folder" / "figures.json"
    asked = ("--field", "fuse_weight", "--values", "0,0.1", "--seeds", "1", "--recipe", recipe, "--snapshot", world)
    result = study("sweep", *asked, "--out", out, "--json", file)
    assert result.exit_code == 0, result.output
    assert {one.name for one in out.iterdir() if one.name[0] != "."} == {
        "study.json", "fuse_weight-0.0", "fuse_weight-0.1", "results.json", "figures.png", "README.md",
    }  # fmt: skip
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures == json.loads((out / "results.json").read_text(encoding="utf-8"))
    page = (out / "README.md").read_text(encoding="utf-8")
    for name, variant in figures["variants"].items():
        shown = variant["figures"]["new"]["mrr@50"]["value"]
        assert f"{shown:.3f}" in page
        assert f"{shown:.3f}".removeprefix("0") in result.stdout
        assert name in result.stdout
    told = figures["variants"]["fuse_weight 0.0"]["against"]["new"]["mrr@50"]
    assert f"{told['difference']:+.3f}" in result.stdout
    assert f"{told['difference']:+.3f} [{told['low']:+.3f}, {told['high']:+.3f}]" in page
    assert "…" not in result.stdout, "the tables fit into 80 columns"


def test_an_ablation_says_what_it_leaves_out(world: Path, recipe: Path, tmp_path: Path) -> None:
    result = study("ablation", "--seeds", "1", "--recipe", recipe, "--snapshot", world, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "without pre-training is left out: recipe 'brief' has pretrain_epochs: 0 already." in result.stdout
    assert "without the three graphs" in result.stdout
    assert "…" not in result.stdout, "the tables fit into 80 columns"
    assert len(list((tmp_path / "out").glob("*/seed-0/valid_ranks.json"))) == 7


def test_ctrl_c_stops_after_a_step_and_the_same_command_goes_on(
    world: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--shares", "0.5,1", "--seeds", "1", "--recipe", recipe, "--snapshot", world, "--out", tmp_path / "out")

    def interrupt(self: Progress, done: int, **figures: float) -> None:
        if "loss" in figures:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr("ui.train_command.ProgressBars.advance", interrupt)
        stopped = study("curve", *asked)
    assert isinstance(stopped.exception, DoorError)
    assert "Stopped in share 0.5, seed 0; runs that are done: 0 of 2. The same command goes on." in str(
        stopped.exception
    )
    assert (tmp_path / "out" / "share-0.5" / "seed-0" / "checkpoint-recommend.safetensors").is_file()
    result = study("curve", *asked)
    assert result.exit_code == 0, result.output
    assert "share 0.5" in result.stdout


def test_what_is_wrong(world: Path, recipe: Path, tmp_path: Path) -> None:
    asked = ("--snapshot", world, "--out", tmp_path / "out")
    unknown = study("sweep", "--field", "lambda", "--values", "0,1", "--recipe", recipe, *asked)
    assert isinstance(unknown.exception, RecipeError)
    assert "There are" in str(unknown.exception)
    assert "fuse_weight" in str(unknown.exception)
    for values in ("0,x", "0;1", "", "0,nan", "inf,1"):
        wrong = study("sweep", "--field", "fuse_weight", "--values", values, "--recipe", recipe, *asked)
        assert isinstance(wrong.exception, DoorError)
        assert "--values" in str(wrong.exception)
    assert isinstance(study("curve", "--shares", "0,1", "--recipe", recipe, *asked).exception, RecipeError)
    assert isinstance(study("curve", "--recipe", "evidence", *asked).exception, RecipeError)
    assert not (tmp_path / "out").exists()
