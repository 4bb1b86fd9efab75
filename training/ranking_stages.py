"""The first two stages of MSCRS: learn which entities (Eq. 21-22), then which items (Eq. 23-24) come next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from training.assembly import Assembly
from training.evaluation import validation_figures
from training.examples import Examples, pretraining_examples, pretraining_validation, recommendation_examples
from training.instances import split_instances
from training.models.mscrs import MSCRS, fuse_loss
from training.mscrs_recommender import MSCRSRecommender
from training.progress import Progress
from training.stage import Stage, validated_at_once

__all__ = ["PretrainStage", "RecommendStage"]


class _RankingStage(Stage):
    """Eq. 21-24, over examples of one kind."""

    read: Callable[..., Examples]

    def __init__(self, assembly: Assembly, progress: Progress) -> None:
        self.assembly = assembly
        self.model: MSCRS = assembly.model
        self.epochs = assembly.recipe.epochs_of(self.name)
        progress.phase(f"read chats to {self.name}", 0)
        self.examples = self.read(
            assembly.snapshot, assembly.recipe, assembly.reader, progress.advance, assembly.held_out
        )

    def __len__(self) -> int:
        return len(self.examples)

    def length(self, row: int) -> int:
        """Of a chat."""
        return len(self.examples.contexts.tokens[row])

    def graph_part(self, rows: Sequence[int]) -> Tensor:
        """Ê_final without what the step's own dialogues counted."""
        dialogues = dict.fromkeys(self.examples.dialogues[row] for row in rows)
        return self.assembly.final_in_training(self.model.encoder, dialogues)

    def losses(self, final: Tensor, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """Eq. 22 or 24."""
        recipe = self.assembly.recipe
        dialogues = [self.examples.dialogues[row] for row in rows]
        numbers = {dialogue: number for number, dialogue in enumerate(dict.fromkeys(dialogues))}
        batch = self.examples.contexts.batch(rows, [numbers[dialogue] for dialogue in dialogues])
        batch = batch.to(self.assembly.device)
        preference, mapped, context = self.model(final, batch)
        loss = self._ranking_loss(final, preference, [self.examples.labels[row] for row in rows])
        fuse = fuse_loss(mapped, context, batch, recipe.temperature)
        return loss + recipe.fuse_weight * fuse, {"loss": loss.item(), "fuse": fuse.item()}

    def _ranking_loss(self, final: Tensor, preference: Tensor, labels: Sequence[Sequence[int]]) -> Tensor:
        """Σ over a chat's labels of -log softmax over the candidates, averaged over chats. preference: r_s [b, d]."""
        candidates = final[self.assembly.graphs.items] if self.name == "recommend" else final
        logits = preference @ candidates.T
        rows = torch.tensor([row for row, of_chat in enumerate(labels) for _ in of_chat], device=logits.device)
        columns = torch.tensor([label for of_chat in labels for label in of_chat], device=logits.device)
        return -logits.log_softmax(dim=1)[rows, columns].sum() / len(labels)


class PretrainStage(_RankingStage):
    """Eq. 21-22."""

    name = "pretrain"
    read = staticmethod(pretraining_examples)

    def __init__(self, assembly: Assembly, progress: Progress) -> None:
        super().__init__(assembly, progress)
        self._valid = pretraining_validation(assembly.snapshot, assembly.reader, progress.advance)

    def validate(self) -> dict[str, Any]:
        """Eq. 22 over the validation dialogues' turns, a mean over turns."""
        if not self.validates:
            return {}
        total, final = 0.0, self.assembly.final(self.model.encoder)
        at_once = validated_at_once(self.assembly.recipe)
        with torch.inference_mode():
            for start in range(0, len(self._valid), at_once):
                labels = self._valid.labels[start : start + at_once]
                batch = self._valid.contexts.batch(range(start, start + len(labels))).to(self.assembly.device)
                total += self._ranking_loss(final, self.model(final, batch)[0], labels).item() * len(labels)
        return {"valid_loss": total / len(self._valid)}

    @property
    def validates(self) -> bool:
        """Whether a turn of the validation dialogues mentions an entity."""
        return len(self._valid) > 0

    def judged(self, entry: Mapping[str, Any]) -> float:
        """By the loss."""
        return -float(entry["valid_loss"])


class RecommendStage(_RankingStage):
    """Eq. 23-24."""

    name = "recommend"
    read = staticmethod(recommendation_examples)

    def __init__(self, assembly: Assembly, progress: Progress) -> None:
        super().__init__(assembly, progress)
        self._instances = split_instances(assembly.snapshot, "valid")

    def validate(self) -> dict[str, Any]:
        """Recall and the rest, as `tellgraph evaluate` gives them."""
        recommender = MSCRSRecommender(self.assembly.snapshot, self.assembly.recipe, self.assembly, keep=True)
        at_once = validated_at_once(self.assembly.recipe)
        return validation_figures(recommender, self._instances, self.assembly.snapshot, at_once)

    @property
    def validates(self) -> bool:
        """Whether the validation dialogues give an instance."""
        return bool(self._instances)

    def judged(self, entry: Mapping[str, Any]) -> float:
        """By MRR@50 over all instances."""
        return float(entry["valid"]["all"]["mrr@50"])
