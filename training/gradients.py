"""The gradients of one training step, in as much memory as there is.

    rows ──► graph part, once ──► Ê_final ─┬─ micro-batch ── loss ──► its gradient by Ê_final and by the weights ─┐
                                           └─ micro-batch ── …                                                    ┴─ Σ
    Σ over Ê_final ──► back through the graph part, once

Losses are means over chats, so that the micro-batches' gradients, each times its part of the step's chats, add up to
the gradient of the whole batch. Eq. 18 is an exception: its negatives are the micro-batch's other dialogues.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from training.processes import Processes
from training.stage import Stage

__all__ = ["OutOfMemory", "says_out_of_memory", "step_gradients"]


class OutOfMemory(Exception):
    """A step's gradients did not fit; no public error, since only the loop can say what is kept.

    at_once: chats that were read at once. fits: as many would have fitted; 0 where not even one did.
    """

    def __init__(self, at_once: int, fits: int) -> None:
        super().__init__(at_once, fits)
        self.at_once, self.fits = at_once, fits


def step_gradients(stage: Stage, rows: Sequence[int], micro_batch: int, processes: Processes) -> dict[str, float]:
    """Leave the gradients of the mean loss over `rows` in the stage's weights; the figures, means over chats.

    micro_batch: chats that are read at once; 0 for all of this process's.

    Raises OutOfMemory, in every process, when one of them has too little.
    """
    at_once = min(micro_batch or len(rows), len(processes.share(rows)[0]))
    figures = _tried(stage, rows, at_once, processes)
    if processes.any(figures is None):
        raise OutOfMemory(at_once, processes.least(_fitting(stage, rows, at_once, processes)))
    processes.sum_gradients(stage.model.parameters())
    return processes.sum_figures(figures or {})


def _fitting(stage: Stage, rows: Sequence[int], at_once: int, processes: Processes) -> int:
    """How many chats at once do fit, by halving."""
    at_once //= 2
    while at_once and _tried(stage, rows, at_once, processes) is None:
        at_once //= 2
    stage.model.zero_grad()
    return at_once


def _tried(stage: Stage, rows: Sequence[int], at_once: int, processes: Processes) -> dict[str, float] | None:
    """This process's figures, with its gradients in the weights, or None where its memory is too small."""
    stage.model.zero_grad()
    try:
        return _own_gradients(stage, rows, at_once, processes)
    except (RuntimeError, MemoryError) as error:
        if not says_out_of_memory(error):
            raise
    # After the handler, since the exception holds on to all that the step had made.
    stage.model.zero_grad()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def _own_gradients(stage: Stage, rows: Sequence[int], at_once: int, processes: Processes) -> dict[str, float]:
    final = stage.graph_part(rows)
    leaf = final.detach().requires_grad_()
    own, share = processes.share(rows)
    totals = dict[str, float]()
    for start in range(0, len(own), at_once):
        part = own[start : start + at_once]
        weight = share * len(part) / len(own)
        loss, figures = stage.losses(leaf, part)
        (loss * weight).backward()  # type: ignore[no-untyped-call]
        for name, value in figures.items():
            totals[name] = totals.get(name, 0.0) + weight * value
    final.backward(leaf.grad)  # type: ignore[no-untyped-call]
    return totals


def says_out_of_memory(error: Exception) -> bool:
    """Whether memory was too small, on a graphics card or beside the processor."""
    # A graphics card has an exception of its own; torch's allocator for the processor only has these words.
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or "DefaultCPUAllocator: can't allocate memory" in str(error)
