"""What a stage of the training is: examples, a model, its losses, and what a validation says of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from training.examples import StageName
from training.recipe import Recipe
from training.runs import RunFolder

__all__ = ["Stage", "validated_at_once"]

_VALIDATED_AT_ONCE = 32


class Stage(ABC):
    """What a stage trains, on how many examples, and by which loss."""

    name: StageName
    epochs: int
    model: nn.Module

    @abstractmethod
    def __len__(self) -> int:
        """Number of examples."""

    @abstractmethod
    def length(self, row: int) -> int:
        """Number of tokens that the language model reads of an example."""

    def keep(self, run: RunFolder) -> None:  # noqa: B027 - most stages have nothing more to write
        """Write what the trained weights are of no use without, once they are."""

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take over the weights that the pre-training ended with."""
        self.model.load_state_dict(weights)

    @abstractmethod
    def graph_part(self, rows: Sequence[int]) -> Tensor:
        """Ê_final [K, d] for a step on these examples, which all of them read."""

    @abstractmethod
    def losses(self, final: Tensor, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """Of some examples: what is minimised, a mean over them, and the figures to show, `loss` among them.

        final: Ê_final of the whole step, of which these examples may be a part.
        """

    @abstractmethod
    def validate(self) -> dict[str, Any]:
        """Figures on the validation dialogues, after an epoch; none where it does not validate."""

    @property
    @abstractmethod
    def validates(self) -> bool:
        """Whether the validation dialogues hold anything for this stage."""

    @abstractmethod
    def judged(self, entry: Mapping[str, Any]) -> float:
        """What early stopping goes by in an epoch's line of the history, where it validates: the more the better."""


def validated_at_once(recipe: Recipe) -> int:
    """How many validation chats are read at once: no more than a training step reads where memory is scarce."""
    return min(recipe.micro_batch_size or _VALIDATED_AT_ONCE, _VALIDATED_AT_ONCE)
