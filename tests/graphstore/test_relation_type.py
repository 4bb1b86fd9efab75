"""Predicates become relationship types through one door."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphstore.relation_type import RESERVED_TYPES, RelationType


@pytest.mark.parametrize(
    ("predicate", "name"),
    [
        ("http://dbpedia.org/ontology/musicComposer", "MUSIC_COMPOSER"),
        ("http://dbpedia.org/ontology/starring", "STARRING"),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "TYPE"),
        ("http://example.org/imdbID", "IMDB_ID"),
        ("http://example.org/IMDBRating", "IMDB_RATING"),
        ("http://example.org/made-in", "MADE_IN"),
        ("http://example.org/made%20in/", "MADE_IN"),
        ("urn:shop:madeBy", "MADE_BY"),
        ("http://www.wikidata.org/prop/direct/P31", "P31"),
    ],
)
def test_name_comes_from_the_last_segment(predicate: str, name: str) -> None:
    assert RelationType.from_predicate(predicate) == RelationType(name, predicate)


def test_reserved_names_are_qualified_by_the_segment_before() -> None:
    assert RelationType.from_predicate("https://schema.org/mentions").name == "SCHEMA_ORG_MENTIONS"
    for name in RESERVED_TYPES:
        assert RelationType.from_predicate(f"http://example.org/ontology/{name}").name == f"ONTOLOGY_{name}"


def test_a_taken_name_is_qualified_too() -> None:
    second = RelationType.from_predicate("http://dbpedia.org/property/starring", taken={"STARRING"})
    assert second.name == "PROPERTY_STARRING"


def test_no_name_left() -> None:
    with pytest.raises(ValueError, match="stand for other predicates"):
        RelationType.from_predicate("http://a.org/b/starring", taken={"STARRING", "B_STARRING"})


@pytest.mark.parametrize("predicate", ["http://example.org/12", "http://例え.org/関係", ""])
def test_unusable_predicates(predicate: str) -> None:
    with pytest.raises(ValueError, match="no usable relationship type"):
        RelationType.from_predicate(predicate)


@pytest.mark.parametrize("name", ["starring", "A B", "A`]->() DETACH DELETE n //", "", "1A", "A" * 101])
def test_unusable_names(name: str) -> None:
    with pytest.raises(ValueError, match="no usable relationship type"):
        RelationType(name, "http://example.org/x")


@pytest.mark.parametrize("name", sorted(RESERVED_TYPES))
def test_reserved_names_cannot_be_made(name: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        RelationType(name, "http://example.org/x")


@given(st.text(max_size=60))
def test_whatever_comes_out_is_a_plain_name(tail: str) -> None:
    try:
        relation = RelationType.from_predicate("http://example.org/ontology/" + tail)
    except ValueError:
        return
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", relation.name)
    assert relation.name not in RESERVED_TYPES
