"""The training of MSCRS, in the paper's three stages.

    snapshot ─► graphs, examples (frozen encodings, once)
        pretrain (Eq. 21-22) ─┬─► recommend (Eq. 23-24) ─► model.safetensors
                              └─► converse (Eq. 25-29) ──► conversation.safetensors

One CPU:     tellgraph train --recipe small --snapshot snapshots/inspired --run runs/small
One GPU:     the same; it is used when there is one (--device cpu keeps off it)
Two of them: torchrun --nproc-per-node 2 --no-python -- tellgraph train --recipe small …
One stage:   tellgraph train --recipe small --snapshot snapshots/inspired --run runs/small --stage pretrain
Go on:       tellgraph train --run runs/small --resume
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training.assembly import Assembly, assemble
from training.conversation_training import ConverseStage
from training.errors import RunError, no_training_turn
from training.examples import StageName
from training.lean_language_model import make_lean
from training.model_card import write_card
from training.mscrs_recommender import MSCRSRecommender
from training.processes import Processes
from training.progress import Progress
from training.ranking_stages import PretrainStage, RecommendStage
from training.recipe import Recipe
from training.runs import RunFolder
from training.stage_loop import run_stage

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
    processes = Processes.current()
    assembly = assemble(snapshot, recipe, cache, processes.device(device), run.held_out())
    for name in left:
        stage = _STAGES[name](assembly, progress)
        if not len(stage):
            raise no_training_turn(snapshot.folder)
        make_lean(stage.model, recipe, assembly.device)
        if name != "pretrain" and run.has("pretrain"):
            stage.start_from(run.load_model("pretrain"))
        run_stage(run, recipe, stage, progress, stopped)
        if processes.first:
            stage.keep(run)
            write_card(run, assembly, run.history())
            run.save_model(stage.model.state_dict(), name)  # last: it says that all of the stage is there
        processes.wait()
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


_STAGES: dict[StageName, Callable[[Assembly, Progress], PretrainStage | RecommendStage | ConverseStage]] = {
    "pretrain": PretrainStage,
    "recommend": RecommendStage,
    "converse": ConverseStage,
}
