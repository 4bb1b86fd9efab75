"""The pages of `tellgraph app`, and the chat among them. It only draws: the work is in `ui.chat_session`.

Streamlit runs this script from top to bottom whenever somebody does something:

    main ──┬── chat ── loaded (once per server) ── settle ── welcome │ answers ── page_cards
           │                                                            └── words, when everything else stands
           ├── page_why.why
           ├── page_explore.explore
           ├── page_runs.runs
           └── trouble, in a sentence
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import streamlit as st

from graphstore.errors import ConnectionLostError, GraphStoreError
from training.errors import TrainingError
from training.recommender import Recommender
from ui import page_explore, page_parts, page_runs
from ui.chat_session import Answer, ChatSession
from ui.chat_setup import GraphSummary, example_messages
from ui.errors import DoorError
from ui.feedback import WAITING
from ui.page_cards import draw_cards, draw_said
from ui.page_resources import cached_graph, options, plain, trouble
from ui.page_session import begin_anew, forget, later, loaded, settle
from ui.page_why import why_page
from ui.writer import Writer

__all__ = ["main"]


def main() -> None:
    """Draw the page that the address asks for."""
    pages = [
        st.Page(chat, title="Chat", default=True),
        why_page(),
        st.Page(page_explore.explore, title="Explore", url_path="explore"),
        st.Page(page_runs.runs, title="Runs", url_path="runs"),
    ]
    page = st.navigation(pages, position="hidden")  # Streamlit's own hides itself in the sidebar of a telephone
    st.set_page_config(page_title=f"{page.title} – Tellgraph", page_icon="🕸️", layout="wide")
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
    recommender, summary, writer, session = loaded(given)
    settle(session)
    draw_sidebar(given.run, recommender, summary, writer, session)
    converse(session, recommender)
    if session.behind:
        if not session.answers:
            st.html(page_parts.notice(session.feedback.trouble or WAITING))
        with st.container(horizontal=True, horizontal_alignment="center", key="again"):
            # A private server that comes back has another address.
            st.button("Try again", type="primary", on_click=cached_graph.clear)


def converse(chat: ChatSession, recommender: Recommender) -> None:
    """Everything said so far, and what comes next.

    The field stands in a container of its own, because Streamlit scrolls a page with a pinned one to its end
    after every answer: past the answer.
    """
    conversation = st.container()
    with st.container(key="field"):
        typed = st.chat_input("Name something that you like …", key="typed")
    message = typed or st.session_state.pop("waiting", None)
    if not chat.answers and not message:
        with conversation:
            st.html(page_parts.welcome())
            draw_said(chat)
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
    """A message and its answer."""
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
        draw_said(chat)
    if answer.recommendations:
        draw_cards(number, answer, chat, newest)


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
    later(lambda: chat.choose(name, uri))


def draw_sidebar(
    run: Path, recommender: Recommender, summary: GraphSummary, writer: Writer | None, session: ChatSession
) -> None:
    """What is in use, quietly, and what is kept of the person."""
    with st.sidebar:
        st.html(page_parts.facts_in_use(run.name, recommender, summary, writer.name if writer else None))
        st.button("New conversation", on_click=begin_anew)
        st.html(page_parts.stored())
        st.button("Forget me", on_click=forget, args=(session,), icon=":material/delete:")


if __name__ == "__main__":  # which is how Streamlit runs it
    main()
