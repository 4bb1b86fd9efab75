"""Why not another item: what stands between it and the one that was recommended. It only draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from training.what_if import Counterfactual, ItemTerm, MentionEffect, why_not, without_each_mention
from ui import explore_parts, why_parts
from ui.chat_session import Card, ChatSession, Situation
from ui.described import Described, label_of
from ui.drawing import signed
from ui.graph_reads import describe
from ui.page_entity import chosen, pick
from ui.what_if_words import WhatIfWords

__all__ = ["why_not_another"]

_MOST = 6  # differences shown
_PLACE = "not"
_EFFECTS = "effects of mentions"


def why_not_another(chat: ChatSession, card: Card) -> None:
    """Which mention mattered, a field for another item, and why that one does not come first."""
    if chat.situation is None:
        return
    _draw_mentions(chat, card, chat.situation)
    st.subheader("Why not another?", anchor=False)
    pick(chat.graph, _PLACE, "Why not …")
    uri = chosen(_PLACE)
    if uri is None:
        return
    names = describe(chat.graph, {uri, card.item.uri})
    if reason := _no_candidate(chat, card, uri, names):
        st.html(explore_parts.notice(reason))
        return
    with st.spinner("Comparing them …"):
        found = why_not(chat.recommender, chat.situation.context, uri, card.item.uri, chat.situation.silenced)
    sources = {one.source for one in found.differences} | {one.term.source for one in found.paths or ()}
    names |= describe(chat.graph, sources.union(found.mentions or ()))
    _draw_counterfactual(found, names)


def _no_candidate(chat: ChatSession, card: Card, uri: str, names: Mapping[str, Described]) -> str:
    """Why nothing can be compared; empty where it can."""
    name = label_of(uri, names)
    if uri == card.item.uri:
        return f"{name} is the one that was recommended: choose another."
    if uri not in chat.recommender.item_index:
        return f"{name} is nothing that this run could recommend."
    return ""


def _draw_mentions(chat: ChatSession, card: Card, situation: Situation) -> None:
    effects = _effects(chat, card.item.uri, situation)
    if not effects:
        return
    st.subheader("Which mention mattered", anchor=False)
    names = describe(chat.graph, {effect.uri for effect in effects})
    st.html(why_parts.table(("Left out", "Its terms", "Score falls by", "Place"), _mention_rows(effects, names)))
    st.html(explore_parts.small("Each was really left out and the chat scored again; its terms stand beside."))


def _effects(chat: ChatSession, item: str, situation: Situation) -> list[MentionEffect]:
    """Found once: every mention is another run, and the page is drawn anew with every click."""
    known: tuple[Situation, str, list[MentionEffect]] | None = st.session_state.get(_EFFECTS)
    if known is None or known[0] is not situation or known[1] != item:
        with st.spinner("Leaving out each mention …"):
            effects = without_each_mention(
                chat.recommender, situation.context, item, situation.silenced, situation.excluded
            )
        st.session_state[_EFFECTS] = known = (situation, item, effects)
    return known[2]


def _mention_rows(effects: list[MentionEffect], names: Mapping[str, Described]) -> Iterator[tuple[str, ...]]:
    for effect in effects:
        place = f"{effect.rank_before} → {effect.rank_after}"
        yield label_of(effect.uri, names), signed(effect.terms), signed(effect.score_drop), place


def _draw_counterfactual(found: Counterfactual, names: Mapping[str, Described]) -> None:
    words = WhatIfWords(found, names)
    st.html(explore_parts.small(words.gap()))
    if found.gap < 0:
        return
    rows = ((words.difference(one), signed(one.item), signed(one.other)) for one in found.largest(_MOST))
    st.html(why_parts.table(("What differs most", words.item, words.other), rows))
    st.html(explore_parts.ways([words.mentions(), words.paths(), *_sources(found.paths or (), names)]))


def _sources(paths: Sequence[ItemTerm], names: Mapping[str, Described]) -> Iterator[str]:
    """Where the paths lead from. A similar conversation has no name."""
    found = dict.fromkeys(
        "a similar conversation" if one.term.graph == "similar_chats" else label_of(one.term.source, names)
        for one in paths[:_MOST]
    )
    if found:
        more = f" and {len(paths) - _MOST} more" if len(paths) > _MOST else ""
        yield f"{'It leads' if len(paths) == 1 else 'They lead'} from {', '.join(found)}{more}."
