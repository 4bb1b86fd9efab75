"""LightGCN over one semantic graph (MSCRS Eq. 7-8 and 11-13; He et al. 2020, Eq. 3-5).

    E^(l) = D^-1/2 A D^-1/2 E^(l-1),    Ê = mean(E^(0), …, E^(L))

`normalise` makes D^-1/2 A D^-1/2 from edges; `propagate` is the mean over layers. A node without any edge
gets a self-loop: otherwise having a neighbour would by itself make an item's vector longer, hence its score
higher (docs/decisions/005-choices-where-the-paper-is-silent.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.models.sparse import SparseMatrix, compressed

__all__ = ["PairPattern", "co_mention_matrix", "neighbour_matrix", "propagate"]


@dataclass(frozen=True)
class PairPattern:
    """Where a co-mention matrix has its entries: sorted once, since training steps differ in counts alone.

    rows, columns: int64 [2 pairs], each pair from both its ends, by row and column.
    pair: int64 [2 pairs], position of the count of each. nodes: K.
    """

    rows: Tensor
    columns: Tensor
    pair: Tensor
    nodes: int

    @classmethod
    def of(cls, sources: Tensor, targets: Tensor, nodes: int) -> PairPattern:
        """Of each pair once. sources, targets: int64 [pairs]."""
        rows, columns = torch.cat([sources, targets]), torch.cat([targets, sources])
        order = torch.argsort(rows * nodes + columns, stable=True)
        return cls(rows[order], columns[order], torch.arange(len(sources)).repeat(2)[order], nodes)

    def matrix(self, counts: Tensor) -> SparseMatrix:
        """Eq. 7's D^-1/2 C D^-1/2, symmetric, [nodes, nodes]. counts: [pairs], a pair with count 0 is no edge."""
        weights = counts.float()[self.pair]
        kept = weights > 0
        rows, columns, weights = self.rows[kept], self.columns[kept], weights[kept]
        degree = torch.zeros(self.nodes).index_add(0, rows, weights)
        isolated = degree == 0
        scale = degree.clamp(min=1e-12).rsqrt()
        # An isolated node's self-loop is the one entry of its row, and moves all behind it by one place.
        places = torch.arange(len(rows)) + isolated.cumsum(0)[rows]
        starts = functional.pad((torch.bincount(rows, minlength=self.nodes) + isolated).cumsum(0), (1, 0))
        lonely = isolated.nonzero().flatten()
        ends = torch.empty(len(rows) + len(lonely), dtype=torch.int64)
        ends[places], ends[starts[lonely]] = columns, lonely

        def csr(values: Tensor) -> Tensor:
            return compressed(
                starts, ends, torch.ones(len(ends)).index_put((places,), values), (self.nodes, self.nodes)
            )

        # The transpose holds the number of the entry across: its factors in the other order, rounded likewise.
        return SparseMatrix(csr(weights * scale[rows] * scale[columns]), csr(weights * scale[columns] * scale[rows]))


def co_mention_matrix(sources: Tensor, targets: Tensor, counts: Tensor, nodes: int) -> SparseMatrix:
    """`PairPattern.matrix` for one use: sources, targets int64 [pairs], each pair once; counts [pairs]."""
    return PairPattern.of(sources, targets, nodes).matrix(counts)


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
