"""The page that explores the graph. It only draws: the work is in `ui.exploring` and `ui.query_forms`.

    explore ──┬── look around ── an entity, its neighbourhood, filters
              ├── page_compare.compare_two
              └── page_queries.ask

Addresses: /explore?item=URI, /explore?view=two&item=URI&with=URI, /explore?view=queries&query=NAME.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from graphstore.graph import Graph
from ui import explore_parts
from ui.exploring import MODALITIES, Filters, Neighbourhood, Star, neighbourhood, star
from ui.graph_chart import CLICKED
from ui.graph_layout import MOST_NODES
from ui.page_compare import compare_two
from ui.page_entity import STATE, choose, chosen, draw_entity, pick
from ui.page_graph import draw_graph, draw_rows
from ui.page_queries import ask
from ui.page_resources import cached_graph, options
from ui.query_output import printable
from ui.relation_words import relation_words

__all__ = ["explore"]

_VIEWS = {"around": "Look around", "two": "Two items", "queries": "Queries"}
_OPENED = f"{STATE}-opened"
_NODE, _LABELS = f"{STATE}-node", f"{STATE}-node-labels"
_MOST_OPENED = 12


def explore() -> None:
    """Entities, what connects two of them, and the named queries."""
    st.title("Explore", anchor=False)
    with st.spinner("Opening the graph; a private Neo4j takes up to 20 seconds to start …"):
        graph, _ = cached_graph(options().home)
    {"two": compare_two, "queries": ask}.get(ask_view(), look_around)(graph)


def ask_view() -> str:
    """Which view is wanted: the address decides, then what was chosen before."""
    key = f"{STATE}-view"
    wanted = st.query_params.get("view") or st.session_state.get(f"{key}-before")
    view = st.segmented_control(
        "What to do",
        list(_VIEWS),
        default=wanted if wanted in _VIEWS else "around",
        required=True,
        format_func=_VIEWS.__getitem__,
        key=key,
        label_visibility="collapsed",
    )
    st.session_state[f"{key}-before"] = st.query_params["view"] = view
    return view


def look_around(graph: Graph) -> None:
    """One entity and its neighbourhood."""
    pick(graph, "item", "Anything that has a name")
    uri = chosen("item")
    if uri is None:
        st.html(
            explore_parts.hint(
                "Type a name above. What it is connected to is drawn here, and every node can be opened."
            )
        )
        return
    opened = opened_nodes(uri)
    with st.spinner("Reading the neighbourhood …"):
        stars = [found for found in (star(graph, one) for one in opened) if found]
    if not stars or stars[0].uri != uri:
        st.html(explore_parts.notice(f"The graph holds nothing with the URI {uri}."))
        return
    draw_entity(stars[0].entity)
    filters = ask_filters(stars)
    found = neighbourhood(stars, filters)
    draw_neighbourhood(found, opened)


def opened_nodes(uri: str) -> list[str]:
    """The entities whose edges are drawn, the chosen one first."""
    opened: list[str] = st.session_state.setdefault(_OPENED, [uri])
    if opened[0] != uri:
        opened = st.session_state[_OPENED] = [uri]
    return opened


def toggle(uri: str) -> None:
    """Open a node, or fold it; the one in the middle stays."""
    opened: list[str] = st.session_state[_OPENED]
    if uri in opened[1:]:
        opened.remove(uri)
    elif uri not in opened and len(opened) < _MOST_OPENED:
        opened.append(uri)


def ask_filters(stars: Sequence[Star]) -> Filters:
    """Which edges are shown: fields for what there is."""
    edges = [edge for one in stars for edge in one.neighbours]
    present = [name for name in MODALITIES if any(edge.modality == name for edge in edges)]
    # Two relations may have the same words: COMPOSER and MUSIC_COMPOSER are both "music by".
    words = {edge.relation: printable(relation_words(edge.relation)) for edge in edges}
    modalities = st.pills(
        "Kinds of edges",
        present,
        selection_mode="multi",
        default=present,
        format_func=MODALITIES.__getitem__,
        key=f"{STATE}-kinds-{'-'.join(present)}",
    )
    with st.expander("More filters"):
        left, right = st.columns(2)
        with left:
            wanted = st.multiselect(
                "Relations", sorted(set(words.values())), placeholder="all", key=f"{STATE}-relations"
            )
            most = st.slider("Nodes drawn, at most", 10, MOST_NODES, 60, key=f"{STATE}-most")
        with right:
            score = st.slider("Likeness of texts and pictures, at least", 0.0, 1.0, 0.0, 0.05, key=f"{STATE}-score")
            count = st.number_input("Mentioned or liked together, at least", 1, value=1, key=f"{STATE}-count")
    relations = frozenset(relation for relation, said in words.items() if said in wanted)
    return Filters(frozenset(modalities), relations, score, int(count), most)


def draw_neighbourhood(found: Neighbourhood, opened: Sequence[str]) -> None:
    """The drawing, the same by keyboard, and the same as a table."""
    key = f"{STATE}-drawing-{len(opened)}-{hash(tuple(opened))}"
    draw_graph(found.graph, key, opened, on_select=lambda: clicked(key))
    st.html(explore_parts.small(_how_much(found, len(opened))))
    with st.container(horizontal=True, vertical_alignment="bottom", key="nodes"):
        labels = st.session_state[_LABELS] = _labels(found, opened[0])
        st.selectbox("Node", list(labels), key=_NODE)
        st.button("Open or fold", on_click=toggle_node, disabled=not labels)
        st.button("Put in the middle", on_click=centre_node, disabled=not labels)
    rows = [
        {
            "from": found.graph.names[source],
            "relation": relation_words(edge.relation),
            "to": found.graph.names[target],
            "count or score": edge.weight,
        }
        for source, target, edge in found.edges
    ]
    draw_rows(("from", "relation", "to", "count or score"), rows, "neighbourhood")


def toggle_node() -> None:
    """Open or fold what stands in the field: now, which may be later than when the button was drawn."""
    toggle(st.session_state[_LABELS][st.session_state[_NODE]])


def centre_node() -> None:
    """Put what stands in the field in the middle."""
    choose("item", st.session_state[_LABELS][st.session_state[_NODE]])


def clicked(key: str) -> None:
    """A node of the drawing was clicked."""
    for point in st.session_state[key].selection.get(CLICKED, []):
        toggle(point["uri"])


def _labels(found: Neighbourhood, centre: str) -> dict[str, str]:
    """A label for each node but the one in the middle, and its URI; the URI tells two of one name apart."""
    names = {uri: printable(name) for uri, name in found.graph.names.items() if uri != centre}
    often = Counter(names.values())
    return {name if often[name] == 1 else f"{name} – {printable(uri)}": uri for uri, name in names.items()}


def _how_much(found: Neighbourhood, opened: int) -> str:
    nodes, lines = len(found.graph.names), len(found.edges)
    said = f"{nodes:,} nodes and {lines:,} lines. "
    if found.hidden:
        said += (
            f"{'More than ' if found.cut else ''}{found.hidden:,} more neighbours pass the filters and are not drawn. "
        )
    elif found.cut:
        said += "There are more neighbours than are read at once. "
    if opened >= _MOST_OPENED:
        said += f"{_MOST_OPENED} nodes are open, which is the most: fold one first. "
    return said + "Click a node to open or fold it. With Shift, dragging moves the drawing and the wheel zooms."
