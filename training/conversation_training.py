"""The third stage of MSCRS: a frozen language model learns, by what stands in front of it, to reply (Eq. 25-29).

Every recommender turn of the training dialogues is an example: what was said before, and the reply with `<movie>` in
the place of titles. The stage starts from the pre-trained graph and maps; its soft prompt is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from training.assembly import Assembly
from training.contexts import ReadContexts
from training.conversation_instances import ConversationInstance, split_conversations
from training.correlated_chats import CorrelatedChats, Halves, entities_of
from training.correlation import CorrelationMapping, Widening
from training.examples import drawn
from training.models.conversation import Conversation, ReplyBatch
from training.progress import Progress
from training.runs import RunFolder
from training.stage import Stage, validated_at_once

__all__ = ["ConverseStage", "Replies", "reply_batch"]

_TASK_OWN = ("soft_prompt", "adapters.", "pooling.")  # what the pre-training learned for its own task alone


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
        self.correlated, self.replies = self._training(drawn(instances, assembly.recipe), progress)
        self._valid = self._validation(split_conversations(assembly.snapshot, "valid"), progress)

    def __len__(self) -> int:
        return len(self.replies)

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """The pre-trained graph and maps; the soft prompt and any adapters stay as they were drawn."""
        shared = {name: value for name, value in weights.items() if not name.startswith(_TASK_OWN)}
        self.model.load_state_dict(self.model.state_dict() | shared)

    def keep(self, run: RunFolder) -> None:
        """The training chats, among which a chat that goes on finds its neighbours."""
        run.save_tensors("correlated", self.correlated.tensors())

    def length(self, row: int) -> int:
        """Of a chat and its reply."""
        return len(self.replies.contexts.tokens[row]) + len(self.replies.targets[row])

    def graph_part(self, rows: Sequence[int]) -> Tensor:
        """Ê_final without what the step's own dialogues counted."""
        return self.assembly.final_in_training(self.model.encoder, {self.replies.dialogues[row] for row in rows})

    def losses(self, final: Tensor, rows: Sequence[int]) -> tuple[Tensor, dict[str, float]]:
        """Eq. 29; beside it the loss of one token."""
        batch = self.replies.batch(rows).to(self.assembly.device)
        loss: Tensor = self.model(final, batch)
        return loss, {"loss": loss.item(), "token": loss.item() * len(rows) / _reply_tokens(batch)}

    def validate(self) -> dict[str, Any]:
        """The loss of one token of the validation dialogues' replies."""
        if not self.validates:
            return {}
        device, total, tokens = self.assembly.device, 0.0, 0
        at_once = validated_at_once(self.assembly.recipe)
        final = self.assembly.final(self.model.encoder)
        with torch.inference_mode():
            for start in range(0, len(self._valid), at_once):
                batch = self._valid.batch(range(start, min(start + at_once, len(self._valid)))).to(device)
                total += self.model(final, batch).item() * len(batch.starts)
                tokens += _reply_tokens(batch)
        return {"valid_token": total / tokens}

    @property
    def validates(self) -> bool:
        """Whether a validation dialogue has a reply."""
        return len(self._valid) > 0

    def judged(self, entry: Mapping[str, Any]) -> float:
        """By the loss of one token."""
        return -float(entry["valid_token"])

    def _training(
        self, instances: Sequence[ConversationInstance], progress: Progress
    ) -> tuple[CorrelatedChats, Replies]:
        one = self.assembly
        progress.phase("read chats to converse", len(instances))
        contexts, entities = self._read(instances, progress)
        dialogues = [instance.dialogue for instance in instances]
        mapping = CorrelationMapping.of_chats(Widening(one.snapshot, one.recipe, one.co_mentions), entities, dialogues)
        correlated = CorrelatedChats(mapping, contexts.states, one.recipe.correlation_neighbours)
        progress.phase("chats with the most in common", len(instances))
        return correlated, self._replies(instances, contexts, correlated.of_training(progress.advance))

    def _validation(self, instances: Sequence[ConversationInstance], progress: Progress) -> Replies:
        progress.phase("read validation chats", len(instances))
        contexts, entities = self._read(instances, progress)
        return self._replies(instances, contexts, self.correlated.of_others(entities, contexts.states))

    def _read(
        self, instances: Sequence[ConversationInstance], progress: Progress
    ) -> tuple[ReadContexts, list[frozenset[int]]]:
        """What was said before each reply, and the entities that it mentions."""
        before = [instance.context for instance in instances]
        entities = [entities_of(context, self.assembly.snapshot) for context in before]
        return self.assembly.reader.read(before, progress.advance, keep=True), entities

    def _replies(
        self, instances: Sequence[ConversationInstance], contexts: ReadContexts, neighbours: Halves
    ) -> Replies:
        """With the token that ends each reply, unless it is longer than what is read of it."""
        backbone, most = self.assembly.backbone, self.assembly.recipe.reply_tokens
        targets = [[*backbone.tokens(f" {one.target}"), backbone.end][:most] for one in instances]
        return Replies(contexts, neighbours, targets, [instance.dialogue for instance in instances])


def _reply_tokens(batch: ReplyBatch) -> int:
    return int((batch.chats.lengths - batch.starts).sum())
