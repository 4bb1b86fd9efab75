"""What a language model computes does not change by being loaded here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor

from training.backbone import load_backbone


def _states_and_gradient(transformer: Any, rows: Tensor) -> tuple[Tensor, Tensor]:
    rows = rows.clone().requires_grad_()
    states: Tensor = transformer(inputs_embeds=rows).last_hidden_state
    states.pow(3).sum().backward()  # type: ignore[no-untyped-call]
    assert rows.grad is not None
    return states.detach(), rows.grad


def _kept_for_the_way_back(transformer: Any, rows: Tensor) -> int:
    """Numbers that a pass through the model keeps."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes() // tensor.itemsize
        return tensor

    held = []
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        held.append(transformer(inputs_embeds=rows.clone().requires_grad_()))
    return sum(kept.values())


def test_gpt2_says_the_same_and_keeps_less_for_the_way_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=384, n_positions=32, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=1
    )
    # Drawn at transformers' usual 0.02, hardly anything would reach the curved part of the activations.
    config.initializer_range = 0.5
    published = transformers.GPT2LMHeadModel(config).requires_grad_(False).eval()  # type: ignore[no-untyped-call]
    published.save_pretrained(tmp_path)
    transformers.ByT5Tokenizer(extra_ids=0).save_pretrained(tmp_path)
    loaded = load_backbone(str(tmp_path), 0, tmp_path).causal.requires_grad_(False).double()
    published = published.double()

    rows = torch.randn(3, 16, 32, dtype=torch.float64)
    states, gradient = _states_and_gradient(loaded.base_model, rows)
    expected_states, expected_gradient = _states_and_gradient(published.base_model, rows)
    torch.testing.assert_close(states, expected_states)
    torch.testing.assert_close(gradient, expected_gradient)
    wide = 2 * 3 * 16 * 4 * 32  # layers, chats, tokens, inner width
    before, after = (_kept_for_the_way_back(one.base_model, rows) for one in (published, loaded))
    assert before - after >= 2 * wide
