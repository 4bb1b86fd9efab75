"""What was recommended, as cards: the strongest reasons as chips, what the person thinks of each, and why it is there.

draw_cards ── face ── chips ── Rate ── Why?
                        │                └── draw_why: bars that add up, the neighbourhood, the way to the page Why
                        └── the way of that reason stands out in the drawing
draw_said ── everything that was said with buttons, each taken back with one
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from graphstore.visitors import Mark
from ui import page_parts
from ui.chat_session import Answer, Card, ChatSession
from ui.chips import chips, less_in_words, silence_of
from ui.feedback import Marked
from ui.page_resources import picture_of, plain
from ui.page_session import later, said, tell
from ui.page_why import why_page
from ui.why import Bar

__all__ = ["draw_cards", "draw_said"]

_OPINIONS: dict[Mark, tuple[str, str, str]] = {
    "LIKED": ("Like", ":material/thumb_up:", "Liked"),
    "DISLIKED": ("Dislike", ":material/thumb_down:", "Disliked"),
    "SEEN": ("Seen it", ":material/visibility:", "Seen"),
    "MORE_LIKE": ("More like this", ":material/add:", "More like"),
}
"""What a button says, its icon, and what is read afterwards."""


def draw_cards(number: int, answer: Answer, chat: ChatSession, newest: bool) -> None:
    """The cards in a row, and the reasons of the one that is open: the first of the newest answer, at first."""
    state = f"open-{number}"
    items = [card.item.uri for card in answer.recommendations]
    opened: str | None = st.session_state.setdefault(state, items[0]) if newest else st.session_state.get(state)
    if opened is not None and opened not in items:  # it was ranked away
        opened = st.session_state[state] = items[0]
    with st.container(key=f"cards-{number}"):
        for column, card in zip(st.columns(len(items)), answer.recommendations, strict=True):
            with column:
                _draw_card(number, card, chat, newest, card.item.uri == opened)
    for card in answer.recommendations:
        if card.item.uri == opened:
            _draw_why(number, card, chat, newest)


def _draw_card(number: int, card: Card, chat: ChatSession, newest: bool, opened: bool) -> None:
    uri, label = card.item.uri, plain(card.item.label)
    st.html(page_parts.card_face(card, picture_of([card.picture] if card.picture else [])))
    found = chips(card.why)
    if found:
        key = _chips_key(number, uri)
        st.pills(
            f"Strongest reasons for {label}",
            [words for words, _ in found],
            key=key,
            format_func=plain,
            on_change=_chip_taken,
            args=(number, uri),
            label_visibility="collapsed",
            wrap=True,
        )
    with st.container(horizontal=True, key=f"card-buttons-{number}-{uri}"):
        if newest:
            with st.popover("Rate", help=f"What do you think of {label}?", width="stretch", key=f"rate-{number}-{uri}"):
                for mark, (words, icon, past) in _OPINIONS.items():
                    st.button(
                        words,
                        key=f"{mark}-{number}-{uri}",
                        icon=icon,
                        width="stretch",
                        on_click=tell,
                        args=(chat, Marked(mark, uri), f"{past} {card.item.label}"),
                    )
        st.button(
            "Why?",
            key=f"ask-{number}-{uri}",
            help=f"Why {label}?",
            type="primary" if opened else "secondary",
            on_click=_toggle,
            args=(number, uri),
        )


def _chips_key(number: int, uri: str) -> str:
    return f"chips-{number}-{uri}"


def _toggle(number: int, uri: str) -> None:
    """Open one card's reasons, or close them."""
    state = f"open-{number}"
    st.session_state[state] = None if st.session_state.get(state) == uri else uri


def _chip_taken(number: int, uri: str) -> None:
    """Open the card whose chip it is; only one chip of an answer stands out at a time."""
    st.session_state[f"open-{number}"] = uri
    own = _chips_key(number, uri)
    for key in [str(key) for key in st.session_state]:
        if key.startswith(_chips_key(number, "")) and key != own:
            st.session_state[key] = None


def _draw_why(number: int, card: Card, chat: ChatSession, newest: bool) -> None:
    """The reasons of one card: bars that add up, and the neighbourhood."""
    words = st.session_state.get(_chips_key(number, card.item.uri))
    taken = dict(chips(card.why)).get(words) if words else None
    with st.container(key=f"why-{number}"):
        st.html(page_parts.why_heading(card.why))
        left, right = st.columns([11, 10], gap="large")
        with left:
            st.html(page_parts.bars(card.why, card.item.drawn))
        with right:
            st.html(page_parts.drawing(card.why, taken))
            if newest and taken:
                _draw_less(number, card, taken, chat)
            if newest:
                st.page_link(
                    why_page(),
                    label="Everything about this score",
                    icon=":material/arrow_forward:",
                    query_params={"item": card.item.uri},
                )


def _draw_less(number: int, card: Card, bar: Bar, chat: ChatSession) -> None:
    silence = silence_of(bar, card.item.uri)
    words = less_in_words(silence, bar.name if silence.source else "")
    st.button(
        "Less of this reason",
        key=f"less-{number}",
        icon=":material/volume_off:",
        help=f"Leave it out of every score from now on: {plain(words)}",
        on_click=tell,
        args=(chat, silence, f"Less of: {words}"),
    )


def draw_said(chat: ChatSession) -> None:
    """What the person said with buttons: each is taken back by its own."""
    everything = said(chat)
    if not everything:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="said"):
        st.html('<p class="tg-small">You said</p>', width="content")
        for place, (what, words) in enumerate(everything):
            st.button(
                plain(words),
                key=f"said-{place}",
                icon=":material/close:",
                icon_position="right",
                help="Take this back",
                on_click=later,
                args=(partial(chat.undo, what),),
            )
