"""The one way from a predicate's URI to a relationship type of the graph."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

__all__ = ["RESERVED_TYPES", "VISITOR_TYPES", "RelationType"]

RESERVED_TYPES = frozenset(
    {"CO_MENTIONED", "CO_INTERACTED", "TEXT_SIMILAR", "IMAGE_SIMILAR", "HAS_TURN", "MENTIONS", "INTERACTED"}
)
"""Types that Tellgraph itself gives a meaning; a fact of the world never becomes one of them."""

VISITOR_TYPES = frozenset({"LIKED", "DISLIKED", "SEEN", "MORE_LIKE", "LESS_OF"})
"""What leads from a visitor of the app to an entity. New predicates get other names; an older graph may have one."""

# The name is also a file name in a snapshot, so it is short and plain ASCII.
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class RelationType:
    """A relationship type that may stand in the graph, and the predicate that it stands for.

    name: upper case ASCII words joined by underscores, at most 100 characters, none of `RESERVED_TYPES`.
    uri: the predicate.

    Raises ValueError for any other name.
    """

    name: str
    uri: str

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"the predicate {self.uri} gives no usable relationship type ({self.name!r})")
        if self.name in RESERVED_TYPES:
            raise ValueError(f"the relationship type {self.name} is reserved by Tellgraph")

    @classmethod
    def from_predicate(cls, uri: str, taken: Collection[str] = ()) -> RelationType:
        """Names a type after a predicate: `http://dbpedia.org/ontology/musicComposer` gives `MUSIC_COMPOSER`.

        Where that name is reserved or in `taken` (it stands for another predicate already), the segment
        before it is put in front: `https://schema.org/mentions` gives `SCHEMA_ORG_MENTIONS`.
        Raises ValueError when no usable name is left.
        """
        segments = [_upper_words(segment) for segment in re.split(r"[/#:]+", uri) if segment]
        short, qualified = "_".join(segments[-1:]), "_".join(segments[-2:])
        unusable = RESERVED_TYPES.union(VISITOR_TYPES, taken)
        name = qualified if short in unusable else short
        if name in unusable:
            raise ValueError(f"{short} and {name} stand for other predicates than {uri} already")
        return cls(name, uri)


def _upper_words(segment: str) -> str:
    words = _WORD_ENDS.sub("_", unquote(segment))
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").upper()
