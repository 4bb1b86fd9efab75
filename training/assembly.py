"""Puts a model together from a snapshot and a recipe: graphs, frozen models, trainable weights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import torch

from graphstore.snapshot import Snapshot
from training.backbone import Backbone, load_backbone
from training.contexts import ContextReader
from training.encoders import TextEncoder
from training.graphs import CoMentions, build_graphs
from training.models.mscrs import MSCRS, Graphs, PromptSizes, SemanticGraphEncoder
from training.recipe import Recipe

__all__ = ["Assembly", "assemble"]


@dataclass(frozen=True)
class Assembly:
    """Everything that a training step or a score needs; `model` and `graphs` are on `device`."""

    snapshot: Snapshot
    recipe: Recipe
    device: torch.device
    graphs: Graphs
    co_mentions: CoMentions
    backbone: Backbone
    encoder: TextEncoder
    reader: ContextReader
    model: MSCRS
    held_out: frozenset[str] = frozenset()


def assemble(
    snapshot: Snapshot, recipe: Recipe, cache: Path, device: str = "auto", held_out: Collection[str] = ()
) -> Assembly:
    """Build a model with the recipe's seed; its weights are untrained.

    device: `auto` takes a GPU when there is one. held_out: training dialogues that no count may know of.

    Raises PretrainedError or RecipeError when the recipe's models cannot be had.
    """
    where = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    backbone = load_backbone(recipe.language_model, recipe.language_model_layers, cache)
    encoder = TextEncoder(recipe.context_encoder, cache, max_tokens=recipe.encoder_tokens, device=str(where))
    co_mentions = CoMentions.of(snapshot, recipe.co_mention_threshold, held_out)
    graphs = build_graphs(snapshot, recipe, co_mentions)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        graph_encoder = SemanticGraphEncoder(
            len(snapshot.uris),
            len(graphs.facts.relations),
            recipe.dimension,
            recipe.bases,
            recipe.graph_layers,
            recipe.dropout,
        )
        sizes = PromptSizes(
            rows=recipe.prompt_rows,
            entities=recipe.prompt_entities,
            soft=recipe.soft_rows,
            context=encoder.dimensions,
            model=backbone.width,
            dimension=recipe.dimension,
        )
        model = MSCRS(graph_encoder, sizes, backbone.model.to(where)).to(where).eval()
    reader = ContextReader(recipe, backbone, encoder, snapshot.entity_id)
    return Assembly(
        snapshot, recipe, where, graphs.to(where), co_mentions, backbone, encoder, reader, model, frozenset(held_out)
    )
