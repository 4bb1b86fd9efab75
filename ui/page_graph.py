"""Graphs and tables as the pages show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from ui.graph_chart import CLICKED, graph_chart, graph_in_words
from ui.graph_layout import places
from ui.query_graph import ResultGraph
from ui.query_output import Rows, as_csv, in_a_line

__all__ = ["dark", "draw_graph", "draw_rows"]

_SPOTS = "explore-spots"


def dark() -> bool:
    """Whether the page is drawn in Streamlit's dark theme."""
    return st.context.theme.type == "dark"


def draw_graph(
    graph: ResultGraph, key: str, opened: Sequence[str] = (), on_select: Callable[[], None] | None = None
) -> None:
    """A graph. on_select: called after a click; a node then stands where it stood in the drawing before."""
    chart_of = partial(graph_chart, graph, opened=opened, dark=dark())
    said = graph_in_words(graph)
    if on_select is None:
        st.vega_lite_chart(spec=chart_of(places(graph.names, graph.edges)), key=key, alt=said)
        return
    before, spots = st.session_state.get(_SPOTS, (None, None))
    if before != graph:
        spots = places(graph.names, graph.edges, spots)
        st.session_state[_SPOTS] = graph, spots
    st.vega_lite_chart(spec=chart_of(spots), key=key, on_select=on_select, selection_mode=CLICKED, alt=said)


def draw_rows(columns: Sequence[str], rows: Rows, name: str) -> None:
    """Rows as a table, and as a CSV file called `name` to take away."""
    shown: dict[str, list[Any]] = {column: [_cell(row[column]) for row in rows] for column in columns}
    st.dataframe(shown, hide_index=True, key=f"table-{name}", alt=f"{len(rows)} rows: {', '.join(columns)}")
    st.download_button(
        "Download as CSV", as_csv(columns, rows), f"{name}.csv", "text/csv", key=f"csv-{name}", on_click="ignore"
    )


def _cell(value: Any) -> Any:
    """Figures as they are, that they can be sorted; anything else on a line."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ", ".join(value)
    return value if isinstance(value, int | float) else in_a_line(value)
