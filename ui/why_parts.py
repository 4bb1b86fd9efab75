"""Pieces of the page Why as HTML. Whatever comes from people or from the graph goes through `escape` here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import zip_longest

from ui.described import Described, label_of
from ui.query_output import printable
from ui.reranking import Place, Reranking

__all__ = ["rankings", "table"]


def rankings(found: Reranking, items: Mapping[str, Described], asked: str) -> str:
    """Two rankings side by side, with what rose and what fell. asked: URI of the item that the page is about."""
    last = len(found.after)
    rows = "".join(
        f'<tr><th scope="row">{rank}</th>{_cell(before, items, asked, _left(before, last))}'
        f"{_cell(after, items, asked, _moved(after))}</tr>"
        for rank, (before, after) in enumerate(zip_longest(found.before, found.after), start=1)
    )
    return (
        '<table class="tg-ranks tg-places"><thead><tr><th scope="col"><span class="tg-hidden">Place</span></th>'
        f'<th scope="col">As it is</th><th scope="col">Without them</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _cell(place: Place | None, items: Mapping[str, Described], asked: str, moved: str) -> str:
    if place is None:
        return "<td></td>"
    name = escape(printable(label_of(place.uri, items)))
    name = f"<b>{name}</b>" if place.uri == asked else name
    return f"<td>{name} <small>{place.score:.3f}{moved}</small></td>"


def _moved(place: Place | None) -> str:
    if place is None or not place.moved:
        return ""
    sign, word = ("▲", "up") if place.moved > 0 else ("▼", "down")
    return (
        f' <span class="tg-{word}"><span aria-hidden="true">{sign}</span>'
        f'<span class="tg-hidden">{word} by</span> {abs(place.moved)}</span>'
    )


def _left(place: Place | None, last: int) -> str:
    """Where an item goes that the other ranking shows no more."""
    return f", then place {place.rank_in_other}" if place and place.rank_in_other > last else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of plain texts; the first of each row names it."""
    titles = "".join(f'<th scope="col">{_text(title)}</th>' for title in head)
    body = "".join(
        f'<tr><th scope="row">{_text(name)}</th>{"".join(f"<td>{_text(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    return f'<table class="tg-ranks"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>'


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
