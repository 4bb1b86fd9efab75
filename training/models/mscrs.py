"""MSCRS's recommendation model (Wei et al., SIGIR 2025, doi 10.1145/3726302.3730040).

    facts ── R-GCN (1) ──► N¹ ─┬─ LightGCN over co-mention (7-8) ──► Ê_c ── mean with N¹ (15) ──► Ê_α ─┐
                               ├─ LightGCN over text kNN (11-12) ──► Ê_t ─┐                            ├─ (16) ► Ê_final
                               └─ LightGCN over image kNN (11, 13) ► Ê_v ─┴─ λ Ê_t + (1-λ) Ê_v (14) ───┘
    entities of the chat: rows of Ê_final ── bilinear (17) ──► Ṽ ─┐
    words of the chat: frozen encoder ──► T ── align (18) ────────┴─ V̂ = Ṽ + T
    [V̂; O_rec; s] ── frozen language model, last token (19-20) ──► r_s ── r_s · Ê_final[items] (23)

The choices that the paper leaves open stand in docs/decisions/, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.models.adapters import adapters_of
from training.models.lightgcn import SemanticGraph, propagate
from training.models.rgcn import FactGraph, RGCNLayer

__all__ = ["MSCRS", "Batch", "GraphPrompt", "Graphs", "PromptSizes", "SemanticGraphEncoder", "fuse_loss"]


@dataclass(frozen=True)
class Graphs:
    """The four graphs of Eq. 1-16.

    facts: R-GCN's slots over all K entities. co_mention: [K, K], normalised. text, image: [N, N] over items,
    normalised. items: int64 [N], entity id of each item. text_weight: λ of Eq. 14 (1 when no item has a picture).
    """

    facts: FactGraph
    co_mention: SemanticGraph
    text: SemanticGraph
    image: SemanticGraph
    items: Tensor
    text_weight: float

    @property
    def entities(self) -> int:
        """K."""
        return self.co_mention.nodes

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> Graphs:
        """The same graphs on another device or in another precision."""
        return Graphs(
            self.facts.to(device, dtype),
            self.co_mention.to(device, dtype),
            self.text.to(device, dtype),
            self.image.to(device, dtype),
            self.items.to(device),
            self.text_weight,
        )


class SemanticGraphEncoder(nn.Module):
    """Eq. 1 and 7-16: the graphs -> N¹ and Ê_final, [K, d] each."""

    def __init__(
        self, entities: int, relations: int, dimension: int, bases: int, layers: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.layers = layers
        self.dropout = nn.Dropout(dropout)
        self.embeddings = nn.Parameter(torch.empty(entities, dimension))
        # Rows of unit length: Xavier's bound for a table this tall (0.01) leaves prompts and logits near zero.
        nn.init.normal_(self.embeddings, std=dimension**-0.5)
        self.rgcn = RGCNLayer(relations, dimension, bases)

    def forward(self, graphs: Graphs, co_mention: SemanticGraph | None = None) -> tuple[Tensor, Tensor]:
        """N¹ and Ê_final.

        co_mention: stands in for `graphs.co_mention`, for a training step that leaves out what its own
        dialogues contributed to the counts.
        """
        first = self.rgcn(graphs.facts, self.dropout(self.embeddings))  # N¹ [K, d]
        return first, self.fuse(graphs, first, co_mention)

    def fuse(self, graphs: Graphs, first: Tensor, co_mention: SemanticGraph | None = None) -> Tensor:
        """Eq. 7-16: N¹ -> Ê_final, [K, d]. Linear in N¹."""
        collaborative = propagate(co_mention or graphs.co_mention, first, self.layers)  # Ê_c [K, d]
        alpha = (collaborative + first) / 2  # Eq. 15
        item_rows = first[graphs.items]
        modal = graphs.text_weight * propagate(graphs.text, item_rows, self.layers)  # Eq. 14
        if graphs.text_weight < 1:
            modal = modal + (1 - graphs.text_weight) * propagate(graphs.image, item_rows, self.layers)
        return alpha.index_add(0, graphs.items, modal)  # Eq. 16: Ê_m on item rows only


@dataclass(frozen=True)
class PromptSizes:
    """Widths and numbers of rows of the prompt.

    rows: p of Eq. 17, prompt rows. entities: q, newest entities of the chat that are read. soft: rows of O_rec.
    context: width of the frozen encoder's token states. model: d_c, the language model's width.
    dimension: d, width of the entity embeddings.
    """

    rows: int
    entities: int
    soft: int
    context: int
    model: int
    dimension: int


@dataclass(frozen=True)
class Batch:
    """A batch of chats, newest first where it says so.

    entities: int64 [b, q], entity ids, newest first, -1 where there is none.
    states: float [b, p, context], the frozen encoder's states of the newest p tokens, newest first, zeros after.
    state_mask: bool [b, p].
    tokens: int64 [b, n], the language model's tokens of the chat, oldest first, padded on the right.
    lengths: int64 [b], number of real tokens, at least 1.
    dialogues: int64 [b], equal numbers for chats of one dialogue.
    """

    entities: Tensor
    states: Tensor
    state_mask: Tensor
    tokens: Tensor
    lengths: Tensor
    dialogues: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        moved = {name: getattr(self, name).to(device) for name in self.__dataclass_fields__}
        return Batch(**moved)


class GraphPrompt(nn.Module):
    """Eq. 17: what a chat names and says, as rows in front of a frozen language model.

    The language model is not part of the state dict; adapters in it are, and learn beside the prompt. `soft_prompt` is
    the task's own O.
    """

    def __init__(self, encoder: SemanticGraphEncoder, sizes: PromptSizes, language_model: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.sizes = sizes
        self._language_model = [language_model.requires_grad_(False).eval()]  # a list hides it from state_dict
        self.adapters = adapters_of(language_model)
        scale = self.language_model.get_input_embeddings().weight.std().item()  # type: ignore[operator]
        # Ṽ starts larger than T: a transformer normalises the rows of V̂, so that the larger part drowns the other. The
        # smaller T started, the more of the entities stood in the last token's state (docs/decisions/005).
        self.rows_map = nn.Parameter(torch.randn(sizes.rows, sizes.entities) * 2)  # W_1
        self.width_map = nn.Parameter(torch.randn(sizes.dimension, sizes.model) * scale)  # W_2
        # T passes one linear map where the frozen encoder is narrower than the language model.
        self.context_map = nn.Linear(sizes.context, sizes.model, bias=False)
        nn.init.normal_(self.context_map.weight, std=scale * 0.3 / sizes.context**0.5)
        self.soft_prompt = nn.Parameter(torch.randn(sizes.soft, sizes.model) * scale)

    @property
    def language_model(self) -> nn.Module:
        """The frozen transformer, without its output head."""
        return self._language_model[0]

    def prompts(self, final: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Ṽ and T, [b, p, d_c] each, of Ê_final [K, d]."""
        present = (batch.entities >= 0).unsqueeze(-1)
        rows = final[batch.entities.clamp(min=0)] * present  # V_s [b, q, d]
        return self.rows_map @ rows @ self.width_map, self.context_map(batch.states) * batch.state_mask.unsqueeze(-1)

    def embedded(self, rows: Tensor, batch: Batch) -> Tensor:
        """[rows; O; s]: what the language model reads (Eq. 19 and 28), [b, p + soft + n, d_c]. rows: [b, p, d_c]."""
        words = self.language_model.get_input_embeddings()(batch.tokens)  # type: ignore[operator]
        return torch.cat([rows, self.soft_prompt.expand(len(words), -1, -1), words], dim=1)

    def read(self, rows: Tensor, batch: Batch) -> Tensor:
        """The language model's last states over [rows; O; s], [b, p + soft + n, d_c]."""
        # Padding stands after the last token, and attention is causal: it cannot be seen from there.
        states: Tensor = self.language_model(
            inputs_embeds=self.embedded(rows, batch), use_cache=False
        ).last_hidden_state
        return states


