"""A score split, exactly, over the edges that end in the item.

With r_s fixed, everything after it is linear. For item i, with w_c = 1/2 (Eq. 15), w_t = λ, w_v = 1 - λ (Eq. 14),
L layers and M_g = 1/(L+1) · Σ_{l<L} Â_g^l N¹,

    score(i) = Σ_g Σ_k w_g · Â_g[i,k] · (r_s · M_g[k])  +  c · (r_s · N¹[i]),    c = 1/2 + Σ_g w_g / (L+1):

one term per edge (i, k) of each semantic graph, whatever came to k over longer ways included in it. N¹[i] is
R-GCN's output, and a ReLU whose gate is held is linear as well, so that the last part splits on:

    N¹[i] = gate_i ⊙ (W n_i + Σ_r Σ_e W_r n_e / Z_{i,r})

one term per fact of i, and one for W n_i, the item's own. The self-loop that an isolated item has in a graph is
no edge of that graph: it belongs to the item's own term. Everything here is float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from training.models.mscrs import Graphs, SemanticGraphEncoder
from training.models.sparse import SparseMatrix

__all__ = ["Explainer", "NumberedTerm", "TermGraph"]

TermGraph = Literal["facts", "co_mention", "text", "image", "own"]


@dataclass(frozen=True)
class NumberedTerm:
    """One part of a score.

    neighbour: entity id at the other end; the item's own id for `own`.
    relation: for `facts`, the predicate type; inverse: whether the fact runs from the item to the neighbour.
    value: what masking this edge alone takes from the score.
    """

    graph: TermGraph
    neighbour: int
    relation: str
    inverse: bool
    value: float


class Explainer:
    """Holds a trained graph encoder's intermediate tables, in float64, for scores and their terms.

    encoder, graphs: both in float64, on one device. `final` is Ê_final's item rows, [N, d].
    """

    def __init__(self, encoder: SemanticGraphEncoder, graphs: Graphs) -> None:
        with torch.no_grad():
            self._weights = encoder.rgcn.relation_weights()  # [relations, d, d]
            self._self_weight = encoder.rgcn.self_weight
            self._embeddings = encoder.embeddings
            before = encoder.rgcn.pre_activation(graphs.facts, encoder.embeddings)
            self._first = torch.relu(before)  # N¹ [K, d]
            self._gate = (before > 0).to(before.dtype)
            self._graphs = graphs
            self._items = graphs.items.tolist()
            self.final = encoder.fuse(graphs, self._first)[graphs.items]
            rows = self._first[graphs.items]
            self._semantic: dict[TermGraph, tuple[float, SparseMatrix, Tensor]] = {
                "co_mention": (0.5, graphs.co_mention, _partial_sums(graphs.co_mention, self._first, encoder.layers)),
                "text": (graphs.text_weight, graphs.text, _partial_sums(graphs.text, rows, encoder.layers)),
                "image": (1 - graphs.text_weight, graphs.image, _partial_sums(graphs.image, rows, encoder.layers)),
            }
            self._own_factor = 0.5 + sum(weight for weight, *_ in self._semantic.values()) / (encoder.layers + 1)

    def scores(self, preference: Tensor) -> Tensor:
        """r_s [b, d] float64 -> logits over items, [b, N]."""
        return preference @ self.final.T

    def terms(self, preference: Tensor, item: int) -> list[NumberedTerm]:
        """The parts of one item's score; they add up to it.

        preference: r_s [d] float64. item: index among items.
        """
        entity = self._items[item]
        terms = list(self._fact_terms(preference, entity))
        gated = self._gate[entity] * (self._embeddings[entity] @ self._self_weight)
        own = self._own_factor * float(preference @ gated)
        for graph, (weight, matrix, partial) in self._semantic.items():
            row = entity if graph == "co_mention" else item
            for neighbour, coefficient in _row(matrix, row):
                value = weight * coefficient * float(preference @ partial[neighbour])
                if neighbour == row:
                    own += value
                elif weight:
                    other = neighbour if graph == "co_mention" else self._items[neighbour]
                    terms.append(NumberedTerm(graph, other, "", False, value))
        return [*terms, NumberedTerm("own", entity, "", False, own)]

    def _fact_terms(self, preference: Tensor, entity: int) -> Iterator[NumberedTerm]:
        facts = self._graphs.facts
        gated = self._own_factor * self._gate[entity] * preference  # [d]
        starts = torch.tensor([0, *facts.sizes]).cumsum(0)
        for slot in (facts.entity == entity).nonzero().flatten().tolist():
            relation = int(torch.searchsorted(starts, slot, right=True)) - 1
            name, inverse = facts.relations[relation]
            pulled = self._weights[relation] @ gated  # [d]
            for neighbour, share in _row(facts.mean, slot):
                value = share * float(self._embeddings[neighbour] @ pulled)
                yield NumberedTerm("facts", neighbour, name, inverse, value)


def _partial_sums(adjacency: SparseMatrix, embeddings: Tensor, layers: int) -> Tensor:
    """M_g = 1/(L+1) · Σ_{l=0}^{L-1} Â^l E, [nodes, d]."""
    total = current = embeddings
    for _ in range(layers - 1):
        current = adjacency @ current
        total = total + current
    return total / (layers + 1)


def _row(matrix: SparseMatrix, row: int) -> list[tuple[int, float]]:
    """Columns and values of one row."""
    pointers = matrix.matrix.crow_indices()
    start, end = int(pointers[row]), int(pointers[row + 1])
    columns = matrix.matrix.col_indices()[start:end].tolist()
    return list(zip(columns, matrix.matrix.values()[start:end].tolist(), strict=True))
