"""The four graphs of Eq. 1-16 as tensors, built from a snapshot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphstore.snapshot import Columns, Snapshot
from training.models.lightgcn import PairPattern, SemanticGraph, neighbour_graph
from training.models.mscrs import Graphs
from training.models.rgcn import build_fact_graph
from training.recipe import Recipe

__all__ = ["SIMILARITIES", "CoMentions", "Similarity", "build_graphs", "similar_items"]

Similarity = Literal["TEXT_SIMILAR", "IMAGE_SIMILAR"]
SIMILARITIES: tuple[Similarity, ...] = ("TEXT_SIMILAR", "IMAGE_SIMILAR")


@dataclass(frozen=True)
class CoMentions:
    """Eq. 6's counts, and what each training dialogue counted.

    source, target, count: int64 [pairs], each pair once, entity ids.
    pairs_of: dialogue id -> positions of the pairs that it counted, once each.
    threshold: fewest co-mentions that make an edge.
    entities: K.
    """

    source: Tensor
    target: Tensor
    count: Tensor
    pairs_of: dict[str, npt.NDArray[np.int64]]
    threshold: int
    entities: int

    @classmethod
    def of(cls, snapshot: Snapshot, recipe: Recipe, held_out: Collection[str] = ()) -> CoMentions:
        """Read the edges and the training dialogues of a snapshot, as if those `held_out` had never been held.

        A recipe without the co-mention graph has no pair.
        """
        edges = snapshot.edges("CO_MENTIONED")
        if not recipe.co_mention_graph:
            edges = {name: column[:0] for name, column in edges.items()}
        position = {
            pair: at for at, pair in enumerate(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))
        }
        pairs_of = {}
        for dialogue in snapshot.dialogues("train"):
            named = {snapshot.entity_id[uri] for turn in dialogue.turns for uri in turn.mentions}
            # Ids follow the order of URIs, and edges run from the smaller URI to the larger.
            found = [position[pair] for pair in combinations(sorted(named), 2) if pair in position]
            pairs_of[dialogue.id] = np.array(found, np.int64)
        source, target, count = (torch.from_numpy(edges[name]) for name in ("source", "target", "count"))
        count = count.clone()  # the snapshot's own numbers stay
        for unheard in held_out:
            count[pairs_of.pop(unheard)] -= 1
        return cls(source, target, count, pairs_of, recipe.co_mention_threshold, len(snapshot.uris))

    def graph(self, without: Collection[str] = ()) -> SemanticGraph:
        """Eq. 7's graph over K entities, as if the dialogues `without` had never been held."""
        count = self.count.clone()
        for dialogue in without:
            count[self.pairs_of[dialogue]] -= 1
        count[count < self.threshold] = 0
        return self._pattern.graph(count)

    @cached_property
    def _pattern(self) -> PairPattern:
        return PairPattern.of(self.source, self.target, self.entities)


def similar_items(snapshot: Snapshot, recipe: Recipe, name: Similarity) -> Columns:
    """Eq. 10's edges from each item to its nearest, as many of the snapshot's as the recipe takes."""
    edges = snapshot.edges(name)
    taken = recipe.text_graph if name == "TEXT_SIMILAR" else recipe.image_graph
    most = recipe.similar_items or len(snapshot.items)
    kept = edges["rank"] <= (most if taken else 0)
    return {column: values[kept] for column, values in edges.items()}


def build_graphs(snapshot: Snapshot, recipe: Recipe, co_mentions: CoMentions) -> Graphs:
    """All four graphs. λ is the recipe's; it becomes 1 without an edge between pictures, 0 without one between texts.

    co_mentions: of the same snapshot and recipe.
    """
    item_index = {entity: index for index, entity in enumerate(snapshot.item_ids.tolist())}
    similar = {}
    for name in SIMILARITIES:
        edges = similar_items(snapshot, recipe, name)
        ends = [
            torch.tensor([item_index[entity] for entity in edges[end].tolist()], dtype=torch.int64)
            for end in ("source", "target")
        ]
        similar[name] = neighbour_graph(ends[0], ends[1], len(item_index)), len(ends[0])
    text_weight = recipe.text_weight
    if not similar["IMAGE_SIMILAR"][1]:
        text_weight = 1.0
    elif not similar["TEXT_SIMILAR"][1]:
        text_weight = 0.0
    facts = {name: (columns["source"], columns["target"]) for name, columns in snapshot.facts().items()}
    return Graphs(
        facts=build_fact_graph(facts, len(snapshot.uris)),
        co_mention=co_mentions.graph(),
        text=similar["TEXT_SIMILAR"][0],
        image=similar["IMAGE_SIMILAR"][0],
        items=torch.from_numpy(snapshot.item_ids),
        text_weight=text_weight,
    )
