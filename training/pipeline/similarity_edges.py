"""Text and image edges: each item to those whose vectors are nearest (Eq. 9-10), all or only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.graph import Graph
from graphstore.vector_makers import maker_of
from training.errors import TrainingError
from training.neighbours import KnownNeighbours, NeighbourLists, nearest_neighbours, updated_neighbours
from training.pipeline.edge_staging import Build, Edges, visible_edges
from training.pipeline.kinds import VectorKind, batches

__all__ = ["stage_similarities"]

# What a few changed rows do to the others is looked up; beyond this share of the rows it is all computed.
LOOKED_UP_SHARE = 0.1
_LISTS_AT_ONCE = 10_000
_COLUMNS = ("targets", "scores", "ranks", "encoders")


@dataclass(frozen=True)
class _Vectors:
    """The stored vectors of one kind in the order of their URIs, which decides between equal scores."""

    uris: list[str]
    matrix: npt.NDArray[np.float32]
    changes: npt.NDArray[np.int64]
    encoder: str


def stage_similarities(build: Build, kind: VectorKind) -> None:
    """Stage the edges of one kind that change. Raises TrainingError when vectors are of several encoders."""
    vectors = _stored_vectors(build.graph, kind)
    if vectors is None:
        build.stage(kind.edge, {}, visible_edges(build.graph, kind.edge))
        return
    k, fresh = build.options.neighbours, np.flatnonzero(vectors.changes > build.known_change)
    if build.full or len(fresh) > LOOKED_UP_SHARE * len(vectors.uris):
        wanted = _as_edges(vectors, nearest_neighbours(vectors.matrix, k))
        build.stage(kind.edge, wanted, visible_edges(build.graph, kind.edge))
        return
    place = {uri: row for row, uri in enumerate(vectors.uris)}
    stored = _StoredLists(build.graph, kind)
    changes = build.graph.read("similarity_changes", type=kind.edge, change=kind.change, after=build.known_change)
    listing = {place[uri] for row in changes for uri in row["listed_by"] if uri in place}
    known = KnownNeighbours(
        reach=_reach(build, kind, place),
        listing=np.array(sorted(listing), np.int64),
        lists=lambda rows: _as_lists(stored.of([vectors.uris[row] for row in rows]), place),
    )
    lists = updated_neighbours(vectors.matrix, k, known, fresh)
    touched = [vectors.uris[row] for row in lists] + [row["uri"] for row in changes if row["uri"] not in place]
    build.stage(kind.edge, _as_edges(vectors, lists), _as_stored(stored.of(touched)))


def _reach(build: Build, kind: VectorKind, place: Mapping[str, int]) -> npt.NDArray[np.float32]:
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
        for _, batch in batches([uri for uri in uris if uri not in self._rows], _LISTS_AT_ONCE):
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
        encoders.update(maker_of(text) for text in part["hashes"])
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


def _as_lists(stored: Mapping[str, dict[str, Any]], place: Mapping[str, int]) -> NeighbourLists:
    lists: NeighbourLists = {}
    for uri, row in stored.items():
        known = [(place[to], score) for to, score in zip(row["targets"], row["scores"], strict=True) if to in place]
        lists[place[uri]] = np.array([to for to, _ in known], np.int64), np.array([score for _, score in known])
    return lists


def _as_stored(stored: Mapping[str, dict[str, Any]]) -> Edges:
    """What the graph has, ranks with gaps included where a neighbour was deleted."""
    return {
        uri: {
            to: {"score": score, "rank": rank, "encoder": encoder}
            for to, score, rank, encoder in zip(*(row[name] for name in _COLUMNS), strict=True)
        }
        for uri, row in stored.items()
    }
