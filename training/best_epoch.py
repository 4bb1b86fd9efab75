"""Early stopping: a stage ends when its validation figure has not bettered for a while, and its best epoch is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from training.errors import TrainingError
from training.stage import Stage

__all__ = ["BestEpoch"]


class BestEpoch:
    """The best epoch of a stage so far, and its weights, on the processor.

    patience: epochs without a better figure after which it is enough; 0 never is, and keeps the last epoch.
    number: of the best epoch, from 1; 0 before there is one.

    Raises TrainingError where there is patience and nothing to judge by.
    """

    def __init__(self, stage: Stage, patience: int, number: int = 0, weights: dict[str, Tensor] | None = None) -> None:
        if patience and not stage.validates:
            raise TrainingError(
                f"The recipe has patience: {patience}, and the snapshot holds no validation turn to judge stage "
                f"{stage.name} by: ingest dialogues with --split valid and export again, or set patience: 0."
            )
        self._stage, self._patience = stage, patience
        self.number, self.weights = number, weights or {}

    def note(self, epochs: Sequence[dict[str, Any]]) -> None:
        """Judge the last of a stage's epochs, and mark the best in their lines of the history; of equals, the first."""
        if not self._patience:
            return
        judged = self._stage.judged
        if not self.number or judged(epochs[-1]) > judged(epochs[self.number - 1]):
            self.number = len(epochs)
            state = self._stage.model.state_dict()
            self.weights = {name: weights.detach().cpu().clone() for name, weights in state.items()}
        for entry in epochs:
            entry.pop("kept", None)
        epochs[self.number - 1]["kept"] = True

    def enough(self, done: int) -> bool:
        """Whether the stage ends after so many epochs."""
        return bool(self._patience and self.number) and done - self.number >= self._patience

    def restore(self) -> None:
        """Give the model the weights of the best epoch, where they were kept."""
        if self._patience and self.number:
            self._stage.model.load_state_dict(self.weights)
