"""Several processes that train one model together, each on its share of a step's examples.

    torchrun ─┬─ process 0: graph part ─ its rows ─ gradients ─┐
              └─ process 1: graph part ─ its rows ─ gradients ─┴─ summed ─► the same step in each; process 0 writes

Not torch's DistributedDataParallel: that averages over processes, while here each gradient counts by its number of
chats, so that an uneven last batch gives the gradient of one process; and it starts to add up while the backward pass
runs, while here the graph part's backward pass comes once, after those of all micro-batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, distributed, nn

from training.errors import TrainingError

__all__ = ["Processes", "joined_processes"]


@dataclass(frozen=True)
class Processes:
    """Those that train together; where there is one, nothing here does anything."""

    count: int = 1
    rank: int = 0

    @classmethod
    def current(cls) -> Processes:
        """Those that `joined_processes` brought together, or this one alone."""
        if not (distributed.is_available() and distributed.is_initialized()):
            return cls()
        return cls(distributed.get_world_size(), distributed.get_rank())

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def share(self, rows: Sequence[int]) -> tuple[Sequence[int], float]:
        """This process's part of a step's rows, and how much a mean over it counts in the mean over all rows.

        Where there are more processes than rows, those without one take a row that counts nothing, so that all of
        them have the same gradients to add up.
        """
        own = rows[self.rank :: self.count]
        return (own, len(own) / len(rows)) if own else (rows[:1], 0.0)

    def any(self, wish: bool) -> bool:
        """Whether one of them says so."""
        return self._agreed(-int(wish)) < 0

    def least(self, number: int) -> int:
        """The least of their numbers."""
        return self._agreed(number)

    def from_each(self, own: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """What each of them has, in their order. own: of the same shape and type in all of them."""
        if self.count == 1:
            return [own]
        told = torch.from_numpy(np.frombuffer(own.tobytes(), np.uint8).copy()).to(_device())
        found = [torch.empty_like(told) for _ in range(self.count)]
        distributed.all_gather(found, told)
        return [np.frombuffer(one.cpu().numpy().tobytes(), own.dtype).reshape(own.shape) for one in found]

    def wait(self) -> None:
        """Until all have come here."""
        self._agreed(0)

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by the sum over the processes."""
        if self.count == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        distributed.all_reduce(flat)
        for gradient, total in zip(gradients, torch.split(flat, [one.numel() for one in gradients]), strict=True):
            gradient.copy_(total.view_as(gradient))

    def sum_figures(self, figures: Mapping[str, float]) -> dict[str, float]:
        """Each figure's sum over the processes."""
        if self.count == 1:
            return dict(figures)
        totals = torch.tensor(list(figures.values()), dtype=torch.float64, device=_device())
        distributed.all_reduce(totals)
        return dict(zip(figures, totals.tolist(), strict=True))

    def _agreed(self, number: int) -> int:
        if self.count == 1:
            return number
        told: Tensor = torch.tensor(number, device=_device())
        distributed.all_reduce(told, op=distributed.ReduceOp.MIN)
        return int(told)

    def device(self, asked: str) -> str:
        """Of several processes each has a GPU of its own, where there are any and `asked` is auto or cuda."""
        if self.count == 1:
            return asked
        return f"cuda:{distributed.get_node_local_rank()}" if distributed.get_backend() == "nccl" else "cpu"


@contextmanager
def joined_processes(device: str = "auto") -> Iterator[Processes]:
    """Join the processes that torchrun started, and part again; without torchrun there is one.

    device: auto or cuda (a GPU for each process), or cpu.

    Raises TrainingError where the device cannot be shared out among them.
    """
    if not (distributed.is_available() and distributed.is_torchelastic_launched()):
        yield Processes.current()
        return
    distributed.init_process_group(_backend(device))
    try:
        yield Processes.current()
    finally:
        distributed.destroy_process_group()


def _backend(device: str) -> str:
    if device not in ("auto", "cuda", "cpu"):
        raise TrainingError(f"--device {device} is of one process: with torchrun it is auto, cuda or cpu.")
    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return "gloo"
    local, found = distributed.get_node_local_rank(), torch.cuda.device_count()
    if local >= found:
        raise TrainingError(
            f"torchrun started more processes than there are GPUs ({found}): give it --nproc-per-node {found or 1}, "
            "or train with --device cpu."
        )
    torch.cuda.set_device(local)
    return "nccl"


def _device() -> str:
    return "cuda" if distributed.get_backend() == "nccl" else "cpu"
