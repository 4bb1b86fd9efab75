"""Vectors and edges onto the graph: the only module of `training` that talks to Neo4j.

    build_vectors    descriptions, pictures ── encoders ──► text_vector, image_vector, a vector index for each
    build_edges      training dialogues ── Eq. 6 ──► CO_MENTIONED, popularity
                     vectors ── Eq. 9-10 ──► TEXT_SIMILAR, IMAGE_SIMILAR

Both compare what should be there with what is there and write the difference in batches, a transaction
each: twice is the same graph, and what an interruption left undone the next run does. An item's edges of
one type are replaced in one transaction, so they are the old ones or the new ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from graphstore.graph import Graph
from training.contents import Content, picture_content, text_content
from training.encoders import Encoder, ImageEncoder, TextEncoder
from training.errors import TrainingError
from training.neighbours import co_mention_counts, nearest_neighbours
from training.pretrained import VectorModels

__all__ = [
    "EdgeReport",
    "Progress",
    "VectorReport",
    "build_edges",
    "build_vectors",
]

Thing = TypeVar("Thing")
Edges = Mapping[str, dict[str, dict[str, Any]]]  # source → target → properties
Progress = Callable[[str, int, int], None]
"""Is told (what, done, total) as the work goes on."""

VECTOR_BATCH, EDGE_BATCH = 256, 500


@dataclass(frozen=True)
class VectorReport:
    """What `build_vectors` found and did for one modality, in items.

    encoder: its name; None when no item has anything to encode.
    encoded, unchanged: vectors written now, and those that were right already.
    without: items that have no vector, because they have no description or no readable picture.
    unreadable: a line for every picture that could not be read and was left out.
    """

    modality: str
    encoder: str | None
    items: int
    encoded: int
    unchanged: int
    without: int
    unreadable: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class _Modality:
    """A kind of vector, and what its things are called in the graph."""

    name: Literal["text", "image"]

    @property
    def properties(self) -> dict[str, str]:
        return {"vector": f"{self.name}_vector", "hash": f"{self.name}_hash"}

    @property
    def index(self) -> str:
        return f"item_{self.name}"

    @property
    def edge(self) -> str:
        return f"{self.name.upper()}_SIMILAR"


_TEXT, _IMAGE = _Modality("text"), _Modality("image")


def _silent(what: str, done: int, total: int) -> None:
    pass


def build_vectors(
    graph: Graph, models: VectorModels, cache: Path, progress: Progress = _silent
) -> tuple[VectorReport, VectorReport]:
    """Encode the descriptions (Eq. 3) and pictures (Eq. 4-5) that changed since the last time.

    A vector stands on its item beside a hash: the encoder's name and the checksum of what was encoded. An
    item that has nothing to encode any more loses both. An encoder that no item needs is not even
    fetched.

    Args:
        cache: the cache folder of the settings, for the encoders' weights.

    Returns:
        The reports for text and for image.

    Raises:
        PretrainedError: an encoder cannot be had.
    """
    items = graph.read("item_contents")
    unreadable: list[str] = []
    texts = [text_content(item) for item in items]
    pictures = [picture_content(item) for item in items]
    text = _encode(graph, _TEXT, texts, lambda: TextEncoder(models.text, cache), progress)
    image = _encode(
        graph,
        _IMAGE,
        pictures,
        lambda: ImageEncoder(models.image, cache, unreadable=unreadable.append),
        progress,
    )
    return text, replace(image, unreadable=tuple(unreadable))


def _encode(
    graph: Graph,
    modality: _Modality,
    contents: Sequence[Content],
    make_encoder: Callable[[], Encoder[Any]],
    progress: Progress,
) -> VectorReport:
    present = [content for content in contents if content.value]
    empty = [content for content in contents if not content.value and content.stored]
    name, changed, unreadable = None, [], 0
    if present:
        encoder = make_encoder()
        name = encoder.name
        _prepare_index(graph, modality, encoder.dimensions)
        changed = [content for content in present if content.stored != content.hash_by(encoder.name)]
        for done, batch in _batches(changed, VECTOR_BATCH):
            seen = _write_vectors(graph, modality, encoder, batch)
            empty += [content for content in batch if content.uri not in seen]
            unreadable += len(batch) - len(seen)
            progress(f"{modality.name} vectors", done, len(changed))
    graph.write("remove_vectors", **modality.properties, uris=[content.uri for content in empty])
    return VectorReport(
        modality=modality.name,
        encoder=name,
        items=len(contents),
        encoded=len(changed) - unreadable,
        unchanged=len(present) - len(changed),
        without=len(contents) - len(present) + unreadable,
    )


def _write_vectors(graph: Graph, modality: _Modality, encoder: Encoder[Any], batch: Sequence[Content]) -> set[str]:
    """Encode a batch and store it; return the URIs of those in which there was something to see."""
    vectors = encoder.encode([content.value for content in batch])
    rows = [
        {"uri": content.uri, "vector": vector.tolist(), "hash": content.hash_by(encoder.name)}
        for content, vector in zip(batch, vectors, strict=True)
        if vector.any()
    ]
    graph.write("write_vectors", **modality.properties, rows=rows)
    return {row["uri"] for row in rows}


def _prepare_index(graph: Graph, modality: _Modality, dimensions: int) -> None:
    """Make the vector index fit the encoder: vectors of another length are left out of an index, silently."""
    found = graph.read("vector_index", name=modality.index)
    if found and found[0]["dimensions"] != dimensions:
        graph.write("drop_index", name=modality.index)
    graph.write(f"index_{modality.index}", dimensions=dimensions)
    graph.read("await_indexes")


def build_edges(
    graph: Graph, neighbours: int = 10, progress: Progress = _silent
) -> tuple[EdgeReport, EdgeReport, EdgeReport]:
    """Build the co-mention edges (Eq. 6) and the text and image edges (Eq. 9-10) anew; count popularity.

    Popularity is the number of training dialogues that mention an item. Only training dialogues count for
    either.

    Args:
        neighbours: k of Eq. 10.

    Returns:
        The reports for CO_MENTIONED, TEXT_SIMILAR and IMAGE_SIMILAR.

    Raises:
        TrainingError: vectors of one modality come from several encoders.
    """
    co_mentions = _replace(graph, "CO_MENTIONED", _co_mention_edges(graph), progress)
    graph.write("set_popularity")
    text = _replace(graph, _TEXT.edge, _similarity_edges(graph, _TEXT, neighbours), progress)
    image = _replace(graph, _IMAGE.edge, _similarity_edges(graph, _IMAGE, neighbours), progress)
    return co_mentions, text, image


def _co_mention_edges(graph: Graph) -> Edges:
    counts = co_mention_counts(row["mentions"] for row in graph.stream("training_mentions"))
    edges: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for (first, second), count in counts.items():
        edges[first][second] = {"count": count}
    return edges


def _similarity_edges(graph: Graph, modality: _Modality, neighbours: int) -> Edges:
    rows = _stored_vectors(graph, modality)
    if not rows:
        return {}
    encoders = {hash_.rpartition(" ")[0] for _, _, hash_ in rows}
    if len(encoders) > 1:
        raise TrainingError(
            f"The {modality.name} vectors come from several encoders ({', '.join(sorted(encoders))}), "
            "so they cannot be compared: run `tellgraph build vectors` to its end first."
        )
    encoder = encoders.pop()
    found = nearest_neighbours(np.array([vector for _, vector, _ in rows], np.float32), neighbours)
    edges: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    columns = (found.source.tolist(), found.target.tolist(), found.score.tolist(), found.rank.tolist())
    for source, target, score, rank in zip(*columns, strict=True):
        edges[rows[source][0]][rows[target][0]] = {"score": score, "rank": rank, "encoder": encoder}
    return edges


def _stored_vectors(graph: Graph, modality: _Modality) -> list[tuple[str, list[float], str]]:
    """Return (URI, vector, hash) in the order of the URIs, so that these decide between equal scores."""
    rows: list[tuple[str, list[float], str]] = []
    for part in graph.stream("export_vectors", **modality.properties):
        rows += zip(part["uris"], part["vectors"], part["hashes"], strict=True)
    return sorted(rows)


def _replace(graph: Graph, type_: str, wanted: Edges, progress: Progress) -> EdgeReport:
    """Make the graph's edges of one type the wanted ones, touching only the sources whose edges differ."""
    stored = {
        row["uri"]: {edge["uri"]: edge["properties"] for edge in row["edges"]}
        for row in graph.stream("edges_of_type", type=type_)
    }
    everyone = stored.keys() | wanted.keys()
    sources = sorted(uri for uri in everyone if stored.get(uri, {}) != wanted.get(uri, {}))
    for done, batch in _batches(sources, EDGE_BATCH):
        rows = [{"uri": uri, "edges": _as_list(wanted.get(uri, {}))} for uri in batch]
        graph.write("replace_edges", type=type_, rows=rows)
        progress(type_, done, len(sources))
    return EdgeReport(
        type=type_,
        edges=sum(map(len, wanted.values())),
        written=_differing(wanted, stored),
        removed=sum(to not in wanted.get(uri, {}) for uri in stored for to in stored[uri]),
        without=graph.read("items_without_edges", type=type_)[0]["items"],
    )


def _as_list(targets: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"uri": uri, "properties": properties} for uri, properties in targets.items()]


def _differing(wanted: Edges, stored: Edges) -> int:
    return sum(
        stored.get(uri, {}).get(to) != properties
        for uri, targets in wanted.items()
        for to, properties in targets.items()
    )


def _batches(things: Sequence[Thing], size: int) -> Iterator[tuple[int, Sequence[Thing]]]:
    """Yield (how many are done with this batch, the batch)."""
    for start in range(0, len(things), size):
        yield min(start + size, len(things)), things[start : start + size]
