"""What makes the frozen language model's part of a training step smaller; scores and replies are as without it.

recompute_layers   every layer forgets what it computed and does it again on the way back (gradient checkpointing)
use_bfloat16       its matrices are multiplied in bfloat16 (autocast), while its weights stay float32

transformers has the first of these as well, but for models in train mode, where their dropout would be on. Both act
where gradients are computed, and nowhere else: validation and everything that is served run in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from training.errors import TrainingError
from training.models.conversation import Conversation
from training.models.mscrs import GraphPrompt
from training.recipe import Recipe

__all__ = ["make_lean"]

_Forward = Callable[..., Any]


def make_lean(model: GraphPrompt, recipe: Recipe, device: torch.device) -> None:
    """Change the language model behind a prompt as the recipe asks; its weights and its state dict stay what they are.

    Once is enough for models that share it, and twice is as once.

    Raises TrainingError where the recipe asks for bfloat16 and the device has none.
    """
    if recipe.gradient_checkpointing:
        for layer in _layers(model.language_model):
            _replace_forward(layer, _recomputed)
    if recipe.precision == "bfloat16":
        if not _has_bfloat16(device):
            raise TrainingError(f"{device} cannot compute in bfloat16: set precision: float32 in the recipe.")
        heads = [model.causal.get_output_embeddings()] if isinstance(model, Conversation) else []
        for part in (model.language_model, *heads):
            _replace_forward(part, lambda forward: _in_bfloat16(forward, device.type))


def _layers(transformer: nn.Module) -> nn.ModuleList:
    found = next(getattr(transformer, name) for name in ("layers", "h") if hasattr(transformer, name))
    assert isinstance(found, nn.ModuleList)  # since training.backbone takes no other models
    return found


class _LeanForward:
    """A module's forward, which is another one where a gradient is to be computed."""

    def __init__(self, plain: _Forward, lean: _Forward) -> None:
        self._plain, self._lean = plain, lean

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return (self._lean if torch.is_grad_enabled() else self._plain)(*arguments, **named)


def _replace_forward(module: nn.Module, around: Callable[[_Forward], _Forward]) -> None:
    if not isinstance(module.forward, _LeanForward):
        module.forward = _LeanForward(module.forward, around(module.forward))


def _recomputed(forward: _Forward) -> _Forward:
    def recomputed(*arguments: Any, **named: Any) -> Any:
        return checkpoint(forward, *arguments, use_reentrant=False, **named)

    return recomputed


def _in_bfloat16(forward: _Forward, device: str) -> _Forward:
    def narrowed(*arguments: Any, **named: Any) -> Any:
        with torch.autocast(device, torch.bfloat16):
            found = forward(*arguments, **named)
        if isinstance(found, torch.Tensor):
            return found.float()
        found.last_hidden_state = found.last_hidden_state.float()
        return found

    return narrowed


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return torch.amp.is_autocast_available(device.type)
