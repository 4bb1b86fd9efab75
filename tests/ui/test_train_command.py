"""`tellgraph train` as a person uses it: in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.training.director_world import write_director_world
from tests.ui import TELLGRAPH
from training.recipe import load_recipe, recipe_names


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TELLGRAPH, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_director_world(tmp_path_factory.mktemp("world") / "snapshot").folder


def test_it_trains_and_says_what_comes_next(snapshot: Path, tmp_path: Path) -> None:
    done = _run("train", "--recipe", "tiny", "--epochs", "2", "--snapshot", snapshot, "--run", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert f"tellgraph evaluate --run {tmp_path / 'run'}" in done.stdout
    assert "valid new R@1/10/50" in done.stderr
    assert (tmp_path / "run" / "model.safetensors").is_file()


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_learnt_and_resume_goes_on(snapshot: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    arguments = ["train", "--recipe", "tiny", "--epochs", "300", "--snapshot", str(snapshot), "--run", str(run)]
    with subprocess.Popen([*TELLGRAPH, *arguments], stderr=subprocess.PIPE, text=True) as training:
        deadline = time.monotonic() + 240
        while not list(run.glob("checkpoint-*.safetensors")):
            assert training.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(training.pid, signal.SIGINT)
        _, errors = training.communicate(timeout=60)
    assert training.returncode == 1
    assert f"tellgraph train --run {run} --resume" in errors
    assert "Traceback" not in errors
    assert not (run / "model.safetensors").exists()
    recipe = (run / "recipe.yaml").read_text().replace("epochs: 300", "epochs: 2")
    (run / "recipe.yaml").write_text(recipe)
    resumed = _run("train", "--run", run, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert (run / "model.safetensors").is_file()


@pytest.mark.slow
def test_a_sum_takes_a_run_that_is_done_and_not_one_that_is_not(snapshot: Path, tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    recipe = load_recipe("tiny").as_dict() | {"name": "mine", "epochs": 1, "pretrain_epochs": 1}
    file.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    mscrs, both = tmp_path / "mscrs", tmp_path / "both"
    half = _run("train", "--recipe", file, "--snapshot", snapshot, "--run", mscrs, "--stage", "pretrain")
    assert half.returncode == 0, half.stderr
    refused = _run("train", "--recipe", "tiny+evidence", "--mscrs", mscrs, "--run", both)
    assert (refused.returncode, "for stage recommend" in refused.stderr) == (1, True)
    assert _run("train", "--run", mscrs, "--resume").returncode == 0

    done = _run("train", "--recipe", "tiny+evidence", "--mscrs", mscrs, "--run", both)
    assert done.returncode == 0, done.stderr
    assert (both / "mscrs" / "model.safetensors").samefile(mscrs / "model.safetensors")
    assert "Recipe `mine+evidence`" in (both / "README.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--snapshot", "nowhere", "--run", "r"], "nowhere is not a snapshot"),
        (["--run", "r"], "--snapshot"),
        (["--recipe", "small", "--snapshot", "s", "--run", "r", "--stage", "converse"], "begin with --stage pretrain"),
        (
            ["--recipe", "tiny", "--snapshot", "s", "--run", "r", "--device", "abacus"],
            "--device abacus: torch has none here",
        ),
        (["--run", "nowhere", "--resume"], "no run folder"),
        (["--recipe", "tiny+evidence", "--mscrs", "nowhere", "--run", "r"], "nowhere is no run folder"),
        (["--recipe", "tiny", "--mscrs", "nowhere", "--run", "r"], "--mscrs is for recipes of both scorers"),
        (
            ["--recipe", "tiny+evidence", "--mscrs", "m", "--epochs", "2", "--run", "r"],
            "--epochs and --seed out",
        ),
        (["--run", "r", "--resume", "--mscrs", "m"], "Leave them out"),
        (
            ["--recipe", "smal", "--snapshot", "nowhere", "--run", "r"],
            f"shipped are {', '.join(recipe_names())}, or name a YAML file",
        ),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = _run("train", *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
