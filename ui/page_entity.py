"""What the views of the page Explore share: an entity is looked for, chosen, kept in the address, and described."""

from __future__ import annotations

import streamlit as st

from graphstore.graph import Graph
from ui import explore_parts
from ui.exploring import Entity, search
from ui.page_resources import picture_of, plain

__all__ = ["STATE", "choose", "chosen", "draw_entity", "pick"]

STATE = "explore"
"""What the names of this page's session values begin with."""


def chosen(place: str) -> str | None:
    """The URI that was chosen for a place, `item` or `with`: the address decides, then what was chosen before."""
    uri: str | None = st.query_params.get(place) or st.session_state.get(f"{STATE}-{place}")
    if uri is not None:
        st.session_state[f"{STATE}-{place}"] = st.query_params[place] = uri
    return uri


def choose(place: str, uri: str) -> None:
    """Take an entity, and empty the field that it was found with."""
    st.session_state[f"{STATE}-{place}"] = st.query_params[place] = uri
    st.session_state[f"{STATE}-text-{place}"] = ""


def pick(graph: Graph, place: str, label: str) -> None:
    """A field for a name, and buttons for what it may mean while it is typed."""
    text = st.text_input(
        label, type="search", max_chars=200, live=True, key=f"{STATE}-text-{place}", placeholder="Start typing a name …"
    )
    if not text or not text.strip():
        return
    found = search(graph, text)
    if not found:
        st.html(explore_parts.notice("Nothing in the graph is called that, or nearly that."))
    with st.container(horizontal=True, key=f"found-{place}"):
        for entity in found:
            st.button(
                plain(entity.label),
                key=f"{STATE}-found-{place}-{entity.uri}",
                help=plain(entity.uri),
                on_click=choose,
                args=(place, entity.uri),
            )


def draw_entity(entity: Entity) -> None:
    """What the graph says of one entity."""
    st.html(explore_parts.entity_face(entity, picture_of(entity.said["images"] or ())))
