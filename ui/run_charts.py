"""Charts of runs as Vega-Lite: figures with their intervals, and training curves. Every text in them is data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ui.query_output import printable
from ui.run_list import Figure, RunSummary

__all__ = ["LONG_TAIL", "curves", "in_words", "intervals", "long_tail", "metric_names"]

Spec = dict[str, Any]

LONG_TAIL = ("head", "body", "tail", "unseen")
"""Segments of the items by how often training mentions them, as `training.beyond_accuracy` names them."""

_COLOURS = ("#4338ca", "#b45309", "#0f766e", "#be185d")
_COLOURS_ON_DARK = ("#a5b4fc", "#fbbf24", "#2dd4bf", "#f472b6")
_ROW, _LEGEND, _AXIS = 20, 24, 64  # pixels: of a dot, of a line of the legend, and of what stands below


def metric_names(runs: Iterable[RunSummary]) -> list[str]:
    """The accuracy metrics that were measured, in their order."""
    return list(dict.fromkeys(figure.metric for run in runs for figure in run.accuracy))


def intervals(runs: Sequence[RunSummary], metric: str, column: str, dark: bool = False) -> Spec:
    """The ladder: a dot with its 95 % interval for each system, one below the other for several runs."""
    rows = [
        _row(figure, figure.system, run.name)
        for run in runs
        for figure in run.accuracy
        if figure.metric == metric and figure.column == column
    ]
    return _dots(rows, [run.name for run in runs], metric, dark)


def long_tail(run: RunSummary, dark: bool = False) -> Spec:
    """Recall@50 of new items by how often training mentions the right one: a row per segment, a colour per system."""
    names = {f"{segment}_recall@50": segment for segment in LONG_TAIL}
    rows = [
        _row(figure, names[figure.metric], figure.system)
        for segment in names
        for figure in run.beyond
        if figure.metric == segment and figure.column == "new"
    ]
    return _dots(rows, list(dict.fromkeys(figure.system for figure in run.beyond)), "recall@50, new items", dark)


def _row(figure: Figure, line: str, group: str) -> dict[str, Any]:
    return {
        "line": printable(line),
        "group": printable(group),
        "value": figure.value,
        "low": figure.value if figure.low is None else figure.low,
        "high": figure.value if figure.high is None else figure.high,
        "said": in_words(figure),
    }


def in_words(figure: Figure) -> str:
    """A value with its interval, three digits."""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _dots(rows: list[dict[str, Any]], groups: Sequence[str], title: str, dark: bool) -> Spec:
    """A dot with its interval per row; the dots of a line stand below each other, coloured by their groups."""
    lines = list(dict.fromkeys(row["line"] for row in rows))
    legend = _LEGEND * len(groups) if len(groups) > 1 else 0
    at: Spec = {
        "y": {"field": "line", "type": "nominal", "sort": lines, "title": None, "axis": {"labelLimit": 170}},
        "yOffset": {"field": "group", "type": "nominal", "sort": list(map(printable, groups))},
        "color": _colour("group", groups, dark),
    }
    low = {"field": "low", "type": "quantitative", "title": title, "scale": {"zero": True}}
    said = [{"field": "line", "title": "of"}, {"field": "group", "title": "by"}, {"field": "said", "title": title}]
    return {
        "config": _config(dark),
        "data": {"values": rows},
        "height": max(len(lines), 1) * (_ROW * len(groups) + 8) + legend + _AXIS,
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2, "aria": False},
                "encoding": at | {"x": low, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": at
                | {"x": {"field": "value", "type": "quantitative"}, "tooltip": said, "description": {"field": "said"}},
            },
        ],
    }


def curves(runs: Sequence[RunSummary], dark: bool = False) -> Spec:
    """Training loss by epoch, a line for each stage of each run."""
    rows = [
        {
            "run": printable(run.name),
            "stage": printable(str(entry["stage"])),
            "epoch": entry["epoch"],
            "loss": entry["loss"],
        }
        for run in runs
        for entry in run.history
    ]
    return {
        "config": _config(dark),
        "data": {"values": rows},
        "height": 220,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "axis": {"tickMinStep": 1, "format": "d"}},
            "y": {"field": "loss", "type": "quantitative", "title": "training loss", "scale": {"zero": False}},
            "color": _colour("run", [run.name for run in runs], dark),
            "strokeDash": {"field": "stage", "type": "nominal", "legend": {"title": None, "orient": "bottom"}},
            "tooltip": [{"field": "run"}, {"field": "stage"}, {"field": "epoch"}, {"field": "loss"}],
        },
    }


def _config(dark: bool) -> Spec:
    """Letters that can be read: Streamlit's own grey is too light for that."""
    ink = "#ece8f5" if dark else "#1f1b2d"
    return {"axis": {"labelColor": ink, "titleColor": ink}, "legend": {"labelColor": ink}}


def _colour(field: str, groups: Sequence[str], dark: bool) -> Spec:
    colours = _COLOURS_ON_DARK if dark else _COLOURS
    many = [colours[number % len(colours)] for number in range(len(groups))]
    legend = {"title": None, "orient": "top", "labelLimit": 300, "columns": 1} if len(groups) > 1 else None
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(map(printable, groups)), "range": many},
        "legend": legend,
    }
