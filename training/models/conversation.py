"""MSCRS's conversation model (Wei et al., SIGIR 2025, doi 10.1145/3726302.3730040, Eq. 26-29).

    states of the chat: T ──────────────┬─ mean (26) ─► ê_s ─┐
    mean states of its k neighbours ────┘                    ├─ mean (27) ─► T̃
    entities of the chat: Ṽ (17) ── T̂ = T + Ṽ ───────────────┘
    [T̃; O_cov; s] ── frozen language model with its head (28) ──► the reply, word by word (29)

The neighbours are those of `training.correlation`. The map from the frozen encoder to the language model's width is
linear, so that it comes after the mean of the neighbours: their states are averaged once, before training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from training.models.mscrs import Batch, GraphPrompt, PromptSizes, SemanticGraphEncoder

__all__ = ["Conversation", "ReplyBatch"]


@dataclass(frozen=True)
class ReplyBatch:
    """A batch of chats and, in training, their replies.

    chats: as `Batch` says, but its tokens go on with the reply, and `lengths` count both.
    neighbours: float [b, p, context], mean of the states of each chat's neighbours; the chat's own where it has none.
    starts: int64 [b], number of tokens before the reply, at least 1.
    """

    chats: Batch
    neighbours: Tensor
    starts: Tensor

    def to(self, device: torch.device | str) -> ReplyBatch:
        """The same batch on another device."""
        return ReplyBatch(self.chats.to(device), self.neighbours.to(device), self.starts.to(device))


class Conversation(GraphPrompt):
    """Eq. 17 and 26-29 around a frozen causal language model; the soft prompt is O_cov."""

    def __init__(self, encoder: SemanticGraphEncoder, sizes: PromptSizes, causal: Any) -> None:
        super().__init__(encoder, sizes, causal.requires_grad_(False).eval().base_model)
        self._causal = [causal]

    @property
    def causal(self) -> Any:
        """The frozen language model with its head."""
        return self._causal[0]

    def enhanced(self, final: Tensor, batch: ReplyBatch) -> Tensor:
        """Eq. 26-27: T̃, [b, p, d_c], of Ê_final [K, d]."""
        mapped, context = self.prompts(final, batch.chats)
        correlated: Tensor = (context + self.context_map(batch.neighbours)) / 2  # ê_s
        return (correlated + context + mapped) / 2

    def forward(self, final: Tensor, batch: ReplyBatch) -> Tensor:
        """Eq. 29: -Σ log P over the tokens of a reply, averaged over the chats of the batch."""
        chats, before = batch.chats, self.sizes.rows + self.sizes.soft
        states = self.read(self.enhanced(final, batch), chats)[:, before - 1 : -1]  # state t foretells token t
        places = torch.arange(chats.tokens.shape[1], device=chats.tokens.device)
        foretold = (places >= batch.starts.unsqueeze(1)) & (places < chats.lengths.unsqueeze(1))
        # The head is the widest matrix of all: only what is foretold passes it.
        logits = self.causal.get_output_embeddings()(states[foretold])
        total: Tensor = functional.cross_entropy(logits, chats.tokens[foretold], reduction="sum")
        return total / len(chats.tokens)

    def write(self, final: Tensor, batch: ReplyBatch, **options: Any) -> Tensor:
        """Tokens of a reply to each chat, int64 [b, new], padded on the right; `batch` holds no replies.

        options: of `transformers.GenerationMixin.generate`, which keeps the states of what was read (the KV cache).
        """
        prompt = self.embedded(self.enhanced(final, batch), batch.chats)
        length = self.sizes.rows + self.sizes.soft + batch.chats.lengths  # of what there is to read, [b]
        places = torch.arange(prompt.shape[1], device=prompt.device)
        shift = places - (prompt.shape[1] - length).unsqueeze(1)  # to the right: words are written after the last one
        rows = prompt.gather(1, shift.clamp(min=0).unsqueeze(-1).expand_as(prompt))
        written: Tensor = self.causal.generate(inputs_embeds=rows, attention_mask=(shift >= 0).long(), **options)
        return written
