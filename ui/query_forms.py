"""A named query as a form: a field for each parameter, its answer as a table, and a graph where it is one.

Only names of the library are taken, and only values of parameters: no statement comes from outside. Knows no Streamlit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from graphstore.connection import Graph, ReadLimits
from graphstore.errors import QueryError
from graphstore.queries import VECTOR_OF_TEXT, Query
from ui.graph_layout import MOST_NODES
from ui.query_graph import ResultGraph, check_drawable, result_graph
from ui.query_output import Rows
from ui.query_parameters import find, read_parameters, with_vectors

__all__ = ["Field", "QueryAnswer", "answer_query", "form_fields"]


@dataclass(frozen=True)
class Field:
    """A field of a form. default: what stands in for an empty one, as JSON; None where something has to be given."""

    name: str
    help: str
    default: str | None


@dataclass(frozen=True)
class QueryAnswer:
    """The answer to a query.

    columns: name → explanation. graph: None where the answer is a list, or has no row.
    cut: there are more rows than were taken. smaller: the graph is of the first rows only, since all have too many
        nodes to be drawn.
    """

    columns: Mapping[str, str]
    rows: Rows
    graph: ResultGraph | None
    cut: bool
    smaller: bool


def form_fields(query: Query) -> list[Field]:
    """A field per parameter; the vector of a text is asked for as the text."""
    fields: dict[str, Field] = {}
    for one in query.parameters.values():
        if one.type == VECTOR_OF_TEXT:
            fields.setdefault("text", Field("text", "a text, which is encoded as the items' descriptions were", None))
        else:
            said = one.type if one.type in ("string", "integer") else f"{one.type}, written as JSON"
            fields[one.name] = Field(one.name, said, None if one.required else json.dumps(one.default))
    return list(fields.values())


def answer_query(
    graph: Graph, name: str, given: Mapping[str, str], cache: Path, limits: ReadLimits | None = None
) -> QueryAnswer:
    """Ask the query of that name. given: what stands in each field; an empty one counts as left out.

    Raises QueryError for a value that is none, with the name of its field; NotReadyError, ConnectionLostError.
    """
    query = find(name)
    filled = {key: value.strip() for key, value in given.items() if value.strip()}
    missing = [one.name for one in form_fields(query) if one.default is None and one.name not in filled]
    if missing:
        raise QueryError(f"{missing[0]}: this field has to be filled in.")
    try:
        values = read_parameters(query, [f"{key}={value}" for key, value in filled.items()])
        values = with_vectors(graph, query, values, cache)
    except click.UsageError as error:  # says "-p limit: …", as on the command line
        raise QueryError(error.message.removeprefix("-p ")) from error
    answer = graph.steady(lambda: graph.ask(name, values, limits))
    drawn, smaller = _graph(query, values, answer.rows)
    return QueryAnswer(query.columns, answer.rows, drawn, answer.cut, smaller)


def _graph(query: Query, values: Mapping[str, Any], rows: Rows) -> tuple[ResultGraph | None, bool]:
    """The graph in as many of the first rows as can be drawn, and whether that is not all of them."""
    try:
        check_drawable(query)
    except QueryError:
        return None, False
    if not rows:
        return None, False
    taken = len(rows)
    graph = result_graph(query, values, rows)
    while len(graph.names) > MOST_NODES:
        taken //= 2
        graph = result_graph(query, values, rows[:taken])
    return graph, taken < len(rows)
