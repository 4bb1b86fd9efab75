"""Vectors out of Neo4j, in lists of a thousand: those of items, and those of what was said before turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.errors import SnapshotError
from graphstore.export_relations import Progress
from graphstore.graph import Graph
from graphstore.snapshot_manifest import Contexts, Modality
from graphstore.snapshot_writer import SnapshotWriter
from graphstore.vector_makers import maker_of, split_maker

__all__ = ["add_contexts", "add_vectors"]

Floats = npt.NDArray[np.float32]


def add_vectors(
    writer: SnapshotWriter, graph: Graph, modality: Modality, ids: Mapping[str, int], progress: Progress
) -> None:
    """Export the vectors of the items in `ids`, URI → entity id. Raises SnapshotError for those of two makers."""
    keys: list[int] = []
    parts: list[Floats] = []
    makers: set[str] = set()
    names = {"vector": f"{modality}_vector", "hash": f"{modality}_hash"}
    for answer in graph.stream("export_vectors", **names):
        known = np.array([uri in ids for uri in answer["uris"]])
        keys += (ids[uri] for uri in answer["uris"] if uri in ids)
        _one_maker(f"The {modality} vectors", makers, answer["hashes"])
        parts.append(np.array(answer["vectors"], dtype=np.float32)[known])
        progress(f"{modality} vectors", len(keys))
    encoder, model = split_maker(makers.pop()) if makers else (None, None)
    writer.add_vectors(modality, keys, _joined(parts), encoder, model)


def add_contexts(
    writer: SnapshotWriter, graph: Graph, lines: Mapping[str, int], turns: Mapping[int, int], progress: Progress
) -> None:
    """Export the vectors of what was said before turns; the item vectors come first.

    lines: dialogue id → line. turns: line → number of turns, of the training dialogues. What is not in them came later.
    Raises SnapshotError for vectors of two encoders, or of another one than the text vectors'.
    """
    places: list[tuple[int, int]] = []
    wholes: list[Floats] = []
    recents: list[Floats] = []
    makers: set[str] = set()
    for answer in graph.stream("export_contexts"):
        found = [(lines.get(id_, -1), turn) for id_, turn in zip(answer["dialogues"], answer["turns"], strict=True)]
        known = np.array([0 < turn < turns.get(line, 0) for line, turn in found])
        places += (place for place, keep in zip(found, known, strict=True) if keep)
        _one_maker("The vectors of the dialogues", makers, answer["hashes"])
        silence = [0.0] * len(answer["wholes"][0])
        wholes.append(np.array(answer["wholes"], dtype=np.float32)[known])
        recents.append(np.array([one or silence for one in answer["recents"]], dtype=np.float32)[known])
        progress("contexts", len(places))
    columns = np.array(places, dtype=np.int64).reshape(-1, 2)
    contexts = Contexts(columns[:, 0], columns[:, 1], _joined(wholes), _joined(recents))
    writer.add_contexts(contexts, next(iter(makers), None))


def _one_maker(what: str, makers: set[str], hashes: Iterable[Any]) -> None:
    """Add the makers that the hashes name; there may be one."""
    makers.update(maker_of(text) for text in hashes if text)
    if len(makers) > 1:
        raise SnapshotError(
            f"{what} come from several encoders ({', '.join(sorted(makers))}): "
            "run `tellgraph build vectors` and `tellgraph build edges` to their ends first."
        )


def _joined(parts: list[Floats]) -> Floats:
    kept = [part for part in parts if len(part)]
    return np.concatenate(kept) if kept else np.zeros((0, 0), dtype=np.float32)
