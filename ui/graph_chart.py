"""A graph as a Vega-Lite chart whose nodes can be clicked. Every text in it is data: Vega draws it as it stands.

Lines have the colour of their graph and a tip at the target. The chart is as wide as its place, so that where the tips
point is worked out by Vega, from the width that it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from ui.drawing import COLOURS, COLOURS_ON_DARK
from ui.query_graph import ResultGraph
from ui.query_output import printable
from ui.relation_words import GRAPH_TITLES, graph_of, relation_words

__all__ = ["CLICKED", "graph_chart", "graph_in_words"]

CLICKED = "clicked"
"""The selection that holds the `uri` of a clicked node."""

_WITH_SHIFT = {
    "translate": "[pointerdown[event.shiftKey], window:pointerup] > window:pointermove!",
    "zoom": "wheel![event.shiftKey]",
}
_PAPER, _INK, _SUN, _RIM = "#ffffff", "#1f1b2d", "#fde9b8", "#b7791f"
_PAPER_ON_DARK, _INK_ON_DARK = "#1f1b2a", "#ece8f5"
_HEIGHTS = ((8, 300), (30, 430))  # up to so many nodes; else the last
_HEIGHT = 560
_MOST_LABELLED_NODES, _MOST_LABELLED_EDGES = 45, 25  # more hide each other
_LONGEST_LABEL = 26
_ARC = "atan2((datum.ty - datum.sy) * height, (datum.tx - datum.sx) * width)"

Spec = dict[str, Any]
"""A chart, or a part of one, as Vega-Lite has it."""


def graph_chart(
    graph: ResultGraph, spots: Mapping[str, tuple[float, float]], opened: Collection[str] = (), dark: bool = False
) -> Spec:
    """The drawing. spots: a place between 0 and 1 for each node; opened: nodes that are marked.

    A click on a node is reported by the selection `CLICKED`; with the Shift key, dragging moves and the wheel zooms.
    """
    edges: Spec = {"data": {"values": _edges(graph, spots)}}
    nodes: Spec = {"data": {"values": _nodes(graph, spots, opened)}}
    colour = _colour(graph, dark)
    parts = [edges | _line(colour), edges | _tip(colour), nodes | _circle(dark), nodes | _name(dark)]
    if len(graph.edges) <= _MOST_LABELLED_EDGES:
        parts.insert(2, edges | _relation(dark))
    height = next((height for most, height in _HEIGHTS if len(graph.names) <= most), _HEIGHT)
    return {"height": height, "layer": parts, "config": {"view": {"stroke": None}}}


def _line(colour: Spec) -> Spec:
    said = {"tooltip": {"field": "said", "title": "relation"}, "description": {"field": "whole"}}
    ends = {"x2": {"field": "tx"}, "y2": {"field": "ty"}}
    return {
        "mark": {"type": "rule", "strokeWidth": 1.6, "opacity": 0.75},
        "encoding": _at("sx", "sy") | ends | said | {"color": colour},
    }


def _tip(colour: Spec) -> Spec:
    return {
        "transform": [
            {"filter": "!datum.even"},
            {"calculate": f"90 + 180 * {_ARC} / PI", "as": "angle"},
            {"calculate": "0.4 * datum.sx + 0.6 * datum.tx", "as": "mx"},
            {"calculate": "0.4 * datum.sy + 0.6 * datum.ty", "as": "my"},
        ],
        "mark": {"type": "point", "shape": "triangle", "filled": True, "size": 46, "opacity": 0.95, "aria": False},
        "encoding": _at("mx", "my")
        | {"color": colour, "angle": {"field": "angle", "type": "quantitative", "scale": None}},
    }


def _relation(dark: bool) -> Spec:
    return {
        "transform": [
            {"calculate": "(datum.sx + datum.tx) / 2", "as": "mx"},
            {"calculate": "(datum.sy + datum.ty) / 2", "as": "my"},
        ],
        "mark": {"type": "text", "fontSize": 10, "dy": -8, "color": _INK_ON_DARK if dark else _INK, "aria": False},
        "encoding": _at("mx", "my") | {"text": {"field": "said"}},
    }


def _circle(dark: bool) -> Spec:
    fill = {"domain": ["open", "closed"], "range": [_SUN, _PAPER_ON_DARK if dark else _PAPER]}
    return {
        "params": [
            {"name": CLICKED, "select": {"type": "point", "fields": ["uri"], "on": "click", "toggle": False}},
            {"name": "moved", "select": {"type": "interval"} | _WITH_SHIFT, "bind": "scales"},
        ],
        "mark": {"type": "circle", "size": 170, "opacity": 1, "stroke": _RIM, "strokeWidth": 1.8, "cursor": "pointer"},
        "encoding": _at("tx", "ty")
        | {
            "fill": {"field": "kind", "type": "nominal", "scale": fill, "legend": None},
            "tooltip": [{"field": "name"}, {"field": "uri", "title": "URI"}],
            "description": {"field": "name"},
        },
    }


def _name(dark: bool) -> Spec:
    return {
        "transform": [{"filter": "datum.label != ''"}],
        "mark": {"type": "text", "fontSize": 11, "dy": 17, "color": _INK_ON_DARK if dark else _INK, "aria": False},
        "encoding": _at("tx", "ty") | {"text": {"field": "label"}},
    }


def _at(x: str, y: str) -> Spec:
    """Places from fields that lie between 0 and 1, y downwards."""
    return {
        channel: {"field": name, "type": "quantitative", "axis": None, "scale": {"domain": domain, "nice": False}}
        for channel, name, domain in (("x", x, [-0.06, 1.06]), ("y", y, [1.08, -0.04]))
    }


def graph_in_words(graph: ResultGraph) -> str:
    """The drawing for those who do not see it; the table below it says the rest."""
    graphs = Counter(graph_of(relation) for relations in graph.edges.values() for relation in relations)
    parts = ", ".join(f"{count} {GRAPH_TITLES[name].lower()}" for name, count in graphs.most_common())
    return f"A drawing of {len(graph.names)} nodes and {len(graph.edges)} lines between them: {parts or 'none'}."


def _colour(graph: ResultGraph, dark: bool) -> Spec:
    present = {graph_of(relations[0]) for relations in graph.edges.values()}
    named = [name for name in COLOURS if name in present]
    colours = COLOURS_ON_DARK if dark else COLOURS
    return {
        "field": "graph",
        "type": "nominal",
        "scale": {"domain": [GRAPH_TITLES[name] for name in named], "range": [colours[name] for name in named]},
        "legend": {
            "title": None,
            "orient": "top",
            "symbolType": "stroke",
            "labelColor": _INK_ON_DARK if dark else _INK,
        },
    }


def _nodes(
    graph: ResultGraph, spots: Mapping[str, tuple[float, float]], opened: Collection[str]
) -> list[dict[str, Any]]:
    degree = Counter(end for ends in graph.edges for end in ends)
    ranked = sorted(graph.names, key=lambda uri: (uri not in opened, -degree[uri]))
    labelled = set(ranked[:_MOST_LABELLED_NODES])
    return [
        {
            "uri": uri,
            "name": printable(name),
            "label": _short(printable(name)) if uri in labelled else "",
            "kind": "open" if uri in opened else "closed",
            "tx": spots[uri][0],
            "ty": spots[uri][1],
        }
        for uri, name in graph.names.items()
    ]


def _edges(graph: ResultGraph, spots: Mapping[str, tuple[float, float]]) -> list[dict[str, Any]]:
    """even: the relation has no direction, so the line gets no tip."""
    return [
        {
            "said": said,
            "whole": printable(f"{graph.names[source]}, {said}, {graph.names[target]}"),
            "graph": GRAPH_TITLES[graph_of(relations[0])],
            "even": graph_of(relations[0]) == "co_mention",
            "sx": spots[source][0],
            "sy": spots[source][1],
            "tx": spots[target][0],
            "ty": spots[target][1],
        }
        for (source, target), relations in graph.edges.items()
        for said in [printable(", ".join(map(relation_words, relations)))]
    ]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"
