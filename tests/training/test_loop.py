"""Training: it learns what can be proved, it stops and goes on, and it leaves a run that explains itself."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from graphstore.dialogues import Turn
from tests.training.director_world import DIRECTORS, HELD_OUT, film, write_director_world
from training.assembly import assemble
from training.errors import RunError, TrainingError
from training.examples import StageName
from training.instances import Context
from training.loop import Interrupted, train
from training.mscrs_training import STAGES, outstanding
from training.progress import Progress
from training.recipe import Recipe, load_recipe
from training.recommender import Recommender
from training.runs import RunFolder

NO_CACHE = Path("no-cache-needed")
SHORT = replace(load_recipe("tiny"), pretrain_epochs=1, epochs=2, dropout=0.3)


def test_it_finds_the_masterpiece_of_a_director_from_a_film_that_no_dialogue_named(
    director_recommender: Recommender,
) -> None:
    asked = [(director, number) for director in range(DIRECTORS) for number in HELD_OUT]
    contexts = [
        Context((Turn("seeker", f"I liked Film {d}-{n}. What else is there?", items=(film(d, n),)),)) for d, n in asked
    ]
    scores = director_recommender.scores(contexts)
    uris = [item["uri"] for item in director_recommender.snapshot.items]
    best = [uris[index] for index in scores.argmax(axis=1)]
    assert best == [film(director, 0) for director, _ in asked]


def test_a_run_folder_holds_what_it_promises(director_run: RunFolder) -> None:
    names = {file.name for file in director_run.path.iterdir()}
    assert names == {
        "recipe.yaml", "snapshot", "pretrained.safetensors", "model.safetensors", "history.jsonl", "metrics.json",
        "curves.png", "README.md", "tensorboard",
    }  # fmt: skip
    card = (director_run.path / "README.md").read_text(encoding="utf-8")
    assert "random-tiny" in card
    assert "λ = 0.5" in card
    history = json.loads((director_run.path / "metrics.json").read_text(encoding="utf-8"))["history"]
    assert [entry["stage"] for entry in history] == ["pretrain"] * 4 + ["recommend"] * 120
    assert history[-1]["loss"] < history[4]["loss"] / 2
    assert (director_run.path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_training_that_was_stopped_anywhere_ends_like_one_that_was_not(tmp_path: Path) -> None:
    """Bit for bit, in every stage, with dropout."""
    snapshot = write_director_world(tmp_path / "snapshot")
    recipe = replace(SHORT, converse_epochs=1)
    whole = RunFolder.create(tmp_path / "whole", recipe, snapshot)
    train(whole, NO_CACHE, device="cpu")
    parts = RunFolder.create(tmp_path / "parts", recipe, snapshot)
    stops = 0
    while not parts.has("converse"):  # stopped after every single step
        with contextlib.suppress(Interrupted):
            train(parts, NO_CACHE, device="cpu", stopped=lambda: True)
        stops += 1
        assert stops < 20
    assert stops > 8
    for stage in ("pretrain", "recommend", "converse"):
        expected, found = whole.load_model(stage), parts.load_model(stage)
        assert expected.keys() == found.keys()
        assert all(torch.equal(found[name], weights) for name, weights in expected.items())


_KILLED = """
import os, signal, sys
from pathlib import Path
from training import stage_loop
from training.loop import train
from training.runs import RunFolder

steps = 0

def stopped():
    global steps
    steps += 1
    if steps == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return False

