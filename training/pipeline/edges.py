"""Computed edges onto the graph, so that a reader sees the old build or the new one and never some of each.

    changed dialogues ── Eq. 6 ──► CO_MENTIONED, popularity ──┐
    baskets of users and likes ──► CO_INTERACTED ─────────────┼─ staged ── finish_build ── what ended is deleted
    changed vectors ── Eq. 9-10 ─► TEXT_SIMILAR, IMAGE_SIMILAR┘

Neo4j shows a reader whatever was committed when it looks, so edges are written beside the old ones, with the
number of the build to come, and old ones are told to end with it; readers pass over both until `finish_build`
moves the number on. An interruption leaves edges that nobody sees, and the next build clears them away.

Only what changed is computed: a dialogue and a vector carry the number of their last change, and GraphState the
last change that the edges know. The result is what a full build gives, where that searches exactly.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.graph import Graph
from training.errors import TrainingError
from training.neighbours import (
    KnownNeighbours,
    NeighbourLists,
    co_interactions,
    co_mention_counts,
    nearest_neighbours,
    updated_neighbours,
)
from training.pipeline.kinds import IMAGE, TEXT, Progress, VectorKind, batches, no_progress

__all__ = ["EdgeOptions", "EdgeReport", "build_edges"]

Edges = Mapping[str, dict[str, dict[str, Any]]]  # source → target → properties

EDGE_BATCH, DIALOGUE_BATCH, PAIR_BATCH = 500, 2_000, 10_000
COMPUTED_TYPES = ("CO_MENTIONED", "CO_INTERACTED", "TEXT_SIMILAR", "IMAGE_SIMILAR")
# What a few changed rows do to the others is looked up; beyond this share of the rows it is all computed.
LOOKED_UP_SHARE = 0.1
# How long edges that have ended wait for readers who may still need them; who reads longer reads again.
READER_SECONDS = 60


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


@dataclass(frozen=True)
class EdgeReport:
    """What one edge type holds now, and what this run did to it, in edges.

    written: edges that are new or have other properties now.
    removed: edges that were there and have no reason any more.
    without: items that no edge of this type touches.
    """

    type: str
    edges: int
    written: int
    removed: int
    without: int


@dataclass
class _Build:
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


def build_edges(graph: Graph, options: EdgeOptions | None = None, progress: Progress = no_progress) -> list[EdgeReport]:
    """Bring co-mention (Eq. 6), interaction, text and image edges (Eq. 9-10) and the popularity up to date.

    Popularity is the number of training dialogues that mention an item. Only training dialogues count for
    either.

    Returns:
        The reports for CO_MENTIONED, CO_INTERACTED, TEXT_SIMILAR and IMAGE_SIMILAR.

    Raises:
        TrainingError: nothing was ever taken in, vectors of one modality come from several encoders, another build
            has taken over, or something was deleted meanwhile.
    """
    builder = uuid.uuid4().hex
    states = graph.write("begin_build", builder=builder)
    if not states:
        raise TrainingError("The graph is empty: `tellgraph ingest` comes before `tellgraph build edges`.")
    (state,) = states
    build = _Build(graph, builder, options or EdgeOptions(), progress, state)
    if state["dirty"]:
        _clear_away(graph)
    popularity = _stage_co_mentions(build)
    _stage_interactions(build)
    for kind in (TEXT, IMAGE):
        _stage_similarities(build, kind)
    finished = build.write(
        "finish_build",
        change=state["change"],
        neighbours=build.options.neighbours,
        half_life=build.options.half_life,
        popularity=popularity,
    )
    _drop_ended(build, finished["moment"])
    return [
        EdgeReport(
            type=row["type"],
            edges=row["edges"],
            written=build.figures[row["type"]]["written"],
            removed=build.figures[row["type"]]["removed"],
            without=row["without"],
        )
        for row in graph.read("edge_counts")
    ]


def _stage_co_mentions(build: _Build) -> list[tuple[str, int]]:
    """Stage the co-mention edges that change; return the popularity of the items where it does."""
    # Also those that change while this is at work: what is read now is what is counted of them.
    dialogues = list(build.graph.stream("changed_dialogues", after=build.known_change))
    now = [row["mentions"] for row in dialogues]
    before = [] if build.full else [row["counted"] for row in dialogues]
    changes = co_mention_counts(now)
    changes.subtract(co_mention_counts(before))
    touched = [pair for pair, change in changes.items() if change]
    stored = _all_edges(build.graph, "CO_MENTIONED") if build.full else _pair_edges(build.graph, touched)
    wanted: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for first, second in touched:
        known = 0 if build.full else stored.get(first, {}).get(second, {}).get("count", 0)
        if (count := known + changes[first, second]) > 0:
            wanted[first][second] = {"count": count}
    build.stage("CO_MENTIONED", wanted, stored)
    counted = [[row["dialogue"], row["mentions"]] for row in dialogues if row["dialogue"] is not None]
    for _, batch in batches(counted, DIALOGUE_BATCH):
        build.write("stage_counted", counted=batch)
    return _popularity(build, now, before)


def _popularity(build: _Build, now: list[list[str]], before: list[list[str]]) -> list[tuple[str, int]]:
    changes = Counter(uri for mentions in now for uri in set(mentions))
    changes.subtract(uri for mentions in before for uri in set(mentions))
    asked = None if build.full else list(changes)
    items = {row["uri"]: row["popularity"] for row in build.graph.read("item_popularity", uris=asked)}
    before_it_was_an_item = {} if build.full else _counted(build.graph, [uri for uri in items if items[uri] is None])
    known = {} if build.full else {uri: count or before_it_was_an_item.get(uri, 0) for uri, count in items.items()}
    counts = {uri: changes[uri] + known.get(uri, 0) for uri in items}
    return [(uri, count) for uri, count in counts.items() if count != items[uri]]


def _counted(graph: Graph, uris: Sequence[str]) -> dict[str, int]:
    rows = graph.read("counted_popularity", uris=list(uris)) if uris else []
    return {row["uri"]: row["popularity"] for row in rows}


def _pair_edges(graph: Graph, pairs: Sequence[tuple[str, str]]) -> Edges:
    edges: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for _, batch in batches(pairs, PAIR_BATCH):
        for row in graph.read("pair_counts", pairs=[list(pair) for pair in batch]):
            edges[row["first"]][row["second"]] = {"count": row["count"]}
    return edges


def _stage_interactions(build: _Build) -> None:
    """People's baskets are counted whole each time, since the passing of time changes every weight."""
    baskets = ([(uri, time_) for uri, time_ in row["things"]] for row in build.graph.stream("baskets"))
    options = build.options
    wanted: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for (first, second), (count, weight) in co_interactions(baskets, options.half_life, options.largest_basket).items():
        wanted[first][second] = {"count": count, "weight": weight}
    build.stage("CO_INTERACTED", wanted, _all_edges(build.graph, "CO_INTERACTED"))


