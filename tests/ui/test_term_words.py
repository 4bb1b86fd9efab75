"""Sentences by their templates, and Cypher that is pasted as it is and shows the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import neo4j
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from graphstore.errors import QueryError
from graphstore.graph import Graph
from graphstore.paste import literal, paste
from graphstore.private_server import PrivateServer
from graphstore.queries import load_query
from graphstore.settings import Settings
from training.recommender import Step, Term
from ui.described import Described, Edge
from ui.graph_reads import words_before
from ui.term_words import cypher_of, others_sentence, sentence

FILM = Described("urn:film", "Film", 2001, True, ("sci-fi", "horror"), "A plot.", conversations=12)
OTHER = Described("urn:other", "Other: Part 2", 1999, True, plot="It goes on.")
ANN, PLACE = Described("urn:ann", "Ann"), Described("urn:place", "Bonsai")
ENTITIES = {one.uri: one for one in (FILM, OTHER, ANN, PLACE)}
EDGES = [
    Edge("urn:film", "CO_MENTIONED", "urn:other", count=7),
    Edge("urn:other", "TEXT_SIMILAR", "urn:film", similarity=0.625),
]


def told(
    graph: str,
    *path: Step,
    source: str = "urn:other",
    value: float = 1.0,
    words: str = "",
    named: Sequence[str] = (),
    said: Mapping[str, str] | None = None,
) -> str:
    return sentence(Term(graph, path, value, source, words), FILM, ENTITIES, EDGES, named, said)


def fact(start: str, relation: str, end: str) -> Step:
    return (f"urn:{start}", relation, f"urn:{end}")


TOGETHER = fact("film", "CO_MENTIONED", "other")
NAMED = ["urn:other", "urn:ann", "urn:place"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (told("co_mention", TOGETHER), "7 conversations mention it together with Other: Part 2 (1999)."),
        (
            told("co_mention", TOGETHER, named=NAMED),
            "Because you named Other: Part 2 (1999): 7 conversations mention both.",
        ),
        (
            told("co_mention", TOGETHER, value=-1, named=NAMED),
            "Speaks against it: 7 conversations mention it together with Other: Part 2 (1999).",
        ),
        (
            told("similar_text", fact("other", "TEXT_SIMILAR", "film")),
            "Its description is like that of Other: Part 2 (1999) (similarity 0.62).",
        ),
        (told("image", fact("film", "IMAGE_SIMILAR", "other")), "Its picture is like that of Other: Part 2 (1999)."),
        (told("facts", fact("film", "DIRECTOR", "ann"), source="urn:ann"), "Directed by Ann."),
        (
            told("facts", fact("film", "DIRECTOR", "ann"), source="urn:ann", named=NAMED),
            "Because you named Ann: its director.",
        ),
        (
            told("facts", fact("film", "GOOD_FOR", "place"), source="urn:place", named=NAMED),
            "Because you named Bonsai: good for Bonsai.",
        ),
        (told("facts", fact("other", "PREVIOUS_WORK", "film")), "Other: Part 2 (1999): sequel to it."),
        (
            told("facts", fact("other", "PREVIOUS_WORK", "film"), named=NAMED),
            "Because you named Other: Part 2 (1999): sequel to it.",
        ),
        (
            told("facts", fact("other", "DIRECTOR", "ann"), fact("film", "DIRECTOR", "ann"), named=NAMED),
            "Because you named Other: Part 2 (1999): same director, Ann.",
        ),
        (
            told("facts", fact("other", "DIRECTOR", "ann"), fact("film", "DIRECTOR", "ann")),
            "Same director as Other: Part 2 (1999): Ann.",
        ),
        (
            told("facts", fact("other", "GOOD_FOR", "place"), fact("film", "GOOD_FOR", "place"), named=NAMED),
            "Because you named Other: Part 2 (1999): both good for Bonsai.",
        ),
        (
            told("facts", fact("other", "WRITER", "ann"), fact("film", "DIRECTOR", "ann"), named=NAMED),
            "Because you named Other: Part 2 (1999): directed by Ann; Other: Part 2 (1999): written by Ann.",
        ),
        (
            told("facts", fact("ann", "PRAISES", "other"), fact("ann", "PRAISES", "film")),
            "Ann: praises it and Other: Part 2 (1999).",
        ),
        (told("words", source="urn:film", words="film"), "The chat says “film”, a word of its title."),
        (told("words", source="urn:film", words="sci-fi"), "The chat speaks of its genre “sci-fi”."),
        (told("popularity", source="urn:film"), "12 conversations mention it."),
        (told("popularity", source="urn:film", value=0.0), "Makes no difference: 12 conversations mention it."),
        (told("named", source="urn:film", named=["urn:film"]), "It was named in this chat."),
        (told("description", source="urn:film"), "Its description fits what was said in this chat."),
        (
            told("own", fact("film", "SELF", "film"), source="urn:film"),
            "What the model learned of it, whatever its neighbours are.",
        ),
        (told("a_new_kind", source="urn:film"), "A_new_kind."),
        (
            told("similar_chats", ("talk#1#2", "MENTIONS", "urn:film"), source="talk#1#2"),
            "It is mentioned in a conversation like this one (talk#1).",
        ),
        (
            told("similar_chats", ("t#2", "MENTIONS", "urn:film"), source="t#2", said={"t#2": "I  like\nghosts."}),
            "It is mentioned in a conversation like this one (t), after “I like ghosts.”.",
        ),
    ],
)
def test_each_kind_of_path_has_its_sentence(said: str, expected: str) -> None:
    assert said == expected


def test_of_long_words_the_end_is_quoted() -> None:
    term = Term("similar_chats", (("t#2", "MENTIONS", "urn:film"),), 1.0, "t#2")
    said = sentence(term, FILM, {}, [], said={"t#2": "word " * 100 + "the end"})
    assert said.endswith("word the end”.")
    assert len(said) < 250


def test_without_figures_and_names_nothing_is_made_up() -> None:
    step = fact("film", "CO_MENTIONED", "nowhere")
    said = sentence(Term("co_mention", (step,), 1.0, "urn:nowhere"), Described("urn:film", "Film"), {}, [])
    assert said == "Conversations mention it together with urn:nowhere."
    step = fact("film", "TEXT_SIMILAR", "nowhere")
    said = sentence(Term("text", (step,), 1.0, "urn:nowhere"), Described("urn:film", "Film"), {}, [])
    assert said == "What is told of it is like what is told of urn:nowhere."
    said = sentence(Term("description", (), -1.0, "urn:film"), Described("urn:film", "Film"), {}, [])
    assert said == "Speaks against it: what is told of it fits what was said in this chat."


def test_a_title_stays_one_line_that_nobody_can_steer() -> None:
    nasty = {"urn:other": Described("urn:other", "Evil\n\x1b[2J \u202eeltit")}
    said = sentence(Term("facts", (fact("other", "PREVIOUS_WORK", "film"),), 1.0, "urn:other"), FILM, nasty, [])
    assert said == "Evil [2J eltit: sequel to it."


@pytest.mark.parametrize(("count", "expected"), [(1, "1 other term, "), (1_200, "1,200 other terms, ")])
def test_the_others_are_numbered(count: int, expected: str) -> None:
    assert others_sentence(count).startswith(expected)


def test_an_unknown_parameter_is_not_pasted() -> None:
    with pytest.raises(QueryError, match="takes: uri"):
        paste(load_query("entity"), {"url": "urn:film"})
    with pytest.raises(TypeError):
        literal({"no": "map"})  # type: ignore[arg-type]


Run = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def shell(toy_films: Graph, settings: Settings) -> Iterator[Run]:
    """What Neo4j Browser does with pasted text: each `:param` line is evaluated, then the statement runs with them."""
    password = PrivateServer(settings).password()
    with neo4j.GraphDatabase.driver(toy_films.uri, auth=("neo4j", password)) as driver:

        def run(text: str) -> list[dict[str, Any]]:
            parameters: dict[str, Any] = {}
            lines = text.split("\n")
            while lines[0].startswith(":param "):
                name, _, value = lines.pop(0).removeprefix(":param ").partition(" => ")
                parameters[name] = driver.execute_query(f"RETURN {value} AS value").records[0]["value"]
            statement = "\n".join(lines)
            assert statement.endswith(";")
            records = driver.execute_query(statement.removesuffix(";"), parameters, routing_="r").records
            return [record.data() for record in records]

        yield run


@pytest.mark.database
@examples(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.text(), st.sampled_from(["\\u0041", "';\n:param", "\\", "😀\u202e\u2028"])), max_size=3))
def test_any_text_is_pasted_as_it_is(shell: Run, values: list[str]) -> None:
    assert "\n" not in literal(values)
    assert len(literal(values).splitlines()) <= 1
    assert shell(f":param values => {literal(values)}\nRETURN $values AS values;") == [{"values": values}]


ALIEN = "urn:alien"


@pytest.mark.database
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (
            Term("co_mention", ((ALIEN, "CO_MENTIONED", "urn:aliens"),), 1, "urn:aliens"),
            [{"source": ALIEN, "relation": "CO_MENTIONED", "target": "urn:aliens", "count": 2}],
        ),
        (
            Term(
                "facts",
                (("urn:gladiator", "DIRECTOR", "urn:scott"), (ALIEN, "DIRECTOR", "urn:scott")),
                1,
                "urn:gladiator",
            ),
            [
                {"source": "urn:gladiator", "relation": "DIRECTOR", "target_name": "Ridley Scott", "count": None},
                {"source": ALIEN, "relation": "DIRECTOR", "target_name": "Ridley Scott", "score": None},
            ],
        ),
        (Term("similar_text", (("urn:aliens", "TEXT_SIMILAR", ALIEN),), 1, "urn:aliens"), [{"score": 0.9}]),
        (Term("co_mention", ((ALIEN, "CO_MENTIONED", "urn:gladiator"),), 1, "urn:gladiator"), []),  # ended
        (
            Term("popularity", (), 1, ALIEN),
            [{"uri": ALIEN, "title": "Alien", "mentioned": 2, "recommended": 0, "dialogues": 2}],
        ),
        (Term("words", (), 1, ALIEN, "horror"), [{"uri": ALIEN, "genres": ["Horror", "sci-fi"]}]),
        (Term("own", ((ALIEN, "SELF", ALIEN),), 1, ALIEN), [{"uri": ALIEN, "title": "Alien"}]),
    ],
)
def test_the_cypher_shows_the_term(shell: Run, term: Term, expected: list[dict[str, Any]]) -> None:
    rows = shell(cypher_of(term, ALIEN))
    assert [{name: row[name] for name in one} for one, row in zip(expected, rows, strict=True)] == expected


@pytest.mark.database
@pytest.mark.parametrize(
    ("turn", "uri", "words"), [("toy/train/1#1", "urn:aliens", "Like Alien?"), ("toy/train/2#1", "urn:gladiator", None)]
)
def test_of_a_conversation_words_are_shown_where_they_may_be(
    toy_films: Graph, shell: Run, turn: str, uri: str, words: str | None
) -> None:
    term = Term("similar_chats", ((turn, "MENTIONS", uri),), 1, turn)
    (row,) = shell(cypher_of(term, uri))
    assert (row["uri"], row["turn"], row["words"]) == (uri, 1, words)
    assert words_before(toy_films, [turn, turn]) == ({turn: words} if words else {})


@pytest.mark.database
def test_a_pasted_statement_only_reads(shell: Run) -> None:
    for name in ("evidence_path", "evidence_turn", "evidence_popularity", "entity"):
        assert load_query(name).mode == "read"
    assert re.match(r":param uri => 'urn:alien'\nMATCH ", cypher_of(Term("named", (), 1, ALIEN), ALIEN))
