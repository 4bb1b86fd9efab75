"""A snapshot as PyG's heterogeneous graph, for people who train with PyTorch Geometric.

Tellgraph's training reads the snapshot directly and needs none of this.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from graphstore.errors import SnapshotError
from graphstore.node_features import NODE_TYPE, node_features

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

    from graphstore.snapshot import Snapshot

__all__ = ["build_pyg_graph"]


def build_pyg_graph(snapshot: Snapshot, *, reverse: bool = False) -> HeteroData:
    """One node type `entity`, one edge type `('entity', TYPE, 'entity')` per relation, node id = entity id.

    `data['entity']` holds the arrays of `graphstore.node_features`. `data['entity', TYPE, 'entity']` holds
    `edge_index`, int64 [2, E], and the weights: `count` (int64 [E]) on CO_MENTIONED, `count` and `weight`
    (float32 [E]) on CO_INTERACTED, `score` (float32 [E]) and `rank` (int64 [E]) on the similarities.

    reverse: add `rev_TYPE` for every type, with the same weights. A co-mention holds for both ends and is stored
        once, so an undirected model needs this.

    Raises SnapshotError where PyTorch Geometric is not installed.
    """
    import torch

    data = _import_data()()
    data[NODE_TYPE].num_nodes = len(snapshot.uris)
    for name, values in node_features(snapshot).items():
        data[NODE_TYPE][name] = torch.from_numpy(values)
    for name, columns in snapshot.relations(reverse=reverse).items():
        tensors = {column: torch.from_numpy(values) for column, values in columns.items()}
        edges = data[NODE_TYPE, name, NODE_TYPE]
        edges.edge_index = torch.stack([tensors.pop("source"), tensors.pop("target")])
        for weight, tensor in tensors.items():
            edges[weight] = tensor
    return data


def _import_data() -> Any:
    try:
        with warnings.catch_warnings():  # it calls parts of torch that torch has begun to retire
            warnings.simplefilter("ignore")
            from torch_geometric.data import HeteroData
    except ImportError as error:
        raise SnapshotError(
            "PyTorch Geometric does not import here, so there is no PyG graph: pip install 'tellgraph[pyg]'."
        ) from error
    return HeteroData
