"""Folds of the training dialogues: whoever judges by one has not learned from it.

Validation dialogues are few (INSPIRED has 273 instances there): differences under .05 drown in chance. Folds inside
train give eight times the data, and leave the split that is kept for the end untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.instances import Instance, by_turn
from training.mscrs_recommender import MSCRSRecommender
from training.recipe import Recipe
from training.runs import RunFolder

__all__ = ["fold_name", "folds_of", "held_out_logits"]

_BATCH = 64  # turns


def folds_of(dialogues: Sequence[str], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each entry, the same for all entries of one dialogue; folds hold equally many dialogues."""
    names = sorted(set(dialogues))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % folds for number, place in enumerate(order.tolist())}
    return np.array([fold[dialogue] for dialogue in dialogues], np.int64)


def fold_name(number: int) -> str:
    """The folder of the run that holds a fold out, inside the run of the sum."""
    return f"folds/{number}"


def held_out_logits(
    runs: Sequence[RunFolder],
    recipe: Recipe,
    instances: Sequence[Instance],
    cache: Path,
    device: str = "auto",
    advance: Callable[[int], None] = lambda done: None,
) -> Iterator[tuple[list[int], npt.NDArray[np.float64]]]:
    """MSCRS's logits for instances, each by the run that held its dialogue out.

    runs: of `recipe`, one for each fold. Yields rows of `instances` of one turn, and the logits after it [items].
    """
    row_of = {id(instance): row for row, instance in enumerate(instances)}
    for run in runs:
        held_out = run.held_out()
        turns = list(by_turn(one for one in instances if one.dialogue_id in held_out))
        recommender = MSCRSRecommender.of_run(run, recipe, cache, device)
        for start in range(0, len(turns), _BATCH):
            batch = turns[start : start + _BATCH]
            logits = recommender.scores([of_turn[0].context for of_turn in batch])
            for of_turn, scores in zip(batch, logits, strict=True):
                yield [row_of[id(instance)] for instance in of_turn], scores
            advance(sum(map(len, batch)))
