"""Reads a dialogue file for evaluation and keeps account of all that the protocol leaves out of it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from graphstore.dialogue_files import DialogueFormat, read_dialogues
from graphstore.dialogues import Dialogue
from graphstore.rejects import Reject
from graphstore.snapshot import Snapshot
from training.errors import EvaluationError
from training.instances import Instance, count_unknown_links, recommendation_instances

__all__ = ["EvaluationInput", "read_evaluation_input", "seen_in_training"]


@dataclass(frozen=True)
class EvaluationInput:
    """The instances of a file, and what was left out on the way.

    file: the file's name, without its folder.
    dialogues: number of dialogues read. rejected: the lines that are none, with their reasons.
    unknown_links: links, repeats counted, that the snapshot does not know: dropped.
    labels_outside_catalogue: item links of recommender turns that are no item of the snapshot: they would have
        been instances in a larger catalogue.
    seen_in_training: dialogues whose words are those of a training dialogue of the snapshot; figures on them
        say nothing about new dialogues.
    """

    file: str
    dialogues: int
    instances: list[Instance]
    rejected: list[Reject]
    unknown_links: int
    labels_outside_catalogue: int
    seen_in_training: int


def read_evaluation_input(
    path: Path,
    format: DialogueFormat,
    snapshot: Snapshot,
    *,
    film_links: Path | None = None,
    item_prefix: str | None = None,
) -> EvaluationInput:
    """Reads any dialogue file against the vocabulary and catalogue of a snapshot.

    film_links, item_prefix: as in `graphstore.dialogue_files.read_dialogues`.

    Raises InputFileError when the file cannot be read, and EvaluationError when it gives no instance.
    """
    lines = list(read_dialogues(path, format, film_links=film_links, item_prefix=item_prefix))
    dialogues = [line for line in lines if isinstance(line, Dialogue)]
    items = {item["uri"] for item in snapshot.items}
    found = EvaluationInput(
        file=path.name,
        dialogues=len(dialogues),
        instances=recommendation_instances(dialogues, snapshot.entity_id, items),
        rejected=[line for line in lines if isinstance(line, Reject)],
        unknown_links=count_unknown_links(dialogues, snapshot.entity_id),
        labels_outside_catalogue=_labels_outside(dialogues, items),
        seen_in_training=seen_in_training(dialogues, snapshot),
    )
    if not found.instances:
        raise EvaluationError(
            f"{path} gives nothing to evaluate: in its {found.dialogues:,} dialogues ({len(found.rejected):,} lines "
            f"rejected) no recommender turn after the first names one of the run's {len(items):,} items."
            + (f" The first rejected line: {found.rejected[0].reason}" if found.rejected else "")
        )
    return found


def seen_in_training(dialogues: Iterable[Dialogue], snapshot: Snapshot) -> int:
    """How many of the dialogues have the words of a training dialogue of the snapshot."""
    training = {_words(dialogue) for dialogue in snapshot.dialogues("train")}
    return sum(_words(dialogue) in training for dialogue in dialogues)


def _words(dialogue: Dialogue) -> tuple[str, ...]:
    return tuple(turn.text for turn in dialogue.turns)


def _labels_outside(dialogues: Iterable[Dialogue], items: Container[str]) -> int:
    return sum(
        uri not in items
        for dialogue in dialogues
        for turn in dialogue.turns[1:]
        if turn.role == "recommender"
        for uri in turn.items
    )
