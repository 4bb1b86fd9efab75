"""Scalars for TensorBoard: every step once, whatever stopped the training, read as TensorBoard reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tensorboardX.proto.event_pb2 import Event

from tests.training.director_world import write_director_world
from tests.training.line_stage import LineStage
from training.errors import Interrupted
from training.loop import train
from training.progress import Progress
from training.recipe import load_recipe
from training.runs import RunFolder
from training.scalars import Scalars
from training.stage_loop import run_stage

RECIPE = replace(load_recipe("tiny"), batch_size=4, learning_rate=0.1, warm_up_steps=0)  # three steps an epoch
JUDGEMENTS = [0.1, 0.3]


def _events(folder: Path) -> Iterator[Event]:
    """Of all files by name: records of a length, its checksum, an event, and its checksum."""
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            yield Event.FromString(content[12 : 12 + length])
            content = content[16 + length :]


def _shown(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Name -> (step, value): a session that starts at a step makes void what stands there for it and later steps."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in _events(folder):
        if event.HasField("session_log") and event.session_log.status == event.session_log.START:
            found = {name: [one for one in points if one[0] < event.step] for name, points in found.items()}
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def _steps(folder: Path, name: str) -> list[int]:
    return [step for step, _ in _shown(folder)[name]]


def _run(folder: Path) -> RunFolder:
    folder.mkdir()
    return RunFolder(folder)


def test_every_step_and_every_validation_is_written(tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    run_stage(run, RECIPE, LineStage(run, JUDGEMENTS), Progress(), lambda: False)
    shown = _shown(run.path / "tensorboard" / "recommend")
    assert shown.keys() == {"loss", "learning_rate", "gradient_norm", "valid/mrr_50"}
    assert [step for step, _ in shown["loss"]] == [1, 2, 3, 4, 5, 6]
    assert [rate for _, rate in shown["learning_rate"]] == pytest.approx([0.1 * (6 - step) / 6 for step in range(6)])
    assert [step for step, _ in shown["valid/mrr_50"]] == [3, 6]
    assert [value for _, value in shown["valid/mrr_50"]] == pytest.approx(JUDGEMENTS)
    mean = sum(loss for _, loss in shown["loss"][3:]) / 3
    assert run.history()[1]["loss"] == pytest.approx(mean, rel=1e-5)


def test_a_training_that_was_stopped_after_every_step_writes_each_once(tmp_path: Path) -> None:
    whole, parts = _run(tmp_path / "whole"), _run(tmp_path / "parts")
    run_stage(whole, RECIPE, LineStage(whole, JUDGEMENTS), Progress(), lambda: False)
    for _ in range(6):
        with pytest.raises(Interrupted):
            run_stage(parts, RECIPE, LineStage(parts, JUDGEMENTS), Progress(), lambda: True)
    folders = [run.path / "tensorboard" / "recommend" for run in (whole, parts)]
    assert _shown(folders[0]) == _shown(folders[1])


def test_steps_that_a_killed_process_had_done_are_not_doubled(tmp_path: Path) -> None:
    """It dies in its fifth step, and goes on from the checkpoint of the first epoch."""
    run = _run(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        run_stage(run, RECIPE, LineStage(run, JUDGEMENTS, dies_at=6), Progress(), lambda: False)
    folder = run.path / "tensorboard" / "recommend"
    assert _steps(folder, "loss") == [1, 2, 3, 4, 5]
    run_stage(run, RECIPE, LineStage(run, JUDGEMENTS), Progress(), lambda: False)
    assert _steps(folder, "loss") == [1, 2, 3, 4, 5, 6]
    assert _steps(folder, "valid/mrr_50") == [3, 6]


def test_each_stage_has_a_folder_of_its_own(tmp_path: Path) -> None:
    recipe = replace(load_recipe("tiny"), pretrain_epochs=1, epochs=1, converse_epochs=1)
    run = RunFolder.create(tmp_path / "run", recipe, write_director_world(tmp_path / "snapshot"))
    train(run, Path("no-cache-needed"), device="cpu")
    names = {folder.name: set(_shown(folder)) for folder in (run.path / "tensorboard").iterdir()}
    every_step = {"loss", "learning_rate", "gradient_norm"}
    assert names["pretrain"] == every_step | {"fuse", "valid_loss"}
    assert names["recommend"] > every_step | {"fuse", "valid/all/mrr_50", "valid/new/recall_10"}
    assert names["converse"] == every_step | {"token", "valid_token"}


def test_who_does_not_write_leaves_no_file(tmp_path: Path) -> None:
    scalars = Scalars(tmp_path / "tensorboard", 0, writes=False)
    scalars.write(1, {"loss": 2.0})
    scalars.close()
    assert not list(tmp_path.rglob("*tfevents*"))
