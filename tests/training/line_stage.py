"""A stage whose every number can be worked out: a line through the origin, and how well it is doing is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from training.runs import RunFolder
from training.stage import Stage

__all__ = ["LineStage"]

EXAMPLES = 10


class LineStage(Stage):
    """Example x, from 1 to 10, should become 3x.

    judgements: what the validation says after each epoch. room: examples that memory has room for at once.
    dies_at: number of the call for losses that ends the process. cramped: there is no memory for a validation.
    """

    name = "recommend"
    validates = True

    def __init__(
        self,
        run: RunFolder,
        judgements: Sequence[float],
        room: int = EXAMPLES,
        dies_at: int | None = None,
        cramped: bool = False,
    ) -> None:
        self.model: nn.Linear = nn.Linear(1, 1)
        nn.init.zeros_(self.model.weight)
        nn.init.zeros_(self.model.bias)
        self.epochs = len(judgements)
        self._run, self._judgements, self._room = run, judgements, room
        self._calls, self._dies_at, self._cramped = 0, dies_at, cramped

    def __len__(self) -> int:
        return EXAMPLES

    def length(self, row: int) -> int:
        """As many tokens as its number."""
        return row + 1

    def graph_part(self, rows: Sequence[int]) -> Tensor:
        """The slope, which all examples read."""
        return self.model.weight * 1

    def losses(self, final: Tensor, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """The squared distance."""
        self._calls += 1
        if self._calls == self._dies_at:
            raise KeyboardInterrupt
        if len(rows) > self._room:
            _run_out_of_memory()
        x = torch.tensor([row + 1.0 for row in rows])
        loss = ((final[0] * x + self.model.bias - 3 * x) ** 2).mean()
        return loss, {"loss": loss.item()}

    def validate(self) -> dict[str, Any]:
        """What is written down for this epoch."""
        if self._cramped:
            _run_out_of_memory()
        return {"valid": {"mrr@50": self._judgements[len(self._run.history())]}}

    def judged(self, entry: Mapping[str, Any]) -> float:
        """By the only figure."""
        return float(entry["valid"]["mrr@50"])


def _run_out_of_memory() -> None:
    torch.empty(1 << 60, dtype=torch.uint8)  # more than a processor can name: its allocator says so
