"""A snapshot as a DGL heterograph, for people who train with DGL's own modules.

Tellgraph's training reads the snapshot directly and needs none of this.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from graphstore.errors import SnapshotError
from graphstore.snapshot import EDGE_COLUMNS, MODALITIES, Columns, Snapshot

if TYPE_CHECKING:
    import dgl

__all__ = ["NODE_TYPE", "build_dgl_graph"]

NODE_TYPE = "entity"


def build_dgl_graph(snapshot: Snapshot, *, reverse: bool = False) -> dgl.DGLGraph:
    """One node type `entity`, one edge type `('entity', TYPE, 'entity')` per relation, node id = entity id.

    Items are entities, because facts run both ways between them; `ndata['item']`, bool [N], marks them.
    For each modality that has vectors, `ndata['text'|'image']` is float32 [N, dimensions] with zeros
    where there is none, and `ndata['has_text'|'has_image']`, bool [N], says where there is one. Edges carry
    their weights: `count` (int64 [E]) on CO_MENTIONED, `score` (float32 [E]) and `rank` (int64 [E]) on the
    similarities.

    reverse: add `rev_TYPE` for every type, with the same weights (DGL's AddReverse). A co-mention holds for
        both ends and is stored once, so an undirected model needs this.

    Raises SnapshotError where DGL is not installed.
    """
    dgl = _import_dgl()
    import torch

    relations: dict[str, Columns] = {
        **snapshot.facts(),
        **{name: snapshot.edges(name) for name in EDGE_COLUMNS},
    }
    graph = dgl.heterograph(
        {
            (NODE_TYPE, name, NODE_TYPE): (
                torch.from_numpy(columns["source"]),
                torch.from_numpy(columns["target"]),
            )
            for name, columns in relations.items()
        },
        num_nodes_dict={NODE_TYPE: len(snapshot.uris)},
    )
    for name, columns in relations.items():
        for weight in columns.keys() - {"source", "target"}:
            graph.edges[name].data[weight] = torch.from_numpy(columns[weight])
    for name, values in _node_features(snapshot).items():
        graph.ndata[name] = torch.from_numpy(values)
    if reverse:
        graph = dgl.AddReverse(copy_edata=True, sym_new_etype=True)(graph)
    return graph


def _node_features(snapshot: Snapshot) -> Columns:
    count = len(snapshot.uris)
    features: Columns = {"item": np.zeros(count, dtype=bool)}
    features["item"][snapshot.item_ids] = True
    for modality in MODALITIES:
        ids, vectors = snapshot.vectors(modality)
        if not len(ids):
            continue
        features[modality] = np.zeros((count, vectors.shape[1]), dtype=np.float32)
        features[modality][ids] = vectors
        features[f"has_{modality}"] = np.zeros(count, dtype=bool)
        features[f"has_{modality}"][ids] = True
    return features


def _import_dgl() -> Any:
    # Not a setting that is read: without it DGL's import writes a configuration file into the home directory.
    os.environ.setdefault("DGLBACKEND", "pytorch")  # noqa: TID251
    try:
        import dgl
    except ImportError as error:
        raise SnapshotError(
            "DGL does not import here, so there is no DGL graph: its wheels end at Python 3.11. Everything "
            "else in Tellgraph, training included, works without it, and Snapshot.facts(), .edges() and "
            ".vectors() have the same columns."
        ) from error
    return dgl
