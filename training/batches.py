"""In which order an epoch goes through its examples, and which of them go together."""

from __future__ import annotations

from collections.abc import Callable

import torch

__all__ = ["epoch_batches"]


def epoch_batches(count: int, size: int, seed: int, window: int, length: Callable[[int], int]) -> list[list[int]]:
    """Rows 0 to `count` in batches of `size`, each row once, the same ones for the same seed.

    window: batches of as many are drawn together and cut by length, so that a batch is padded to little more than
        its chats need; 0 cuts them as they were drawn. length: tokens of a row.
    """
    drawing = torch.Generator().manual_seed(seed)
    order: list[int] = torch.randperm(count, generator=drawing).tolist()
    if window:
        step = window * size
        order = [row for start in range(0, count, step) for row in sorted(order[start : start + step], key=length)]
    batches = [order[start : start + size] for start in range(0, count, size)]
    if window:  # or every window would go from short chats to long ones
        batches = [batches[at] for at in torch.randperm(len(batches), generator=drawing).tolist()]
    return batches
