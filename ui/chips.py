"""The strongest reasons of a card in a few words each, and what a person silences by one. Knows no Streamlit."""

from __future__ import annotations

from training.recommender import Silence
from ui.query_output import printable
from ui.relation_words import GRAPH_TITLES
from ui.why import Bar, Why

__all__ = ["MOST_CHIPS", "chips", "in_short", "less_in_words", "silence_of"]

MOST_CHIPS = 3
_LIKE = {"co_mention": "mentioned with", "text": "reads like", "similar_text": "reads like", "image": "looks like"}


def chips(why: Why) -> list[tuple[str, Bar]]:
    """The bars that help most, each under different words."""
    found: dict[str, Bar] = {}
    for bar in why.bars:
        if bar.value > 0:
            found.setdefault(in_short(bar, why.item.uri), bar)
    return list(found.items())[:MOST_CHIPS]


def in_short(bar: Bar, item: str) -> str:
    """A reason in a few words. item: URI of what it is a reason for."""
    if bar.uri == item:
        said = f"{bar.relation} {bar.detail}"
    elif bar.graph == "similar_chats":
        said = "a similar conversation"
    elif bar.graph in _LIKE:
        said = f"{_LIKE[bar.graph]} {bar.name}"
    elif bar.outwards is None:  # over a neighbour, which is the detail
        said = f"{bar.relation} {bar.detail}, like {bar.name}"
    else:
        said = f"{bar.relation} {bar.name}" if bar.outwards else f"{bar.name}: {bar.relation}"
    return " ".join(printable(said).split())


def silence_of(bar: Bar, item: str) -> Silence:
    """The terms that go when a person wants less of a reason: its graph's from its source, or all of its graph."""
    return Silence(bar.graph) if bar.uri == item else Silence(bar.graph, bar.uri)


def less_in_words(silence: Silence, name: str = "") -> str:
    """A silence in words. name: of its source."""
    kind = GRAPH_TITLES.get(silence.graph, silence.graph)
    return " – ".join(filter(None, [kind, printable(name)]))
