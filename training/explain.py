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

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.models.lightgcn import propagate
from training.models.mscrs import Graphs, SemanticGraphEncoder

__all__ = ["GRAPHS", "Explainer", "NumberedTerm", "TermGraph"]

TermGraph = Literal["facts", "co_mention", "text", "image", "own"]
GRAPHS: tuple[TermGraph, ...] = ("facts", "co_mention", "text", "image", "own")

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


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


@dataclass(frozen=True, eq=False)
class _Terms:
    """All terms of all items, T of them, sorted by item.

    item: index among items. graph: place in `GRAPHS`. neighbour: entity id. relation: of R-GCN's; -1 outside of facts.
    starts: [N + 1], where an item's terms begin.
    """

    item: Integers
    graph: Integers
    neighbour: Integers
    relation: Integers
    starts: Integers


class Explainer:
    """Holds a trained graph encoder's intermediate tables, in float64, for scores and their terms.

    encoder, graphs: both in float64, on one device. `final` is Ê_final's item rows, [N, d].
    """

    def __init__(self, encoder: SemanticGraphEncoder, graphs: Graphs) -> None:
        with torch.no_grad():
            before = encoder.rgcn.pre_activation(graphs.facts, encoder.embeddings)
            first = torch.relu(before)  # N¹ [K, d]
            gate = (before > 0).to(before.dtype)
            self.final = encoder.fuse(graphs, first)[graphs.items]
            self._relations = graphs.facts.relations
            item_of = torch.full((len(first),), -1, device=first.device)
            item_of[graphs.items] = torch.arange(len(graphs.items), device=first.device)
            rows = first[graphs.items]
            every = torch.arange(len(first), device=first.device)
            semantic = {
                "co_mention": (0.5, graphs.co_mention, first, item_of, every),
                "text": (graphs.text_weight, graphs.text, rows, item_of[graphs.items], graphs.items),
                "image": (1 - graphs.text_weight, graphs.image, rows, item_of[graphs.items], graphs.items),
            }
            own_factor = 0.5 + sum(weight for weight, *_ in semantic.values()) / (encoder.layers + 1)
            gated = own_factor * gate
            own = gated[graphs.items] * (encoder.embeddings @ encoder.rgcn.self_weight)[graphs.items]
            directions, columns = _fact_terms(encoder, graphs, gated, item_of)
            self._facts = directions
            self._edges: list[tuple[Tensor, Tensor, Tensor]] = []  # coefficient, M_g, its row
            found = [columns]
            for number, (weight, graph, start, item_at, entity_at) in enumerate(semantic.values(), 1):
                # M_g: the mean over one layer less, of as many as there are.
                partial = propagate(graph, start, encoder.layers - 1) * (encoder.layers / (encoder.layers + 1))
                row, column, value = graph.whole().coordinates()
                loop = (row == column) & (item_at[row] >= 0)
                own.index_add_(0, item_at[row[loop]], weight * value[loop, None] * partial[column[loop]])
                kept = (row != column) & (item_at[row] >= 0) & (weight > 0)
                self._edges.append((weight * value[kept], partial, column[kept]))
                found.append(_numbered(item_at[row[kept]], number, entity_at[column[kept]]))
            self._own = own
            found.append(_numbered(torch.arange(len(own), device=own.device), GRAPHS.index("own"), graphs.items))
        self._order, self.all_terms = _sorted(found, len(graphs.items))

    def scores(self, preference: Tensor) -> Tensor:
        """r_s [b, d] float64 -> logits over items, [b, N]."""
        return preference @ self.final.T

    def values(self, preference: Tensor) -> Floats:
        """r_s [d] float64 -> the value of each of `all_terms`, [T]."""
        edges = [coefficient * (partial @ preference)[column] for coefficient, partial, column in self._edges]
        found: Floats = torch.cat([self._facts @ preference, *edges, self._own @ preference]).cpu().numpy()
        return found[self._order]

    def terms(self, preference: Tensor, item: int) -> list[NumberedTerm]:
        """The parts of one item's score; they add up to it.

        preference: r_s [d] float64. item: index among items.
        """
        return self.terms_of(self.values(preference), item)

    def terms_of(self, values: Floats, item: int) -> list[NumberedTerm]:
        """The same from `values` of a preference."""
        every, terms = self.all_terms, []
        for at in range(every.starts[item], every.starts[item + 1]):
            relation, inverse = ("", False)
            if every.relation[at] >= 0:
                relation, inverse = self._relations[every.relation[at]]
            graph = GRAPHS[every.graph[at]]
            terms.append(NumberedTerm(graph, int(every.neighbour[at]), relation, inverse, float(values[at])))
        return terms


_Columns = tuple[Tensor, Tensor, Tensor, Tensor]  # item, graph, neighbour, relation


def _fact_terms(
    encoder: SemanticGraphEncoder, graphs: Graphs, gated: Tensor, item_of: Tensor
) -> tuple[Tensor, _Columns]:
    """Per fact of an item, what r_s is multiplied with, [facts, d], and what the term is."""
    facts = graphs.facts
    slot, neighbour, share = facts.mean.coordinates()
    kept = item_of[facts.entity[slot]] >= 0
    slot, neighbour, share = slot[kept], neighbour[kept], share[kept]
    sizes = torch.tensor(facts.sizes, device=slot.device)
    relation = torch.repeat_interleave(torch.arange(len(sizes), device=slot.device), sizes)[slot]
    messages = torch.empty(len(slot), encoder.embeddings.shape[1], dtype=gated.dtype, device=slot.device)
    for number, weight in enumerate(encoder.rgcn.relation_weights()):
        of_relation = (relation == number).nonzero().flatten()
        messages[of_relation] = encoder.embeddings[neighbour[of_relation]] @ weight
    entity = facts.entity[slot]
    graph = torch.zeros_like(entity)
    return messages * share[:, None] * gated[entity], (item_of[entity], graph, neighbour, relation)


def _numbered(item: Tensor, graph: int, neighbour: Tensor) -> _Columns:
    return item, torch.full_like(item, graph), neighbour, torch.full_like(item, -1)


def _sorted(found: list[_Columns], items: int) -> tuple[Integers, _Terms]:
    """The terms by item, and where each stood before."""
    item, graph, neighbour, relation = (torch.cat(columns).cpu().numpy() for columns in zip(*found, strict=True))
    order = np.argsort(item, kind="stable")
    starts = np.searchsorted(item[order], np.arange(items + 1))
    return order, _Terms(item[order], graph[order], neighbour[order], relation[order], starts)
