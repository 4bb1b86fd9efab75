"""The pages of `tellgraph app`, and the chat among them. It only draws: the work is in `ui.chat_session`.

Streamlit runs this script from top to bottom whenever somebody does something:

    main ──┬── chat ── loaded (once per server) ── welcome │ answers ── cards ── why
           │                                                   └── words, when everything else stands
           ├── page_explore.explore
           ├── page_runs.runs
           └── trouble, in a sentence
"""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path

import streamlit as st

from graphstore.errors import ConnectionLostError, GraphStoreError
from training.errors import TrainingError
from training.language import LanguageModel
from training.recommender import Recommender
from ui import page_entity, page_explore, page_parts, page_runs
from ui.chat_session import Answer, Card, ChatSession
from ui.chat_setup import GraphSummary, example_messages
from ui.errors import DoorError
from ui.page_resources import cached_graph, cached_run, cached_words, options, picture_of, plain, trouble

__all__ = ["main"]


def main() -> None:
    """Draw the page that the address asks for."""
    pages = [
        st.Page(chat, title="Chat", default=True),
        st.Page(page_explore.explore, title="Explore", url_path="explore"),
        st.Page(page_runs.runs, title="Runs", url_path="runs"),
    ]
    page = st.navigation(pages, position="hidden")  # Streamlit's own hides itself in the sidebar of a telephone
    st.set_page_config(page_title=f"{page.title} – Tellgraph", page_icon="🎞️", layout="wide")
    st.html(Path(str(resources.files("ui") / "assets" / "app.css")))
    with st.container(horizontal=True, vertical_alignment="center", key="top"):
        st.html(page_parts.brand(), width="content")
        for each in pages:
            st.page_link(each)
    try:
        page.run()
    except ConnectionLostError as error:
        cached_graph.clear()
        trouble("The graph does not answer", str(error))
    except (GraphStoreError, TrainingError, DoorError) as error:
        trouble("Not ready yet", str(error))


def chat() -> None:
    """The conversation."""
    given = options()
    recommender, summary, model, session = loaded(given)
    draw_sidebar(given.run, recommender, summary, model)
    converse(session, recommender)


def loaded(
    given: argparse.Namespace,
) -> tuple[Recommender, GraphSummary, LanguageModel | None, ChatSession]:
    """Everything that a page needs, with a line that says what is being waited for."""
    line = st.empty()
    with line.container(), st.spinner("Opening the trained run …"):
        recommender = cached_run(given.run, given.home)
    with line.container(), st.spinner("Opening the graph; a private Neo4j takes up to 20 seconds to start …"):
        graph, summary = cached_graph(given.home)
    with line.container(), st.spinner("Loading the language model …"):
        model = cached_words(given.words, given.run, given.home)
    line.empty()
    if "chat" not in st.session_state:
        st.session_state.chat = ChatSession(recommender, graph, model, summary.sample)
        st.session_state.graph = graph
    chat: ChatSession = st.session_state.chat
    if st.session_state.graph is not graph:
        chat.attach(graph)
        st.session_state.graph = graph
    return recommender, summary, model, chat


def converse(chat: ChatSession, recommender: Recommender) -> None:
    """Everything said so far, and what comes next.

    The field stands in a container of its own, because Streamlit scrolls a page with a pinned one to its end
    after every answer: past the answer.
    """
    conversation = st.container()
    with st.container(key="field"):
        typed = st.chat_input("Name a film or a person you like …", key="typed")
    message = typed or st.session_state.pop("waiting", None)
    if not chat.answers and not message:
        with conversation:
            st.html(page_parts.welcome())
        draw_examples(recommender)
    with conversation:
        for number, answer in enumerate(chat.answers):
            draw_answer(number, answer, chat)
        if message:
            draw_message(len(chat.answers), message)
            respond(chat, message)
        if st.session_state.get("unworded"):
            with st.spinner("Finding words …"):
                chat.words(chat.answers[-1])
            st.session_state.unworded = False
            st.rerun()


def respond(chat: ChatSession, message: str) -> None:
    """Answer, and draw the page again with it."""
    st.session_state.waiting = message  # where the graph is lost now, "Try again" asks once more
    with st.spinner("Looking through the graph …"):
        chat.recommend(message)
    del st.session_state.waiting
    st.session_state.unworded = True
    st.rerun()


