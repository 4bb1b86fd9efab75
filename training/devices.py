"""The device that somebody names."""

from __future__ import annotations

import torch

from training.errors import TrainingError

__all__ = ["device_named"]


def device_named(name: str) -> torch.device:
    """`auto` takes a GPU when there is one. Raises TrainingError for a device that torch does not have here."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError, ImportError) as error:  # no such name, no such device, torch without CUDA
        raise TrainingError(f"--device {name}: torch has none here. Leave it out, or say --device cpu.") from error
