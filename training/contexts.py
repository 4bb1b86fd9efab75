"""Chats as the model reads them: entities, frozen token states, and tokens, each computed once.

Context ─┬─ mentions, newest first ──────────────► entities [n, q]
         ├─ words ── frozen encoder, newest p ───► states [n, p, context], float16, kept on disk where wished
         └─ words ── language model's tokenizer ─► tokens, the newest `context_tokens`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from training.backbone import Backbone
from training.encoders import TextEncoder
from training.instances import Context
from training.kept_encodings import KeptEncodings
from training.models.mscrs import Batch
from training.processes import Processes
from training.recipe import Recipe

__all__ = ["ContextReader", "ReadContexts"]

SPEAKERS = {"seeker": "User", "recommender": "System"}
CHUNK = 256


@dataclass(frozen=True)
class ReadContexts:
    """Chats in arrays; `batch` picks rows. See `training.models.mscrs.Batch` for the meaning of each.

    `states` and `state_counts` may lie on disk and are not to be written to.
    """

    entities: npt.NDArray[np.int64]  # [n, q]
    states: npt.NDArray[np.float16]  # [n, p, context]
    state_counts: npt.NDArray[np.int64]  # [n]
    tokens: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.entities)

    def batch(
        self,
        rows: Sequence[int],
        dialogues: Sequence[int] | None = None,
        more: Sequence[Sequence[int]] | None = None,
    ) -> Batch:
        """Rows as one batch.

        dialogues: number of the dialogue of each row (default: each its own). more: tokens that follow each chat's.
        """
        chosen = list(rows)
        read = [[*self.tokens[row], *(more[at] if more else ())] for at, row in enumerate(chosen)]
        lengths = [len(of_chat) for of_chat in read]
        tokens = np.zeros((len(chosen), max(lengths)), np.int64)
        for position, of_chat in enumerate(read):
            tokens[position, : len(of_chat)] = of_chat
        slots = np.arange(self.states.shape[1])
        return Batch(
            entities=torch.from_numpy(self.entities[chosen]),
            states=torch.from_numpy(self.states[chosen]).float(),
            state_mask=torch.from_numpy(slots < self.state_counts[chosen, None]),
            tokens=torch.from_numpy(tokens),
            lengths=torch.tensor(lengths),
            dialogues=torch.tensor(range(len(chosen)) if dialogues is None else dialogues),
        )


class ContextReader:
    """Reads chats by a recipe's sizes.

    entity_id: URI -> entity id of the snapshot; mentions outside of it are not read.
    kept: of the same encoder.
    """

    def __init__(
        self,
        recipe: Recipe,
        backbone: Backbone,
        encoder: TextEncoder,
        entity_id: Mapping[str, int],
        kept: KeptEncodings,
    ) -> None:
        self._recipe = recipe
        self._backbone = backbone
        self._encoder = encoder
        self._entity_id = entity_id
        self._kept = kept

    def read(
        self, contexts: Sequence[Context], advance: Callable[[int], None] | None = None, *, keep: bool = False
    ) -> ReadContexts:
        """Read n chats; `advance` is told how many were done, for a progress bar.

        keep: take the states from the cache, and keep them there: for chats of a data set, never for a person's.
        """
        advance = advance or (lambda done: None)
        texts = [" ".join(turn.text for turn in context.turns) for context in contexts]
        encode = partial(self._encoded, texts, advance)
        request = f"states of the newest {self._recipe.prompt_rows} tokens"
        rows = self._kept.rows(request, texts, encode, advance) if keep else encode()
        entities = [self._entities(context) for context in contexts]
        return ReadContexts(
            np.array(entities, np.int64).reshape(len(contexts), self._recipe.prompt_entities),
            rows["states"],
            rows["count"],
            [self._tokens(context) for context in contexts],
        )

    def _encoded(self, texts: Sequence[str], advance: Callable[[int], None]) -> npt.NDArray[np.void]:
        """How many states each text has, and these, newest first; of several processes each encodes its share."""
        processes = Processes.current()
        at_once = CHUNK * processes.count
        rows = np.zeros(len(texts), self._row_type)
        for start in range(0, len(texts), at_once):
            own = start + CHUNK * processes.rank
            encoded = processes.from_each(self._encoded_chunk(texts[own : own + CHUNK]))
            rows[start : start + at_once] = np.concatenate(encoded)[: len(texts) - start]
            advance(len(rows[start : start + at_once]))
        return rows

    def _encoded_chunk(self, texts: Sequence[str]) -> npt.NDArray[np.void]:
        """[CHUNK], the first of them of the texts."""
        rows = np.zeros(CHUNK, self._row_type)
        for row, found in enumerate(self._encoder.token_states(texts, self._recipe.prompt_rows)):
            rows["count"][row] = len(found)
            rows["states"][row, : len(found)] = found[::-1]
        return rows

    @property
    def _row_type(self) -> np.dtype[np.void]:
        size = (self._recipe.prompt_rows, self._encoder.dimensions)
        return np.dtype([("count", np.int64), ("states", np.float16, size)])

    def _entities(self, context: Context) -> list[int]:
        known = [self._entity_id[uri] for uri in context.newest_first if uri in self._entity_id]
        padding = [-1] * self._recipe.prompt_entities
        return (known + padding)[: self._recipe.prompt_entities]

    def _tokens(self, context: Context) -> list[int]:
        """The newest tokens of `User: … System: … System:`, as UniCRS writes a chat out."""
        lines = [f"{SPEAKERS[turn.role]}: {turn.text}\n" for turn in context.turns]
        # A token is at least one byte, and rarely above 16: older text than this is never read.
        text = "".join(lines)[-16 * self._recipe.context_tokens :] + "System:"
        return self._backbone.tokens(text)[-self._recipe.context_tokens :]
