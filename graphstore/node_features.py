"""What the nodes of a graph object carry: vectors and masks, one row per entity, the same in every library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphstore.snapshot_manifest import MODALITIES, Columns

if TYPE_CHECKING:
    from graphstore.snapshot import Snapshot

__all__ = ["NODE_TYPE", "SPLITS", "node_features"]

NODE_TYPE = "entity"
SPLITS = ("train", "valid", "test")


def node_features(snapshot: Snapshot) -> Columns:
    """Arrays of N rows, N the number of entities, in the order of their ids.

    `item`, bool [N]: can be recommended. `train_mask`, `valid_mask`, `test_mask`, bool [N]: mentioned in a dialogue
    of that split. The splits part dialogues and not entities, so one may be in several, and what only `test_mask`
    has was never seen in training. For each modality that has vectors `text` or `image`, float32 [N, dimensions],
    zeros where there is none, and `has_text` or `has_image`, bool [N].
    """
    count = len(snapshot.uris)
    features: Columns = {"item": _mask(count, snapshot.item_ids)}
    for split in SPLITS:
        named = {uri for dialogue in snapshot.dialogues(split) for turn in dialogue.turns for uri in turn.mentions}
        features[f"{split}_mask"] = _mask(count, [snapshot.entity_id[uri] for uri in named])
    for modality in MODALITIES:
        ids, vectors = snapshot.vectors(modality)
        if len(ids):
            features[modality] = np.zeros((count, vectors.shape[1]), dtype=np.float32)
            features[modality][ids] = vectors
            features[f"has_{modality}"] = _mask(count, ids)
    return features


def _mask(count: int, ids: np.typing.ArrayLike) -> np.typing.NDArray[np.bool_]:
    mask = np.zeros(count, dtype=bool)
    mask[np.asarray(ids, dtype=np.int64)] = True
    return mask
