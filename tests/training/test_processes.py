"""Several processes train what one trains: two real ones, as torchrun starts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from tests.training.director_world import write_director_world
from training.loop import train
from training.processes import Processes, joined_processes
from training.recipe import load_any_recipe, load_recipe
from training.runs import RunFolder

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
TELLGRAPH = ["--no-python", "--", sys.executable, "-c", "from ui.cli import main; main()"]


def _together(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*TORCHRUN, *TELLGRAPH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_two_processes_end_with_the_weights_of_one(tmp_path: Path) -> None:
    """In all stages, with dropout, micro-batches, an early stop, and a last batch of one chat, so that one has none."""
    changes = {
        "pretrain_epochs": 1, "epochs": 3, "converse_epochs": 1, "fuse_weight": 0.0, "dropout": 0.3, "patience": 1,
        "batch_size": 29, "converse_batch_size": 29, "micro_batch_size": 8, "bucket_batches": 2,
    }  # fmt: skip
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(load_recipe("tiny").as_dict() | changes), encoding="utf-8")
    snapshot = write_director_world(tmp_path / "snapshot")
    done = _together(
        "train", "--recipe", file, "--snapshot", snapshot.folder, "--run", tmp_path / "two", "--device", "cpu"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Trained:") == 1
    two = RunFolder(tmp_path / "two")
    one = RunFolder.create(tmp_path / "one", load_recipe(file), snapshot)
    train(one, Path("no-cache-needed"), device="cpu")
    for stage in ("pretrain", "recommend", "converse"):
        expected, found = one.load_model(stage), two.load_model(stage)
        assert expected.keys() == found.keys()
        for name, weights in expected.items():
            torch.testing.assert_close(found[name], weights, rtol=1e-3, atol=1e-4)
    assert len(one.history()) == len(two.history())
    for entry, other in zip(one.history(), two.history(), strict=True):
        assert other["loss"] == pytest.approx(entry["loss"], rel=1e-4)
        assert other.get("kept") == entry.get("kept")
    assert len(list((two.path / "tensorboard" / "recommend").iterdir())) == 1


SHARED_READING = """
import sys
from pathlib import Path

import numpy as np

import training.contexts
from graphstore.snapshot import Snapshot
from training.assembly import assemble
from training.encoders import TextEncoder
from training.examples import recommendation_examples
from training.processes import joined_processes
from training.recipe import load_recipe

training.contexts.CHUNK = 10
texts, states_of = [], TextEncoder.token_states
TextEncoder.token_states = lambda self, some, most: (texts.extend(some), states_of(self, some, most))[1]
with joined_processes("cpu") as processes:
    snapshot, recipe = Snapshot.open(Path(sys.argv[1])), load_recipe("tiny")
    found = recommendation_examples(snapshot, recipe, assemble(snapshot, recipe, Path("no-cache-needed"), "cpu").reader)
    np.savez(sys.argv[2] + str(processes.rank), states=found.contexts.states, counts=found.contexts.state_counts,
             encoded=len(texts))
"""


@pytest.mark.slow
def test_each_process_encodes_its_share_of_the_chats_and_has_the_states_of_all(tmp_path: Path) -> None:
    snapshot = write_director_world(tmp_path / "snapshot")
    script = tmp_path / "read.py"
    script.write_text(SHARED_READING, encoding="utf-8")
    for name, python in {"alone": [sys.executable], "together": TORCHRUN}.items():
        command = [*python, str(script), str(snapshot.folder), str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
    one, *both = (np.load(tmp_path / f"{name}.npz") for name in ("alone0", "together0", "together1"))
    assert len(one["states"]) > 20, "two rounds of ten chats each, at least"
    for each in both:
        assert np.array_equal(each["states"], one["states"])
        assert np.array_equal(each["counts"], one["counts"])
        assert 0 < each["encoded"] < one["encoded"]
    assert sum(each["encoded"] for each in both) == one["encoded"]


def test_a_recipe_of_both_scorers_is_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.errors import TrainingError

    run = RunFolder.create(
        tmp_path / "run", load_any_recipe("tiny+evidence"), write_director_world(tmp_path / "snapshot")
    )
    monkeypatch.setattr(Processes, "current", classmethod(lambda cls: cls(2, 0)))
    with pytest.raises(TrainingError, match="leave torchrun out"):
        train(run, Path("no-cache-needed"), device="cpu")


def test_shares_are_all_of_the_rows_and_count_as_many() -> None:
    rows = [5, 3, 8, 1, 9]
    shares = [Processes(3, rank).share(rows) for rank in range(3)]
    assert sorted(row for own, _ in shares for row in own) == sorted(rows)
    assert [weight for _, weight in shares] == [0.4, 0.4, 0.2]
    assert Processes(2, 1).share([5]) == ([5], 0.0)


def test_without_torchrun_there_is_one() -> None:
    with joined_processes("cuda:7") as processes:
        assert processes == Processes()
        assert processes.device("cuda:7") == "cuda:7"
        assert processes.share([1, 2, 3]) == ([1, 2, 3], 1.0)
