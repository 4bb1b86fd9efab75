"""The queries for people that follow edges: what they show, and that what ended or waits is not seen."""

from __future__ import annotations

from typing import Any

import pytest

from graphstore.graph import Graph

pytestmark = pytest.mark.database


@pytest.fixture
def films(toy_films: Graph) -> Graph:
    """The toy graph, which no test here changes."""
    return toy_films


def fields(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_neighbourhood_by_modality_and_relation(films: Graph) -> None:
    rows = films.read("neighbourhood", uri="urn:alien")
    assert fields(rows, "modality", "relation", "direction", "uri", "name", "weight") == [
        ("co_interaction", "CO_INTERACTED", "out", "urn:gladiator", "Gladiator", 2),
        ("co_mention", "CO_MENTIONED", "out", "urn:weaver", "Sigourney Weaver", 3),
        ("co_mention", "CO_MENTIONED", "out", "urn:aliens", "Aliens", 2),
        ("facts", "DIRECTOR", "out", "urn:scott", "Ridley Scott", 1),
        ("facts", "STARRING", "out", "urn:weaver", "Sigourney Weaver", 1),
        ("image", "IMAGE_SIMILAR", "out", "urn:gladiator", "Gladiator", 0.5),
        ("text", "TEXT_SIMILAR", "in", "urn:aliens", "Aliens", 0.9),
        ("text", "TEXT_SIMILAR", "out", "urn:aliens", "Aliens", 0.9),
        ("text", "TEXT_SIMILAR", "out", "urn:gladiator", "Gladiator", 0.2),
    ]
    assert films.read("neighbourhood", uri="urn:alien", modality="text") == rows[6:]
    assert films.read("neighbourhood", uri="urn:alien", relation="DIRECTOR") == rows[3:4]
    assert films.read("neighbourhood", uri="urn:alien", limit=2) == rows[:2]
    people = films.read("neighbourhood", uri="urn:scott")
    assert fields(people, "direction", "uri") == [("in", "urn:alien"), ("in", "urn:gladiator")]


def test_similar_items(films: Graph) -> None:
    assert fields(films.read("similar_by_text", uri="urn:alien"), "rank", "uri", "score", "encoder") == [
        (1, "urn:aliens", 0.9, "words"),
        (2, "urn:gladiator", 0.2, "words"),
    ]
    assert fields(films.read("similar_by_text", uri="urn:alien", limit=1), "title", "year") == [("Aliens", 1986)]
    assert fields(films.read("similar_by_image", uri="urn:alien"), "rank", "uri", "score", "encoder") == [
        (1, "urn:gladiator", 0.5, "eyes")
    ]
    assert films.read("similar_by_image", uri="urn:gladiator") == []


def test_mentioned_together_counts_both_directions(films: Graph) -> None:
    rows = films.read("mentioned_together", uri="urn:alien")
    assert fields(rows, "uri", "name", "is_item", "count") == [
        ("urn:weaver", "Sigourney Weaver", False, 3),
        ("urn:aliens", "Aliens", True, 2),
    ]
    assert fields(films.read("mentioned_together", uri="urn:weaver"), "uri", "count") == [("urn:alien", 3)]


def test_shared_facts_are_facts_only(films: Graph) -> None:
    assert films.read("shared_facts", first="urn:alien", second="urn:aliens") == [
        {
            "uri": "urn:weaver",
            "name": "Sigourney Weaver",
            "first_relations": ["STARRING"],
            "second_relations": ["STARRING"],
        }
    ]
    (row,) = films.read("shared_facts", first="urn:aliens", second="urn:aliens")
    assert (row["uri"], row["first_relations"]) == ("urn:cameron", ["DIRECTOR", "WRITER"])
    assert films.read("shared_facts", first="urn:aliens", second="urn:gladiator") == []


def test_shortest_paths_over_facts(films: Graph) -> None:
    assert films.read("shortest_paths", first="urn:gladiator", second="urn:aliens") == [
        {
            "length": 4,
            "uris": ["urn:gladiator", "urn:scott", "urn:alien", "urn:weaver", "urn:aliens"],
            "names": ["Gladiator", "Ridley Scott", "Alien", "Sigourney Weaver", "Aliens"],
            "relations": ["DIRECTOR>", "<DIRECTOR", "STARRING>", "<STARRING"],
        }
    ]
    two = films.read("shortest_paths", first="urn:cameron", second="urn:aliens")
    assert [row["relations"] for row in two] == [["<DIRECTOR"], ["<WRITER"]]
    assert films.read("shortest_paths", first="urn:gladiator", second="urn:aliens", longest=3) == []
    assert films.read("shortest_paths", first="urn:alien", second="urn:amelie") == []
    assert films.read("shortest_paths", first="urn:alien", second="urn:alien") == []


def test_interacted_together(films: Graph) -> None:
    assert films.read("interacted_together", uri="urn:gladiator") == [
        {"uri": "urn:alien", "name": "Alien", "is_item": True, "count": 2, "weight": 0.5}
    ]


def test_edges_between_pairs(films: Graph) -> None:
    rows = films.read("edges_between", pairs=[["urn:aliens", "urn:alien"], ["urn:alien", "urn:nobody"]])
    assert fields(rows, "source", "relation", "target", "count", "score") == [
        ("urn:alien", "CO_MENTIONED", "urn:aliens", 2, None),
        ("urn:alien", "TEXT_SIMILAR", "urn:aliens", None, 0.9),
        ("urn:aliens", "TEXT_SIMILAR", "urn:alien", None, 0.9),
    ]


def test_two_named_steps(films: Graph) -> None:
    assert films.read("two_steps", uri="urn:alien", first="STARRING", second="STARRING") == [
        {"uri": "urn:aliens", "title": "Aliens", "year": 1986, "ways": 1, "via": ["Sigourney Weaver"]}
    ]
    (row,) = films.read("two_steps", uri="urn:weaver", first="CO_MENTIONED", second="IMAGE_SIMILAR")
    assert (row["uri"], row["via"]) == ("urn:gladiator", ["Alien"])
    assert films.read("two_steps", uri="urn:cameron", first="CO_MENTIONED", second="DIRECTOR") == []


def test_growth_of_a_neighbourhood(films: Graph) -> None:
    rows = films.read("neighbourhood_growth", uri="urn:cameron")
    assert fields(rows, "depth", "entities", "items", "within") == [
        (0, 1, 0, 1),
        (1, 1, 1, 2),
        (2, 2, 1, 4),
        (3, 2, 1, 6),
    ]
    assert fields(films.read("neighbourhood_growth", uri="urn:amelie"), "depth", "within") == [(0, 1)]


def test_why_two_films_are_alike(films: Graph) -> None:
    rows = films.read("why_similar", first="urn:alien", second="urn:aliens", limit=100)
    assert fields(rows, "length", "explanation")[:3] == [
        (1, "Alien ←TEXT_SIMILAR– Aliens"),
        (1, "Alien –TEXT_SIMILAR→ Aliens"),
        (1, "Alien –CO_MENTIONED→ Aliens"),
    ]
    assert [row["strength"] for row in rows[:3]] == pytest.approx([0.9, 0.9, 2 / 3])
    star = next(row for row in rows if row["explanation"] == "Alien –STARRING→ Sigourney Weaver ←STARRING– Aliens")
    assert star["strength"] == pytest.approx(1 / 4**0.5)  # two films, a co-mention and a turn know her
    assert (star["uris"], star["names"], star["relations"]) == (
        ["urn:alien", "urn:weaver", "urn:aliens"],
        ["Alien", "Sigourney Weaver", "Aliens"],
        ["STARRING>", "<STARRING"],
    )
    assert [row["strength"] for row in rows] == sorted((row["strength"] for row in rows), reverse=True)
    assert films.read("why_similar", first="urn:alien", second="urn:aliens", limit=2) == rows[:2]


def test_why_finds_ways_of_three_and_four_steps_and_none_where_none_is(films: Graph) -> None:
    rows = films.read("why_similar", first="urn:cameron", second="urn:scott", limit=100)
    found = {row["explanation"]: row["length"] for row in rows}
    assert found["James Cameron ←WRITER– Aliens ←CO_MENTIONED– Alien –DIRECTOR→ Ridley Scott"] == 3
    way = "James Cameron ←DIRECTOR– Aliens –STARRING→ Sigourney Weaver ←STARRING– Alien –DIRECTOR→ Ridley Scott"
    assert found[way] == 4
    assert films.read("why_similar", first="urn:alien", second="urn:amelie") == []
    assert films.read("why_similar", first="urn:alien", second="urn:alien") == []


def test_no_way_leads_over_an_edge_that_ended_or_waits(films: Graph) -> None:
    rows = films.read("why_similar", first="urn:alien", second="urn:cameron", limit=100)
    assert all("CO_MENTIONED→ James" not in row["explanation"] for row in rows)
    assert min(row["length"] for row in rows) == 2
