"""Early stopping: when a stage ends, which weights it ends with, and that stopping anywhere changes nothing."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from tests.training.director_world import film, write_director_world
from tests.training.line_stage import LineStage
from training.assembly import assemble
from training.conversation_training import ConverseStage
from training.errors import Interrupted, TrainingError
from training.examples import pretraining_validation
from training.loop import train
from training.progress import Progress
from training.ranking_stages import PretrainStage, RecommendStage
from training.recipe import Recipe, load_recipe
from training.runs import RunFolder
from training.stage import Stage
from training.stage_loop import run_stage

NO_CACHE = Path("no-cache-needed")
RECIPE = replace(load_recipe("tiny"), batch_size=4, learning_rate=0.1, warm_up_steps=0)
JUDGEMENTS = [0.1, 0.3, 0.2, 0.3, 0.9]


def _trained(folder: Path, patience: int, epochs: int = len(JUDGEMENTS)) -> tuple[RunFolder, LineStage]:
    """With as many epochs planned in every case, since the learning rate follows them."""
    folder.mkdir()
    run = RunFolder(folder)
    stage = LineStage(run, JUDGEMENTS)
    recipe = replace(RECIPE, patience=patience)
    asked = iter([False] * (3 * epochs - 1) + [True] * 100)
    with contextlib.suppress(Interrupted):
        run_stage(run, recipe, stage, Progress(), lambda: next(asked))
    return run, stage


def _kept(run: RunFolder) -> list[int]:
    return [entry["epoch"] for entry in run.history() if "kept" in entry]


def test_a_stage_ends_when_nothing_got_better_and_keeps_its_best_epoch(tmp_path: Path) -> None:
    """Of epochs as good as each other, the first."""
    run, stage = _trained(tmp_path / "patient", patience=2)
    assert [entry["epoch"] for entry in run.history()] == [1, 2, 3, 4]
    assert _kept(run) == [2]
    _, two_epochs = _trained(tmp_path / "two", patience=0, epochs=2)
    assert torch.equal(stage.model.weight, two_epochs.model.weight)
    assert torch.equal(stage.model.bias, two_epochs.model.bias)


def test_who_waits_long_enough_finds_the_last_epoch_to_be_the_best(tmp_path: Path) -> None:
    run, stage = _trained(tmp_path / "patient", patience=3)
    assert _kept(run) == [5]
    _, without = _trained(tmp_path / "without", patience=0)
    assert torch.equal(stage.model.weight, without.model.weight)


def test_without_patience_every_epoch_is_done_and_the_last_is_kept(tmp_path: Path) -> None:
    run, _ = _trained(tmp_path / "run", patience=0)
    assert [entry["epoch"] for entry in run.history()] == [1, 2, 3, 4, 5]
    assert _kept(run) == []
    checkpoint = run.load_checkpoint("recommend")
    assert checkpoint is not None
    assert not checkpoint.best


def test_the_best_weights_survive_a_stop_after_every_step(tmp_path: Path) -> None:
    _, whole = _trained(tmp_path / "whole", patience=2)
    run = RunFolder(tmp_path / "parts")
    run.path.mkdir()
    for _ in range(4 * 3):  # four epochs of three steps
        stage = LineStage(run, JUDGEMENTS)
        with pytest.raises(Interrupted):
            run_stage(run, replace(RECIPE, patience=2), stage, Progress(), lambda: True)
    run_stage(run, replace(RECIPE, patience=2), stage, Progress(), lambda: True)
    assert torch.equal(stage.model.weight, whole.model.weight)
    assert torch.equal(stage.model.bias, whole.model.bias)
    assert _kept(run) == [2]


def test_patience_that_begins_later_judges_from_then_on(tmp_path: Path) -> None:
    """The weights of earlier epochs are gone, even of better ones."""
    run, _ = _trained(tmp_path / "run", patience=0, epochs=2)
    stage = LineStage(run, JUDGEMENTS)
    run_stage(run, replace(RECIPE, patience=1), stage, Progress(), lambda: False)
    assert _kept(run) == [5]


def test_each_stage_is_judged_by_its_own_figure() -> None:
    judged: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
        (PretrainStage, {"valid_loss": 2.0}, {"valid_loss": 1.0}),
        (RecommendStage, {"valid": {"all": {"mrr@50": 0.1}}}, {"valid": {"all": {"mrr@50": 0.2}}}),
        (ConverseStage, {"valid_token": 2.0}, {"valid_token": 1.0}),
    ]
    for kind, worse, better in judged:
        stage = object.__new__(kind)
        assert stage.judged(better) > stage.judged(worse)


def test_a_training_in_three_stages_ends_with_its_best_epochs(tmp_path: Path) -> None:
    """The weights of a stage reproduce the figure of the epoch that its history calls kept."""
    recipe = replace(load_recipe("tiny"), pretrain_epochs=3, epochs=3, converse_epochs=2, patience=1)
    run = RunFolder.create(tmp_path / "run", recipe, write_director_world(tmp_path / "snapshot"))
    train(run, NO_CACHE, device="cpu")
    assembly = assemble(run.snapshot(), recipe, NO_CACHE, "cpu")
    stages: list[Stage] = [kind(assembly, Progress()) for kind in (PretrainStage, RecommendStage, ConverseStage)]
    for stage in stages:
        stage.model.load_state_dict(run.load_model(stage.name))
        (kept,) = [entry for entry in run.history() if entry["stage"] == stage.name and "kept" in entry]
        assert stage.judged(stage.validate()) == pytest.approx(stage.judged(kept), rel=1e-6)
    assert "kept" in (run.path / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "recipe",
    [
        replace(RECIPE, patience=1),
        replace(RECIPE, patience=1, pretrain_epochs=0),
        replace(RECIPE, patience=1, pretrain_epochs=0, converse_epochs=1),
    ],
)
def test_patience_without_validation_dialogues_says_what_to_ingest(tmp_path: Path, recipe: Recipe) -> None:
    snapshot = write_director_world(tmp_path / "snapshot", validated=False)
    run = RunFolder.create(tmp_path / "run", recipe, snapshot)
    if recipe.converse_epochs:
        run.save_model({})  # as if it recommended already
    with pytest.raises(TrainingError, match="--split valid and export again, or set patience: 0"):
        train(run, NO_CACHE, device="cpu")
    assert run.history() == []


def test_the_validation_of_the_pre_training_reads_turns_as_the_training_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both turns of each validation dialogue, read with themselves; a mention that nobody knows is none."""
    snapshot = write_director_world(tmp_path / "snapshot")
    assembly = assemble(snapshot, RECIPE, NO_CACHE, "cpu")
    examples = pretraining_validation(snapshot, assembly.reader)
    assert len(examples) == 2 * len({dialogue.id for dialogue in snapshot.dialogues("valid")})
    first, second = (snapshot.entity_id[film(0, number)] for number in (6, 0))
    assert examples.labels[:2] == [[first], [second]]
    assert examples.contexts.entities[1, :3].tolist() == [second, first, -1]
    unknown = Dialogue("toy/valid/x", "toy", "valid", (Turn("seeker", "Hello", items=("urn:nobody-knows",)),))
    monkeypatch.setattr(Snapshot, "dialogues", lambda *asked: iter([unknown]))
    assert len(pretraining_validation(snapshot, assembly.reader)) == 0


def test_the_validation_loss_of_a_model_that_knows_nothing_is_that_of_a_guess(tmp_path: Path) -> None:
    """With equal logits everywhere each turn's one label costs the log of the number of entities."""
    snapshot = write_director_world(tmp_path / "snapshot")
    stage = PretrainStage(assemble(snapshot, RECIPE, NO_CACHE, "cpu"), Progress())
    torch.nn.init.zeros_(stage.model.pooling.weight)
    torch.nn.init.zeros_(stage.model.pooling.bias)
    expected = torch.tensor(float(len(snapshot.uris))).log().item()
    assert stage.validate()["valid_loss"] == pytest.approx(expected, rel=1e-5)
