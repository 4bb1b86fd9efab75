"""What visitors of the app say: written once, taken back, forgotten, and seen by nobody who counts the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args

import pytest

from graphstore.errors import QueryError
from graphstore.graph import Graph, open_graph
from graphstore.queries import all_queries
from graphstore.relation_type import VISITOR_TYPES, RelationType
from graphstore.removal import remove_entities, remove_source
from graphstore.schema import prepare_schema
from graphstore.settings import Settings
from graphstore.visitors import Mark, Visitor
from tests.docs.cypher import EXAMPLES
from tests.toy_films import make_toy_films
from tests.whole_graph import whole_graph

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]

_URIS = ["urn:alien", "urn:aliens", "urn:gladiator", "urn:amelie", "urn:scott", "urn:weaver", "urn:cameron"]
_PAIRS = [[first, second] for first in _URIS for second in _URIS if first < second]
# What stands in for a parameter where a statement of the program's own is asked.
_VALUES: dict[str, Any] = {
    "uris": _URIS,
    "uri": "urn:alien",
    "pairs": _PAIRS,
    "searches": ["alien", "scott"],
    "facts": ["DIRECTOR", "STARRING", "WRITER"],
    "computed": ["CO_MENTIONED", "CO_INTERACTED", "TEXT_SIMILAR", "IMAGE_SIMILAR"],
    "source": "toy",
    "sources": ["toy"],
    "after": "",
    "build": 2,
    "split": "train",
    "first": "urn:alien",
    "second": "urn:aliens",
    "type": "CO_MENTIONED",
    "relation": "DIRECTOR",
    "vector": [1.0, 0.2],
    "index": "item_text",
    "kind": "items",
    "ids": ["toy/train/1"],
    "limit": 20,
    "keys": list(range(1_000)),
}


def kinds(visitor: Visitor, graph: Graph) -> list[tuple[str, str | None, str]]:
    return [(row["kind"], row["graph"], row["uri"]) for row in visitor.facts(graph)]


def say_everything(graph: Graph) -> Visitor:
    """A visitor with every kind of fact on every entity that can have it."""
    visitor = Visitor()
    for uri in _URIS:
        for mark in get_args(Mark):
            visitor.say(graph, mark, uri)
        visitor.less_of(graph, "facts", uri)
    visitor.less_of(graph, "co_mention", "")
    visitor.less_of(graph, "similar_chats", "toy/train/1#1")
    return visitor


def everything_read(graph: Graph) -> dict[str, Any]:
    """What each statement that reads answers, but those that need other values than this module has."""
    answers: dict[str, Any] = {}
    for query in all_queries():
        given = EXAMPLES.get(query.name, {name: _VALUES[name] for name in query.parameters if name in _VALUES})
        needed = {one.name for one in query.parameters.values() if one.required}
        if query.mode == "read" and needed <= given.keys():
            with suppress(QueryError):
                answers[query.name] = graph.read(query.name, **given)
    return answers


def test_a_visitor_is_an_id_and_a_time_and_says_a_thing_once(toy_films: Graph) -> None:
    first, second = Visitor(), Visitor()
    for _ in range(2):
        first.say(toy_films, "LIKED", "urn:alien")
        first.less_of(toy_films, "facts", "urn:scott")
        first.less_of(toy_films, "similar_chats", "toy/a talk#1")
    second.say(toy_films, "DISLIKED", "urn:alien")
    second.say(toy_films, "SEEN", "urn:nowhere")
    said = [
        ("LESS_OF", "facts", "urn:scott"),
        ("LESS_OF", "similar_chats", "toy/a talk#1"),
        ("LIKED", None, "urn:alien"),
    ]
    assert sorted(kinds(first, toy_films)) == said
    assert kinds(second, toy_films) == [("DISLIKED", None, "urn:alien")]
    nodes = [row for row in toy_films.read("dump_nodes") if row["labels"] == ["Visitor"]]
    assert {frozenset(row["properties"]) for row in nodes} == {
        frozenset({"id", "at", "less_of"}),
        frozenset({"id", "at"}),
    }
    first.forget(toy_films)
    assert kinds(first, toy_films) == []
    assert kinds(second, toy_films) == [("DISLIKED", None, "urn:alien")]
    second.forget(toy_films)
    assert "Visitor" not in {label for row in toy_films.read("dump_nodes") for label in row["labels"]}


def test_what_was_said_can_be_taken_back(toy_films: Graph) -> None:
    visitor = say_everything(toy_films)
    for uri in _URIS:
        for mark in get_args(Mark):
            visitor.unsay(toy_films, mark, uri)
        visitor.not_less_of(toy_films, "facts", uri)
    visitor.not_less_of(toy_films, "co_mention", "")
    assert kinds(visitor, toy_films) == [("LESS_OF", "similar_chats", "toy/train/1#1")]
    visitor.not_less_of(toy_films, "similar_chats", "toy/train/1#1")
    visitor.unsay(toy_films, "LIKED", "urn:alien")
    assert kinds(visitor, toy_films) == []
    visitor.forget(toy_films)
    visitor.forget(toy_films)


def test_nothing_that_is_read_changes_by_what_visitors_say(toy_films: Graph) -> None:
    before = everything_read(toy_films)
    assert len(before) > 40
    assert {"counts", "hubs", "why_similar", "export_relations", "evidence_facts", "item_popularity"} <= before.keys()
    visitor = say_everything(toy_films)
    assert len(kinds(visitor, toy_films)) > 20
    assert everything_read(toy_films) == before
    visitor.forget(toy_films)
    assert everything_read(toy_films) == before


def test_items_that_visitors_marked_go_like_any_other(graph: Graph) -> None:
    make_toy_films(graph)
    visitor = say_everything(graph)
    assert remove_entities(graph, ["urn:alien"]) == 1
    assert "urn:alien" not in {row["uri"] for row in visitor.facts(graph)}
    remove_source(graph, "toy")
    with_feedback = [line for line in whole_graph(graph) if "Visitor" not in line]
    make_toy_films(graph)
    remove_entities(graph, ["urn:alien"])
    remove_source(graph, "toy")
    assert [line for line in with_feedback if visitor.id not in line] == whole_graph(graph)


def test_a_graph_with_nothing_but_a_visitor_is_empty(graph: Graph) -> None:
    Visitor().less_of(graph, "popularity", "")
    assert graph.read("is_empty") == [{"empty": True}]


def test_a_graph_made_before_gets_the_constraint(graph: Graph, settings: Settings) -> None:
    def constraint() -> bool:
        return "visitor_id" in {row["name"] for row in graph.read("list_schema")}

    def say() -> None:
        with open_graph(settings) as fresh:  # every connection makes it once
            Visitor().say(fresh, "SEEN", "urn:none")

    makers: list[Callable[[], None]] = [lambda: prepare_schema(graph), say]
    for make in makers:
        graph.write("drop_constraint", name="visitor_id")
        assert not constraint()
        make()
        assert constraint()


def test_a_new_predicate_gets_none_of_the_visitors_types_and_an_old_one_keeps_its_own() -> None:
    assert RelationType.from_predicate("urn:shop/liked").name == "SHOP_LIKED"
    assert all(RelationType(name, "urn:p").name == name for name in VISITOR_TYPES)
