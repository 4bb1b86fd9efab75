"""Puts a model together from a snapshot and a recipe: graphs, frozen models, trainable weights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from graphstore.snapshot import Snapshot
from training.backbone import Backbone, load_backbone
from training.contexts import ContextReader
from training.devices import device_named
from training.encoders import TextEncoder
from training.graphs import CoMentions, build_graphs
from training.kept_encodings import KeptEncodings
from training.models.adapters import adapted
from training.models.conversation import Conversation
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
    kept: KeptEncodings
    reader: ContextReader
    model: MSCRS
    held_out: frozenset[str] = frozenset()

    def final_in_training(self, encoder: SemanticGraphEncoder, dialogues: Collection[str]) -> Tensor:
        """Ê_final [K, d] for a training step on these dialogues; as the recipe says, without what they counted."""
        co_mention = None
        if self.recipe.leave_own_dialogue_out:
            co_mention = self.co_mentions.graph(without=dialogues).to(self.device)
        final: Tensor = encoder(self.graphs, co_mention)[1]
        return final

    def conversation(self) -> Conversation:
        """An untrained model that writes replies, beside the one that ranks; drawn by the recipe's seed."""
        causal = adapted(self.backbone.causal, self.recipe.lora_rank, self.recipe.seed)
        with torch.random.fork_rng():
            torch.manual_seed(self.recipe.seed)
            encoder = _graph_encoder(self.recipe, self.graphs)
            return Conversation(encoder, self.model.sizes, causal).to(self.device).eval()

    def final(self, encoder: SemanticGraphEncoder) -> Tensor:
        """Ê_final [K, d] over the whole graphs, for scores and replies."""
        with torch.inference_mode():
            final: Tensor = encoder(self.graphs)[1]
        return final


def assemble(
    snapshot: Snapshot, recipe: Recipe, cache: Path, device: str = "auto", held_out: Collection[str] = ()
) -> Assembly:
    """Build a model with the recipe's seed; its weights are untrained.

    device: `auto` takes a GPU when there is one. held_out: training dialogues that no count may know of.

    Raises PretrainedError or RecipeError when the recipe's models cannot be had, TrainingError when the device cannot.
    """
    where = device_named(device)
    backbone = load_backbone(recipe.language_model, recipe.language_model_layers, cache)
    encoder = TextEncoder(recipe.context_encoder, cache, max_tokens=recipe.encoder_tokens, device=str(where))
    co_mentions = CoMentions.of(snapshot, recipe, held_out)
    graphs = build_graphs(snapshot, recipe, co_mentions)
    reading = adapted(backbone.causal, recipe.lora_rank, recipe.seed)
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        graph_encoder = _graph_encoder(recipe, graphs)
        sizes = PromptSizes(
            rows=recipe.prompt_rows,
            entities=recipe.prompt_entities,
            soft=recipe.soft_rows,
            context=encoder.dimensions,
            model=backbone.width,
            dimension=recipe.dimension,
        )
        model = MSCRS(graph_encoder, sizes, reading.base_model).to(where).eval()
    for borrowed in (backbone.causal, reading):  # which the model does not own, so that it does not move them
        borrowed.to(where)
    kept = KeptEncodings(cache, encoder)
    return Assembly(
        snapshot=snapshot,
        recipe=recipe,
        device=where,
        graphs=graphs.to(where),
        co_mentions=co_mentions,
        backbone=backbone,
        encoder=encoder,
        kept=kept,
        reader=ContextReader(recipe, backbone, encoder, snapshot.entity_id, kept),
        model=model,
        held_out=frozenset(held_out),
    )


def _graph_encoder(recipe: Recipe, graphs: Graphs) -> SemanticGraphEncoder:
    """An untrained one, drawn as the random state says."""
    return SemanticGraphEncoder(
        graphs.entities,
        len(graphs.facts.relations),
        recipe.dimension,
        recipe.bases,
        recipe.graph_layers,
        recipe.dropout,
    )
