"""What a training of LightGCN on users and items can be told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LightGCNOptions"]


@dataclass(frozen=True)
class LightGCNOptions:
    """The defaults were chosen on val of Amazon Baby (docs/results/amazon-baby.md).

    layers: rounds of propagation, L in He et al. 2020.
    dimension: of the embeddings.
    learning_rate: Adam's.
    weight_decay: λ of Eq. 15, on the embeddings that a step reads, not on the propagated ones.
    batch_size: training pairs in a step.
    epochs: at most so many.
    patience: training ends after so many epochs without a better Recall@20 on val.
    seed: of embeddings, order and negatives.
    """

    layers: int = 3
    dimension: int = 64
    learning_rate: float = 5e-3
    weight_decay: float = 1e-2
    batch_size: int = 2_048
    epochs: int = 1_000
    patience: int = 20
    seed: int = 0
