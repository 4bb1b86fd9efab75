"""Graphs and tables as the pages show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from ui.graph_chart import CLICKED, graph_chart, graph_in_words
from ui.graph_layout import places
from ui.query_graph import ResultGraph
from ui.query_output import Rows, as_csv, in_a_line

__all__ = ["dark", "draw_graph", "draw_rows"]


def dark() -> bool:
    """Whether the page is drawn in Streamlit's dark theme."""
    return st.context.theme.type == "dark"


def draw_graph(
    graph: ResultGraph, key: str, opened: Sequence[str] = (), on_select: Callable[[], None] | None = None
) -> None:
    """A graph, its nodes where they stood in the drawing before, if they did. on_select: called after a click."""
    before = st.session_state.get("explore-spots", {})
    spots = places(graph.names, graph.edges, before)
    st.session_state["explore-spots"] = spots
    chart = graph_chart(graph, spots, opened, dark())
    said = graph_in_words(graph)
    if on_select:
        st.vega_lite_chart(spec=chart, key=key, on_select=on_select, selection_mode=CLICKED, alt=said)
    else:
        st.vega_lite_chart(spec=chart, key=key, alt=said)


def draw_rows(columns: Sequence[str], rows: Rows, name: str) -> None:
    """Rows as a table, and as a CSV file called `name` to take away."""
    shown: dict[str, list[Any]] = {column: [_cell(row[column]) for row in rows] for column in columns}
    st.dataframe(shown, hide_index=True, key=f"table-{name}", alt=f"{len(rows)} rows: {', '.join(columns)}")
    st.download_button(
        "Download as CSV", as_csv(columns, rows), f"{name}.csv", "text/csv", key=f"csv-{name}", on_click="ignore"
    )


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float) else in_a_line(value)
