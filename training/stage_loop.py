"""One stage of a training, step by step: whatever it learns, it learns at the same pace and can be stopped anywhere.

    Stage ── gradients(rows) ──► step ──► epoch ──► validate ──► checkpoint ──► … ──► weights of the stage
              training.gradients          training.batches      training.best_epoch
                    └─ training.processes    └─ training.scalars

A step is deterministic in the recipe's seed, the stage and its own number, dropout included: a training that goes on
takes the steps that it would have taken, bit for bit on the same machine's processor. The figures of an epoch that was
interrupted are of the steps since.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from training.batches import epoch_batches
from training.best_epoch import BestEpoch
from training.errors import Interrupted, TrainingError
from training.gradients import OutOfMemory, says_out_of_memory, step_gradients
from training.processes import Processes
from training.progress import Progress
from training.recipe import Recipe
from training.runs import Checkpoint, RunFolder
from training.scalars import Scalars
from training.stage import Stage, validated_at_once

__all__ = ["run_stage"]

GRADIENT_NORM = 1.0
LAST_RATE = 0.02  # of the learning rate, where the linear decay ends
CHECKPOINT_SECONDS = 600.0  # of steps between two checkpoints: what a process that is killed loses at most of them


def run_stage(run: RunFolder, recipe: Recipe, stage: Stage, progress: Progress, stopped: Callable[[], bool]) -> None:
    """Train a stage to its end, from its checkpoint where there is one, and write its history.

    Raises Interrupted, with a checkpoint written, when `stopped` says so in one of the processes, and TrainingError for
    a loss that is no number, for too little memory (with a checkpoint), and for patience without validation turns.
    """
    trainer = _Trainer(run, recipe, stage, progress, stopped)
    trainer.restore()
    trainer.run_to_end()
    stage.model.eval()


class _Trainer:
    """State of one stage: weights in `stage.model`, moments in `optimizer`, position in `step`."""

    def __init__(
        self, run: RunFolder, recipe: Recipe, stage: Stage, progress: Progress, stopped: Callable[[], bool]
    ) -> None:
        self.run, self.recipe, self.stage = run, recipe, stage
        self.progress, self.stopped = progress, stopped
        self.processes = Processes.current()
        self.optimizer = torch.optim.AdamW(
            stage.model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self.batch_size = recipe.batch_size_of(stage.name)
        self.steps = -(-len(stage) // self.batch_size)  # of an epoch
        self.step = 0
        self.history: list[dict[str, Any]] = []
        self.best = BestEpoch(stage, recipe.patience)
        self.saved = time.monotonic()  # when the last checkpoint was written

    def restore(self) -> None:
        """Take up a checkpoint, if there is one, and the history as it was then."""
        checkpoint = self.run.load_checkpoint(self.stage.name)
        done = checkpoint.step // self.steps if checkpoint else 0
        known = self.run.history()
        # A process may die after it wrote the history and before its checkpoint: that epoch is done once more.
        self.history = [one for one in known if one["stage"] != self.stage.name or one["epoch"] <= done]
        if checkpoint is None:
            return
        self.stage.model.load_state_dict(checkpoint.weights)
        for name, parameter in self.stage.model.named_parameters():
            moments = {key: checkpoint.moments.get(f"{name}.{key}") for key in ("step", "exp_avg", "exp_avg_sq")}
            if moments["step"] is not None:
                self.optimizer.state[parameter] = {
                    key: value if key == "step" else value.to(parameter.device)
                    for key, value in moments.items()
                    if value is not None
                }
        self.step = checkpoint.step
        self.best = BestEpoch(self.stage, self.recipe.patience, checkpoint.best_epoch, checkpoint.best)

    def run_to_end(self) -> None:
        """Every epoch that is still to be done; then the weights are those that the stage ends with."""
        self.scalars = Scalars(self.run.path / "tensorboard" / self.stage.name, self.step, self.processes.first)
        try:
            for epoch in range(self.step // self.steps, self.stage.epochs):
                if self.processes.any(self.best.enough(epoch)):
                    break
                self._epoch(epoch, epoch * self.steps)
        except (RuntimeError, MemoryError) as error:
            if not says_out_of_memory(error):
                raise
            raise TrainingError(
                f"Stage {self.stage.name} ran out of memory after step {self.step}, in validation or optimizer. "
                f"A validation reads {validated_at_once(self.recipe)} chats at once: set a smaller micro_batch_size in "
                f"{self.run.path / 'recipe.yaml'} and go on with --resume, from the last checkpoint. If that does not "
                "help, train anew with a smaller dimension."
            ) from error
        finally:
            self.scalars.close()
        self.best.restore()

    def _epoch(self, epoch: int, first: int) -> None:
        self.progress.phase(f"{self.stage.name} {epoch + 1}/{self.stage.epochs}", self.steps)
        self.progress.advance(self.step - first)
        began, totals = time.monotonic(), dict[str, float]()
        taken = self._batches(epoch)[self.step - first :]
        for number, rows in enumerate(taken, 1):
            for name, value in self._step(rows).items():
                totals[name] = totals.get(name, 0.0) + value
            self.step += 1
            self.progress.advance(1, **{name: total / number for name, total in totals.items()})
            if self.step < first + self.steps:
                self._stop_if_asked()
                if time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
                    self._save()
        entry: dict[str, Any] = {"stage": self.stage.name, "epoch": epoch + 1}
        entry |= {"seconds": round(time.monotonic() - began, 1)}
        entry |= {name: total / len(taken) for name, total in totals.items()}
        self._validate(entry)
        self._save()
        self.progress.epoch(entry)
        self._stop_if_asked()

    def _validate(self, entry: dict[str, Any]) -> None:
        self.stage.model.eval()
        figures = self.stage.validate()
        entry |= figures
        self.history.append(entry)
        self.best.note([one for one in self.history if one["stage"] == self.stage.name])
        self.scalars.write(self.step, figures)

    def _step(self, rows: Sequence[int]) -> dict[str, float]:
        """One optimizer step; the figures of its losses."""
        rate = self._set_rate()
        self.stage.model.train()
        seed = zlib.crc32(f"{self.recipe.seed} {self.stage.name} {self.step}".encode())
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            figures = self._gradients(rows)
        norm = nn.utils.clip_grad_norm_(self.stage.model.parameters(), GRADIENT_NORM)
        if not torch.isfinite(norm):
            raise TrainingError(
                f"Step {self.step + 1} of stage {self.stage.name} gave a loss of {figures['loss']} with gradients that "
                f"are no numbers: train anew with a smaller learning_rate (now {self.recipe.learning_rate:g})."
            )
        self.optimizer.step()
        self.scalars.write(self.step + 1, figures | {"learning_rate": rate, "gradient_norm": norm.item()})
        return figures

    def _gradients(self, rows: Sequence[int]) -> dict[str, float]:
        try:
            return step_gradients(self.stage, rows, self.recipe.micro_batch_size, self.processes)
        except OutOfMemory as error:
            self._save()
            file = self.run.path / "recipe.yaml"
            advice = (
                f"micro_batch_size: {error.fits} fits; set it in {file} and go on with --resume"
                if error.fits
                else "not even one fits: train anew with fewer context_tokens or a smaller dimension"
            )
            raise TrainingError(
                f"Step {self.step + 1} of stage {self.stage.name} ran out of memory with {error.at_once} of a batch of "
                f"{self.batch_size} read at once; {advice}."
            ) from error

    def _set_rate(self) -> float:
        """Linear warm-up, then linear decay over the stage."""
        warm = min(1.0, (self.step + 1) / max(self.recipe.warm_up_steps, 1))
        left = 1 - self.step / (self.stage.epochs * self.steps)
        rate = self.recipe.learning_rate * min(warm, max(LAST_RATE, left))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _batches(self, epoch: int) -> list[list[int]]:
        seed = zlib.crc32(f"{self.recipe.seed} {self.stage.name} order {epoch}".encode())
        return epoch_batches(len(self.stage), self.batch_size, seed, self.recipe.bucket_batches, self.stage.length)

    def _stop_if_asked(self) -> None:
        if not self.processes.any(self.stopped()):
            return
        if self.step % self.steps:
            self._save()
        raise Interrupted(
            f"Stopped in stage {self.stage.name}, after step {self.step} of {self.stage.epochs * self.steps}. "
            f"Go on: tellgraph train --run {self.run.path} --resume"
        )

    def _save(self) -> None:
        self.saved = time.monotonic()
        if not self.processes.first:
            return
        self.scalars.flush()
        self.run.write_history(self.history)
        moments = {
            f"{name}.{key}": value
            for name, parameter in self.stage.model.named_parameters()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }
        weights, best = self.stage.model.state_dict(), self.best
        self.run.save_checkpoint(self.stage.name, Checkpoint(weights, moments, self.step, best.weights, best.number))
