"""Vectors of descriptions (Eq. 3) and pictures (Eq. 4-5) onto the items, encoded again only where something changed.

`build_vectors` is also the door to the vectors of what was said in dialogues (`training.pipeline.contexts`), which the
text model makes as well.

A vector stands on its item beside a hash, its maker's name (`graphstore.vector_makers`) and the checksum of what was
encoded, and the number of the change that wrote it, by which the next build of edges finds it. Items are written in
batches, a transaction each: what an interruption left undone the next run does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache as once
from pathlib import Path
from typing import Any

from graphstore.graph import Graph
from graphstore.vector_makers import name_maker
from training.contents import Content, picture_content, text_content
from training.descriptions import COMPOSED
from training.encoders import Encoder, ImageEncoder, TextEncoder
from training.pipeline.contexts import ContextReport, build_contexts
from training.pipeline.descriptions import described_texts
from training.pipeline.kinds import IMAGE, TEXT, Progress, VectorKind, batches, no_progress, prepare_index
from training.pretrained import VectorModels

__all__ = ["VectorReport", "build_vectors"]

VECTOR_BATCH = 256


@dataclass(frozen=True)
class VectorReport:
    """What `build_vectors` found and did for one modality, in items.

    encoder: its name, with the language model's where one wrote the descriptions; None when no item has anything to
        encode.
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


def build_vectors(
    graph: Graph,
    models: VectorModels,
    cache: Path,
    progress: Progress = no_progress,
    descriptions: str = COMPOSED,
) -> tuple[VectorReport, VectorReport, ContextReport]:
    """Encode the descriptions (Eq. 3), pictures (Eq. 4-5) and contexts of dialogues that changed since the last time.

    A vector stands on its item beside a hash: its maker's name and the checksum of what was encoded. An
    item that has nothing to encode any more loses both. An encoder that no item needs is not even
    fetched.

    Args:
        cache: the cache folder of the settings, for the encoders' weights.
        descriptions: the language model whose descriptions are encoded, of all items or none; by default they are
            composed of what the graph knows.

    Returns:
        The reports for text, for image and for contexts.

    Raises:
        PretrainedError: an encoder cannot be had.
        TrainingError: an item lacks its description by that language model.
    """
    model = None if descriptions == COMPOSED else descriptions
    written = None if model is None else described_texts(graph, model)
    items = graph.read("item_contents")
    unreadable: list[str] = []
    texts = [text_content(item, written) for item in items]
    pictures = [picture_content(item) for item in items]
    text_encoder = once(lambda: TextEncoder(models.text, cache))
    text = _encode(graph, TEXT, texts, text_encoder, progress, model)
    image = _encode(
        graph,
        IMAGE,
        pictures,
        lambda: ImageEncoder(models.image, cache, unreadable=unreadable.append),
        progress,
    )
    contexts = build_contexts(graph, text_encoder, progress)
    return text, replace(image, unreadable=tuple(unreadable)), contexts


def _encode(
    graph: Graph,
    kind: VectorKind,
    contents: Sequence[Content],
    make_encoder: Callable[[], Encoder[Any]],
    progress: Progress,
    model: str | None = None,
) -> VectorReport:
    present = [content for content in contents if content.value]
    empty = [content for content in contents if not content.value and content.stored]
    name, changed, unreadable = None, [], 0
    if present:
        encoder = make_encoder()
        name = name_maker(encoder.name, model)
        prepare_index(graph, kind.index, encoder.dimensions)
        changed = [content for content in present if content.stored != content.hash_by(name)]
        for done, batch in batches(changed, VECTOR_BATCH):
            seen = _write_vectors(graph, kind, encoder, name, batch)
            empty += [content for content in batch if content.uri not in seen]
            unreadable += len(batch) - len(seen)
            progress(f"{kind.name} vectors", done, len(changed))
    graph.write("remove_vectors", **_names(kind), type=kind.edge, uris=[content.uri for content in empty])
    return VectorReport(
        modality=kind.name,
        encoder=name,
        items=len(contents),
        encoded=len(changed) - unreadable,
        unchanged=len(present) - len(changed),
        without=len(contents) - len(present) + unreadable,
    )


def _write_vectors(
    graph: Graph, kind: VectorKind, encoder: Encoder[Any], maker: str, batch: Sequence[Content]
) -> set[str]:
    """Encode a batch and store it; return the URIs of those in which there was something to see."""
    vectors = encoder.encode([content.value for content in batch])
    rows = [
        {"uri": content.uri, "vector": vector.tolist(), "hash": content.hash_by(maker)}
        for content, vector in zip(batch, vectors, strict=True)
        if vector.any()
    ]
    graph.write("write_vectors", **_names(kind), rows=rows)
    return {row["uri"] for row in rows}


def _names(kind: VectorKind) -> dict[str, str]:
    return {"vector": kind.vector, "hash": kind.hash, "change": kind.change}
