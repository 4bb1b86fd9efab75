"""The frozen language model of Eq. 19-20 and 28-29: a causal transformer, and beside it the same with its head."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn
from transformers.activations import NewGELUActivation

from training.encoders import RANDOM_TINY
from training.errors import PretrainedError, RecipeError
from training.pretrained import locate

__all__ = ["Backbone", "load_backbone"]


@dataclass(frozen=True)
class Backbone:
    """A causal language model that takes `inputs_embeds`, its tokenizer, and its width d_c.

    causal: with the output head that writes. model: the same transformer without it.
    """

    name: str
    causal: Any
    tokenizer: Any
    width: int

    @property
    def model(self) -> nn.Module:
        """The transformer without its output head."""
        transformer: nn.Module = self.causal.base_model
        return transformer

    @property
    def end(self) -> int:
        """The token that ends a text."""
        return int(self.tokenizer.eos_token_id)

    def tokens(self, text: str) -> list[int]:
        """Token ids of a text, without special tokens."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def load_backbone(name: str, layers: int, cache: Path) -> Backbone:
    """Load a causal language model and keep its first `layers` layers (0 keeps all).

    name: `RANDOM_TINY`, a published name, a folder, or a hub name (see `training.pretrained`).

    Raises:
        PretrainedError: the model cannot be had or is no causal transformer.
        RecipeError: it has fewer layers.
    """
    if name == RANDOM_TINY:
        causal, tokenizer = _random_tiny()
    else:
        causal, tokenizer = _from_folder(name, locate(name, cache))
    _keep_layers(name, causal.base_model, layers)
    _fuse_activations(causal)
    return Backbone(name, causal.eval(), tokenizer, int(causal.config.hidden_size))


def _random_tiny() -> tuple[Any, Any]:
    config = transformers.LlamaConfig(
        vocab_size=384,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        causal = transformers.LlamaForCausalLM(config)
    # Drawn at transformers' usual 0.02, words would be lost beside the prompt in a model this shallow.
    causal.model.embed_tokens.weight.data.mul_(10)
    return causal, transformers.ByT5Tokenizer(extra_ids=0)


def _from_folder(name: str, folder: Path) -> tuple[Any, Any]:
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        return model, transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise PretrainedError(f"{name}: {folder} holds no causal language model: {reason}") from error


def _keep_layers(name: str, model: Any, layers: int) -> None:
    # Llama-like models call their blocks `layers`, GPT-2-like ones (DialoGPT) call them `h`.
    block_name = next((known for known in ("layers", "h") if hasattr(model, known)), None)
    if block_name is None:
        raise PretrainedError(f"{name} is no decoder that Tellgraph knows: it has neither `layers` nor `h`.")
    blocks = getattr(model, block_name)
    if layers > len(blocks):
        raise RecipeError(f"language_model_layers is {layers}, and {name} has {len(blocks)}.")
    if layers:
        setattr(model, block_name, blocks[:layers])
        model.config.num_hidden_layers = layers


def _fuse_activations(model: nn.Module) -> None:
    """GPT-2's GELU by tanh as one operation; written out, its steps keep three wide tensors more for the way back."""
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, NewGELUActivation):
                setattr(module, name, nn.GELU(approximate="tanh"))
