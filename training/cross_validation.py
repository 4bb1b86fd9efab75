"""How good the additive ranker and the sum are, by cross-validation inside the training dialogues.

Every training dialogue is scored by curves and by an MSCRS that were learned from other dialogues, and leaves itself
out of every count (`training.folds` says why). The two weights of a sum are learned on the other folds, from scores
whose models had learned from this one: two numbers, which is little to learn by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from training.evaluation import evaluate_systems
from training.evaluation_report import Report
from training.evidence.chat_vectors import ChatEncoder
from training.evidence.definitions import FEATURES
from training.evidence.fitting import Candidates, fit_by_fold, held_out_scores, read_candidates
from training.evidence.snapshot_reader import SnapshotReader
from training.folds import fold_name, folds_of, held_out_logits
from training.instances import Context, Instance, split_instances
from training.ladder import POPULARITY
from training.models.additive import Curves
from training.progress import Progress
from training.recipe import EvidenceRecipe, SumRecipe
from training.runs import RunFolder
from training.sum_training import fit_weights

__all__ = ["HeldOutMSCRS", "cross_validate"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeldOutMSCRS:
    """MSCRS's logits, each by a run that does not know the dialogue.

    logits: float32 [instances, items], of the snapshot's training instances in their order.
    fold: of each instance, by which the runs were held out, so that everything else is learned on the same folds.
    """

    logits: npt.NDArray[np.float32]
    fold: npt.NDArray[np.int64]

    @classmethod
    def of_run(cls, run: RunFolder, recipe: SumRecipe, cache: Path, progress: Progress) -> HeldOutMSCRS:
        """Ask the runs that a sum's training left behind. Raises RunError where one is gone."""
        snapshot = run.snapshot()
        instances = split_instances(snapshot, "train")
        runs = [run.part(fold_name(number)) for number in range(recipe.folds)]
        progress.phase("mscrs on its folds", len(instances))
        logits = np.zeros((len(instances), len(snapshot.items)), np.float32)
        for rows, scores in held_out_logits(runs, recipe.mscrs, instances, cache, advance=progress.advance):
            logits[rows] = scores
        dialogues = [instance.dialogue_id for instance in instances]
        return cls(logits, folds_of(dialogues, recipe.folds, recipe.seed))


def cross_validate(
    snapshot: Snapshot,
    recipe: EvidenceRecipe,
    encoder: ChatEncoder,
    *,
    folds: int = 5,
    without: Sequence[str] = (),
    mscrs: HeldOutMSCRS | None = None,
    progress: Progress | None = None,
) -> Report:
    """The figures of the protocol over all training instances, each ranked by what was learned from the other folds.

    without: names of features that are taken away, to see what they are worth.
    mscrs: where it is given, `mscrs` and the sum stand beside the evidence, and `folds` is of no account.

    Beside `evidence` stands `popularity`, counted as the evidence is. Raises TrainingError as `read_candidates` does.
    """
    progress = progress or Progress()
    reader, instances = SnapshotReader(snapshot), split_instances(snapshot, "train")
    progress.phase("read evidence", len(instances))
    candidates = read_candidates(reader, encoder, instances, recipe, progress.advance)
    silent = np.array([feature.name in without for feature in FEATURES])
    candidates.tables[..., silent] = 0
    fold = folds_of(candidates.dialogues.tolist(), folds, recipe.seed) if mscrs is None else mscrs.fold
    curves = fit_by_fold(candidates, fold, recipe, progress)
    number_of = dict(zip(candidates.dialogues.tolist(), fold.tolist(), strict=True))

    def evidence(context: _OwnContext) -> Floats:
        table = np.where(silent, 0.0, reader.read_own(context, context.dialogue, encoder).table())
        progress.advance(1)
        scores: Floats = curves[number_of[context.dialogue]](table).sum(axis=1)
        return scores

    systems = [
        _HeldOut(POPULARITY, lambda context: reader.popularity(context.dialogue)),
        _HeldOut("evidence", evidence),
    ]
    if mscrs is not None:
        systems += _with_mscrs(mscrs, candidates, curves, instances, evidence)
    own = [
        replace(instance, context=_OwnContext(instance.context.turns, instance.dialogue_id)) for instance in instances
    ]
    readings = len(systems) - 2 or 1  # of the evidence of each turn
    progress.phase("rank", readings * len({(one.dialogue_id, one.turn_index) for one in instances}))
    return evaluate_systems(systems, own, snapshot)


def _with_mscrs(
    mscrs: HeldOutMSCRS,
    candidates: Candidates,
    curves: Sequence[Curves],
    instances: Sequence[Instance],
    evidence: Callable[[_OwnContext], Floats],
) -> list[_HeldOut]:
    """MSCRS and the sum, whose weights are learned from the other folds."""
    fold = mscrs.fold
    of_mscrs = np.take_along_axis(mscrs.logits, candidates.items, axis=1)
    scores = np.stack([held_out_scores(candidates, fold, curves), of_mscrs])
    others = [np.flatnonzero(fold != number) for number in range(len(curves))]
    weights = [fit_weights(scores[:, rows], candidates.of(rows))[0] for rows in others]
    row_of = {(one.dialogue_id, one.turn_index): row for row, one in enumerate(instances)}

    def logits(context: _OwnContext) -> Floats:
        found: Floats = mscrs.logits[row_of[context.dialogue, len(context.turns)]].astype(np.float64)
        return found

    def both(context: _OwnContext) -> Floats:
        weight = weights[fold[row_of[context.dialogue, len(context.turns)]]]
        total: Floats = weight.evidence * evidence(context) + weight.mscrs * logits(context)
        return total

    return [_HeldOut("mscrs", logits), _HeldOut("evidence+mscrs", both)]


@dataclass(frozen=True)
class _OwnContext(Context):
    """A context that knows its dialogue: two dialogues may begin with the same words, and each leaves itself out."""

    dialogue: str


@dataclass(frozen=True)
class _HeldOut:
    """A System of the evaluation whose scores depend on the dialogue that a context is from."""

    name: str
    score: Callable[[_OwnContext], Floats]

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[contexts, items]."""
        return np.stack([self.score(context) for context in contexts if isinstance(context, _OwnContext)])
