"""LightGCN over one semantic graph (MSCRS Eq. 7-8 and 11-13; He et al. 2020, Eq. 3-5).

    E^(l) = D^-1/2 A D^-1/2 E^(l-1),    Ê = mean(E^(0), …, E^(L))

`co_mention_graph` and `neighbour_graph` make D^-1/2 A D^-1/2 from edges; `propagate` is the mean over layers. A node
without any edge gets a self-loop: otherwise having a neighbour would by itself make an item's vector longer, hence
its score higher (docs/decisions/005-choices-where-the-paper-is-silent.md). What such a node receives is its own row,
so that the products run over the other nodes alone: of INSPIRED's 17 thousand entities, two thousand were ever
mentioned beside another.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from training.models.sparse import SparseMatrix, compressed, weighted_sums

__all__ = ["PairPattern", "SemanticGraph", "co_mention_graph", "neighbour_graph", "propagate"]


@dataclass(frozen=True)
class SemanticGraph:
    """A normalised matrix, [nodes, nodes], by those nodes that may have a neighbour; the others have self-loops.

    among: [m, m]; a node that may have a neighbour and has none keeps itself there.
    linked: int64 [m], ascending, the node of each row. nodes: of the whole graph.
    """

    among: SparseMatrix
    linked: Tensor
    nodes: int

    def whole(self) -> SparseMatrix:
        """[nodes, nodes], every self-loop an entry."""
        alone = torch.ones(self.nodes, dtype=torch.bool, device=self.linked.device)
        alone[self.linked] = False
        loops = alone.nonzero().flatten()
        rows, columns, values = self.among.coordinates()
        rows, columns = (torch.cat([self.linked[ends], loops]) for ends in (rows, columns))
        values = torch.cat([values, values.new_ones(len(loops))])
        return SparseMatrix.from_coordinates(rows, columns, values, (self.nodes, self.nodes))

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> SemanticGraph:
        """The same graph on another device or in another precision."""
        return SemanticGraph(self.among.to(device, dtype), self.linked.to(device), self.nodes)


@dataclass(frozen=True)
class PairPattern:
    """Where a co-mention matrix has its entries: sorted once, since training steps differ in counts alone.

    rows, columns: int64 [2 pairs], each pair from both its ends, by row and column, as places in `linked`.
    pair: int64 [2 pairs], position of the count of each. linked: int64 [m], the nodes of any pair. nodes: K.
    """

    rows: Tensor
    columns: Tensor
    pair: Tensor
    linked: Tensor
    nodes: int

    @classmethod
    def of(cls, sources: Tensor, targets: Tensor, nodes: int) -> PairPattern:
        """Of each pair once. sources, targets: int64 [pairs]."""
        linked, rows = torch.unique(torch.cat([sources, targets]), return_inverse=True)
        columns = rows.roll(len(sources))
        order = torch.argsort(rows * len(linked) + columns, stable=True)
        pair = torch.arange(len(sources)).repeat(2)
        return cls(rows[order], columns[order], pair[order], linked, nodes)

    def graph(self, counts: Tensor) -> SemanticGraph:
        """Eq. 7's D^-1/2 C D^-1/2, symmetric, [nodes, nodes]. counts: [pairs], a pair with count 0 is no edge."""
        size = len(self.linked)
        weights = counts.float()[self.pair]
        kept = weights > 0
        rows, columns, weights = self.rows[kept], self.columns[kept], weights[kept]
        degree = torch.zeros(size).index_add(0, rows, weights)
        isolated = degree == 0
        scale = degree.clamp(min=1e-12).rsqrt()
        # An isolated node's self-loop is the one entry of its row, and moves all behind it by one place.
        places = torch.arange(len(rows)) + isolated.cumsum(0)[rows]
        starts = functional.pad((torch.bincount(rows, minlength=size) + isolated).cumsum(0), (1, 0))
        lonely = isolated.nonzero().flatten()
        ends = torch.empty(len(rows) + len(lonely), dtype=torch.int64)
        ends[places], ends[starts[lonely]] = columns, lonely

        def csr(values: Tensor) -> Tensor:
            return compressed(starts, ends, torch.ones(len(ends)).index_put((places,), values), (size, size))

        # The transpose holds the number of the entry across: its factors in the other order, rounded likewise.
        among = SparseMatrix(csr(weights * scale[rows] * scale[columns]), csr(weights * scale[columns] * scale[rows]))
        return SemanticGraph(among, self.linked, self.nodes)


def co_mention_graph(sources: Tensor, targets: Tensor, counts: Tensor, nodes: int) -> SemanticGraph:
    """`PairPattern.graph` for one use: sources, targets int64 [pairs], each pair once; counts [pairs]."""
    return PairPattern.of(sources, targets, nodes).graph(counts)


def neighbour_graph(sources: Tensor, targets: Tensor, nodes: int) -> SemanticGraph:
    """Eq. 11's D^-1/2 Ã D^-1/2 for the kNN graph: row i receives from the neighbours that i chose.

    sources, targets: int64 [edges], i -> its k nearest. D holds Ã's row sums on both sides, so that with
    k neighbours everywhere the matrix is Ã / k. Returns [nodes, nodes].
    """
    linked, ends = torch.unique(torch.cat([sources, targets]), return_inverse=True)
    sources, targets = ends[: len(sources)], ends[len(sources) :]
    degree = torch.bincount(sources, minlength=len(linked)).float()
    chose_none = (degree == 0).nonzero().flatten()
    scale = degree.clamp(min=1).rsqrt()
    rows, columns = torch.cat([sources, chose_none]), torch.cat([targets, chose_none])
    values = torch.cat([scale[sources] * scale[targets], torch.ones(len(chose_none))])
    among = SparseMatrix.from_coordinates(rows, columns, values, (len(linked), len(linked)))
    return SemanticGraph(among, linked, nodes)


def propagate(graph: SemanticGraph, embeddings: Tensor, layers: int) -> Tensor:
    """Mean over the layers 0..L of A^l E, [nodes, d] -> [nodes, d] (Eq. 8). The gradient reaches `embeddings` only."""
    mean: Tensor = _Propagation.apply(graph, layers, embeddings)
    return mean


class _Propagation(Function):
    """P E with P = 1/(L+1) · Σ_l A^l. The gradient is Pᵀ times that of the result: nothing is kept for the way back."""

    @staticmethod
    def forward(ctx, graph: SemanticGraph, layers: int, embeddings: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.graph, ctx.layers = graph, layers
        # Detached, since embedding_bag would note what its own way back needs.
        return _mean_over_layers(graph.among.matrix, graph, embeddings.detach(), layers)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[None, None, Tensor]:  # type: ignore[no-untyped-def]
        return None, None, _mean_over_layers(ctx.graph.among.transpose, ctx.graph, gradient, ctx.layers)


def _mean_over_layers(among: Tensor, graph: SemanticGraph, embeddings: Tensor, layers: int) -> Tensor:
    """P E. among: `graph.among` or its transpose, CSR [m, m]."""
    if not layers or not len(graph.linked):
        return embeddings.clone()
    everywhere = len(graph.linked) == graph.nodes
    rows = total = embeddings.contiguous() if everywhere else embeddings[graph.linked]
    for _ in range(layers):  # I + A + … + A^L = I + A (I + A (…)): one table to add to, not two
        total = weighted_sums(among, total).add_(rows)
    mean = total.div_(layers + 1)
    return mean if everywhere else embeddings.index_copy(0, graph.linked, mean)
