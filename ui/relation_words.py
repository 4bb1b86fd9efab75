"""Relationship types in words that people read."""

from __future__ import annotations

__all__ = ["COMPUTED_GRAPHS", "GRAPH_TITLES", "graph_of", "relation_noun", "relation_words"]

GRAPH_TITLES = {
    "facts": "Facts",
    "co_mention": "Mentioned together",
    "text": "Reads alike",
    "image": "Looks alike",
    "own": "The item itself",
    "similar_chats": "Similar conversations",
    "description": "Its description fits",
    "similar_text": "Descriptions alike",
    "words": "Words of the chat",
    "named": "Named before",
    "popularity": "Popularity",
}
"""Of MSCRS's graphs and of every kind of evidence."""

_WORDS = {
    "STARRING": "starring",
    "DIRECTOR": "directed by",
    "WRITER": "written by",
    "AUTHOR": "written by",
    "PRODUCER": "produced by",
    "EXECUTIVE_PRODUCER": "executive producer",
    "CINEMATOGRAPHY": "filmed by",
    "EDITING": "edited by",
    "EDITOR": "edited by",
    "MUSIC_COMPOSER": "music by",
    "COMPOSER": "music by",
    "NARRATOR": "told by",
    "DISTRIBUTOR": "distributed by",
    "PRODUCTION_COMPANY": "made by",
    "COUNTRY": "made in",
    "LANGUAGE": "spoken language",
    "SUBSEQUENT_WORK": "followed by",
    "PREVIOUS_WORK": "sequel to",
    "CO_MENTIONED": "mentioned together",
    "CO_INTERACTED": "liked by the same people",
    "TEXT_SIMILAR": "reads alike",
    "IMAGE_SIMILAR": "looks alike",
    "SELF": "the item itself",
}

_NOUNS = {
    "STARRING": "star",
    "DIRECTOR": "director",
    "WRITER": "writer",
    "AUTHOR": "author",
    "PRODUCER": "producer",
    "EXECUTIVE_PRODUCER": "executive producer",
    "CINEMATOGRAPHY": "cinematographer",
    "EDITING": "editor",
    "EDITOR": "editor",
    "MUSIC_COMPOSER": "composer",
    "COMPOSER": "composer",
    "NARRATOR": "narrator",
    "DISTRIBUTOR": "distributor",
    "PRODUCTION_COMPANY": "production company",
    "COUNTRY": "country",
    "LANGUAGE": "language",
    "GENRE": "genre",
    "OCCUPATION": "occupation",
}
"""What the object of a fact is to its subject, where one word says it."""

COMPUTED_GRAPHS = {
    "CO_MENTIONED": "co_mention",
    "CO_INTERACTED": "co_mention",
    "TEXT_SIMILAR": "text",
    "IMAGE_SIMILAR": "image",
}
"""Types that are computed, each with the graph that it belongs to."""


def graph_of(relation: str) -> str:
    """Which graph a type belongs to: facts, co_mention (and interactions), text or image."""
    return COMPUTED_GRAPHS.get(relation, "facts")


def relation_words(relation: str) -> str:
    """A type in words, from the side of its source: `MUSIC_COMPOSER` is "music by".

    A type that no list knows says its own name: `SHOP_AISLE` is "shop aisle".
    """
    return _WORDS.get(relation, relation.lower().replace("_", " "))


def relation_noun(relation: str) -> str | None:
    """What the end of such a fact is to its beginning, `DIRECTOR` a "director"; None where no list knows."""
    return _NOUNS.get(relation)
