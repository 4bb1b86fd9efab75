"""The page Why: everything about the score of one item that was recommended. It only draws.

    why ── which item ── waterfall, neighbourhood ── silence: the ranking without ── every term ── why not another

Address: /why?item=URI, and not=URI for the other one. The chat is the one of the page Chat.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from training.recommender import Explanation, Silence
from ui import explore_parts, page_parts, why_parts
from ui.chat_session import Answer, Card, ChatSession
from ui.chips import less_in_words, silence_of
from ui.drawing import signed
from ui.graph_reads import describe, sentences
from ui.page_graph import dark
from ui.page_resources import options, plain
from ui.page_session import loaded, settle, tell
from ui.page_why_not import why_not_another
from ui.query_output import printable
from ui.relation_words import GRAPH_TITLES
from ui.reranking import rerank
from ui.term_words import cypher_of, others_sentence
from ui.waterfall import waterfall, waterfall_in_words
from ui.why import Why

__all__ = ["why", "why_page"]

_TALK = "similar conversation"
_TERMS, _MOST_TERMS = 8, 60  # shown at first, and at most


def why_page() -> StreamlitPage:
    """The page, for the navigation and for links to it."""
    return st.Page(why, title="Why", url_path="why")


def why() -> None:
    """One recommended item of the last answer."""
    st.title("Why", anchor=False)
    *_, chat = loaded(options())
    settle(chat)
    answer = next((one for one in reversed(chat.answers[-1:]) if one.recommendations), None)
    if answer is None:
        st.html(explore_parts.hint("Nothing has been recommended yet. Say in the chat what you like, then come back."))
        return
    for notice in answer.notices:
        st.html(page_parts.notice(notice))
    card = _chosen_card(answer)
    st.html(page_parts.why_heading(card.why))
    _draw_score(card)
    _draw_switches(chat, card)
    _draw_terms(chat, answer, card)
    why_not_another(chat, card)


def _chosen_card(answer: Answer) -> Card:
    """The item to explain: the address decides at first, then the field."""
    cards = {card.item.uri: card for card in answer.recommendations}
    wanted = st.query_params.get("item")
    uris = list(cards)
    uri = st.selectbox(
        "Recommended",
        uris,
        index=uris.index(wanted) if wanted in cards else 0,
        format_func=lambda uri: printable(cards[uri].item.label),
        key=f"asked-{hash(tuple(uris))}",
    )
    st.query_params["item"] = uri
    return cards[uri]


def _draw_score(card: Card) -> None:
    left, right = st.columns([12, 10], gap="large")
    with left:
        st.subheader("From nought to the score", anchor=False)
        st.vega_lite_chart(spec=waterfall(card.why, dark()), key="waterfall", alt=waterfall_in_words(card.why))
        st.html(explore_parts.small(page_parts.sum_in_words(card.why)))
    with right:
        st.subheader("Its neighbourhood", anchor=False)
        st.html(page_parts.drawing(card.why))


def _draw_switches(chat: ChatSession, card: Card) -> None:
    """Kinds and neighbours that can be silenced, and the ranking that there would be."""
    st.subheader("What if some of it did not count?", anchor=False)
    kinds = list(dict.fromkeys(share.graph for share in card.why.shares))
    silent = st.pills(
        "Silence a kind of evidence",
        kinds,
        selection_mode="multi",
        format_func=GRAPH_TITLES.__getitem__,
        wrap=True,
        key=f"silent-kinds-{card.item.uri}",
    )
    neighbours = _neighbours(card.why)
    sources = st.pills(
        "Silence a neighbour",
        list(neighbours),
        selection_mode="multi",
        format_func=lambda uri: plain(neighbours[uri]),
        wrap=True,
        key=f"silent-sources-{card.item.uri}",
    )
    silences = {Silence(graph=kind): less_in_words(Silence(graph=kind)) for kind in silent}
    silences |= {Silence(source=uri): printable(neighbours[uri]) for uri in sources}
    situation = chat.situation
    if not silences or situation is None:
        st.html(explore_parts.small("Choose one or several: the new ranking is shown beside the old."))
        return
    found = rerank(chat.recommender, situation, list(silences))
    items = describe(chat.graph, {place.uri for place in (*found.before, *found.after)})
    st.html(why_parts.rankings(found, items, card.item.uri))
    st.button(
        "Less of this from now on",
        icon=":material/volume_off:",
        help="The next rankings do without it, until you take it back on the page Chat.",
        on_click=_silence,
        args=(chat, silences),
    )


def _neighbours(why: Why) -> dict[str, str]:
    """Source → name, of the strongest terms; similar conversations have no names, and are numbered."""
    found: dict[str, str] = {}
    for bar in why.bars:
        if silence_of(bar, why.item.uri).source and bar.uri not in found:
            name = _TALK if bar.graph == "similar_chats" else bar.name
            often = sum(bar.uri != uri and other.startswith(name) for uri, other in found.items())
            found[bar.uri] = f"{name} {often + 1}" if often or name == _TALK else name
    return found


def _silence(chat: ChatSession, silences: dict[Silence, str]) -> None:
    for silence, words in silences.items():
        tell(chat, silence, f"Less of: {words}")


def _draw_terms(chat: ChatSession, answer: Answer, card: Card) -> None:
    """The strongest terms, each with its sentence and its Cypher; the others in one line."""
    st.subheader("Its terms, and how to check them", anchor=False)
    terms = card.explanation.terms
    most = min(len(terms), _MOST_TERMS)
    shown = terms[: most if most <= _TERMS or st.toggle(f"Show {most} of {len(terms)}", key="more-terms") else _TERMS]
    told = sentences(chat.graph, Explanation(card.item.uri, card.score, shown), answer.named, card.item.drawn)
    for term, words in zip(shown, told, strict=True):
        with st.expander(f"**{signed(term.value)}** {plain(words)}"):
            # The colours that Streamlit gives to a language are too pale on light paper.
            st.code(cypher_of(term, card.item.uri), language=None, wrap_lines=True)
    _draw_others([term.value for term in terms[len(shown) :]])


def _draw_others(values: Sequence[float]) -> None:
    if values:
        st.html(explore_parts.small(f"{signed(sum(values))} {others_sentence(len(values))}"))
