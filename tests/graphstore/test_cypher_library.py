"""The queries for people that find, describe and list answer a toy graph as expected."""

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


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("Gladiator", "urn:gladiator"),
        ("gladiater", "urn:gladiator"),
        ("Gladiattor (2000)", "urn:gladiator"),
        ("sigorney weever", "urn:weaver"),
        ("Amelie", "urn:amelie"),
        ("riddley scot", "urn:scott"),
        ('  "Alien": film?  ', "urn:alien"),
    ],
)
def test_find_entity_forgives_spelling(films: Graph, text: str, uri: str) -> None:
    assert films.read("find_entity", text=text)[0]["uri"] == uri


def test_find_entity_puts_the_right_spelling_first_and_tells_items(films: Graph) -> None:
    rows = films.read("find_entity", text="alien")
    assert fields(rows, "uri", "name", "title", "year", "is_item") == [
        ("urn:alien", "Alien (film)", "Alien", 1979, True),
        ("urn:aliens", "Aliens (film)", "Aliens", 1986, True),
    ]
    assert rows[0]["score"] > rows[1]["score"] > 0
    assert len(films.read("find_entity", text="alien", limit=1)) == 1
    (person,) = films.read("find_entity", text="Ridley Scott")
    assert (person["title"], person["year"], person["is_item"]) == (None, None, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "???",
        "-",
        "'",
        "AND",
        "NOT OR",
        "*:*",
        "alien^99 AND (",
        "a\\",
        "[1 TO 2]",
        "/.*/",
        "x~9 " * 2_500,
        "né🎬",
    ],
)
def test_find_entity_takes_any_text(films: Graph, text: str) -> None:
    assert {row["uri"] for row in films.read("find_entity", text=text)} <= {"urn:alien", "urn:aliens"}


@pytest.mark.parametrize(
    ("text", "uri"),
    [("gla", "urn:gladiator"), ("ridley s", "urn:scott"), ("Alien", "urn:alien"), ("alie", "urn:alien")],
)
def test_suggest_entities_knows_a_name_by_its_beginning(films: Graph, text: str, uri: str) -> None:
    assert films.read("suggest_entities", text=text)[0]["uri"] == uri


@pytest.mark.parametrize("text", ["", "*", "???", "AND", "a\\", "[1 TO 2]", "/.*/", "x~9 " * 2_500, "né🎬"])
def test_suggest_entities_takes_any_text(films: Graph, text: str) -> None:
    assert len(films.read("suggest_entities", text=text, limit=2)) <= 2


def test_entity(films: Graph) -> None:
    (row,) = films.read("entity", uri="urn:alien")
    assert row == {
        "uri": "urn:alien",
        "name": "Alien (film)",
        "title": "Alien",
        "year": 1979,
        "is_item": True,
        "genres": ["Horror", "sci-fi"],
        "plot": "A ship answers a call.",
        "directors": None,
        "writers": None,
        "stars": None,
        "images": None,
        "popularity": 3,
        "sources": ["toy"],
    }
    assert films.read("entity", uri="urn:nobody") == []


def test_similar_to_vector(films: Graph) -> None:
    rows = films.read("similar_to_vector", vector=[1.0, 0.0])
    assert fields(rows, "uri", "title", "year") == [
        ("urn:alien", "Alien", 1979),
        ("urn:aliens", "Aliens", 1986),
        ("urn:gladiator", "Gladiator", 2000),
    ]
    assert [row["score"] for row in rows] == pytest.approx([1.0, 0.9, 0.5], abs=1e-3)


def test_popular_items(films: Graph) -> None:
    rows = films.read("popular_items")
    assert fields(rows, "uri", "title", "year", "popularity") == [
        ("urn:alien", "Alien", 1979, 3),
        ("urn:aliens", "Aliens", 1986, 2),
        ("urn:gladiator", "Gladiator", 2000, 2),
    ]
    assert films.read("popular_items", limit=1) == rows[:1]


def test_find_items_by_genre_and_years(films: Graph) -> None:
    everything = ["urn:alien", "urn:aliens", "urn:gladiator", "urn:amelie"]
    assert [row["uri"] for row in films.read("find_items")] == everything
    assert [row["uri"] for row in films.read("find_items", genre="horror")] == ["urn:alien"]
    eighties_on = films.read("find_items", from_year=1986, to_year=2000)
    assert [row["uri"] for row in eighties_on] == ["urn:aliens", "urn:gladiator"]


def test_items_with_an_entity(films: Graph) -> None:
    rows = films.read("items_with", uri="urn:scott")
    assert fields(rows, "uri", "title", "year", "relations") == [
        ("urn:gladiator", "Gladiator", 2000, ["DIRECTOR"]),
        ("urn:alien", "Alien", 1979, ["DIRECTOR"]),
    ]
    assert films.read("items_with", uri="urn:cameron")[0]["relations"] == ["DIRECTOR", "WRITER"]
    assert films.read("items_with", uri="urn:cameron", relation="WRITER")[0]["relations"] == ["WRITER"]
    assert films.read("items_with", uri="urn:scott", relation="WRITER") == []


