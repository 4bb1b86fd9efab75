"""LightGCN on the graph of users and items (He et al., SIGIR 2020), with the layers that MSCRS uses.

    nodes 0 … U-1 are users, U … U+I-1 items; an edge is a training pair
    E      = mean of A^0 E^(0), …, A^L E^(0),  A = D^-1/2 R D^-1/2        Eq. 3-8, `training.models.lightgcn`
    score  = e_u · e_i                                                    Eq. 9
    loss   = mean of -ln σ(score(u, i) - score(u, j))                     Eq. 15 (BPR), j drawn from what u has not
             + λ / (2 · batch) · Σ |e_u^(0)|² + |e_i^(0)|² + |e_j^(0)|²   its L2 term, on the rows that the batch reads

A node without an edge has a self-loop: it keeps its own row in every layer. Such an item is in no positive pair, so all
that training does to it is to push it away from the users that drew it as a negative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.errors import Interrupted, TrainingError
from training.full_ranking import Scores, figures_by_user, held_out_ranks
from training.interactions import InteractionSplit
from training.lightgcn_options import LightGCNOptions
from training.models.lightgcn import co_mention_graph, propagate
from training.progress import Progress

__all__ = ["TrainedLightGCN", "bpr_loss", "draw_negatives", "train_lightgcn"]


@dataclass(frozen=True, eq=False)
class TrainedLightGCN:
    """The best epoch, by Recall@20 on val.

    scores: dot products of the propagated embeddings.
    best_epoch: counted from 1. epochs: how many were trained. stopped: whether somebody asked to stop.
    """

    scores: Scores
    best_epoch: int
    epochs: int
    stopped: bool


def train_lightgcn(
    split: InteractionSplit,
    options: LightGCNOptions,
    *,
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> TrainedLightGCN:
    """Train on split.train until Recall@20 on split.val has not grown for `patience` epochs.

    stopped: asked after every step; when it says yes, the best epoch so far is the result.

    Raises:
        Interrupted: stopped before the first epoch ended.
        TrainingError: the loss is no number any more.
    """
    progress = progress or Progress()
    training = _Training(split, options)
    best: Scores | None = None
    best_recall, best_epoch, epoch = -1.0, 0, 0
    progress.phase("train", options.epochs)
    while epoch < options.epochs and epoch - best_epoch < options.patience:
        loss = training.epoch(stopped)
        if loss is None:
            break
        epoch += 1
        scores = training.scores()
        ranks = held_out_ranks(scores, split.train, split.val)
        recall = float(figures_by_user(ranks, split.val.users)["recall@20"].mean())
        if recall > best_recall:
            best, best_recall, best_epoch = scores, recall, epoch
        progress.advance(1, loss=loss, recall=recall, best=best_recall)
    if best is None:
        raise Interrupted("Stopped before the first epoch ended, so there is no figure: the same command starts again.")
    return TrainedLightGCN(best, best_epoch, epoch, stopped())


class _Training:
    """Embeddings, their optimiser, and the graph."""

    def __init__(self, split: InteractionSplit, options: LightGCNOptions) -> None:
        self._options, self._user_count, self._item_count = options, split.users, split.items
        self._users, self._items = torch.from_numpy(split.train.users), torch.from_numpy(split.train.items)
        self._keys = self._users * split.items + self._items  # sorted, as the pairs are
        nodes = split.users + split.items
        self._graph = co_mention_graph(self._users, self._items + split.users, torch.ones(len(self._users)), nodes)
        self._generator = torch.Generator().manual_seed(options.seed)
        tables = [torch.empty(rows, options.dimension) for rows in (split.users, split.items)]
        for table in tables:
            torch.nn.init.xavier_uniform_(table, generator=self._generator)
        self._embeddings = torch.cat(tables).requires_grad_()
        self._optimiser = torch.optim.Adam([self._embeddings], lr=options.learning_rate, fused=True)

    def epoch(self, stopped: Callable[[], bool]) -> float | None:
        """Every training pair once, in a new order: the mean loss of the steps; None when stopped before the end."""
        losses = []
        order = torch.randperm(len(self._users), generator=self._generator)
        for first in range(0, len(order), self._options.batch_size):
            batch = order[first : first + self._options.batch_size]
            users = self._users[batch]
            negatives = draw_negatives(users, self._keys, self._item_count, self._generator)
            loss = self._loss(users, self._items[batch], negatives)
            if not torch.isfinite(loss):
                raise TrainingError(f"The loss is {loss.item()}: take a smaller --learning-rate.")
            self._optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimiser.step()
            losses.append(loss.item())
            if stopped():
                return None
        return sum(losses) / len(losses)

    def scores(self) -> Scores:
        """As the embeddings are now."""
        with torch.no_grad():
            rows = propagate(self._graph, self._embeddings, self._options.layers)
        users, items = rows[: self._user_count], rows[self._user_count :]
        return lambda asked: (users[torch.from_numpy(asked)] @ items.T).numpy()

    def _loss(self, users: Tensor, positives: Tensor, negatives: Tensor) -> Tensor:
        """Eq. 15. users, positives, negatives: [batch]."""
        nodes = torch.cat([users, positives + self._user_count, negatives + self._user_count])
        rows = propagate(self._graph, self._embeddings, self._options.layers)
        own = self._embeddings.index_select(0, nodes)
        return bpr_loss(rows.index_select(0, nodes), own, self._options.weight_decay)


def bpr_loss(rows: Tensor, own: Tensor, weight_decay: float) -> Tensor:
    """Eq. 15 as a mean over triples (user, positive, negative).

    rows, own: [3 · batch, d], propagated embeddings and those of layer 0: all users, all positives, all negatives.
    """
    user, positive, negative = rows.chunk(3)
    margins = (user * (positive - negative)).sum(dim=1)
    return functional.softplus(-margins).mean() + weight_decay / 2 * own.square().sum() / len(user)


def draw_negatives(users: Tensor, keys: Tensor, items: int, generator: torch.Generator) -> Tensor:
    """An item for each user that the user has not, each of them equally likely.

    users: int64 [n]. keys: int64, sorted, user · items + item of every pair; no user has all items. Returns [n].
    """
    drawn = torch.randint(items, users.shape, generator=generator)
    while True:
        asked = users * items + drawn
        found = keys[torch.searchsorted(keys, asked).clamp(max=len(keys) - 1)]
        own = (found == asked).nonzero().flatten()
        if not len(own):
            return drawn
        drawn[own] = torch.randint(items, own.shape, generator=generator)
