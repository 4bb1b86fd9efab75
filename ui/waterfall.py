"""A score as a waterfall: from nought, a step for each strong term, one for all others, to the score. Vega-Lite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

from ui.chips import in_short
from ui.drawing import COLOURS, COLOURS_ON_DARK, signed
from ui.query_output import printable
from ui.relation_words import GRAPH_TITLES
from ui.why import Why

__all__ = ["steps", "waterfall", "waterfall_in_words"]

Spec = dict[str, Any]

_OTHERS, _SCORE = "Others", "Score"
_ROW = 26  # pixels
_LABEL = 170  # pixels of a step's name
# A longer one loses its middle, since names of one kind differ at their ends, and is whole in the tip.
_SHORTENED = "length(datum.label) > 29 ? slice(datum.label, 0, 14) + '…' + slice(datum.label, -14) : datum.label"
_ROOM = 1.16  # beside the longest bar, for its figure
_GREY, _GREY_ON_DARK = "#5b5568", "#b6afc6"


def steps(why: Why) -> list[tuple[str, str, float]]:
    """Name, graph and value of each step, the strongest first; together they are the score."""
    found = [(in_short(bar, why.item.uri), GRAPH_TITLES[bar.graph], bar.value) for bar in why.bars]
    often = Counter(name for name, _, _ in found)
    numbers = Counter[str]()
    named = []
    for name, graph, value in found:
        numbers[name] += 1
        named.append((name if often[name] == 1 else f"{name} ({numbers[name]})", graph, value))
    if why.others:
        named.append((f"others ({why.others})", _OTHERS, why.others_value))
    return named


def waterfall(why: Why, dark: bool = False) -> Spec:
    """The chart."""
    rows = list(_rows(why))
    colours = {GRAPH_TITLES[graph]: colour for graph, colour in (COLOURS_ON_DARK if dark else COLOURS).items()}
    colours |= dict.fromkeys((_OTHERS, _SCORE), _GREY_ON_DARK if dark else _GREY)
    shown = list(dict.fromkeys(row["graph"] for row in rows))
    ink = "#ece8f5" if dark else "#1f1b2d"
    label = {"labelLimit": _LABEL, "labelExpr": _SHORTENED, "labelColor": ink}
    axis = {**label, "title": None, "domain": False, "ticks": False}
    y = {"field": "name", "type": "nominal", "sort": [row["name"] for row in rows], "axis": axis}
    scale = {"domain": shown, "range": [colours[graph] for graph in shown]}
    tip = [{"field": "name", "title": "term"}, {"field": "graph"}, {"field": "said", "title": "value"}]
    bar: Spec = {
        "mark": {"type": "bar", "height": {"band": 0.62}, "minBandSize": 2},
        "encoding": {
            "y": y,
            "x": {"field": "from", "type": "quantitative", "title": "score so far", "axis": {"labelColor": ink}}
            | {"scale": {"domainMax": _ROOM * max(row["most"] for row in rows)}},
            "x2": {"field": "to"},
            "color": {"field": "graph", "type": "nominal", "scale": scale, "legend": None},
            "tooltip": tip,
            "description": {"field": "whole"},
        },
    }
    value: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": ink, "aria": False},
        "encoding": {"y": y, "x": {"field": "most", "type": "quantitative"}, "text": {"field": "said"}},
    }
    return {"data": {"values": rows}, "height": {"step": _ROW}, "layer": [bar, value]}


def waterfall_in_words(why: Why) -> str:
    """The chart for those who do not see it."""
    parts = ", ".join(f"{name} {signed(value)}" for name, _, value in steps(why))
    return printable(f"From 0 to the score {why.score:.3f} of {why.item.label}: {parts or 'no term'}.")


def _rows(why: Why) -> Iterator[dict[str, Any]]:
    named = steps(why)
    places = pairwise(accumulate((value for _, _, value in named), initial=0.0))
    for (name, graph, value), (start, end) in zip(named, places, strict=True):
        said = signed(value)
        yield _row(name, graph, start, end, said)
    yield _row("score", _SCORE, 0.0, why.score, f"{why.score:.3f}")


def _row(name: str, graph: str, start: float, end: float, said: str) -> dict[str, Any]:
    whole = f"{name}, {graph}: {said}"
    return {"name": name, "graph": graph, "from": start, "to": end, "most": max(start, end), "said": said} | {
        "whole": whole
    }
