"""A stage's scalars for TensorBoard: `tensorboard --logdir RUN/tensorboard` draws them.

loss, fuse, token …, learning_rate, gradient_norm   of every step
valid_loss, valid/all/mrr_50 …                      after every epoch
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter

__all__ = ["Scalars"]


class Scalars:
    """Writes event files into a folder, from a step on; what an earlier process wrote of later steps is void.

    done: steps that the checkpoint holds. writes: whether this process is the one that does.
    """

    def __init__(self, folder: Path, done: int, writes: bool = True) -> None:
        # TensorBoard reads files by name, which has the second in it: two within one keep their order by the step.
        self._writer = SummaryWriter(
            str(folder), purge_step=done + 1, filename_suffix=f".{done:09d}", write_to_disk=writes
        )

    def write(self, step: int, figures: Mapping[str, Any]) -> None:
        """Figures at a step, counted from 1; one that holds figures of its own is written as NAME/FIGURE."""
        for name, value in _flat(figures):
            self._writer.add_scalar(name.replace("@", "_"), value, step)  # TensorBoard's names have no @

    def flush(self) -> None:
        """Have everything so far on disk."""
        self._writer.flush()

    def close(self) -> None:
        """Flush, and write no more."""
        self._writer.close()


def _flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}/")
        elif value is not None:
            yield f"{prefix}{name}", float(value)
