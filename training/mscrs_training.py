"""The training loop of MSCRS's recommendation model.

    snapshot ─► graphs, examples (frozen encodings, once) ─► pretrain (Eq. 21-22) ─► recommend (Eq. 23-24) ─► run folder

One CPU:   tellgraph train --recipe demo --snapshot snapshots/inspired --run runs/demo
One GPU:   the same; it is used when there is one (--device cpu keeps off it)
Go on:     tellgraph train --run runs/demo --resume

A step is deterministic in the recipe's seed and its own number, so a resumed training on the same machine takes the
steps that an uninterrupted one would have taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from graphstore.snapshot import Snapshot
from training.assembly import Assembly, assemble
from training.errors import Interrupted, no_training_turn
from training.evaluation import validation_figures
from training.examples import Examples, StageName, pretraining_examples, recommendation_examples
from training.instances import split_instances
from training.model_card import write_card
from training.models.mscrs import fuse_loss
from training.mscrs_recommender import MSCRSRecommender
from training.progress import Progress
from training.recipe import Recipe
from training.runs import Checkpoint, RunFolder

__all__ = ["train_mscrs"]

GRADIENT_NORM = 1.0
LAST_RATE = 0.02  # of the learning rate, where the linear decay ends


@dataclass(frozen=True)
class _Stage:
    examples: Examples
    epochs: int

    def steps(self, batch_size: int) -> int:
        return -(-len(self.examples) // batch_size)


def train_mscrs(
    run: RunFolder, recipe: Recipe, cache: Path, device: str, progress: Progress, stopped: Callable[[], bool]
) -> MSCRSRecommender:
    """Train MSCRS, or go on from its checkpoint; see `training.loop.train`."""
    snapshot, held_out = run.snapshot(), run.held_out()
    assembly = assemble(snapshot, recipe, cache, device, held_out)
    stages = _stages(snapshot, recipe, assembly, held_out, progress)
    trainer = _Trainer(run, assembly, stages, progress, stopped)
    trainer.restore()
    trainer.run_to_end()
    assembly.model.eval()
    run.save_model(assembly.model.state_dict())
    recommender = MSCRSRecommender(snapshot, recipe, assembly)
    write_card(run, assembly, trainer.history)
    return recommender


def _stages(
    snapshot: Snapshot, recipe: Recipe, assembly: Assembly, held_out: Collection[str], progress: Progress
) -> list[_Stage]:
    stages = []
    makers = (
        ("pretrain", recipe.pretrain_epochs, pretraining_examples),
        ("recommend", recipe.epochs, recommendation_examples),
    )
    for name, epochs, maker in makers:
        if epochs:
            progress.phase(f"read chats to {name}", 0)
            examples = maker(snapshot, recipe, assembly.reader, progress.advance, held_out)
            if not len(examples):
                raise no_training_turn(snapshot.folder)
            stages.append(_Stage(examples, epochs))
    return stages


class _Trainer:
    """State of one training: weights and optimizer in `assembly`, position in `step`."""

    def __init__(
        self,
        run: RunFolder,
        assembly: Assembly,
        stages: Sequence[_Stage],
        progress: Progress,
        stopped: Callable[[], bool],
    ) -> None:
        self.run, self.assembly, self.stages = run, assembly, stages
        self.progress, self.stopped = progress, stopped
        self.recipe, self.model = assembly.recipe, assembly.model
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=self.recipe.learning_rate, weight_decay=self.recipe.weight_decay
        )
        self.step = 0
        self.history: list[dict[str, Any]] = []
        self.instances = split_instances(assembly.snapshot, "valid")

    def restore(self) -> None:
        """Take up a checkpoint, if there is one."""
        checkpoint = self.run.load_checkpoint()
        if checkpoint is None:
            return
        self.model.load_state_dict(checkpoint.weights)
        for name, parameter in self.model.named_parameters():
            moments = {key: checkpoint.moments.get(f"{name}.{key}") for key in ("step", "exp_avg", "exp_avg_sq")}
            if moments["step"] is not None:
                self.optimizer.state[parameter] = {
                    key: value if key == "step" else value.to(parameter.device)
                    for key, value in moments.items()
                    if value is not None
                }
        self.step = checkpoint.step
        self.history = self.run.history()

    def run_to_end(self) -> None:
        """Every epoch that is still to be done."""
        first = 0  # number of the epoch's first step
        for stage in self.stages:
            steps = stage.steps(self.recipe.batch_size)
            for epoch in range(stage.epochs):
                if self.step < first + steps:
                    self._epoch(stage, epoch, first)
                first += steps

    def _epoch(self, stage: _Stage, epoch: int, first: int) -> None:
        name = stage.examples.stage
        steps = stage.steps(self.recipe.batch_size)
        self.progress.phase(f"{name} {epoch + 1}/{stage.epochs}", steps)
        self.progress.advance(self.step - first)
        began, totals = time.monotonic(), {"loss": 0.0, "fuse": 0.0}
        batches = list(_batches(len(stage.examples), self.recipe, name, epoch))
        taken = batches[self.step - first :]
        for number, rows in enumerate(taken, 1):
            self._set_rate(stage, epoch * steps + self.step - first)
            losses = self._step(stage.examples, rows)
            totals = {key: totals[key] + value for key, value in zip(totals, losses, strict=True)}
            self.step += 1
            self.progress.advance(1, **{key: value / number for key, value in totals.items()})
            if self.stopped() and self.step < first + steps:
                self._save()
                raise self._interrupted()
        entry: dict[str, Any] = {"stage": name, "epoch": epoch + 1, "seconds": round(time.monotonic() - began, 1)}
        entry |= {key: value / max(len(taken), 1) for key, value in totals.items()}
        entry |= self._validate(name)
        self.history.append(entry)
        self._save()
        self.progress.epoch(entry)
        if self.stopped():
            raise self._interrupted()

    def _interrupted(self) -> Interrupted:
        return Interrupted(f"Stopped after step {self.step}. Go on: tellgraph train --run {self.run.path} --resume")

    def _step(self, examples: Examples, rows: Sequence[int]) -> tuple[float, float]:
        """One optimizer step; the losses of Eq. 22 or 24, without their sum's weight."""
        device = self.assembly.device
        self.model.train()
        dialogues = [examples.dialogues[row] for row in rows]
        numbers = {dialogue: number for number, dialogue in enumerate(dict.fromkeys(dialogues))}
        batch = examples.contexts.batch(rows, [numbers[dialogue] for dialogue in dialogues]).to(device)
        graphs, co_mention = self.assembly.graphs, None
        if self.recipe.leave_own_dialogue_out:
            co_mention = self.assembly.co_mentions.matrix(without=numbers).to(device)
        _, final = self.model.encoder(graphs, co_mention)
        preference, mapped, context = self.model(final, batch)
        candidates = final[graphs.items] if examples.stage == "recommend" else final
        loss = _cross_entropy(preference @ candidates.T, [examples.labels[row] for row in rows])
        fuse = fuse_loss(mapped, context, batch, self.recipe.temperature)
        self.optimizer.zero_grad()
        (loss + self.recipe.fuse_weight * fuse).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_NORM)
        self.optimizer.step()
        return loss.item(), fuse.item()

    def _set_rate(self, stage: _Stage, step: int) -> None:
        """Linear warm-up, then linear decay over the stage."""
        total = stage.epochs * stage.steps(self.recipe.batch_size)
        warm = min(1.0, (step + 1) / max(self.recipe.warm_up_steps, 1))
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * min(warm, max(LAST_RATE, 1 - step / total))

    def _validate(self, stage: StageName) -> dict[str, Any]:
        if stage != "recommend":
            return {}
        self.model.eval()
        recommender = MSCRSRecommender(self.assembly.snapshot, self.recipe, self.assembly)
        return validation_figures(recommender, self.instances, self.assembly.snapshot)

    def _save(self) -> None:
        self.run.write_history(self.history)
        moments = {
            f"{name}.{key}": value
            for name, parameter in self.model.named_parameters()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }
        self.run.save_checkpoint(Checkpoint(self.model.state_dict(), moments, self.step))


def _batches(examples: int, recipe: Recipe, stage: StageName, epoch: int) -> Iterator[list[int]]:
    seed = recipe.seed * 1_000_003 + epoch * 2 + (stage == "recommend")
    order = torch.randperm(examples, generator=torch.Generator().manual_seed(seed)).tolist()
    for start in range(0, examples, recipe.batch_size):
        yield order[start : start + recipe.batch_size]


def _cross_entropy(logits: Tensor, labels: Sequence[Sequence[int]]) -> Tensor:
    """Σ over a chat's labels of -log softmax, averaged over chats. logits: [b, candidates]."""
    rows = torch.tensor([row for row, of_chat in enumerate(labels) for _ in of_chat], device=logits.device)
    columns = torch.tensor([label for of_chat in labels for label in of_chat], device=logits.device)
    return -logits.log_softmax(dim=1)[rows, columns].sum() / len(labels)
