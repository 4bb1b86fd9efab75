"""LightGCN over one semantic graph (MSCRS Eq. 7-8 and 11-13; He et al. 2020, Eq. 3-5).

    E^(l) = D^-1/2 A D^-1/2 E^(l-1),    Ê = mean(E^(0), …, E^(L))

`normalise` makes D^-1/2 A D^-1/2 from edges; `propagate` is the mean over layers. A node without any edge
gets a self-loop: otherwise having a neighbour would by itself make an item's vector longer, hence its score
higher (docs/decisions/005-choices-where-the-paper-is-silent.md).
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.models.sparse import SparseMatrix

__all__ = ["co_mention_matrix", "neighbour_matrix", "propagate"]


def co_mention_matrix(sources: Tensor, targets: Tensor, counts: Tensor, nodes: int) -> SparseMatrix:
    """Eq. 7's D^-1/2 C D^-1/2, symmetric, from each pair once.

    sources, targets: int64 [pairs]; counts: [pairs], a pair with count 0 is no edge. Returns [nodes, nodes].
    """
    weights = counts.float()
    kept = weights > 0
    sources, targets, weights = sources[kept], targets[kept], weights[kept]
    rows, columns = torch.cat([sources, targets]), torch.cat([targets, sources])
    values = torch.cat([weights, weights])
    degree = torch.zeros(nodes).index_add(0, rows, values)
    isolated = (degree == 0).nonzero().flatten()
    scale = degree.clamp(min=1e-12).rsqrt()
    rows, columns = torch.cat([rows, isolated]), torch.cat([columns, isolated])
    values = torch.cat([values * scale[rows[: len(values)]] * scale[columns[: len(values)]], torch.ones(len(isolated))])
    return SparseMatrix.from_coordinates(rows, columns, values, (nodes, nodes))


def neighbour_matrix(sources: Tensor, targets: Tensor, nodes: int) -> SparseMatrix:
    """Eq. 11's D^-1/2 Ã D^-1/2 for the kNN graph: row i receives from the neighbours that i chose.

    sources, targets: int64 [edges], i -> its k nearest. D holds Ã's row sums on both sides, so that with
    k neighbours everywhere the matrix is Ã / k. Returns [nodes, nodes].
    """
    degree = torch.zeros(nodes).index_add(0, sources, torch.ones(len(sources)))
    isolated = (degree == 0).nonzero().flatten()
    scale = degree.clamp(min=1).rsqrt()
    rows, columns = torch.cat([sources, isolated]), torch.cat([targets, isolated])
    values = torch.cat([scale[sources] * scale[targets], torch.ones(len(isolated))])
    return SparseMatrix.from_coordinates(rows, columns, values, (nodes, nodes))


def propagate(adjacency: SparseMatrix, embeddings: Tensor, layers: int) -> Tensor:
    """Mean over the layers 0..L of A^l E, [nodes, d] -> [nodes, d] (Eq. 8)."""
    total = embeddings
    for _ in range(layers):  # I + A + … + A^L = I + A (I + A (…)): one table to add to, not two
        total = (adjacency @ total).add_(embeddings)
    return total / (layers + 1)