stage_loop.CHECKPOINT_SECONDS = float(sys.argv[3])
train(RunFolder.open(Path(sys.argv[1])), Path("no-cache-needed"), device="cpu", stopped=stopped)
"""


@pytest.mark.parametrize(("interval", "kept"), [("0", 2), ("3600", None)])
def test_a_training_that_was_killed_goes_on_from_its_last_checkpoint(
    tmp_path: Path, interval: str, kept: int | None
) -> None:
    """In the middle of an epoch, by a signal that nobody can catch; it ends with the same bits."""
    snapshot = write_director_world(tmp_path / "snapshot")
    whole = RunFolder.create(tmp_path / "whole", SHORT, snapshot)
    train(whole, NO_CACHE, device="cpu")
    run = RunFolder.create(tmp_path / "run", SHORT, snapshot)
    died = subprocess.run([sys.executable, "-c", _KILLED, run.path, "3", interval], check=False)
    assert died.returncode == -signal.SIGKILL
    checkpoint = run.load_checkpoint("pretrain")
    assert (checkpoint.step if checkpoint else None) == kept
    train(run, NO_CACHE, device="cpu")
    expected, found = whole.load_model(), run.load_model()
    assert all(torch.equal(found[name], weights) for name, weights in expected.items())


@pytest.mark.parametrize("pretrain_epochs", [0, 1])
def test_one_stage_at_a_time_is_the_same_as_all_at_once(tmp_path: Path, pretrain_epochs: int) -> None:
    snapshot = write_director_world(tmp_path / "snapshot")
    recipe = replace(SHORT, pretrain_epochs=pretrain_epochs, converse_epochs=1)
    whole = RunFolder.create(tmp_path / "whole", recipe, snapshot)
    train(whole, NO_CACHE, device="cpu")
    run = RunFolder.create(tmp_path / "run", recipe, snapshot)
    for stage in STAGES if pretrain_epochs else STAGES[1:]:
        assert not run.has(stage)
        train(run, NO_CACHE, device="cpu", stages=[stage])
        expected, found = whole.load_model(stage), run.load_model(stage)
        assert all(torch.equal(found[name], weights) for name, weights in expected.items())
    with pytest.raises(RunError, match="Nothing is left to train"):
        train(RunFolder.create(tmp_path / "no", SHORT, snapshot), NO_CACHE, device="cpu", stages=["converse"])


@pytest.mark.parametrize("stage", ["recommend", "converse"])
def test_what_starts_from_the_pre_training_waits_for_it(tmp_path: Path, stage: StageName) -> None:
    recipe = replace(SHORT, converse_epochs=1)
    run = RunFolder.create(tmp_path / "run", recipe, write_director_world(tmp_path / "snapshot"))
    with pytest.raises(RunError, match="--stage pretrain comes first"):
        train(run, NO_CACHE, device="cpu", stages=[stage])


def test_a_run_that_recommends_is_not_pre_trained_again(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", SHORT, write_director_world(tmp_path / "snapshot"))
    train(run, NO_CACHE, device="cpu")
    (run.path / "pretrained.safetensors").unlink()
    assert outstanding(run, SHORT) == []


def test_an_epoch_that_is_done_twice_stands_once_in_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after it wrote the history, and before its checkpoint."""
    run = RunFolder.create(tmp_path / "run", SHORT, write_director_world(tmp_path / "snapshot"))
    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "save_checkpoint", _die)
        with pytest.raises(KeyboardInterrupt):
            train(run, NO_CACHE, device="cpu")
    assert [entry["epoch"] for entry in run.history()] == [1]
    train(run, NO_CACHE, device="cpu")
    found = [(entry["stage"], entry["epoch"]) for entry in run.history()]
    assert found == [("pretrain", 1), ("recommend", 1), ("recommend", 2)]