_COLUMNS = ("targets", "scores", "ranks", "encoders")


@dataclass(frozen=True)
class _Vectors:
    """The stored vectors of one kind in the order of their URIs, which decides between equal scores."""

    uris: list[str]
    matrix: npt.NDArray[np.float32]
    changes: npt.NDArray[np.int64]
    encoder: str


def _stage_similarities(build: _Build, kind: VectorKind) -> None:
    vectors = _stored_vectors(build.graph, kind)
    if vectors is None:
        build.stage(kind.edge, {}, _all_edges(build.graph, kind.edge))
        return
    k, fresh = build.options.neighbours, np.flatnonzero(vectors.changes > build.known_change)
    if build.full or len(fresh) > LOOKED_UP_SHARE * len(vectors.uris):
        wanted = _as_edges(vectors, nearest_neighbours(vectors.matrix, k))
        build.stage(kind.edge, wanted, _all_edges(build.graph, kind.edge))
        return
    place = {uri: row for row, uri in enumerate(vectors.uris)}
    stored = _StoredLists(build.graph, kind)
    changes = build.graph.read("similarity_changes", type=kind.edge, change=kind.change, after=build.known_change)
    listing = {place[uri] for row in changes for uri in row["listed_by"] if uri in place}
    known = KnownNeighbours(
        reach=_reach(build, kind, place),
        listing=np.array(sorted(listing), np.int64),
        lists=lambda rows: {
            place[uri]: (
                np.array([place[to] for to in row["targets"] if to in place], np.int64),
                np.array([score for to, score in zip(row["targets"], row["scores"], strict=True) if to in place]),
            )
            for uri, row in stored.of([vectors.uris[row] for row in rows]).items()
        },
    )
    lists = updated_neighbours(vectors.matrix, k, known, fresh)
    touched = [vectors.uris[row] for row in lists] + [row["uri"] for row in changes if row["uri"] not in place]
    build.stage(kind.edge, _as_edges(vectors, lists), _as_stored(stored.of(touched)))


