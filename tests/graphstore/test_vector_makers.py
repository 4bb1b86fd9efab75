"""The name of who made a vector, there and back."""

from __future__ import annotations

import pytest

from graphstore.vector_makers import maker_of, name_maker, split_maker


@pytest.mark.parametrize("encoder", ["all-minilm-l6-v2", "my models (2)@0a1b2c3d", "hub/name"])
@pytest.mark.parametrize("model", [None, "gpt-4o", "qwen2.5:7b", "a model (of mine)", "x (descriptions: y)"])
def test_a_maker_and_a_checksum_come_back_as_they_were(encoder: str, model: str | None) -> None:
    maker = name_maker(encoder, model)
    assert maker_of(f"{maker} 0123abcd") == maker
    assert split_maker(maker) == (encoder, model)


def test_composed_texts_leave_the_encoders_name_as_it_is() -> None:
    assert name_maker("all-minilm-l6-v2", None) == "all-minilm-l6-v2"
