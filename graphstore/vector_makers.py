"""Who made a vector, as the hash beside it says: `MAKER CHECKSUM`.

A maker is an encoder, `all-minilm-l6-v2`, and where it read descriptions that a language model wrote, this model too:
`all-minilm-l6-v2 (descriptions: gpt-4o)`. Vectors of two makers are never compared.
"""

from __future__ import annotations

import re

__all__ = ["maker_of", "name_maker", "split_maker"]

_MAKER = re.compile(r"(.*?)(?: \(descriptions: (.*)\))?", re.DOTALL)


def name_maker(encoder: str, descriptions: str | None) -> str:
    """The maker's name. descriptions: the language model; None where texts were composed from facts."""
    return encoder if descriptions is None else f"{encoder} (descriptions: {descriptions})"


def maker_of(hash: str) -> str:
    """Who made the vector that this hash stands beside."""
    return hash.rpartition(" ")[0]


def split_maker(maker: str) -> tuple[str, str | None]:
    """The encoder, and the language model that wrote what it read, or None: the way back from `name_maker`."""
    match = _MAKER.fullmatch(maker)
    assert match is not None  # the pattern takes every text
    return match[1], match[2]
