"""Every query for people answers a toy graph as expected, and every file keeps to its contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.queries import Query, all_queries
from graphstore.settings import Settings

pytestmark = pytest.mark.database

_DOCS = Path(__file__).parents[2] / "docs" / "cypher.md"
_FOR_PEOPLE = [query for query in all_queries() if not query.internal]
_BOOKKEEPING = {"server_version"}  # proved in test_graph.py


@pytest.fixture
def films(graph: Graph, probes: None) -> Iterator[Graph]:
    """The toy graph of tests/cypher/make_toy_films.cypher with an index over its text vectors."""
    graph.write("index_item_text", dimensions=2)
    graph.read("await_indexes")
    graph.write("make_toy_films", text="words", image="eyes")
    yield graph
    graph.write("drop_index", name="item_text")


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


def test_neighbourhood_by_modality_and_relation(films: Graph) -> None:
    rows = films.read("neighbourhood", uri="urn:alien")
    assert fields(rows, "modality", "relation", "direction", "uri", "name", "weight") == [
        ("co_mention", "CO_MENTIONED", "out", "urn:weaver", "Sigourney Weaver", 3),
        ("co_mention", "CO_MENTIONED", "out", "urn:aliens", "Aliens", 2),
        ("facts", "DIRECTOR", "out", "urn:scott", "Ridley Scott", 1),
        ("facts", "STARRING", "out", "urn:weaver", "Sigourney Weaver", 1),
        ("image", "IMAGE_SIMILAR", "out", "urn:gladiator", "Gladiator", 0.5),
        ("text", "TEXT_SIMILAR", "in", "urn:aliens", "Aliens", 0.9),
        ("text", "TEXT_SIMILAR", "out", "urn:aliens", "Aliens", 0.9),
        ("text", "TEXT_SIMILAR", "out", "urn:gladiator", "Gladiator", 0.2),
    ]
    assert films.read("neighbourhood", uri="urn:alien", modality="text") == rows[5:]
    assert films.read("neighbourhood", uri="urn:alien", relation="DIRECTOR") == rows[2:3]
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


def test_similar_to_vector(films: Graph) -> None:
    rows = films.read("similar_to_vector", vector=[1.0, 0.0])
    assert fields(rows, "uri", "title", "year") == [
        ("urn:alien", "Alien", 1979),
        ("urn:aliens", "Aliens", 1986),
        ("urn:gladiator", "Gladiator", 2000),
    ]
    assert [row["score"] for row in rows] == pytest.approx([1.0, 0.9, 0.5], abs=1e-3)


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
        ("nodes", "Item", 4),
        ("nodes", "RelationType", 3),
        ("nodes", "Turn", 2),
        ("nodes", "Dialogue", 1),
        ("relationships", "DIRECTOR", 3),
        ("relationships", "MENTIONS", 3),
        ("relationships", "TEXT_SIMILAR", 3),
        ("relationships", "CO_MENTIONED", 2),
        ("relationships", "HAS_TURN", 2),
        ("relationships", "STARRING", 2),
        ("relationships", "IMAGE_SIMILAR", 1),
        ("relationships", "WRITER", 1),
    ]


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


@pytest.mark.parametrize("query", _FOR_PEOPLE, ids=lambda query: query.name)
def test_every_query_for_people_is_proved_here_and_explained_in_the_docs(query: Query) -> None:
    tested = set(re.findall(r'\.read\(\s*"(\w+)"', Path(__file__).read_text(encoding="utf-8")))
    assert query.name in tested | _BOOKKEEPING
    sections = re.split(r"^## ", _DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    (section,) = [section for section in sections if section.splitlines()[0] == f"`{query.name}`"]
    missing = [name for name in (*query.parameters, *query.columns) if f"`{name}`" not in section]
    assert missing == []


def test_the_docs_explain_no_query_that_is_not_there() -> None:
    headings = re.findall(r"^## `(\w+)`$", _DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == [query.name for query in _FOR_PEOPLE]


@pytest.fixture(scope="module")
def driver(graph_session: Graph, settings: Settings) -> Iterator[neo4j.Driver]:
    """A driver of the test's own: `Graph` does not tell how the server would run a statement."""
    password = PrivateServer(settings).password()
    with neo4j.GraphDatabase.driver(graph_session.uri, auth=("neo4j", password)) as driver:
        yield driver


@pytest.mark.parametrize("query", all_queries(), ids=lambda query: query.name)
def test_the_server_agrees_with_a_header(driver: neo4j.Driver, query: Query) -> None:
    # Only a schema command needs its parameters to be explained.
    given = {"dimensions": 2} if "dimensions" in query.parameters else {}
    with driver.session(notifications_disabled_classifications=["UNRECOGNIZED", "GENERIC", "PERFORMANCE"]) as session:
        result = session.run(neo4j.Query("EXPLAIN " + query.text), given)
        columns, summary = result.keys(), result.consume()
    warnings = [status.status_description for status in summary.gql_status_objects if status.is_notification]
    assert query.internal or warnings == []  # the driver would print them above a person's table
    # To the planner a question about the server is no read, though a READ transaction may ask it.
    reads = summary.query_type == "r" or query.name == "server_version"
    assert ("read" if reads else "write") == query.mode
    if query.columns:
        assert tuple(columns) == query.columns
