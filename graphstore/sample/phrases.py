"""The sentences of phrases.yaml and the slots in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources

import yaml

__all__ = ["Phrases", "load_phrases", "slots_of"]

Phrases = Mapping[str, Sequence[str]]
"""What somebody does (`greet`, `suggest_director`) → sentences with {slots}."""

_SLOT = re.compile(r"\{(\w+)\}")


def load_phrases() -> Phrases:
    """The phrases that ship."""
    text = resources.files("graphstore.sample").joinpath("phrases.yaml").read_text(encoding="utf-8")
    phrases: Phrases = yaml.safe_load(text)
    return phrases


def slots_of(phrase: str) -> tuple[str, ...]:
    """Names of the slots, in the order in which the phrase says them."""
    return tuple(_SLOT.findall(phrase))
