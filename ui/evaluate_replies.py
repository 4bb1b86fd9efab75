"""Scores what a run says, beside three systems that need no training (`tellgraph evaluate --replies`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from training.conversation_evaluation import evaluate_replies, replies_of
from training.conversation_instances import catalogue_titles, conversation_instances, split_conversations
from training.conversation_report import ConversationReport
from training.decoding import Decoding
from training.evaluation_input import DialogueInput
from training.mscrs_recommender import MSCRSRecommender
from training.recommender import Recommender
from training.replies import Replier, filled_replies
from training.reply_systems import reply_ladder
from training.runs import RunFolder
from ui.errors import DoorError
from ui.output_file import write_output
from ui.reply_page import reply_page

__all__ = ["score_replies"]

OnBatch = Callable[[str, int, int], None]
"""Told of a system, how many of its chats are done, and how many there are."""


def score_replies(
    run: Path,
    recommender: Recommender,
    read: DialogueInput,
    decoding: Decoding,
    page: Path | None,
    on_batch: OnBatch,
) -> ConversationReport:
    """Write the replies and compare them. page: HTML file for fifty of them side by side, where wished.

    Raises DoorError where the run writes no replies, and EvaluationError where the file gives none to compare with.
    """
    replier = _replier(run, recommender, decoding)
    snapshot = recommender.snapshot
    titles = catalogue_titles(snapshot)
    instances = conversation_instances(read.dialogues, snapshot.entity_id, titles)
    training = split_conversations(snapshot, "train")
    encoded = _Counter("training chats to retrieve from", len(training), on_batch)
    assembly = replier.assembly
    ladder = reply_ladder(training, assembly.encoder, progress=encoded, kept=assembly.kept)
    replier.progress = _Counter(replier.name, len(instances), on_batch)
    said = replies_of([*ladder, replier], instances)
    shown = filled_replies(said, recommender, [instance.context for instance in instances], titles)
    report = evaluate_replies(said, instances, shown=shown)
    if page is not None:
        write_output(page, reply_page(instances, shown), "--page")
    return report


def _replier(run: Path, recommender: Recommender, decoding: Decoding) -> Replier:
    found = next((one for one in (recommender, *recommender.parts) if isinstance(one, MSCRSRecommender)), None)
    folder = RunFolder(run if found is recommender else run / "mscrs")
    if found is None or not folder.has("converse"):
        raise DoorError(
            f"{run} has no model that writes replies. Train one: a recipe of MSCRS with converse_epochs, "
            "and `tellgraph train --stage converse`."
        )
    return Replier.of_run(folder, found, decoding)


class _Counter:
    """Turns "so many more" into "so many of all"."""

    def __init__(self, name: str, total: int, on_batch: OnBatch) -> None:
        self._name, self._total, self._on_batch = name, total, on_batch
        self._done = 0

    def __call__(self, more: int) -> None:
        self._done += more
        self._on_batch(self._name, self._done, self._total)
