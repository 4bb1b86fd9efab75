"""Replies of a trained conversation model to chats that go on.

Context ── read, as in training ──► states, entities, tokens ─┐
    └── most in common ── CorrelatedChats ──► E^(1) ──────────┴─ Conversation.write ──► "Have you seen <movie>?"
                                                               ranking ── fill_slots ──► "Have you seen Heat?"
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from threading import Lock

import torch

from training.assembly import Assembly
from training.conversation_training import reply_batch
from training.correlated_chats import CorrelatedChats, entities_of
from training.correlation import Widening
from training.decoding import Decoding
from training.errors import RunError
from training.instances import Context
from training.models.conversation import Conversation
from training.mscrs_recommender import MSCRSRecommender, mscrs_in
from training.recommender import Recommender
from training.runs import RunFolder
from training.title_slots import SLOT, fill_slots

__all__ = ["Replier", "filled_replies", "find_replier"]

_AT_ONCE = 16  # chats that are written to together


class Replier:
    """Writes replies with SLOT where an item is recommended; a system of `training.reply_systems`.

    progress: told how many more were written.
    """

    name = "mscrs"

    def __init__(
        self, assembly: Assembly, model: Conversation, correlated: CorrelatedChats, decoding: Decoding | None = None
    ) -> None:
        self.assembly, self.model, self.correlated = assembly, model, correlated
        self.decoding = decoding or Decoding()
        self._alone = Lock()
        self._final = cache(lambda: assembly.final(model.encoder))  # computed for the first reply
        self.progress: Callable[[int], None] = lambda more: None

    @classmethod
    def of_run(cls, run: RunFolder, recommender: MSCRSRecommender, decoding: Decoding | None = None) -> Replier:
        """The conversation model of a run, beside its recommender.

        Raises RunError where the stage `converse` was not trained, or its weights do not fit.
        """
        assembly = recommender.assembly
        weights = run.load_model("converse")
        model = assembly.conversation()
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            raise RunError(f"The reply weights in {run.path} do not fit its recipe and snapshot: {error}") from error
        widening = Widening(assembly.snapshot, assembly.recipe, assembly.co_mentions)
        tensors = run.load_tensors("correlated")
        neighbours = recommender.recipe.correlation_neighbours
        return cls(assembly, model.eval(), CorrelatedChats.of_tensors(tensors, widening, neighbours), decoding)

    def decoding_by(self, decoding: Decoding) -> Replier:
        """The same model, whose words are chosen in another way; what was computed of the graph is shared."""
        other = copy.copy(self)
        other.decoding = decoding
        return other

    def replies(self, contexts: Sequence[Context]) -> list[str]:
        """One reply per chat. The same chats, together and in this order, get the same replies."""
        said: list[str] = []
        # Draws are torch's own, one row of them for all threads of an app.
        with self._alone, torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(self.decoding.seed)
            for start in range(0, len(contexts), _AT_ONCE):
                some = contexts[start : start + _AT_ONCE]
                said += self._replies(some)
                self.progress(len(some))
        return said

    def _replies(self, contexts: Sequence[Context]) -> list[str]:
        assembly = self.assembly
        read = assembly.reader.read(contexts)
        entities = [entities_of(context, assembly.snapshot) for context in contexts]
        neighbours = self.correlated.of_others(entities, read.states)
        batch = reply_batch(read, neighbours, range(len(contexts))).to(assembly.device)
        end, known = assembly.backbone.end, len(assembly.backbone.tokenizer)
        written = self.model.write(
            self._final(),
            batch,
            max_new_tokens=assembly.recipe.reply_tokens,
            eos_token_id=end,
            pad_token_id=end,
            # Vocabularies are often rounded up: what no tokenizer can write is never chosen.
            suppress_tokens=list(range(known, self.model.causal.config.vocab_size)) or None,
            **self.decoding.options(),
        )
        texts: list[str] = assembly.backbone.tokenizer.batch_decode(written, skip_special_tokens=True)
        return [" ".join(text.split("\n")[0].split()) for text in texts]


def find_replier(recommender: Recommender, decoding: Decoding | None = None) -> Replier | None:
    """The conversation model of a loaded run or of the MSCRS in it; None where `converse` was not trained.

    It shares the language model with the recommender. Raises RunError where its weights do not fit.
    """
    mscrs = mscrs_in(recommender)
    if mscrs is None or mscrs.folder is None or not mscrs.folder.has("converse"):
        return None
    return Replier.of_run(mscrs.folder, mscrs, decoding)


def filled_replies(
    replies: Mapping[str, Sequence[str]],
    recommender: Recommender,
    contexts: Sequence[Context],
    titles: Mapping[str, str],
    rejected: Collection[str] = (),
) -> dict[str, list[str]]:
    """Several systems' replies to the same chats, with the recommender's best items in their slots, best first.

    titles: URI → what an item is called. rejected: URIs that are never named; nor is what the chat mentions.
    """
    shown: dict[str, list[str]] = {system: [] for system in replies}
    for place, context in enumerate(contexts):
        most = max(said[place].count(SLOT) for said in replies.values())
        best = recommender.recommend(context, most, {*context.mentions, *rejected}) if most else []
        for system, said in replies.items():
            shown[system].append(fill_slots(said[place], [titles[found.uri] for found in best]))
    return shown
