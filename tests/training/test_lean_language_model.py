"""Recomputed layers and bfloat16: the same gradients in less memory, near ones in half the digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch import Tensor
from torch.nn.functional import cosine_similarity

from tests.training.director_world import write_director_world
from training.assembly import assemble
from training.errors import TrainingError
from training.gradients import step_gradients
from training.lean_language_model import make_lean
from training.models.conversation import Conversation
from training.models.mscrs import MSCRS, PromptSizes, SemanticGraphEncoder
from training.processes import Processes
from training.progress import Progress
from training.ranking_stages import RecommendStage
from training.recipe import load_recipe

TINY = load_recipe("tiny")
RECOMPUTED = replace(TINY, gradient_checkpointing=True)
NARROW = replace(TINY, precision="bfloat16")
WIDTH = 16
PROCESSOR = torch.device("cpu")


def _llama() -> Any:
    config = transformers.LlamaConfig(
        vocab_size=40, hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=4, num_attention_heads=2,
        num_key_value_heads=1,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config)


def _gpt2() -> Any:
    """With dropout, which is off in eval mode."""
    config = transformers.GPT2Config(
        vocab_size=40, n_embd=WIDTH, n_layer=4, n_head=2, n_positions=64, resid_pdrop=0.5, attn_pdrop=0.5
    )
    return transformers.GPT2LMHeadModel(config)


@pytest.fixture(params=[_llama, _gpt2])
def model(request: pytest.FixtureRequest) -> Conversation:
    """A model of replies around a language model of either shape."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return Conversation(SemanticGraphEncoder(7, 1, 4, 1, 1), PromptSizes(3, 2, 2, 5, WIDTH, 4), request.param())


def _rows() -> Tensor:
    return torch.randn(3, 12, WIDTH, generator=torch.Generator().manual_seed(5)).requires_grad_()


def _logits(model: Conversation, rows: Tensor) -> Tensor:
    states = model.language_model(inputs_embeds=rows, use_cache=False).last_hidden_state
    assert states.dtype == torch.float32
    logits: Tensor = model.causal.get_output_embeddings()(states)
    return logits


def _gradient(model: Conversation) -> Tensor:
    rows = _rows()
    _logits(model, rows).square().sum().backward()  # type: ignore[no-untyped-call]
    assert rows.grad is not None
    return rows.grad


def _kept_for_the_way_back(model: Conversation) -> int:
    """Bytes of the tensors that autograd holds on to, each once."""
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.data_ptr()] = tensor.numel() * tensor.element_size()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        held = _logits(model, _rows())
    assert held.requires_grad
    return sum(kept.values())


def test_recomputed_layers_give_the_same_gradients_and_keep_less(model: Conversation) -> None:
    """Of four layers, and with dropout off; a gradient twice is the same."""
    plain, kept = _gradient(model), _kept_for_the_way_back(model)
    make_lean(model, RECOMPUTED, PROCESSOR)
    assert torch.equal(_gradient(model), plain)
    assert torch.equal(_gradient(model), plain)
    assert _kept_for_the_way_back(model) < kept / 3


def test_bfloat16_multiplies_in_bfloat16_and_gives_float32(model: Conversation) -> None:
    plain, kinds = _gradient(model), list[torch.dtype]()
    layer = next(module for name, module in model.language_model.named_modules() if name.endswith(("q_proj", "c_attn")))
    layer.register_forward_hook(lambda module, given, found: kinds.append(found.dtype))
    make_lean(model, NARROW, PROCESSOR)
    narrow = _gradient(model)
    assert kinds == [torch.bfloat16]
    assert narrow.dtype == torch.float32
    assert not torch.equal(narrow, plain)
    assert cosine_similarity(narrow.flatten(), plain.flatten(), dim=0) > 0.99
    assert {weights.dtype for weights in model.causal.parameters()} == {torch.float32}


@pytest.mark.parametrize("recipe", [RECOMPUTED, NARROW, replace(NARROW, gradient_checkpointing=True)])
def test_what_is_served_is_as_without(model: Conversation, recipe: Any) -> None:
    """Where no gradient is computed; a reply is written with a cache of what was read."""

    def served() -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            rows = _rows()
            return _logits(model, rows), model.causal.generate(
                inputs_embeds=rows, max_new_tokens=4, do_sample=False, pad_token_id=0
            )

    plain = served()
    make_lean(model, recipe, PROCESSOR)
    assert all(torch.equal(one, other) for one, other in zip(plain, served(), strict=True))


def test_both_together_are_as_near_as_bfloat16_alone(model: Conversation) -> None:
    make_lean(model, NARROW, PROCESSOR)
    narrow = _gradient(model)
    make_lean(model, RECOMPUTED, PROCESSOR)
    torch.testing.assert_close(_gradient(model), narrow)


@pytest.mark.parametrize("recipe", [RECOMPUTED, NARROW, replace(NARROW, lora_rank=2)])
def test_a_step_of_the_training_stays_near(tmp_path: Path, recipe: Any) -> None:
    """Losses and gradients of every weight are float32."""
    snapshot = write_director_world(tmp_path / "snapshot")

    def gradients(lean: Callable[[MSCRS], None]) -> dict[str, Tensor]:
        assembly = assemble(snapshot, replace(TINY, lora_rank=recipe.lora_rank), Path("no-cache-needed"), "cpu")
        lean(assembly.model)
        stage = RecommendStage(assembly, Progress())
        step_gradients(stage, range(16), 0, Processes())
        return {name: weights.grad for name, weights in stage.model.named_parameters() if weights.grad is not None}

    plain = gradients(lambda model: None)
    lean = gradients(lambda model: make_lean(model, recipe, PROCESSOR))
    assert plain.keys() == lean.keys()
    for name, gradient in plain.items():
        assert lean[name].dtype == torch.float32
        near = cosine_similarity(lean[name].flatten(), gradient.flatten(), dim=0) > 0.98
        assert near or not (lean[name].any() or gradient.any()), name  # an adapter's A has none before B has learned
    exact = all(torch.equal(lean[name], gradient) for name, gradient in plain.items())
    assert exact == (recipe.precision == "float32")


def test_a_device_without_bfloat16_is_named(model: Conversation) -> None:
    with pytest.raises(TrainingError, match="meta cannot compute in bfloat16: set precision: float32"):
        make_lean(model, NARROW, torch.device("meta"))
