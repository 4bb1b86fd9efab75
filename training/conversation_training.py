"""The third stage of MSCRS: a frozen language model learns, by what stands in front of it, to reply (Eq. 25-29).

Every recommender turn of the training dialogues is an example: what was said before, and the reply with `<movie>` in
the place of titles. The stage starts from the pre-trained graph and maps; its soft prompt is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.assembly import Assembly
from training.contexts import ReadContexts
from training.conversation_instances import ConversationInstance, split_conversations
from training.correlated_chats import CorrelatedChats, Halves, entities_of
from training.correlation import CorrelationMapping, Widening
from training.models.conversation import Conversation, ReplyBatch
from training.progress import Progress
from training.runs import RunFolder
from training.stage_loop import Stage

__all__ = ["ConverseStage", "Replies", "reply_batch"]

_TASK_OWN = ("soft_prompt", "pooling.")  # what the pre-training learned for its own task alone
_VALIDATED_AT_ONCE = 32


class Replies:
    """Chats as they are read, what their neighbours said, and the replies to them as tokens."""

    def __init__(
        self, contexts: ReadContexts, neighbours: Halves, targets: Sequence[Sequence[int]], dialogues: Sequence[str]
    ) -> None:
        self.contexts, self.neighbours, self.targets, self.dialogues = contexts, neighbours, targets, dialogues

    def __len__(self) -> int:
        return len(self.contexts)

    def batch(self, rows: Sequence[int]) -> ReplyBatch:
        """Rows as one batch, each chat's tokens followed by its reply's."""
        return reply_batch(self.contexts, self.neighbours, rows, self.targets)


def reply_batch(
    contexts: ReadContexts, neighbours: Halves, rows: Sequence[int], targets: Sequence[Sequence[int]] | None = None
) -> ReplyBatch:
    """A batch of chats, with the replies to be learned from where there are any."""
    starts = [len(contexts.tokens[row]) for row in rows]
    chats = contexts.batch(rows, more=[targets[row] for row in rows] if targets else None)
    return ReplyBatch(chats, torch.from_numpy(neighbours[list(rows)]).float(), torch.tensor(starts))


class ConverseStage(Stage):
    """Eq. 29 over all replies of the training dialogues."""

    name = "converse"

    def __init__(self, assembly: Assembly, progress: Progress) -> None:
        self.assembly = assembly
        self.model: Conversation = assembly.conversation()
        self.epochs = assembly.recipe.converse_epochs
        instances = [
            one for one in split_conversations(assembly.snapshot, "train") if one.dialogue not in assembly.held_out
        ]
        recipe = assembly.recipe
        if 0 < recipe.max_turns < len(instances):
            chosen = np.random.default_rng(recipe.seed).choice(len(instances), recipe.max_turns, replace=False)
            instances = [instances[at] for at in sorted(chosen)]
        self.correlated, self.replies = self._read(instances, progress)
        self._valid = self._read_valid(split_conversations(assembly.snapshot, "valid"), progress)

    def __len__(self) -> int:
        return len(self.replies)

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """The pre-trained graph and maps; the soft prompt stays as it was drawn."""
        shared = {name: value for name, value in weights.items() if not name.startswith(_TASK_OWN)}
        self.model.load_state_dict(self.model.state_dict() | shared)

    def keep(self, run: RunFolder) -> None:
        """The training chats, among which a chat that goes on finds its neighbours."""
        run.save_tensors("correlated", self.correlated.tensors())

    def losses(self, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """Eq. 29; beside it the loss of one token."""
        batch = self.replies.batch(rows).to(self.assembly.device)
        final = self.assembly.final_in_training(self.model.encoder, {self.replies.dialogues[row] for row in rows})
        loss: Tensor = self.model(final, batch)
        return loss, {"loss": loss.item(), "token": loss.item() * len(rows) / _reply_tokens(batch)}

    def validate(self) -> dict[str, Any]:
        """The loss of one token of the validation dialogues' replies."""
        if not len(self._valid):
            return {}
        device, total, tokens = self.assembly.device, 0.0, 0
        final = self.assembly.final(self.model.encoder)
        with torch.inference_mode():
            for start in range(0, len(self._valid), _VALIDATED_AT_ONCE):
                batch = self._valid.batch(range(start, min(start + _VALIDATED_AT_ONCE, len(self._valid)))).to(device)
                total += self.model(final, batch).item() * len(batch.starts)
                tokens += _reply_tokens(batch)
        return {"valid_token": total / tokens}

    def _read(self, instances: Sequence[ConversationInstance], progress: Progress) -> tuple[CorrelatedChats, Replies]:
        one = self.assembly
        progress.phase("read chats to converse", len(instances))
        contexts = one.reader.read([instance.context for instance in instances], progress.advance)
        dialogues = [instance.dialogue for instance in instances]
        entities = [entities_of(instance.context, one.snapshot) for instance in instances]
        mapping = CorrelationMapping.of_chats(Widening(one.snapshot, one.co_mentions), entities, dialogues)
        correlated = CorrelatedChats(mapping, contexts.states, one.recipe.correlation_neighbours)
        progress.phase("chats with the most in common", len(instances))
        neighbours = correlated.of_training(progress.advance)
        return correlated, Replies(contexts, neighbours, self._targets(instances), dialogues)

    def _read_valid(self, instances: Sequence[ConversationInstance], progress: Progress) -> Replies:
        progress.phase("read validation chats", len(instances))
        contexts = self.assembly.reader.read([instance.context for instance in instances], progress.advance)
        entities = [entities_of(instance.context, self.assembly.snapshot) for instance in instances]
        neighbours = self.correlated.of_others(entities, contexts.states)
        return Replies(contexts, neighbours, self._targets(instances), [instance.dialogue for instance in instances])

    def _targets(self, instances: Sequence[ConversationInstance]) -> list[list[int]]:
        """Tokens of the replies, each with the token that ends it, unless it is longer than what is read of it."""
        backbone, most = self.assembly.backbone, self.assembly.recipe.reply_tokens
        return [[*backbone.tokens(f" {one.target}"), backbone.end][:most] for one in instances]


def _reply_tokens(batch: ReplyBatch) -> int:
    return int((batch.chats.lengths - batch.starts).sum())
