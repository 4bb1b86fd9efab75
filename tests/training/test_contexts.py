"""What the model reads of a chat: the newest, in the stated order, however long the chat is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from graphstore.dialogues import Turn
from training.backbone import load_backbone
from training.contexts import ContextReader, ReadContexts
from training.encoders import TextEncoder
from training.errors import RecipeError
from training.instances import Context
from training.kept_encodings import KeptEncodings
from training.recipe import load_recipe

NO_CACHE = Path("no-cache-needed")
RECIPE = replace(load_recipe("tiny"), prompt_entities=3, prompt_rows=4, context_tokens=16, encoder_tokens=8)
ENTITY_ID = {"a": 0, "b": 1, "c": 2, "d": 3}


def _read(*turns: Turn) -> ReadContexts:
    backbone = load_backbone("random-tiny", 0, NO_CACHE)
    encoder = TextEncoder("random-tiny", NO_CACHE, max_tokens=8)
    reader = ContextReader(RECIPE, backbone, encoder, ENTITY_ID, KeptEncodings(NO_CACHE, encoder))
    return reader.read([Context(turns)])


def test_entities_stand_newest_first_and_once() -> None:
    read = _read(Turn("seeker", "x", items=("a", "b")), Turn("recommender", "y", items=("a",), entities=("unknown",)))
    assert read.entities.tolist() == [[0, 1, -1]]


def test_only_the_newest_entities_are_read() -> None:
    read = _read(Turn("seeker", "x", items=("a", "b", "c", "d")))
    assert read.entities.tolist() == [[3, 2, 1]]


def test_tokens_are_the_newest_and_end_where_the_system_speaks() -> None:
    read = _read(Turn("seeker", "long " * 2000), Turn("recommender", "ok?"), Turn("seeker", "yes"))
    (tokens,) = read.tokens
    assert len(tokens) == 16
    assert bytes(token - 3 for token in tokens).decode() == "ser: yes\nSystem:"


def test_states_are_newest_first_with_zeros_after() -> None:
    short, longer = _read(Turn("seeker", "ab")), _read(Turn("seeker", "xab"))
    assert short.state_counts.tolist() == [2]
    assert not short.states[0, 2:].any()
    assert longer.state_counts.tolist() == [3]
    mask = longer.batch([0]).state_mask
    assert mask.tolist() == [[True, True, True, False]]


def test_a_chat_without_words_or_names_can_be_read() -> None:
    read = _read(Turn("seeker", ""))
    batch = read.batch([0])
    assert batch.entities.tolist() == [[-1, -1, -1]]
    assert not batch.state_mask.any()
    assert batch.lengths.item() > 0


def test_more_layers_than_there_are_is_refused() -> None:
    with pytest.raises(RecipeError, match="random-tiny has 2"):
        load_backbone("random-tiny", 3, NO_CACHE)
    assert len(load_backbone("random-tiny", 1, NO_CACHE).model.layers) == 1  # type: ignore[arg-type]
