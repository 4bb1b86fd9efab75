"""A language model that says one thing after every chat, whatever it reads, and a run that was trained around it.

Its blocks add nothing to a token, so the next one follows from the last alone: ":", with which each chat ends, is
followed by the first sign of the reply, that by the second, and the last by the end. What the prompt in front has
learned cannot change a word of it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import torch
import transformers

from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from training.loop import train
from training.recipe import load_recipe
from training.runs import RunFolder

__all__ = ["talking_model", "talking_run"]


def talking_model(folder: Path, reply: str) -> Path:
    """Write the model. reply: begins with a space, and no sign stands in it twice."""
    tokenizer = transformers.ByT5Tokenizer(extra_ids=0)
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    tokens = tokenizer(f":{reply}")["input_ids"]  # its end with it
    assert len(set(tokens)) == len(tokens)
    config = transformers.LlamaConfig(
        vocab_size=384,
        hidden_size=384,
        intermediate_size=4,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=False,
    )
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for block in model.model.layers:
            block.self_attn.o_proj.weight.zero_()
            block.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(384))
        model.lm_head.weight.zero_()
        for token, following in pairwise(tokens):
            model.lm_head.weight[following, token] = 1
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def talking_run(folder: Path, model: Path, snapshot: Snapshot, settings: Settings) -> RunFolder:
    """A run of all three stages around that model."""
    recipe = replace(
        load_recipe("tiny"), language_model=str(model), pretrain_epochs=0, epochs=1, converse_epochs=1, reply_tokens=12
    )
    run = RunFolder.create(folder, recipe, snapshot)
    train(run, settings.cache, device="cpu")
    return run
