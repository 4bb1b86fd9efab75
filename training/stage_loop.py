"""One stage of a training, step by step: whatever it learns, it learns at the same pace and can be stopped anywhere.

    Stage ── losses(rows) ──► step ──► epoch ──► validate ──► checkpoint ──► … ──► weights of the stage

A step is deterministic in the recipe's seed, the stage and its own number, dropout included: a training that goes on
takes the steps that it would have taken, bit for bit on the same machine's processor. The figures of an epoch that was
interrupted are of the steps since.
"""

from __future__ import annotations

import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from training.errors import Interrupted, TrainingError
from training.examples import StageName
from training.progress import Progress
from training.recipe import Recipe
from training.runs import Checkpoint, RunFolder

__all__ = ["Stage", "run_stage"]

GRADIENT_NORM = 1.0
LAST_RATE = 0.02  # of the learning rate, where the linear decay ends


class Stage(ABC):
    """What a stage trains, on how many examples, and by which loss."""

    name: StageName
    epochs: int
    model: nn.Module

    @abstractmethod
    def __len__(self) -> int:
        """Number of examples."""

    def keep(self, run: RunFolder) -> None:  # noqa: B027 - most stages have nothing more to write
        """Write what the trained weights are of no use without, once they are."""

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take over the weights that the pre-training ended with."""
        self.model.load_state_dict(weights)

    @abstractmethod
    def losses(self, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """Of some examples: what is minimised, and the figures to show, `loss` among them."""

    def validate(self) -> dict[str, Any]:
        """Figures on the validation dialogues, after an epoch."""
        return {}


def run_stage(run: RunFolder, recipe: Recipe, stage: Stage, progress: Progress, stopped: Callable[[], bool]) -> None:
    """Train a stage to its end, from its checkpoint where there is one, and write its history.

    Raises Interrupted, with a checkpoint written, when `stopped` says so, and TrainingError for a loss that is no
    number.
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
        self.optimizer = torch.optim.AdamW(
            stage.model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self.batch_size = recipe.batch_size_of(stage.name)
        self.steps = -(-len(stage) // self.batch_size)  # of an epoch
        self.step = 0
        self.history: list[dict[str, Any]] = []

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

    def run_to_end(self) -> None:
        """Every epoch that is still to be done."""
        for epoch in range(self.step // self.steps, self.stage.epochs):
            self._epoch(epoch, epoch * self.steps)

    def _epoch(self, epoch: int, first: int) -> None:
        self.progress.phase(f"{self.stage.name} {epoch + 1}/{self.stage.epochs}", self.steps)
        self.progress.advance(self.step - first)
        began, totals = time.monotonic(), dict[str, float]()
        taken = list(self._batches(epoch))[self.step - first :]
        for number, rows in enumerate(taken, 1):
            for name, value in self._step(rows).items():
                totals[name] = totals.get(name, 0.0) + value
            self.step += 1
            self.progress.advance(1, **{name: total / number for name, total in totals.items()})
            if self.stopped() and self.step < first + self.steps:
                self._save()
                raise self._interrupted()
        entry: dict[str, Any] = {"stage": self.stage.name, "epoch": epoch + 1}
        entry |= {"seconds": round(time.monotonic() - began, 1)}
        entry |= {name: total / len(taken) for name, total in totals.items()}
        self.stage.model.eval()
        entry |= self.stage.validate()
        self.history.append(entry)
        self._save()
        self.progress.epoch(entry)
        if self.stopped():
            raise self._interrupted()

    def _step(self, rows: Sequence[int]) -> dict[str, float]:
        """One optimizer step; the figures of its losses."""
        self._set_rate()
        self.stage.model.train()
        seed = zlib.crc32(f"{self.recipe.seed} {self.stage.name} {self.step}".encode())
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            loss, figures = self.stage.losses(rows)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.stage.model.parameters(), GRADIENT_NORM)
        if not torch.isfinite(norm):
            raise TrainingError(
                f"Step {self.step + 1} of stage {self.stage.name} gave a loss of {loss.item()} with gradients that are "
                f"no numbers: train anew with a smaller learning_rate (now {self.recipe.learning_rate:g})."
            )
        self.optimizer.step()
        return figures

    def _set_rate(self) -> None:
        """Linear warm-up, then linear decay over the stage."""
        warm = min(1.0, (self.step + 1) / max(self.recipe.warm_up_steps, 1))
        left = 1 - self.step / (self.stage.epochs * self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * min(warm, max(LAST_RATE, left))

    def _batches(self, epoch: int) -> Iterator[list[int]]:
        seed = zlib.crc32(f"{self.recipe.seed} {self.stage.name} order {epoch}".encode())
        order = torch.randperm(len(self.stage), generator=torch.Generator().manual_seed(seed)).tolist()
        for start in range(0, len(order), self.batch_size):
            yield order[start : start + self.batch_size]

    def _interrupted(self) -> Interrupted:
        return Interrupted(
            f"Stopped in stage {self.stage.name}, after step {self.step} of {self.stage.epochs * self.steps}. "
            f"Go on: tellgraph train --run {self.run.path} --resume"
        )

    def _save(self) -> None:
        self.run.write_history(self.history)
        moments = {
            f"{name}.{key}": value
            for name, parameter in self.stage.model.named_parameters()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }
        self.run.save_checkpoint(self.stage.name, Checkpoint(self.stage.model.state_dict(), moments, self.step))