def draw_examples(recommender: Recommender) -> None:
    """Messages to start with."""
    with st.container(horizontal=True, horizontal_alignment="center", key="examples"):
        for number, example in enumerate(example_messages(recommender.snapshot)):
            st.button(plain(example), key=f"example-{number}", on_click=say, args=(example,))


def draw_message(number: int, message: str) -> None:
    """What the person wrote, brought into sight: its answer stands below it."""
    st.html(page_parts.message(number, message))
    st.html(page_parts.scroll_to(number), unsafe_allow_javascript=True)


def say(message: str) -> None:
    """A message as if it had been typed."""
    st.session_state.waiting = message


def draw_answer(number: int, answer: Answer, chat: ChatSession) -> None:
    """A message and its answer. Which reasons are open is kept per answer; the first are, at first."""
    newest = number == len(chat.answers) - 1
    if newest:
        draw_message(number, answer.message)
    else:
        st.html(page_parts.message(number, answer.message))
    st.html(page_parts.reply(answer))
    if understood := page_parts.understood(answer):
        st.html(understood)
    for notice in answer.notices:
        st.html(page_parts.notice(notice))
    if newest:
        draw_choices(answer, chat)
    if answer.recommendations:
        opened = draw_cards(number, answer, newest)
        if opened is not None:
            draw_why(number, answer.recommendations[opened])


def draw_choices(answer: Answer, chat: ChatSession) -> None:
    """A button for everything that an ambiguous name may mean."""
    for place, ambiguity in enumerate(answer.ambiguous):
        st.html(page_parts.question(ambiguity))
        with st.container(horizontal=True, key=f"choices-{place}"):
            for choice in ambiguity.choices:
                key = f"choice-{place}-{choice.uri}"
                st.button(plain(choice.label), key=key, on_click=choose, args=(chat, ambiguity.text, choice.uri))


def choose(chat: ChatSession, name: str, uri: str) -> None:
    """Answer again with a name decided."""
    chat.choose(name, uri)
    st.session_state.unworded = True


def draw_cards(number: int, answer: Answer, newest: bool) -> int | None:
    """The cards in a row, each with its button. Returns whose reasons are open, if any are."""
    state = f"open-{number}"
    opened: int | None = st.session_state.setdefault(state, 0) if newest else st.session_state.get(state)
    with st.container(key=f"cards-{number}"):
        for place, (column, card) in enumerate(
            zip(st.columns(len(answer.recommendations)), answer.recommendations, strict=True)
        ):
            with column:
                st.html(page_parts.card_face(card, picture_of([card.picture] if card.picture else [])))
                st.button(
                    "Why?",
                    key=f"ask-{number}-{place}",
                    help=f"Why {plain(card.item.label)}?",
                    type="primary" if place == opened else "secondary",
                    on_click=toggle,
                    args=(state, place),
                )
    return opened


def toggle(state: str, place: int) -> None:
    """Open one card's reasons, or close them."""
    st.session_state[state] = None if st.session_state.get(state) == place else place


def draw_why(number: int, card: Card) -> None:
    """The reasons of one card: bars that add up, and the neighbourhood."""
    with st.container(key=f"why-{number}"):
        st.html(page_parts.why_heading(card.why))
        left, right = st.columns([11, 10], gap="large")
        with left:
            st.html(page_parts.bars(card.why, card.item.drawn))
        with right:
            st.html(page_parts.drawing(card.why))


def draw_sidebar(run: Path, recommender: Recommender, summary: GraphSummary, model: LanguageModel | None) -> None:
    """What is in use, quietly."""
    with st.sidebar:
        st.html(page_parts.facts_in_use(run.name, recommender, summary, model.name if model else None))
        st.button("New conversation", on_click=forget)


def forget() -> None:
    """Begin anew; the other pages stay as they are."""
    for key in [key for key in st.session_state if not str(key).startswith(page_entity.STATE)]:
        del st.session_state[key]


if __name__ == "__main__":  # which is how Streamlit runs it
    main()
