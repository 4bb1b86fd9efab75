"""What changed between two snapshots, in counts. Ids differ from one to the next, so URIs are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from graphstore.snapshot_manifest import MODALITIES, Columns

__all__ = ["Difference", "compare_snapshots"]

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """How many rows of one table are only in the newer snapshot, only in the older, in both but changed, the same."""

    added: int
    removed: int
    changed: int
    same: int


def compare_snapshots(older: Snapshot, newer: Snapshot) -> dict[str, Difference]:
    """Table or relation → its difference.

    An entity has changed when its name has, an item when one of its properties, a dialogue when anything of it, an
    edge when one of its weights, a vector when one of its numbers, a context when one of its two vectors.
    """
    found = {
        "entities": _rows(_entities(older), _entities(newer)),
        "items": _rows(_items(older), _items(newer)),
        "dialogues": _rows(_dialogues(older), _dialogues(newer)),
    }
    for modality in MODALITIES:
        found[f"{modality} vectors"] = _rows(_vectors(older, modality), _vectors(newer, modality))
    found["contexts"] = _rows(_contexts(older), _contexts(newer))
    uris = sorted({*older.uris, *newer.uris})
    common = {uri: number for number, uri in enumerate(uris)}
    ids = [np.array([common[uri] for uri in one.uris], dtype=np.int64) for one in (older, newer)]
    for name in sorted({*older.manifest["relations"], *newer.manifest["relations"]}):
        sides = [_edges(one, name, numbers, len(uris)) for one, numbers in zip((older, newer), ids, strict=True)]
        found[name] = _columns(*sides)
    return found


def _rows(older: Mapping[Any, Any], newer: Mapping[Any, Any]) -> Difference:
    both = older.keys() & newer.keys()
    changed = sum(older[key] != newer[key] for key in both)
    return Difference(len(newer) - len(both), len(older) - len(both), changed, len(both) - changed)


def _columns(older: Columns, newer: Columns) -> Difference:
    _, old, new = np.intersect1d(older["pair"], newer["pair"], assume_unique=True, return_indices=True)
    same = np.ones(len(old), dtype=bool)
    for weight in older.keys() & newer.keys():
        same &= older[weight][old] == newer[weight][new]
    added, removed = len(newer["pair"]) - len(new), len(older["pair"]) - len(old)
    return Difference(added, removed, int(np.sum(~same)), int(np.sum(same)))


def _edges(snapshot: Snapshot, name: str, ids: Ids, count: int) -> Columns:
    """Weights by `pair`, one number for both ends; an edge that stands twice counts once."""
    if name not in snapshot.manifest["relations"]:
        return {"pair": np.empty(0, dtype=np.int64)}
    columns = snapshot.relation(name)
    pairs = ids[columns.pop("source")] * count + ids[columns.pop("target")]
    unique, places = np.unique(pairs, return_index=True)
    return {"pair": unique, **{weight: values[places] for weight, values in columns.items()}}


def _entities(snapshot: Snapshot) -> dict[str, str]:
    return dict(zip(snapshot.uris, snapshot.names, strict=True))


def _items(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {item["uri"]: item for item in snapshot.items}


def _dialogues(snapshot: Snapshot) -> dict[str, Any]:
    return {dialogue.id: dialogue for dialogue in snapshot.dialogues()}


def _contexts(snapshot: Snapshot) -> dict[tuple[str, int], tuple[bytes, bytes]]:
    ids = [dialogue.id for dialogue in snapshot.dialogues()]
    found = snapshot.contexts()
    return {
        (ids[line], int(turn)): (whole.tobytes(), recent.tobytes())
        for line, turn, whole, recent in zip(found.dialogue, found.turn, found.whole, found.recent, strict=True)
    }


def _vectors(snapshot: Snapshot, modality: Any) -> dict[str, bytes]:
    ids, vectors = snapshot.vectors(modality)
    return {snapshot.uris[number]: vector.tobytes() for number, vector in zip(ids, vectors, strict=True)}
