"""The conversation of whoever looks at the pages, and what is done to it: in the page, never while a button is handled.

A callback of Streamlit's has no place for an error, so it notes its work with `later`, and the page does it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import streamlit as st

from training.recommender import Recommender, Silence
from ui.chat_session import ChatSession
from ui.chat_setup import GraphSummary
from ui.feedback import Marked
from ui.page_entity import STATE as EXPLORE_STATE
from ui.page_resources import cached_graph, cached_run, cached_words
from ui.writer import Writer

__all__ = ["begin_anew", "forget", "later", "loaded", "remember", "said", "settle", "tell"]

_LATER, _SAID = "later", "said"
_KEPT = ("feedback", _SAID)


def loaded(
    given: argparse.Namespace,
) -> tuple[Recommender, GraphSummary, Writer | None, ChatSession]:
    """Everything that a page needs, with a line that says what is being waited for."""
    line = st.empty()
    with line.container(), st.spinner("Opening the trained run …"):
        recommender = cached_run(given.run, given.home)
    with line.container(), st.spinner("Opening the graph; a private Neo4j takes up to 20 seconds to start …"):
        graph, summary = cached_graph(given.home)
    with line.container(), st.spinner("Loading the language model …"):
        writer = cached_words(given.words, given.run, given.home)
    line.empty()
    if "chat" not in st.session_state:
        before = st.session_state.get("feedback")
        st.session_state.chat = ChatSession(recommender, graph, writer, summary.sample, feedback=before)
        st.session_state.feedback = st.session_state.chat.feedback
        st.session_state.graph = graph
    chat: ChatSession = st.session_state.chat
    if st.session_state.graph is not graph:
        chat.attach(graph)
        st.session_state.graph = graph
    return recommender, summary, writer, chat


def later(work: Callable[[], object]) -> None:
    """Note what the page shall do before it draws anything."""
    st.session_state.setdefault(_LATER, []).append(work)


def settle(chat: ChatSession) -> None:
    """Do what was noted, and what a lost graph has kept from being done."""
    waiting: list[Callable[[], object]] = st.session_state.get(_LATER, [])
    if not waiting and not chat.behind:
        return
    with st.spinner("Looking through the graph …"):
        if chat.behind and not waiting:
            chat.catch_up()
        while waiting:
            waiting.pop(0)()
    st.session_state.unworded = not chat.behind and bool(chat.answers)


def tell(chat: ChatSession, what: Marked | Silence, words: str) -> None:
    """Take a mark, or a reason that there shall be less of. words: what the person reads of it afterwards."""
    remember(what, words)
    if isinstance(what, Silence):
        later(lambda: chat.less_of(what))
    else:
        later(lambda: chat.mark(what.mark, what.uri))


def remember(what: Marked | Silence, words: str) -> None:
    """Keep the words for something that was said."""
    st.session_state.setdefault(_SAID, {})[what] = words


def said(chat: ChatSession) -> list[tuple[Marked | Silence, str]]:
    """Everything that the person said with buttons and that still counts, in words."""
    words: dict[Marked | Silence, str] = st.session_state.get(_SAID, {})
    everything: tuple[Marked | Silence, ...] = (*chat.feedback.marks, *chat.feedback.silenced)
    return [(what, words.get(what, "")) for what in everything]


def forget(chat: ChatSession) -> None:
    """Forget what the person said with buttons, here and in the graph."""
    st.session_state.pop(_SAID, None)
    later(chat.forget)


def begin_anew() -> None:
    """Another conversation; what was said with buttons stays, and so do the other pages."""
    for key in [str(key) for key in st.session_state if key not in _KEPT]:
        if not key.startswith(EXPLORE_STATE) or key.endswith("-not"):  # which the page Why asks for
            del st.session_state[key]
