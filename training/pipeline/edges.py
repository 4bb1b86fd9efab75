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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphstore.graph import Graph
from training.errors import TrainingError
from training.neighbours import co_interactions, co_mention_counts
from training.pipeline.edge_staging import Build, EdgeOptions, Edges, visible_edges
from training.pipeline.kinds import IMAGE, TEXT, Progress, batches, no_progress
from training.pipeline.similarity_edges import stage_similarities

__all__ = ["EdgeOptions", "EdgeReport", "build_edges"]

DELETE_BATCH, DIALOGUE_BATCH, PAIR_BATCH = 500, 2_000, 10_000
COMPUTED_TYPES = ("CO_MENTIONED", "CO_INTERACTED", "TEXT_SIMILAR", "IMAGE_SIMILAR")
# How long edges that have ended wait for readers who may still need them; who reads longer reads again.
READER_SECONDS = 60


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
    build = Build(graph, builder, options or EdgeOptions(), progress, state)
    if state["dirty"]:
        _clear_away(graph)
    popularity = _stage_co_mentions(build)
    _stage_interactions(build)
    for kind in (TEXT, IMAGE):
        stage_similarities(build, kind)
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


def _stage_co_mentions(build: Build) -> list[tuple[str, int]]:
    """Stage the co-mention edges that change; return the popularity of the items where it does."""
    # Also those that change while this is at work: what is read now is what is counted of them.
    dialogues = list(build.graph.stream("changed_dialogues", after=build.known_change))
    now = [row["mentions"] for row in dialogues]
    before = [] if build.full else [row["counted"] for row in dialogues]
    changes = co_mention_counts(now)
    changes.subtract(co_mention_counts(before))
    touched = [pair for pair, change in changes.items() if change]
    stored = visible_edges(build.graph, "CO_MENTIONED") if build.full else _pair_edges(build.graph, touched)
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


def _popularity(build: Build, now: list[list[str]], before: list[list[str]]) -> list[tuple[str, int]]:
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


def _stage_interactions(build: Build) -> None:
    """People's baskets are counted whole each time, since the passing of time changes every weight."""
    baskets = ([(uri, time_) for uri, time_ in row["things"]] for row in build.graph.stream("baskets"))
    options = build.options
    wanted: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for (first, second), (count, weight) in co_interactions(baskets, options.half_life, options.largest_basket).items():
        wanted[first][second] = {"count": count, "weight": weight}
    build.stage("CO_INTERACTED", wanted, visible_edges(build.graph, "CO_INTERACTED"))


def _clear_away(graph: Graph) -> None:
    """Remove what an interrupted build staged and what it did not come to delete."""
    for type_ in COMPUTED_TYPES:
        for name in ("drop_hidden_edges", "restore_ended_edges"):
            while graph.write(name, type=type_)[0]["done"]:
                pass


def _drop_ended(build: Build, moment: str) -> None:
    """Delete what the build replaced, once nobody reads who began before it was finished."""
    deadline = time.monotonic() + READER_SECONDS
    while build.graph.read("older_readers", moment=moment)[0]["readers"] and time.monotonic() < deadline:
        time.sleep(0.1)
    for type_, uris in build.staged.items():
        for _, batch in batches(sorted(uris), DELETE_BATCH):
            build.graph.write("drop_ended_edges", type=type_, uris=batch)
    build.graph.write("clean_build", builder=build.builder)