def test_counts(films: Graph) -> None:
    assert fields(films.read("counts"), "kind", "name", "count") == [
        ("nodes", "Entity", 7),
        ("nodes", "Turn", 6),
        ("nodes", "Item", 4),
        ("nodes", "Dialogue", 3),
        ("nodes", "RelationType", 3),
        ("nodes", "User", 1),
        ("relationships", "MENTIONS", 7),
        ("relationships", "HAS_TURN", 6),
        ("relationships", "CO_MENTIONED", 4),
        ("relationships", "TEXT_SIMILAR", 4),
        ("relationships", "DIRECTOR", 3),
        ("relationships", "CO_INTERACTED", 2),
        ("relationships", "IMAGE_SIMILAR", 2),
        ("relationships", "INTERACTED", 2),
        ("relationships", "STARRING", 2),
        ("relationships", "WRITER", 1),
    ]


def test_sources(films: Graph) -> None:
    kinds = ("source", "entities", "items", "facts", "dialogues", "users")
    assert fields(films.read("sources"), *kinds)[-1] == ("toy", 1, 0, 0, 3, 1)


def test_relation_types(films: Graph) -> None:
    assert fields(films.read("relation_types"), "type", "uri") == [
        ("DIRECTOR", "urn:p:director"),
        ("STARRING", "urn:p:starring"),
        ("WRITER", "urn:p:writer"),
    ]


def test_dialogues(films: Graph) -> None:
    whole = films.read("dialogue", id="toy/train/1")
    assert fields(whole, "turn", "role", "text", "mentions") == [
        (0, "seeker", "Like Alien?", ["Alien", "Sigourney Weaver"]),
        (1, "recommender", "Aliens!", ["Aliens"]),
    ]
    rows = films.read("dialogues_with", uri="urn:aliens", split="train")
    assert fields(rows, "dialogue", "split", "turn", "role", "text") == [
        ("toy/train/1", "train", 1, "recommender", "Aliens!")
    ]
    assert films.read("dialogues_with", uri="urn:aliens", split="test") == []


def test_items_near_a_text_s_vector(films: Graph) -> None:
    rows = films.read("items_near_text", vector=[0.0, 2.0], limit=2)
    assert fields(rows, "uri", "title", "year") == [
        ("urn:gladiator", "Gladiator", 2000),
        ("urn:aliens", "Aliens", 1986),
    ]
    assert [row["score"] for row in rows] == pytest.approx([1.0, 0.8], abs=3e-3)  # the index rounds vectors


def test_hybrid_search_sums_the_reciprocal_ranks_of_three_lists(films: Graph) -> None:
    rows = films.read("hybrid_search", text="Ridley Scott's Gladiator", vector=[0.0, 1.0])
    ranks = fields(rows, "uri", "title", "year", "words_rank", "meaning_rank", "graph_rank")
    assert ranks == [
        ("urn:gladiator", "Gladiator", 2000, 1, 1, 2),  # the graph has Alien and Gladiator by Scott, and Alien first
        ("urn:alien", "Alien", 1979, None, 3, 1),
        ("urn:aliens", "Aliens", 1986, None, 2, 3),
    ]
    assert rows[0]["score"] == pytest.approx(1 / 61 + 1 / 61 + 1 / 62)
    unnamed = films.read("hybrid_search", text="???", vector=[0.0, 1.0])
    assert fields(unnamed, "words_rank") == [(None,)] * 3


def test_what_was_recommended_after_an_item(films: Graph) -> None:
    assert films.read("recommended_after", uri="urn:alien") == [
        {"uri": "urn:aliens", "title": "Aliens", "year": 1986, "dialogues": 1, "liked": 1},
        # Only the dialogue without questionnaires: in the third nobody liked Alien.
        {"uri": "urn:gladiator", "title": "Gladiator", "year": 2000, "dialogues": 1, "liked": 0},
    ]
    assert films.read("recommended_after", uri="urn:alien", split="valid") == []
    # The recommender's own first mention starts nothing where nobody said to like it.
    assert films.read("recommended_after", uri="urn:gladiator") == []


def test_what_nobody_says_and_what_nothing_is_known_of(films: Graph) -> None:
    assert films.read("unseen_items") == [{"uri": "urn:amelie", "title": "Amélie", "year": 2001, "connections": 0}]
    assert films.read("isolated_items") == [{"uri": "urn:amelie", "title": "Amélie", "year": 2001, "mentions": 0}]


def test_item_descriptions_name_who_wrote_them(films: Graph) -> None:
    text = "A general who became a slave seeks revenge."
    assert films.read("item_descriptions") == [
        {"uri": "urn:gladiator", "title": "Gladiator", "model": "some-model", "description": text}
    ]