def _die(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_the_whole_language_model_is_where_the_model_is(tmp_path: Path) -> None:
    """Its head too, which random-tiny does not share with its embeddings."""
    snapshot = write_director_world(tmp_path / "snapshot")
    assembly = assemble(snapshot, SHORT, NO_CACHE, "cpu")
    moved = assemble(snapshot, SHORT, NO_CACHE, "meta")
    assert {weights.device.type for weights in assembly.backbone.causal.parameters()} == {"cpu"}
    assert {weights.device.type for weights in moved.backbone.causal.parameters()} == {"meta"}


def test_the_stages_after_the_first_start_from_what_it_learned(tmp_path: Path) -> None:
    snapshot = write_director_world(tmp_path / "snapshot")
    still = replace(SHORT, epochs=1, converse_epochs=1, learning_rate=1e-12, weight_decay=0.0)
    run = RunFolder.create(tmp_path / "run", replace(SHORT, converse_epochs=1), snapshot)
    train(run, NO_CACHE, device="cpu", stages=["pretrain"])
    run.write_recipe(still)
    train(run, NO_CACHE, device="cpu")
    pretrained, ranking, replying = (run.load_model(stage) for stage in STAGES)
    for name, weights in pretrained.items():
        torch.testing.assert_close(ranking[name], weights)
        if not name.startswith(("soft_prompt", "pooling")):
            torch.testing.assert_close(replying[name], weights)
    assert not torch.equal(replying["soft_prompt"], pretrained["soft_prompt"])
    assert not [name for name in replying if name.startswith("pooling")]


def test_a_stopped_training_says_how_to_go_on(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", SHORT, write_director_world(tmp_path / "snapshot"))
    with pytest.raises(Interrupted, match="--resume"):
        train(run, NO_CACHE, device="cpu", stopped=lambda: True)
    assert not run.finished


def test_its_own_dialogue_is_left_out_of_the_counts(tmp_path: Path) -> None:
    from training.graphs import CoMentions

    snapshot = write_director_world(tmp_path / "snapshot")
    co_mentions = CoMentions.of(snapshot, SHORT)
    pair = snapshot.entity_id[film(2, 0)], snapshot.entity_id[film(2, 3)]
    assert co_mentions.graph().whole().matrix.to_dense()[pair] > 0
    assert co_mentions.graph(without=["toy/train/2-3"]).whole().matrix.to_dense()[pair] == 0
    assert co_mentions.graph(without=["toy/train/2-4"]).whole().matrix.to_dense()[pair] > 0


@pytest.mark.parametrize("recipe", [SHORT, replace(SHORT, pretrain_epochs=0, converse_epochs=1)])
def test_without_dialogues_it_says_what_to_ingest(tmp_path: Path, recipe: Recipe) -> None:
    snapshot = write_director_world(tmp_path / "snapshot", dialogues=False)
    run = RunFolder.create(tmp_path / "run", recipe, snapshot)
    if not recipe.pretrain_epochs:
        run.save_model({})  # as if it had learned to recommend from others
    with pytest.raises(TrainingError, match="--split train"):
        train(run, NO_CACHE, device="cpu")


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    snapshot = write_director_world(tmp_path / "snapshot")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="--resume"):
        RunFolder.create(tmp_path / "run", SHORT, snapshot)


def test_an_unfinished_run_is_not_served(tmp_path: Path) -> None:
    snapshot = write_director_world(tmp_path / "snapshot")
    RunFolder.create(tmp_path / "run", SHORT, snapshot)
    with pytest.raises(RunError, match="has not finished"):
        Recommender.load(tmp_path / "run", NO_CACHE)
    with pytest.raises(RunError, match="no run folder"):
        Recommender.load(tmp_path / "nowhere", NO_CACHE)


def test_progress_hears_of_every_phase_and_epoch(tmp_path: Path) -> None:
    class Recorder(Progress):
        def __init__(self) -> None:
            self.phases: list[str] = []
            self.epochs: list[dict[str, Any]] = []

        def phase(self, name: str, total: int) -> None:
            self.phases.append(name)

        def epoch(self, entry: dict[str, Any]) -> None:
            self.epochs.append(entry)

    recorder = Recorder()
    run = RunFolder.create(tmp_path / "run", SHORT, write_director_world(tmp_path / "snapshot"))
    train(run, NO_CACHE, device="cpu", progress=recorder)
    assert recorder.phases == [
        "read chats to pretrain", "pretrain 1/1", "read chats to recommend", "recommend 1/2", "recommend 2/2",
    ]  # fmt: skip
    assert recorder.epochs[-1]["valid"]["all"].keys() >= {"recall@1", "mrr@50"}