def _reach(build: _Build, kind: VectorKind, place: Mapping[str, int]) -> npt.NDArray[np.float32]:
    reach = np.zeros(len(place), np.float32)
    for part in build.graph.stream("similarity_reach", type=kind.edge, neighbours=build.options.neighbours):
        known = [(place[uri], score) for uri, score in zip(part["uris"], part["scores"], strict=True) if uri in place]
        rows, scores = zip(*known, strict=True) if known else ((), ())
        reach[list(rows)] = scores
    return reach


@dataclass
class _StoredLists:
    """The neighbours that readers see, by item; each is read once."""

    graph: Graph
    kind: VectorKind
    _rows: dict[str, dict[str, Any] | None] = field(default_factory=dict)

    def of(self, uris: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Of those of these items that have any."""
        for _, batch in batches([uri for uri in uris if uri not in self._rows], PAIR_BATCH):
            self._rows |= dict.fromkeys(batch)
            rows = self.graph.read("similarity_edges", type=self.kind.edge, uris=batch)
            self._rows |= {row["uri"]: row for row in rows}
        return {uri: row for uri in uris if (row := self._rows[uri]) is not None}


def _stored_vectors(graph: Graph, kind: VectorKind) -> _Vectors | None:
    uris: list[str] = []
    changes: list[int] = []
    encoders: set[str] = set()
    parts: list[npt.NDArray[np.float32]] = []
    for part in graph.stream("item_vectors", vector=kind.vector, hash=kind.hash, change=kind.change):
        uris += part["uris"]
        changes += part["changes"]
        # A hash is the encoder's name, a space, and a checksum of what was encoded.
        encoders.update(text.rpartition(" ")[0] for text in part["hashes"])
        if len(encoders) > 1:
            raise TrainingError(
                f"The {kind.name} vectors come from several encoders ({', '.join(sorted(encoders))}), "
                "so they cannot be compared: run `tellgraph build vectors` to its end first."
            )
        parts.append(np.array(part["vectors"], np.float32))
    if not uris:
        return None
    return _Vectors(uris, np.concatenate(parts), np.array(changes, np.int64), encoders.pop())


def _as_edges(vectors: _Vectors, lists: NeighbourLists) -> Edges:
    return {
        vectors.uris[row]: {
            vectors.uris[to]: {"score": score, "rank": rank, "encoder": vectors.encoder}
            for rank, (to, score) in enumerate(zip(targets.tolist(), scores.tolist(), strict=True), 1)
        }
        for row, (targets, scores) in lists.items()
    }


def _as_stored(stored: Mapping[str, dict[str, Any]]) -> Edges:
    """What the graph has, ranks with gaps included where a neighbour was deleted."""
    return {
        uri: {
            to: {"score": score, "rank": rank, "encoder": encoder}
            for to, score, rank, encoder in zip(*(row[name] for name in _COLUMNS), strict=True)
        }
        for uri, row in stored.items()
    }


def _all_edges(graph: Graph, type_: str) -> Edges:
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


def _clear_away(graph: Graph) -> None:
    """Remove what an interrupted build staged and what it did not come to delete."""
    for type_ in COMPUTED_TYPES:
        for name in ("drop_hidden_edges", "restore_ended_edges"):
            while graph.write(name, type=type_)[0]["done"]:
                pass


def _drop_ended(build: _Build, moment: str) -> None:
    """Delete what the build replaced, once nobody reads who began before it was finished."""
    deadline = time.monotonic() + READER_SECONDS
    while build.graph.read("older_readers", moment=moment)[0]["readers"] and time.monotonic() < deadline:
        time.sleep(0.1)
    for type_, uris in build.staged.items():
        for _, batch in batches(sorted(uris), EDGE_BATCH):
            build.graph.write("drop_ended_edges", type=type_, uris=batch)
    build.graph.write("clean_build", builder=build.builder)