def test_hubs(films: Graph) -> None:
    rows = films.read("hubs", limit=2)
    assert fields(rows, "uri", "name", "is_item", "connections") == [
        ("urn:alien", "Alien", True, 18),
        ("urn:aliens", "Aliens", True, 10),
    ]


def test_facts_of_a_relation(films: Graph) -> None:
    rows = films.read("facts_of_relation", relation="DIRECTOR", limit=2)
    assert fields(rows, "source", "source_name", "relation", "target", "target_name") == [
        ("urn:alien", "Alien", "DIRECTOR", "urn:scott", "Ridley Scott"),
        ("urn:aliens", "Aliens", "DIRECTOR", "urn:cameron", "James Cameron"),
    ]
    assert films.read("facts_of_relation", relation="MENTIONS") == []


def test_what_changed_since_a_build(films: Graph) -> None:
    rows = films.read("changed_since", build=1)
    found = fields(rows, "build", "change", "source", "relation", "target")
    assert found[:3] == [
        (3, "new", "urn:aliens", "WRITER", "urn:cameron"),  # a fact is seen at once
        (2, "new", "urn:alien", "CO_INTERACTED", "urn:gladiator"),
        (2, "new", "urn:alien", "CO_MENTIONED", "urn:aliens"),
    ]
    # Build 3 means to end it, and is not finished.
    assert (2, "new", "urn:alien", "IMAGE_SIMILAR", "urn:gladiator") in found
    assert [row[2:] for row in found if row[1] == "ended"] == [
        ("urn:alien", "CO_MENTIONED", "urn:gladiator"),
        ("urn:alien", "TEXT_SIMILAR", "urn:aliens"),
    ]
    assert len(found) == 11
    assert fields(films.read("changed_since", build=2), "relation", "source_name", "target_name") == [
        ("WRITER", "Aliens", "James Cameron")
    ]
    assert films.read("changed_since", build=3) == []


def test_how_much_each_build_first_showed(films: Graph) -> None:
    assert fields(films.read("changes_by_build", since=1), "build", "what", "new") == [
        (3, "WRITER", 1),
        (2, "Dialogue", 3),
        (2, "TEXT_SIMILAR", 3),
        (2, "CO_MENTIONED", 2),
        (2, "Entity", 2),
        (2, "CO_INTERACTED", 1),
        (2, "DIRECTOR", 1),
        (2, "IMAGE_SIMILAR", 1),
    ]
    # What build 1 made and build 2 ended is nobody's any more, whether it is deleted yet or not.
    assert fields(films.read("changes_by_build"), "build", "what", "new")[8:] == [
        (1, "Entity", 5),
        (1, "DIRECTOR", 2),
        (1, "STARRING", 2),
    ]


def test_similar_contexts_compares_with_all_that_was_said_or_the_newest(toy_films: Graph) -> None:
    rows = toy_films.read("similar_contexts", vector=[0.0, 2.0])
    assert [(row["dialogue"], row["turn"], row["items"]) for row in rows] == [
        ("toy/train/1", 1, ["urn:aliens"]),
        ("toy/train/2", 1, ["urn:gladiator"]),
    ]
    assert [row["similarity"] for row in rows] == pytest.approx([0.8, 0.0], abs=1e-6)
    assert [row["words"] for row in rows] == ["Like Alien?", None]
    (newest,) = toy_films.read("similar_contexts", vector=[0.0, 2.0], index="turn_recent", limit=1)
    assert (newest["dialogue"], newest["similarity"]) == ("toy/train/2", pytest.approx(1, abs=1e-6))


def test_evidence_path_shows_each_step_that_readers_see(toy_films: Graph) -> None:
    starts, types, ends = ["urn:alien", "urn:alien"], ["CO_MENTIONED", "DIRECTOR"], ["urn:aliens", "urn:scott"]
    rows = toy_films.read("evidence_path", starts=starts, types=types, ends=ends)
    assert fields(rows, "relation", "target_name", "count") == [
        ("CO_MENTIONED", "Aliens", 2),
        ("DIRECTOR", "Ridley Scott", None),
    ]
    assert toy_films.read("evidence_path", starts=["urn:alien"], types=["CO_MENTIONED"], ends=["urn:gladiator"]) == []


def test_evidence_turn_shows_words_where_they_may_be(toy_films: Graph) -> None:
    (row,) = toy_films.read("evidence_turn", dialogue="toy/train/1", turn=1, uri="urn:aliens")
    assert (row["role"], row["title"], row["words"]) == ("recommender", "Aliens", "Like Alien?")
    (row,) = toy_films.read("evidence_turn", dialogue="toy/train/2", turn=1, uri="urn:gladiator")
    assert row["words"] is None


def test_evidence_popularity_counts_training_dialogues(toy_films: Graph) -> None:
    (row,) = toy_films.read("evidence_popularity", uri="urn:gladiator")
    assert (row["mentioned"], row["recommended"], row["dialogues"]) == (1, 1, 2)
