"""How good the additive ranker is, by cross-validation inside the training dialogues.

Validation dialogues are few (INSPIRED has 273 instances there): differences under .05 drown in chance. Here every
training dialogue is scored by curves that were learned from other dialogues, and leaves itself out of every count:
eight times the data, and the split that is kept for the end is not touched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from training.evaluation import evaluate_systems
from training.evaluation_report import Report
from training.evidence.chat_vectors import ChatEncoder
from training.evidence.definitions import FEATURES
from training.evidence.fitting import fit_evidence, read_candidates
from training.evidence.snapshot_reader import SnapshotReader
from training.instances import Context, split_instances
from training.ladder import POPULARITY
from training.progress import Progress
from training.recipe import EvidenceRecipe

__all__ = ["cross_validate", "folds_of"]

Floats = npt.NDArray[np.float64]


def folds_of(dialogues: Sequence[str], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each entry, the same for all entries of one dialogue; folds hold equally many dialogues."""
    names = sorted(set(dialogues))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % folds for number, place in enumerate(order.tolist())}
    return np.array([fold[dialogue] for dialogue in dialogues], np.int64)


def cross_validate(
    snapshot: Snapshot,
    recipe: EvidenceRecipe,
    encoder: ChatEncoder,
    *,
    folds: int = 5,
    without: Sequence[str] = (),
    progress: Progress | None = None,
) -> Report:
    """The figures of the protocol over all training instances, each ranked by the curves of the other folds.

    without: names of features that are taken away, to see what they are worth.

    Beside `evidence` stands `popularity`, counted as the evidence is. Raises TrainingError as `read_candidates` does.
    """
    progress = progress or Progress()
    reader, instances = SnapshotReader(snapshot), split_instances(snapshot, "train")
    progress.phase("read evidence", len(instances))
    candidates = read_candidates(reader, encoder, instances, recipe, progress.advance)
    silent = np.array([feature.name in without for feature in FEATURES])
    candidates.tables[..., silent] = 0
    fold = folds_of([instance.dialogue_id for instance in instances], folds, recipe.seed)
    steps = sum(math.ceil(int((fold != number).sum()) / recipe.batch_size) for number in range(folds))
    progress.phase("fit curves", steps * recipe.seeds * recipe.epochs)
    curves = [
        fit_evidence(candidates.of(np.flatnonzero(fold != number)), recipe, lambda loss: progress.advance(1, loss=loss))
        for number in range(folds)
    ]
    number_of = dict(zip(candidates.dialogues.tolist(), fold.tolist(), strict=True))

    def evidence(context: _OwnContext) -> Floats:
        table = np.where(silent, 0.0, reader.read_own(context, context.dialogue, encoder).table())
        progress.advance(1)
        scores: Floats = curves[number_of[context.dialogue]](table).sum(axis=1)
        return scores

    own = [
        replace(instance, context=_OwnContext(instance.context.turns, instance.dialogue_id)) for instance in instances
    ]
    progress.phase("rank", len({(one.dialogue_id, one.turn_index) for one in instances}))
    systems = [
        _HeldOut(POPULARITY, lambda context: reader.popularity(context.dialogue)),
        _HeldOut("evidence", evidence),
    ]
    return evaluate_systems(systems, own, snapshot)


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
