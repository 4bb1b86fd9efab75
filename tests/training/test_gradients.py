"""A step's gradients: those of micro-batches add up to the whole batch's, and too little memory says what would fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.training.director_world import write_director_world
from tests.training.line_stage import EXAMPLES, LineStage
from training import stage_loop
from training.assembly import Assembly, assemble
from training.conversation_training import ConverseStage
from training.errors import TrainingError
from training.gradients import step_gradients
from training.instances import Context
from training.metrics import Floats
from training.mscrs_recommender import MSCRSRecommender
from training.processes import Processes
from training.progress import Progress
from training.ranking_stages import PretrainStage, RecommendStage
from training.recipe import load_recipe
from training.runs import RunFolder
from training.stage import Stage
from training.stage_loop import run_stage

RECIPE = replace(load_recipe("tiny"), dropout=0.3, fuse_weight=0.0)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    snapshot = write_director_world(tmp_path_factory.mktemp("world") / "snapshot")
    return assemble(snapshot, RECIPE, Path("no-cache-needed"), "cpu")


ALONE = Processes()


def _gradients(
    stage: Stage, rows: list[int], micro_batch: int, processes: Processes = ALONE
) -> tuple[dict[str, Tensor], dict[str, float]]:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        figures = step_gradients(stage, rows, micro_batch, processes)
    found = {name: weights.grad for name, weights in stage.model.named_parameters() if weights.grad is not None}
    return {name: gradient.clone() for name, gradient in found.items()}, figures


@pytest.mark.parametrize("kind", [PretrainStage, RecommendStage, ConverseStage])
def test_micro_batches_add_up_to_the_whole_batch(
    assembly: Assembly, kind: Callable[[Assembly, Progress], Stage]
) -> None:
    """With dropout, and with a last one that is smaller: 10 chats as 4, 4 and 2."""
    stage, rows = kind(assembly, Progress()), [3, 1, 7, 12, 20, 5, 6, 9, 2, 11]
    stage.model.train()
    whole, figures = _gradients(stage, rows, 0)
    parts, figures_of_parts = _gradients(stage, rows, 4)
    assert whole.keys() == parts.keys() == dict(stage.model.named_parameters()).keys()
    assert all(gradient.any() for gradient in whole.values())
    for name, gradient in whole.items():
        torch.testing.assert_close(parts[name], gradient, rtol=1e-4, atol=1e-6)
    assert figures_of_parts["loss"] == pytest.approx(figures["loss"], rel=1e-5)


def test_a_micro_batch_of_the_size_of_the_batch_is_the_same_bit_for_bit(assembly: Assembly) -> None:
    stage = RecommendStage(assembly, Progress())
    whole, _ = _gradients(stage, [3, 1, 7, 12], 0)
    for size in (4, 100):
        same, _ = _gradients(stage, [3, 1, 7, 12], size)
        assert all(torch.equal(same[name], gradient) for name, gradient in whole.items())


def test_the_shares_of_processes_add_up_to_the_whole_batch(assembly: Assembly) -> None:
    """Of three processes, for two chats: the third has none, and the same gradients to add."""
    stage, rows = RecommendStage(assembly, Progress()), [3, 1]
    whole, _ = _gradients(stage, rows, 0)
    shares = [_gradients(stage, rows, 0, _Deaf(3, rank))[0] for rank in range(3)]
    for name, gradient in whole.items():
        torch.testing.assert_close(sum(share[name] for share in shares), gradient, rtol=1e-4, atol=1e-6)
        assert not shares[2][name].any()


class _Deaf(Processes):
    """One of several, which hears nothing of the others."""

    def _agreed(self, number: int) -> int:
        return number

    def sum_gradients(self, parameters: object) -> None:
        """Leave them as they are."""

    def sum_figures(self, figures: object) -> dict[str, float]:
        """None."""
        return {}


@pytest.mark.parametrize(("room", "fits"), [(4, 2), (5, 5), (1, 1)])
def test_too_little_memory_names_what_fits_and_keeps_what_was_learned(tmp_path: Path, room: int, fits: int) -> None:
    """A batch of 10 is halved: 5, 2, 1. Set as told, the training goes on to the same weights."""
    run, recipe = RunFolder(tmp_path / "run"), replace(RECIPE, batch_size=EXAMPLES)
    run.path.mkdir()
    sentence = f"Step 1 of stage recommend ran out of memory with 10 of a batch of 10 .* micro_batch_size: {fits} fits"
    with pytest.raises(TrainingError, match=sentence):
        run_stage(run, recipe, LineStage(run, [0.1, 0.2], room), Progress(), lambda: False)
    assert run.load_checkpoint("recommend") is not None
    stage = LineStage(run, [0.1, 0.2], room)
    run_stage(run, replace(recipe, micro_batch_size=fits), stage, Progress(), lambda: False)
    other = RunFolder(tmp_path / "other")
    other.path.mkdir()
    roomy = LineStage(other, [0.1, 0.2])
    run_stage(other, recipe, roomy, Progress(), lambda: False)
    torch.testing.assert_close(stage.model.weight, roomy.model.weight)


def test_a_stage_whose_single_chat_does_not_fit_says_so(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="not even one fits: train anew with fewer context_tokens"):
        run_stage(
            RunFolder(tmp_path),
            replace(RECIPE, batch_size=4),
            LineStage(RunFolder(tmp_path), [0.1], 0),
            Progress(),
            bool,
        )


def test_too_little_memory_for_a_validation_is_a_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was learned lies in the checkpoint before; with room, the training ends with the same weights."""
    monkeypatch.setattr(stage_loop, "CHECKPOINT_SECONDS", 0.0)
    run, recipe = RunFolder(tmp_path / "run"), replace(RECIPE, batch_size=4, micro_batch_size=2)
    run.path.mkdir()
    with pytest.raises(TrainingError, match=r"out of memory after step 3.*reads 2 chats at once: set a smaller"):
        run_stage(run, recipe, LineStage(run, [0.1], cramped=True), Progress(), bool)
    checkpoint = run.load_checkpoint("recommend")
    assert checkpoint is not None
    assert checkpoint.step == 2
    other = RunFolder(tmp_path / "other")
    other.path.mkdir()
    stage, roomy = LineStage(run, [0.1]), LineStage(other, [0.1])
    run_stage(run, recipe, stage, Progress(), bool)
    run_stage(other, recipe, roomy, Progress(), bool)
    assert torch.equal(stage.model.weight, roomy.model.weight)


def test_a_validation_reads_no_more_at_once_than_a_step(assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    plain = MSCRSRecommender.scores

    def scores(self: MSCRSRecommender, contexts: Sequence[Context]) -> Floats:
        read.append(len(contexts))
        return plain(self, contexts)

    monkeypatch.setattr(MSCRSRecommender, "scores", scores)
    RecommendStage(replace(assembly, recipe=replace(RECIPE, micro_batch_size=2)), Progress()).validate()
    assert len(read) > 1
    assert max(read) == 2


def test_another_error_is_not_taken_for_too_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> Tensor:
        return torch.ones(2) @ torch.ones(3)

    monkeypatch.setattr(LineStage, "graph_part", broken)
    with pytest.raises(RuntimeError, match="size"):
        run_stage(RunFolder(tmp_path), RECIPE, LineStage(RunFolder(tmp_path), [0.1]), Progress(), bool)