class MSCRS(GraphPrompt):
    """Eq. 17-20 and 21 or 23: the soft prompt is O_rec."""

    def __init__(self, encoder: SemanticGraphEncoder, sizes: PromptSizes, language_model: nn.Module) -> None:
        super().__init__(encoder, sizes, language_model)
        self.pooling = nn.Linear(sizes.model, sizes.dimension)  # to r_s ∈ R^d

    def preference(self, mapped: Tensor, context: Tensor, batch: Batch) -> Tensor:
        """Eq. 19-20: r_s, [b, d], from the last real token."""
        hidden = self.read(mapped + context, batch)
        last = self.sizes.rows + self.sizes.soft + batch.lengths - 1
        pooled: Tensor = self.pooling(hidden[torch.arange(len(last), device=last.device), last])
        return pooled

    def forward(self, final: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Ê_final [K, d] and chats -> r_s [b, d], Ṽ and T [b, p, d_c]; r_s · Ê_final are the logits (Eq. 21, 23)."""
        mapped, context = self.prompts(final, batch)
        return self.preference(mapped, context, batch), mapped, context


def fuse_loss(mapped: Tensor, context: Tensor, batch: Batch, temperature: float) -> Tensor:
    """Eq. 18, two-sided, averaged over the chats that name an entity.

    mapped: Ṽ, context: T, [b, p, d_c] each. Similarity is the cosine of the rows' (masked) means. The negatives Y
    of a chat are the batch's other dialogues; T is frozen, so no gradient enters it from here.
    """
    named = (batch.entities >= 0).any(dim=1)
    others = batch.dialogues.unsqueeze(0) != batch.dialogues.unsqueeze(1)
    counted = named & (others & named.unsqueeze(0)).any(dim=1)
    if not counted.any():
        return mapped.sum() * 0.0
    weights = batch.state_mask.unsqueeze(-1) / batch.state_mask.sum(dim=1).clamp(min=1).view(-1, 1, 1)
    text = functional.normalize((context.detach() * weights).sum(dim=1), dim=-1)
    graph = functional.normalize(mapped.mean(dim=1), dim=-1)
    positive = (text * graph).sum(dim=1) / temperature
    excluded = ~(others & named.unsqueeze(0))
    denominators = [
        (side @ side.T / temperature).masked_fill(excluded, float("-inf")).logsumexp(dim=1) for side in (text, graph)
    ]
    return (denominators[0] + denominators[1] - 2 * positive)[counted].mean()
