"""One build of edges at work: what it is told, what it knows, and how it writes edges beside those that readers see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphstore.graph import Graph
from training.errors import TrainingError
from training.pipeline.kinds import Progress, batches

__all__ = ["Build", "EdgeOptions", "Edges", "visible_edges"]

Edges = Mapping[str, dict[str, dict[str, Any]]]
"""Source → target → properties."""

EDGE_BATCH = 500


@dataclass(frozen=True)
class EdgeOptions:
    """How edges are built.

    neighbours: k of Eq. 10.
    half_life: of an interaction's weight, in days; None: old and new ones weigh the same.
    largest_basket: how many things of one person count, the latest; the pairs are half of its square.
    full: compute everything anew instead of what changed; the result is the same where the search is exact
        (`training.neighbours.EXACT_ROWS`).
    """

    neighbours: int = 10
    half_life: float | None = None
    largest_basket: int = 500
    full: bool = False


@dataclass
class Build:
    """A build at work.

    staged: by type, the entities whose edges of that type it touches.
    figures: by type, edges written and removed.
    """

    graph: Graph
    builder: str
    options: EdgeOptions
    progress: Progress
    state: dict[str, Any]
    staged: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    figures: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def full(self) -> bool:
        """Whether everything is computed anew, since it was asked for or nothing is known."""
        other_k = self.state["neighbours"] != self.options.neighbours
        return self.options.full or self.state["built_change"] is None or other_k

    @property
    def known_change(self) -> int:
        """The last change that the edges know; -1 for a full build, which takes none for known."""
        return -1 if self.full else int(self.state["built_change"])

    def stage(self, type_: str, wanted: Edges, stored: Edges) -> None:
        """Write what makes `stored` edges, of the sources in either, the `wanted` ones."""
        everyone = stored.keys() | wanted.keys()
        sources = sorted(uri for uri in everyone if stored.get(uri, {}) != wanted.get(uri, {}))
        for done, batch in batches(sources, EDGE_BATCH):
            rows = [_difference(uri, wanted.get(uri, {}), stored.get(uri, {})) for uri in batch]
            self.write("stage_edges", type=type_, rows=rows)
            self.staged[type_].update(batch)
            for row in rows:
                gone = [to for to in row["ended"] if to not in wanted.get(row["uri"], {})]
                self.figures[type_].update(written=len(row["edges"]), removed=len(gone))
            self.progress(type_, done, len(sources))

    def write(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Run a write that only the newest build may do, and return its row. Raises TrainingError otherwise."""
        rows = self.graph.write(name, builder=self.builder, **parameters)
        if not rows or not rows[0].get("staged", True):
            raise TrainingError(
                "Another `tellgraph build edges` has taken over, or something was deleted meanwhile: this one changed "
                "nothing that readers see. Run it again."
            )
        return rows[0]


def visible_edges(graph: Graph, type_: str) -> Edges:
    """The edges of one type that readers see."""
    return {
        row["uri"]: {
            to: {name: value for name, value in properties.items() if name not in ("build", "ended")}
            for to, properties in row["edges"]
        }
        for row in graph.stream("visible_edges", type=type_)
    }


def _difference(uri: str, wanted: dict[str, dict[str, Any]], stored: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "uri": uri,
        "ended": [to for to, properties in stored.items() if wanted.get(to) != properties],
        "edges": [
            {"uri": to, "properties": properties} for to, properties in wanted.items() if stored.get(to) != properties
        ],
    }
