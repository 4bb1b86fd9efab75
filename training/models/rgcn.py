"""R-GCN with basis decomposition over the facts (MSCRS Eq. 1; Schlichtkrull et al. 2018, Eq. 2-3).

    n_e' = ReLU( Σ_r Σ_{e' ∈ N_r(e)} 1/Z_{e,r} · W_r n_e'  +  W n_e ),    W_r = Σ_b a_{rb} V_b

Every predicate is two relations, forwards and inverse, and Z_{e,r} = |N_r(e)|. Most entities have no
neighbour under most relations, so the layer works on *slots*: one row per (relation, entity) that has at
least one neighbour, grouped by relation. A slot's row is the mean of its neighbours (one sparse product),
is multiplied by its own W_r (one small product per relation) and added to its entity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from training.models.sparse import SparseMatrix

__all__ = ["FactGraph", "RGCNLayer", "build_fact_graph"]


@dataclass(frozen=True)
class FactGraph:
    """The facts as slots.

    mean: [slots, entities], row s averages the neighbours of slot s.
    entity: int64 [slots], the entity that a slot belongs to.
    sizes: number of slots of each relation, in relation order; slots are sorted by relation.
    relations: name and direction of each relation: ("STARRING", False) forwards, ("STARRING", True) inverse.
    """

    mean: SparseMatrix
    entity: Tensor
    sizes: tuple[int, ...]
    relations: tuple[tuple[str, bool], ...]

    @property
    def entities(self) -> int:
        """Number of entities."""
        return self.mean.shape[1]

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> FactGraph:
        """The same graph on another device or in another precision."""
        return FactGraph(self.mean.to(device, dtype), self.entity.to(device), self.sizes, self.relations)


def build_fact_graph(facts: dict[str, tuple[np.ndarray, np.ndarray]], entities: int) -> FactGraph:
    """Facts as slots.

    facts: predicate type -> (subject ids, object ids), int64 [edges] each.
    A fact s -TYPE-> o reaches o under (TYPE, forwards) and s under (TYPE, inverse).
    """
    rows, columns, values, owners, sizes, relations = [], [], [], [], [], []
    slots = 0
    for name in sorted(facts):
        subjects, objects = facts[name]
        for inverse, (sources, targets) in ((False, (subjects, objects)), (True, (objects, subjects))):
            owner, slot, degree = np.unique(targets, return_inverse=True, return_counts=True)
            rows.append(slot + slots)
            columns.append(sources)
            values.append(1.0 / degree[slot])
            owners.append(owner)
            sizes.append(len(owner))
            relations.append((name, inverse))
            slots += len(owner)
    mean = SparseMatrix.from_coordinates(
        _joined(rows), _joined(columns), _joined(values, np.float32), (slots, entities)
    )
    return FactGraph(mean, _joined(owners), tuple(sizes), tuple(relations))


class RGCNLayer(nn.Module):
    """One layer of Eq. 1: embeddings [entities, d] -> [entities, d]."""

    def __init__(self, relations: int, dimension: int, bases: int) -> None:
        super().__init__()
        self.bases = nn.Parameter(torch.empty(bases, dimension, dimension))
        self.coefficients = nn.Parameter(torch.empty(relations, bases))
        self.self_weight = nn.Parameter(torch.empty(dimension, dimension))
        for basis in self.bases:
            nn.init.xavier_uniform_(basis)
        nn.init.xavier_uniform_(self.self_weight)
        nn.init.normal_(self.coefficients, std=bases**-0.5)

    def relation_weights(self) -> Tensor:
        """W_r of every relation, [relations, d, d]."""
        return torch.einsum("rb,bij->rij", self.coefficients, self.bases)

    def pre_activation(self, graph: FactGraph, embeddings: Tensor) -> Tensor:
        """The argument of Eq. 1's σ, [entities, d]."""
        means = graph.mean @ embeddings  # [slots, d]
        weights = self.relation_weights()
        total = embeddings @ self.self_weight
        sizes = list(graph.sizes)
        # Added block by block, so that the products of all relations are never held at once.
        for block, entity, weight in zip(
            torch.split(means, sizes), torch.split(graph.entity, sizes), weights, strict=True
        ):
            total.index_add_(0, entity, block @ weight)
        return total

    def forward(self, graph: FactGraph, embeddings: Tensor) -> Tensor:
        """[entities, d] -> [entities, d]."""
        return torch.relu(self.pre_activation(graph, embeddings))


def _joined(arrays: Sequence[np.ndarray], dtype: type = np.int64) -> Tensor:
    return torch.from_numpy(np.concatenate([np.asarray(a, dtype) for a in arrays]) if arrays else np.zeros(0, dtype))
