"""The named queries as forms. It only draws: the work is in `ui.query_forms`."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from graphstore.connection import ReadLimits
from graphstore.errors import ConnectionLostError, GraphStoreError
from graphstore.graph import Graph
from graphstore.queries import Query
from ui import explore_parts
from ui.errors import DoorError
from ui.page_entity import STATE, chosen
from ui.page_graph import draw_graph, draw_rows
from ui.page_resources import options, settings_of
from ui.query_forms import QueryAnswer, answer_query, form_fields
from ui.query_parameters import find, for_people

__all__ = ["ask"]

_MOST_ROWS = 1_000
_LIMITS = ReadLimits(seconds=30, rows=_MOST_ROWS)
_CHOSEN = {"uri": "item", "first": "item", "second": "with"}  # what stands in these fields at first


def ask(graph: Graph) -> None:
    """Choose a query, fill its form, and see the answer."""
    names = [query.name for query in for_people()]
    name = st.selectbox("Query", names, index=names.index("neighbourhood"), key="query", bind="query-params")
    query = find(name)
    st.html(explore_parts.query_head(query))
    given = form(query)
    if given is not None:
        st.session_state[f"{STATE}-asked"] = (name, given)
    asked_name, asked = st.session_state.get(f"{STATE}-asked", ("", {}))
    if asked_name == name:
        respond(graph, name, asked)


def form(query: Query) -> Mapping[str, str] | None:
    """The form of a query; what stands in its fields, once it is sent."""
    with st.form(f"{STATE}-form-{query.name}", border=True):
        given = {}
        for one in form_fields(query):
            required = " (has to be given)" if one.default is None else ""
            given[one.name] = st.text_input(
                f"{one.name}{required}",
                value=(chosen(_CHOSEN[one.name]) or "") if one.name in _CHOSEN else "",
                help=one.help,
                placeholder={None: "", "null": "may be left out"}.get(one.default, one.default),
                key=f"{STATE}-field-{query.name}-{one.name}",
            )
        if st.form_submit_button("Ask the graph", type="primary"):
            return given
    return None


def respond(graph: Graph, name: str, given: Mapping[str, str]) -> None:
    """Ask, and show what comes; a mistake in the form is said below it."""
    settings = settings_of(options().home)
    try:
        with st.spinner(f"Asking the graph, for {_LIMITS.seconds:g} seconds at most …"):
            answer = answer_query(graph, name, given, settings.cache, _LIMITS)
    except ConnectionLostError:
        raise
    except (GraphStoreError, DoorError) as error:
        st.html(explore_parts.notice(str(error)))
        return
    draw_answer(name, answer)


def draw_answer(name: str, answer: QueryAnswer) -> None:
    """The graph where the answer is one, and the rows."""
    st.html(explore_parts.small(_how_much(answer)))
    if answer.graph:
        draw_graph(answer.graph, f"{STATE}-drawing-{name}")
    if answer.rows:
        draw_rows(tuple(answer.columns), answer.rows, name)


def _how_much(answer: QueryAnswer) -> str:
    rows = len(answer.rows)
    said = "No rows." if not rows else f"{rows:,} row{'' if rows == 1 else 's'}."
    if answer.cut:
        said = f"The first {rows:,} rows; there are more. `tellgraph query --rows N` takes them."
    if answer.smaller:
        said += " The drawing is of the first rows only: all of them have too many nodes."
    return said
