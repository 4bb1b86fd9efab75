"""The neighbourhood of a recommendation as a small SVG picture: what was named, what drove the score, the item.

    [ named ] ─ ─ ─ [ neighbour  ±value ] ────► [ item ]

Solid lines are terms of the score, as thick as they are strong; dashed lines stand in the graph and carry no
term. An arrow points as the relationship does. Of one chosen term the whole way is strong and everything else pale.
Every text in it is escaped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from ui.why import Bar, Why

__all__ = ["COLOURS", "COLOURS_ON_DARK", "MOST_NEIGHBOURS", "draw", "in_words", "signed"]

COLOURS = {
    "facts": "#4338ca",
    "co_mention": "#0f766e",
    "text": "#b45309",
    "image": "#be185d",
    "own": "#57534e",
    "similar_chats": "#6d28d9",
    "description": "#a16207",
    "similar_text": "#b45309",
    "words": "#15803d",
    "named": "#57534e",
    "popularity": "#57534e",
}

COLOURS_ON_DARK = {
    "facts": "#a5b4fc",
    "co_mention": "#2dd4bf",
    "text": "#fbbf24",
    "image": "#f472b6",
    "own": "#b6afc6",
    "similar_chats": "#c4b5fd",
    "description": "#facc15",
    "similar_text": "#fbbf24",
    "words": "#4ade80",
    "named": "#b6afc6",
    "popularity": "#b6afc6",
}

MOST_NEIGHBOURS = 6
_MOST_NAMED = 4
_WIDTH = 480
_NAMED = (2, 112)  # left edge and width of a column
_NEAR = (152, 172)
_ITEM = (366, 112)
_ROW, _BOX = 58, 46  # height of a row, and of a box in it
_INK, _MUTED, _PAPER = "#1f1b2d", "#5b5568", "#ffffff"
_NAMED_FILL = "#fde9b8"
_PALE = 0.25


def signed(value: float, digits: int = 3) -> str:
    """A figure with its sign; a true minus, and no sign on nought."""
    text = f"{abs(value):.{digits}f}"
    if not any(digit in "123456789" for digit in text):
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def draw(why: Why, chosen: Bar | None = None) -> str:
    """The picture, `_WIDTH` units wide, as a file of its own. chosen: the bar whose way stands out."""
    near = _near(why, chosen)
    rows = {bar.uri: row for row, bar in enumerate(near)}
    ties = [tie for tie in why.ties if tie.other_uri in rows]
    named = dict.fromkeys((tie.named_uri, tie.named_name) for tie in ties)
    shown = list(named)[:_MOST_NAMED]
    height = _ROW * max(len(near), len(shown), 1) + 8
    middles = [_ROW * (row + 0.5) + 4 for row in range(len(near))]
    start = height / 2 - _ROW * (len(shown) - 1) / 2
    places = {uri: start + _ROW * number for number, (uri, _) in enumerate(shown)}
    ties = [tie for tie in ties if tie.named_uri in places]
    leads = {tie.named_uri for tie in ties if chosen is None or tie.other_uri == chosen.uri}

    def pale(part: str, strong: bool) -> str:
        return part if strong else f'<g opacity="{_PALE}">{part}</g>'

    strong = [chosen is None or bar == chosen for bar in near]
    parts = [pale(_edge(bar, y, height / 2, near), is_it) for bar, y, is_it in zip(near, middles, strong, strict=True)]
    parts += [
        pale(_tie(places[tie.named_uri], middles[rows[tie.other_uri]]), chosen is None or tie.other_uri == chosen.uri)
        for tie in ties
    ]
    parts += [pale(_neighbour(bar, y), is_it) for bar, y, is_it in zip(near, middles, strong, strict=True)]
    parts += [
        pale(_box(_NAMED, places[uri], name, "you named it", _NAMED_FILL, "#b7791f"), uri in leads)
        for uri, name in shown
    ]
    parts.append(_box(_ITEM, height / 2, why.item.label, f"score {why.score:.2f}", _INK, _INK, ink=_PAPER))
    left = 0 if shown else _NEAR[0] - 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} 0 {_WIDTH - left} {height:.0f}" '
        f'width="{_WIDTH - left}" font-family="\'Source Sans Pro\', Helvetica, Arial, sans-serif">'
        f"{_markers()}{''.join(parts)}</svg>"
    )


def in_words(why: Why, chosen: Bar | None = None) -> str:
    """The same for those who do not see it."""
    neighbours = ", ".join(f"{bar.name} ({bar.relation}, {signed(bar.value)})" for bar in _near(why, chosen))
    said = f"Neighbours of {why.item.label} that drove its score: {neighbours or 'none'}."
    return f"{said} Highlighted: {chosen.name}, {chosen.relation}." if chosen else said


def _near(why: Why, chosen: Bar | None) -> list[Bar]:
    near = [bar for bar in why.bars if bar.uri != why.item.uri]
    shown = near[:MOST_NEIGHBOURS]
    return [*shown[:-1], chosen] if chosen in near and chosen not in shown else shown


def _markers() -> str:
    tips = (
        f'<marker id="tg-tip-{graph}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
        for graph, colour in COLOURS.items()
    )
    return f"<defs>{''.join(tips)}</defs>"


def _edge(bar: Bar, middle: float, target: float, near: Sequence[Bar]) -> str:
    """A term. A co-mention has no direction, so it gets no tip, and neither does a way of two steps."""
    most = max(abs(other.value) for other in near) or 1.0
    left, right = _NEAR[0] + _NEAR[1], _ITEM[0]
    bend = (left + right) / 2
    tip = f"url(#tg-tip-{bar.graph})"
    undirected = bar.outwards is None or bar.graph == "co_mention"
    ends = "" if undirected else f'marker-{"start" if bar.outwards else "end"}="{tip}"'
    thick = 1.2 + 3.3 * abs(bar.value) / most
    dashes = ' stroke-dasharray="1 4" stroke-linecap="round"' if bar.value < 0 else ""
    return (
        f'<path d="M{left + 3} {middle:.0f}C{bend} {middle:.0f} {bend} {target:.0f} {right - 3} {target:.0f}" '
        f'fill="none" stroke="{COLOURS[bar.graph]}" stroke-width="{thick:.1f}"{dashes} {ends}/>'
    )


def _tie(start: float, end: float) -> str:
    left, right = _NAMED[0] + _NAMED[1], _NEAR[0]
    bend = (left + right) / 2
    return (
        f'<path d="M{left} {start:.0f}C{bend} {start:.0f} {bend} {end:.0f} {right} {end:.0f}" fill="none" '
        f'stroke="#b7791f" stroke-width="1.6" stroke-dasharray="5 4"/>'
    )


def _neighbour(bar: Bar, middle: float) -> str:
    fill = _NAMED_FILL if bar.named else _PAPER
    return _box(_NEAR, middle, bar.name, f"{bar.relation} {signed(bar.value)}", fill, COLOURS[bar.graph])


def _box(column: tuple[int, int], middle: float, name: str, small: str, fill: str, edge: str, ink: str = _INK) -> str:
    left, width = column
    lines = _lines(name, width)
    height = _BOX + 15 * (len(lines) - 1)
    first = middle - height / 2 + 20
    text = [
        _text(left + width / 2, first + 15 * number, line, ink, 'font-size="12.5" font-weight="600"')
        for number, line in enumerate(lines)
    ]
    colour = ink if ink == _PAPER else _MUTED
    text.append(_text(left + width / 2, first + 15 * len(lines) + 2, small, colour, 'font-size="11"'))
    return (
        f'<rect x="{left}" y="{middle - height / 2:.0f}" width="{width}" height="{height}" rx="9" '
        f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>{"".join(text)}'
    )


def _text(x: float, y: float, text: str, colour: str, font: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" fill="{colour}" {font}>{escape(text)}</text>'


def _lines(name: str, width: int) -> list[str]:
    """A name in one line, or three of a narrow box; a longer one is cut, and stands whole beside its bar."""
    most = (width - 10) // 7  # the font where Source Sans is not there is wide
    return textwrap.wrap(name, most, max_lines=1 if width > _ITEM[1] else 3, placeholder="…") or [name[:most]]
