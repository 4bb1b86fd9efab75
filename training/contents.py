"""What of an item is encoded, and how a change of it is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Content", "item_text", "picture_content", "text_content"]


@dataclass(frozen=True)
class Content:
    """What one item gives to an encoder.

    value: a text, or a list of picture paths; empty when there is nothing to encode.
    checksum: of the text, or of the pictures' bytes.
    stored: the hash beside the vector that the item has already, or None.
    """

    uri: str
    value: Any
    checksum: str
    stored: str | None

    def hash_by(self, maker: str) -> str:
        """Say what a vector of this content by that encoder, or other maker, is made from: `MAKER CHECKSUM`."""
        return f"{maker} {self.checksum}"


def item_text(item: Mapping[str, Any]) -> str:
    """Describe an item for an encoder: title, genres, plot, people. Empty when there is but a name."""
    if not (item["plot"] or item["genres"]):
        return ""
    people = [("Directed by", "directors"), ("Written by", "writers"), ("Starring", "stars")]
    parts = [item["title"], ", ".join(item["genres"] or []), item["plot"]]
    parts += [f"{verb} {', '.join(item[role])}" for verb, role in people if item[role]]
    return " ".join(part if part[-1] in ".!?" else f"{part}." for part in parts if part)


def text_content(item: Mapping[str, Any], descriptions: Mapping[str, str] | None = None) -> Content:
    """Return the description of an item, a row of the query `item_contents`.

    descriptions: of a language model, by URI; composed by `item_text` where None.
    """
    text = item_text(item) if descriptions is None else descriptions.get(item["uri"], "")
    return Content(item["uri"], text, hashlib.sha256(text.encode()).hexdigest(), item["text_hash"])


def picture_content(item: Mapping[str, Any]) -> Content:
    """Return the pictures of an item, a row of the query `item_contents`."""
    paths: list[str] = item["images"] or []
    checksum = hashlib.sha256()
    for path in paths:
        try:
            checksum.update(hashlib.sha256(Path(path).read_bytes()).digest())
        except OSError:
            checksum.update(b"unreadable")  # the encoder will say so; once readable, the item counts as changed
    return Content(item["uri"], paths, checksum.hexdigest(), item["image_hash"])
