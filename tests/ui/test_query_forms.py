"""The named queries as forms: fields, answers with their limits, and mistakes in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.connection import ReadLimits
from graphstore.errors import QueryError
from graphstore.graph import Graph
from graphstore.queries import Query
from graphstore.settings import Settings
from tests.ui.film_world import uri
from ui.errors import NotReadyError
from ui.query_forms import answer_query, form_fields
from ui.query_parameters import find, for_people


@pytest.mark.parametrize("query", for_people(), ids=lambda query: query.name)
def test_every_query_has_a_form(query: Query) -> None:
    fields = form_fields(query)
    assert len({one.name for one in fields}) == len(fields)
    assert all(one.help for one in fields)


def test_a_field_says_what_stands_in_for_it() -> None:
    fields = {one.name: one for one in form_fields(find("neighbourhood"))}
    assert fields["uri"].default is None
    assert (fields["modality"].default, fields["limit"].default) == ("null", "100")


def test_the_vector_of_a_text_is_asked_for_as_the_text() -> None:
    assert [one.name for one in form_fields(find("items_near_text"))] == ["text", "limit"]
    assert [one.name for one in form_fields(find("hybrid_search"))] == ["text", "limit"]


@pytest.mark.database
def test_an_answer_has_rows_and_its_graph(films: Graph, tmp_path: Path) -> None:
    given = {"uri": f" {uri('Inception')} ", "modality": "facts", "relation": "", "limit": ""}
    answer = answer_query(films, "neighbourhood", given, tmp_path)
    assert {row["relation"] for row in answer.rows} == {"DIRECTOR", "GENRE"}
    assert answer.graph
    assert uri("Christopher_Nolan") in answer.graph.names
    assert not answer.cut
    listed = answer_query(films, "popular_items", {}, tmp_path)
    assert listed.rows
    assert listed.graph is None


@pytest.mark.database
def test_a_long_answer_is_cut_and_says_so(films: Graph, tmp_path: Path) -> None:
    answer = answer_query(films, "neighbourhood", {"uri": uri("Inception")}, tmp_path, ReadLimits(rows=2))
    assert (len(answer.rows), answer.cut) == (2, True)


@pytest.mark.database
def test_a_text_is_encoded_where_a_vector_is_wanted(films: Graph, settings: Settings) -> None:
    answer = answer_query(films, "items_near_text", {"text": "a dream", "limit": "3"}, settings.cache)
    assert len(answer.rows) == 3


@pytest.mark.database
@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("neighbourhood", {}, "uri: this field"),
        ("find_items", {"from_year": "then"}, "from_year: 'then' is no integer"),
        ("find_items", {"limit": str(2**63)}, "limit: .* is no integer"),
        ("similar_to_vector", {"vector": "[1,", "index": "item_text"}, "vector: .* written as JSON"),
        ("items_near_text", {}, "text: this field"),
        ("MATCH (n) DETACH DELETE n", {}, "There is no query"),
        ("delete_everything", {}, "There is no query"),
    ],
)
def test_a_mistake_is_one_sentence(films: Graph, tmp_path: Path, name: str, given: dict[str, str], said: str) -> None:
    with pytest.raises((QueryError, NotReadyError), match=said) as caught:
        answer_query(films, name, given, tmp_path)
    assert "-p " not in str(caught.value)
