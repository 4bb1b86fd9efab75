"""`tellgraph study lightgcn`: a table, JSON, and a sentence for what is wrong."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.training.block_world import write_block_world
from training.errors import TrainingError
from training.progress import Progress
from ui.errors import DoorError
from ui.study_command import command

QUICK = ("--dimension", "8", "--learning-rate", "0.02", "--batch-size", "128", "--epochs", "3")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_block_world(tmp_path_factory.mktemp("blocks"))


def study(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["lightgcn", *(str(argument) for argument in arguments)])


def test_figures_of_a_test_file(world: Path, tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "figures.json"
    result = study("--data", world, "--test", world / "test.json", "--json", out, *QUICK)
    assert result.exit_code == 0, result.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["split"] == "test"
    for metric in ("recall@10", "recall@20", "ndcg@10", "ndcg@20"):
        told = figures["figures"]["test"]["LightGCN"][metric]
        assert figures[metric] == told["value"]
        assert told["low"] <= told["value"] <= told["high"]
        assert f"{figures[metric]:.4f}" in result.output
    assert set(figures["figures"]) == {"val", "test"}
    assert figures["options"]["learning_rate"] == 0.02
    assert figures["epochs"] == 3
    assert "80 users, 48 items; interactions: train 480, val 80, test 80." in result.output
    assert "popularity" in result.output
    assert "0.0754" in result.output


def test_without_a_test_file_the_figures_are_of_val(world: Path, tmp_path: Path) -> None:
    result = study("--data", world, "--json", tmp_path / "figures.json", *QUICK)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert (figures["split"], tuple(figures["figures"])) == ("val", ("val",))


def test_what_is_wrong(world: Path, tmp_path: Path) -> None:
    assert isinstance(study("--data", tmp_path).exception, TrainingError)
    assert isinstance(study("--data", world, "--test", tmp_path / "no.json").exception, TrainingError)
    assert isinstance(study("--data", world, "--json", tmp_path).exception, DoorError)
    assert study("--data", world, "--learning-rate", "0").exit_code == 2


def test_ctrl_c_keeps_the_best_epoch(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: Progress, done: int, **figures: float) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("ui.train_command.ProgressBars.advance", interrupt)
    result = study("--data", world, *QUICK)
    assert result.exit_code == 0, result.output
    assert "Epoch 1 of 1 is best on val; ended by Ctrl-C." in result.output
