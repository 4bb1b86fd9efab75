"""The training of MSCRS, in the paper's three stages.

    snapshot ─► graphs, examples (frozen encodings, once)
        pretrain (Eq. 21-22) ─┬─► recommend (Eq. 23-24) ─► model.safetensors
                              └─► converse (Eq. 25-29) ──► conversation.safetensors

One CPU:     tellgraph train --recipe small --snapshot snapshots/inspired --run runs/small
One GPU:     the same; it is used when there is one (--device cpu keeps off it)
One stage:   tellgraph train --recipe small --snapshot snapshots/inspired --run runs/small --stage pretrain
Go on:       tellgraph train --run runs/small --resume
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.assembly import Assembly, assemble
from training.conversation_training import ConverseStage
from training.errors import RunError, no_training_turn
from training.evaluation import validation_figures
from training.examples import Examples, StageName, pretraining_examples, recommendation_examples
from training.instances import split_instances
from training.model_card import write_card
from training.models.mscrs import fuse_loss
from training.mscrs_recommender import MSCRSRecommender
from training.progress import Progress
from training.recipe import Recipe
from training.runs import RunFolder
from training.stage_loop import Stage, run_stage

__all__ = ["RANKING_STAGES", "STAGES", "outstanding", "train_mscrs"]

RANKING_STAGES: tuple[StageName, ...] = ("pretrain", "recommend")
STAGES: tuple[StageName, ...] = (*RANKING_STAGES, "converse")


def train_mscrs(
    run: RunFolder,
    recipe: Recipe,
    cache: Path,
    device: str,
    progress: Progress,
    stopped: Callable[[], bool],
    stages: Sequence[StageName] = STAGES,
) -> MSCRSRecommender:
    """Train those of MSCRS's stages that the recipe gives epochs and that are not done; see `training.loop.train`.

    stages: of these only. Returns the recommender as it stands after them.
    """
    snapshot = run.snapshot()
    left = outstanding(run, recipe, stages)
    if recipe.pretrain_epochs and not run.has("pretrain") and left and left[0] != "pretrain":
        raise RunError(
            f"Stage {left[0]} starts from the pre-training, which is not done in {run.path}: "
            "--stage pretrain comes first, or a recipe with pretrain_epochs: 0."
        )
    assembly = assemble(snapshot, recipe, cache, device, run.held_out())
    for name in left:
        stage = _STAGES[name](assembly, progress)
        if not len(stage):
            raise no_training_turn(snapshot.folder)
        if name != "pretrain" and run.has("pretrain"):
            stage.start_from(run.load_model("pretrain"))
        run_stage(run, recipe, stage, progress, stopped)
        stage.keep(run)
        write_card(run, assembly, run.history())
        run.save_model(stage.model.state_dict(), name)  # last: it says that all of the stage is there
    for name in ("recommend", "pretrain"):
        if run.has(name):
            assembly.model.load_state_dict(run.load_model(name))
            break
    return MSCRSRecommender(snapshot, recipe, assembly)


def outstanding(run: RunFolder, recipe: Recipe, stages: Sequence[StageName] = STAGES) -> list[StageName]:
    """Those of the stages that are still to be trained, in the order in which they are.

    Where later stages are asked for too and all of them are done, nobody needs the pre-training any more.
    """
    asked = [name for name in STAGES if name in stages and recipe.epochs_of(name)]
    left = [name for name in asked if not run.has(name)]
    return [] if left == ["pretrain"] and len(asked) > 1 else left


class _RankingStage(Stage):
    """Eq. 21-24: the model of `assembly` learns which entities, or which items, come next."""

    read: Callable[..., Examples]

    def __init__(self, assembly: Assembly, progress: Progress) -> None:
        self.assembly = assembly
        self.model = assembly.model
        self.epochs = assembly.recipe.epochs_of(self.name)
        progress.phase(f"read chats to {self.name}", 0)
        self.examples = self.read(
            assembly.snapshot, assembly.recipe, assembly.reader, progress.advance, assembly.held_out
        )

    def __len__(self) -> int:
        return len(self.examples)

    def losses(self, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """Eq. 22 or 24."""
        assembly, examples, recipe = self.assembly, self.examples, self.assembly.recipe
        dialogues = [examples.dialogues[row] for row in rows]
        numbers = {dialogue: number for number, dialogue in enumerate(dict.fromkeys(dialogues))}
        batch = examples.contexts.batch(rows, [numbers[dialogue] for dialogue in dialogues]).to(assembly.device)
        final = assembly.final_in_training(assembly.model.encoder, numbers)
        preference, mapped, context = self.model(final, batch)
        candidates = final[assembly.graphs.items] if self.name == "recommend" else final
        loss = _cross_entropy(preference @ candidates.T, [examples.labels[row] for row in rows])
        fuse = fuse_loss(mapped, context, batch, recipe.temperature)
        return loss + recipe.fuse_weight * fuse, {"loss": loss.item(), "fuse": fuse.item()}


class _PretrainStage(_RankingStage):
    name = "pretrain"
    read = staticmethod(pretraining_examples)


class _RecommendStage(_RankingStage):
    name = "recommend"
    read = staticmethod(recommendation_examples)

    def __init__(self, assembly: Assembly, progress: Progress) -> None:
        super().__init__(assembly, progress)
        self._instances = split_instances(assembly.snapshot, "valid")

    def validate(self) -> dict[str, Any]:
        """Recall and the rest, as `tellgraph evaluate` gives them."""
        recommender = MSCRSRecommender(self.assembly.snapshot, self.assembly.recipe, self.assembly, keep=True)
        return validation_figures(recommender, self._instances, self.assembly.snapshot)


_STAGES: dict[StageName, Callable[[Assembly, Progress], Stage]] = {
    "pretrain": _PretrainStage,
    "recommend": _RecommendStage,
    "converse": ConverseStage,
}


def _cross_entropy(logits: Tensor, labels: Sequence[Sequence[int]]) -> Tensor:
    """Σ over a chat's labels of -log softmax, averaged over chats. logits: [b, candidates]."""
    rows = torch.tensor([row for row, of_chat in enumerate(labels) for _ in of_chat], device=logits.device)
    columns = torch.tensor([label for of_chat in labels for label in of_chat], device=logits.device)
    return -logits.log_softmax(dim=1)[rows, columns].sum() / len(labels)
