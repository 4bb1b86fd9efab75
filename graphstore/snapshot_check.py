"""Whether the files of a snapshot, which are as they were sealed, hold what its manifest says.

A program of somebody else's may write snapshots too, and seal nonsense.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from graphstore.errors import SnapshotError
from graphstore.snapshot_manifest import EDGE_COLUMNS, FACT_COLUMNS, MODALITIES, Columns

if TYPE_CHECKING:
    from graphstore.snapshot import Snapshot

__all__ = ["check_contents"]


def check_contents(snapshot: Snapshot) -> None:
    """Raise SnapshotError unless order, counts, columns and ids are those of the contract."""
    items = [item["uri"] for item in snapshot.items]
    for table, uris in (("entities", snapshot.uris), ("items", items)):
        if any(first >= second for first, second in pairwise(uris)):
            raise SnapshotError(f"{snapshot.folder}: {table}.jsonl is not sorted by URI. Export it again.")
    found = _node_counts(snapshot)
    stated = dict(snapshot.manifest["counts"])
    for name, description in snapshot.manifest["relations"].items():
        columns = snapshot.relation(name)
        _check_columns(snapshot, name, columns, description)
        found[name] = len(columns["source"])
        stated[name] = description["edges"]
    for modality in MODALITIES:
        ids, vectors = snapshot.vectors(modality)
        _check_ids(snapshot, f"vectors/{modality}", ids)
        name = f"{modality} vectors"
        found[name], stated[name] = len(ids), snapshot.manifest["vectors"][modality]["items"]
        if vectors.shape != (len(ids), snapshot.manifest["vectors"][modality]["dimensions"]):
            raise SnapshotError(f"{snapshot.folder}: the {name} have other dimensions than the manifest says.")
    _check_contexts(snapshot)
    for name, count in stated.items():
        if found.get(name) != count:
            raise SnapshotError(
                f"{snapshot.folder}: the manifest counts {count:,} {name}, the files hold "
                f"{found.get(name, 0):,}. Export it again."
            )


def _node_counts(snapshot: Snapshot) -> dict[str, int]:
    dialogues = [len(dialogue.turns) for dialogue in snapshot.dialogues()]
    return {
        "entities": len(snapshot.uris),
        "items": len(snapshot.items),
        "dialogues": len(dialogues),
        "turns": sum(dialogues),
    }


def _check_contexts(snapshot: Snapshot) -> None:
    """Turns that stand in training dialogues, each once and in order: a vector of another's is a wrong answer."""
    contexts = snapshot.contexts()
    stated = snapshot.manifest.get("contexts", {"turns": 0, "dimensions": 0})
    shape = (stated["turns"], stated["dimensions"])
    columns = (contexts.dialogue, contexts.turn)
    if any(matrix.shape != shape or matrix.dtype != np.float32 for matrix in (contexts.whole, contexts.recent)) or any(
        column.shape != shape[:1] or column.dtype != np.int64 for column in columns
    ):
        raise SnapshotError(f"{snapshot.folder}: the contexts have another shape or type than the manifest says.")
    places = list(zip(*(column.tolist() for column in columns), strict=True))
    turns = [len(dialogue.turns) if dialogue.split == "train" else 0 for dialogue in snapshot.dialogues()]
    if any(not (0 <= line < len(turns) and 0 < turn < turns[line]) for line, turn in places):
        raise SnapshotError(f"{snapshot.folder}: a context is of no turn of a training dialogue. Export it again.")
    if any(first >= second for first, second in pairwise(places)):
        raise SnapshotError(f"{snapshot.folder}: the contexts are not sorted by dialogue and turn. Export it again.")


def _check_columns(snapshot: Snapshot, name: str, columns: Columns, description: dict[str, Any]) -> None:
    types = {column: str(values.dtype) for column, values in columns.items()}
    if types != description["columns"]:
        raise SnapshotError(f"{snapshot.folder}: the manifest names other columns than {name} has.")
    expected = next((columns for edge_type, columns in EDGE_COLUMNS.items() if edge_type == name), FACT_COLUMNS)
    # A later version of the format may add columns.
    if not expected.items() <= types.items() or len({values.shape for values in columns.values()}) != 1:
        raise SnapshotError(f"{snapshot.folder}: {name} has not the columns of its kind, or of different lengths.")
    for end in ("source", "target"):
        _check_ids(snapshot, name, columns[end])


def _check_ids(snapshot: Snapshot, name: str, ids: np.ndarray[Any, Any]) -> None:
    if len(ids) and not 0 <= ids.min() <= ids.max() < len(snapshot.uris):
        raise SnapshotError(f"{snapshot.folder}: {name} has ids that are no entity's. Export it again.")
