"""A result that is a graph as a picture: a page that needs nothing but itself, or a PNG.

Every text is data: escaped in the page, and never read as a formula in the PNG.
"""

from __future__ import annotations

import io
import warnings
from html import escape
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ui.drawing import COLOURS
from ui.errors import DoorError
from ui.graph_layout import MOST_NODES, places
from ui.query_graph import ResultGraph
from ui.relation_words import graph_of

__all__ = ["write_html", "write_png"]

_MOST_LABELLED = 40  # more relations than these hide each other
_LONGEST_NAME = 32
_LEGEND = {"facts": "facts", "co_mention": "mentions and interactions", "text": "text", "image": "image"}
_WIDTH, _HEIGHT, _MARGIN = 1200, 900, 90


def write_html(graph: ResultGraph, title: str, file: Path) -> None:
    """Write the graph as one HTML file without scripts and without addresses. Raises DoorError if it is too large."""
    spots = _places(graph)
    parts = [_svg_edge(graph, spots, ends) for ends in graph.edges]
    parts += [_svg_node(uri, name, *spots[uri]) for uri, name in graph.names.items()]
    legend = " · ".join(f'<span style="color: {COLOURS[key]}">→ {said}</span>' for key, said in _LEGEND.items())
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>
body {{ font: 13px Helvetica, Arial, sans-serif; margin: 1em; color: #1f1b2d; }}
svg {{ width: 100%; height: auto; }}
text {{ text-anchor: middle; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }}
.relation {{ font-size: 10px; fill: #5b5568; }}
circle {{ fill: #fde9b8; stroke: #b7791f; stroke-width: 1.5; }}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{legend}</p>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#5b5568"/></marker></defs>
{"".join(parts)}
</svg>
</body>
</html>
"""
    _write(file, page.encode("utf-8"))


def write_png(graph: ResultGraph, title: str, file: Path) -> None:
    """Write the graph as a PNG of 1200 × 900 pixels. Raises DoorError if it is too large."""
    spots = _places(graph)
    figure = Figure(figsize=(_WIDTH / 100, _HEIGHT / 100), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, _WIDTH), ylim=(_HEIGHT, 0))
    axes.axis("off")
    axes.text(20, 24, title, fontsize=12, weight="bold", parse_math=False)
    for number, (key, said) in enumerate(_LEGEND.items()):
        axes.text(20 + 180 * number, 46, f"→ {said}", fontsize=8, color=COLOURS[key])
    for ends, relations in graph.edges.items():
        (x1, y1), (x2, y2) = (spots[end] for end in ends)
        arrow = {"arrowstyle": "->", "color": COLOURS[graph_of(relations[0])], "shrinkA": 8, "shrinkB": 8}
        axes.annotate("", (x2, y2), (x1, y1), arrowprops=arrow)
        if len(graph.edges) <= _MOST_LABELLED:
            middle = ((x1 + x2) / 2, (y1 + y2) / 2)
            axes.text(*middle, ", ".join(relations), fontsize=6, color="#5b5568", ha="center", parse_math=False)
    for uri, name in graph.names.items():
        x, y = spots[uri]
        axes.plot(x, y, "o", color="#fde9b8", markeredgecolor="#b7791f", markersize=11)
        axes.text(x, y + 24, _short(name), fontsize=8, ha="center", parse_math=False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # a script the font has not: a box is drawn
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
    _write(file, picture.getvalue())


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise DoorError(f"{file} cannot be written: {error.strerror}.") from error


def _places(graph: ResultGraph) -> dict[str, tuple[float, float]]:
    """Where each node stands, in pixels."""
    count = len(graph.names)
    if count > MOST_NODES:
        raise DoorError(
            f"The result has {count} nodes, and a picture of more than {MOST_NODES} shows nothing: ask for fewer "
            "with -p limit=… or --rows."
        )
    width, height = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
    spots = places(graph.names, graph.edges)
    return {uri: (x * width + _MARGIN, y * height + _MARGIN) for uri, (x, y) in spots.items()}


def _svg_edge(graph: ResultGraph, spots: dict[str, tuple[float, float]], ends: tuple[str, str]) -> str:
    (x1, y1), (x2, y2) = spots[ends[0]], spots[ends[1]]
    distance = max(float(np.hypot(x2 - x1, y2 - y1)), 1e-9)
    short = min(12 / distance, 0.5)  # ends at the circle's rim
    x2, y2 = x2 - (x2 - x1) * short, y2 - (y2 - y1) * short
    relations = graph.edges[ends]
    said = escape(", ".join(relations))
    label = ""
    if len(graph.edges) <= _MOST_LABELLED:
        label = f'<text class="relation" x="{(x1 + x2) / 2:.0f}" y="{(y1 + y2) / 2:.0f}">{said}</text>'
    return (
        f'<g><title>{said}</title><line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" '
        f'stroke="{COLOURS[graph_of(relations[0])]}" marker-end="url(#tip)"/>{label}</g>\n'
    )


def _svg_node(uri: str, name: str, x: float, y: float) -> str:
    return (
        f'<g><title>{escape(f"{name} {uri}")}</title><circle cx="{x:.0f}" cy="{y:.0f}" r="9"/>'
        f'<text x="{x:.0f}" y="{y + 24:.0f}">{escape(_short(name))}</text></g>\n'
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
