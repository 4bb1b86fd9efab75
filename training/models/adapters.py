"""LoRA (Hu et al., ICLR 2022): W x + B A x in a frozen language model's attention, where A and B, of rank r, learn.

    weights of the language model, once in memory ─┬─ as published ────────── writes plain sentences
                                                   ├─ with A, B of MSCRS ──── ranks
                                                   └─ with A', B' of replies  writes replies

MSCRS itself trains the prompt alone (docs/decisions/005). Each task has adapters of its own, in modules of its own
around the same weights: nothing is switched from one task to the other, so that threads may rank and write at once.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from training.errors import RecipeError

__all__ = ["adapted", "adapters_of"]

_PROJECTIONS = (("q_proj", "v_proj"), ("c_attn",))  # of Llama's attention; of GPT-2's, which holds q, k and v in one
_NAME = "default"  # peft's, where one adapter is all


def adapted(causal: Any, rank: int, seed: int) -> Any:
    """`causal` with untrained adapters, which leave it as it is (B = 0); its weights are shared, and not copied.

    rank: r; 0 gives `causal` itself. seed: of A.

    Raises RecipeError where the language model's attention is neither like Llama's nor like GPT-2's.
    """
    if not rank:
        return causal
    from peft import LoraConfig, inject_adapter_in_model  # takes 2 s, and few recipes want it

    modules = {name.rpartition(".")[2] for name, _ in causal.named_modules()}
    found = next((known for known in _PROJECTIONS if modules.issuperset(known)), None)
    if found is None:
        raise RecipeError(
            f"lora_rank is {rank}, and the language model ({type(causal).__name__}) has neither q_proj and v_proj nor "
            "c_attn to adapt: set lora_rank: 0, or take another model."
        )
    shared = {id(tensor): tensor for tensor in (*causal.parameters(), *causal.buffers())}
    own = copy.deepcopy(causal, shared)
    for module in own.modules():  # a forward that somebody put around another would still run the module it was made of
        module.__dict__.pop("forward", None)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        # alpha = r: B A x counts as it is. GPT-2 keeps its matrices transposed.
        options = LoraConfig(r=rank, lora_alpha=rank, target_modules=list(found), fan_in_fan_out=found == ("c_attn",))
        inject_adapter_in_model(options, own)
    return own.eval()


def adapters_of(language_model: nn.Module) -> nn.ModuleDict:
    """The adapters in a language model by the module that they stand in, ready to learn; empty where there are none."""
    found = {
        name.replace(".", "_"): nn.ModuleDict({"A": module.lora_A[_NAME], "B": module.lora_B[_NAME]})
        for name, module in language_model.named_modules()
        if hasattr(module, "lora_A")
    }
    return nn.ModuleDict(found).requires_grad_(True)
