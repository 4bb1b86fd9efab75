"""Two entities side by side. It only draws: the work is in `ui.exploring`."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from graphstore.graph import Graph
from graphstore.queries import load_query
from ui import explore_parts
from ui.exploring import Comparison, compare, describe
from ui.page_entity import chosen, draw_entity, pick
from ui.page_graph import draw_graph, draw_rows
from ui.query_graph import ResultGraph, result_graph
from ui.query_output import Rows
from ui.relation_words import relation_words

__all__ = ["compare_two"]


def compare_two(graph: Graph) -> None:
    """Choose two, and see what they share."""
    ends = []
    for column, place, label in zip(st.columns(2), ("item", "with"), ("The first", "The second"), strict=True):
        with column:
            pick(graph, place, label)
            uri = chosen(place)
            entity = describe(graph, uri) if uri else None
            if entity:
                draw_entity(entity)
                ends.append(entity)
            elif uri:
                st.html(explore_parts.notice(f"The graph holds nothing with the URI {uri}."))
    if len(ends) < 2:
        st.html(explore_parts.hint("Choose two: what connects them is shown here."))
        return
    if ends[0].uri == ends[1].uri:
        st.html(explore_parts.notice("These are one and the same: choose another for the second."))
        return
    with st.spinner("Looking for what connects them …"):
        found = compare(graph, *ends)
    draw_comparison(found)


def draw_comparison(found: Comparison) -> None:
    """Direct edges, shared facts, and the ways between them."""
    st.subheader("Directly", anchor=False)
    st.html(explore_parts.direct_edges(found))
    st.subheader("Shared facts", anchor=False)
    if found.shared:
        rows = [
            {
                "shared": row["name"] or row["uri"],
                "in the first as": list(map(relation_words, row["first_relations"])),
                "in the second as": list(map(relation_words, row["second_relations"])),
            }
            for row in found.shared
        ]
        draw_rows(tuple(rows[0]), rows, "shared_facts")
    else:
        st.html(explore_parts.small("They share no fact."))
    st.subheader("Ways from one to the other", anchor=False)
    for name, rows, title in (
        ("why_similar", found.ways, "The strongest, over every kind of edge"),
        ("shortest_paths", found.paths, "The shortest, over facts alone"),
    ):
        st.markdown(f"**{title}**")
        if rows:
            draw_graph(_ways(name, rows), f"explore-{name}", (found.first.uri, found.second.uri))
            st.html(explore_parts.ways(_in_words(rows)))
        else:
            st.html(explore_parts.small("There is none of the length that is looked for."))


def _ways(name: str, rows: Rows) -> ResultGraph:
    return result_graph(load_query(name), {}, rows)


def _in_words(rows: Rows) -> Iterable[str]:
    for row in rows:
        if "explanation" in row:
            yield row["explanation"]
        else:
            names, relations = row["names"], row["relations"]
            steps = (f" {relation} {name}" for relation, name in zip(relations, names[1:], strict=True))
            yield f"{names[0]}{''.join(steps)}"
