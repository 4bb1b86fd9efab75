"""A snapshot as a DGL heterograph, for people who train with DGL's own modules.

Tellgraph's training reads the snapshot directly and needs none of this.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from graphstore.errors import SnapshotError
from graphstore.node_features import NODE_TYPE, node_features

if TYPE_CHECKING:
    import dgl

    from graphstore.snapshot import Snapshot

__all__ = ["build_dgl_graph"]


def build_dgl_graph(snapshot: Snapshot, *, reverse: bool = False) -> dgl.DGLGraph:
    """One node type `entity`, one edge type `('entity', TYPE, 'entity')` per relation, node id = entity id.

    Items are entities, because facts run both ways between them. `ndata` holds the arrays of
    `graphstore.node_features`. Edges carry their weights: `count` (int64 [E]) on CO_MENTIONED, `count` and `weight`
    (float32 [E]) on CO_INTERACTED, `score` (float32 [E]) and `rank` (int64 [E]) on the similarities.

    reverse: add `rev_TYPE` for every type, with the same weights. A co-mention holds for both ends and is stored
        once, so an undirected model needs this.

    Raises SnapshotError where DGL is not installed.
    """
    dgl = _import_dgl()
    import torch

    relations = {
        name: {column: torch.from_numpy(values) for column, values in columns.items()}
        for name, columns in snapshot.relations(reverse=reverse).items()
    }
    graph = dgl.heterograph(
        {(NODE_TYPE, name, NODE_TYPE): (columns["source"], columns["target"]) for name, columns in relations.items()},
        num_nodes_dict={NODE_TYPE: len(snapshot.uris)},
    )
    for name, columns in relations.items():
        for weight in columns.keys() - {"source", "target"}:
            graph.edges[name].data[weight] = columns[weight]
    for name, values in node_features(snapshot).items():
        graph.ndata[name] = torch.from_numpy(values)
    return graph


def _import_dgl() -> Any:
    # Not a setting that is read: without it DGL's import writes a configuration file into the home directory.
    os.environ.setdefault("DGLBACKEND", "pytorch")  # noqa: TID251
    try:
        import dgl
    except ImportError as error:
        raise SnapshotError(
            "DGL does not import here, so there is no DGL graph: its wheels end at Python 3.11. Everything "
            "else in Tellgraph, training included, works without it, and Snapshot.to_pyg(), .relations() and "
            ".vectors() have the same columns."
        ) from error
    return dgl
