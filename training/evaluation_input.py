"""Reads a dialogue file for evaluation and keeps account of all that the protocol leaves out of it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graphstore.dialogue_files import DialogueFormat, read_dialogues
from graphstore.dialogues import Dialogue
from graphstore.rejects import Reject
from graphstore.snapshot import Snapshot
from training.errors import EvaluationError
from training.instances import Instance, count_unknown_links, recommendation_instances

__all__ = ["DialogueInput", "EvaluationInput", "evaluation_input", "read_dialogue_input"]


@dataclass(frozen=True)
class DialogueInput:
    """The dialogues of a file.

    file: the file's name, without its folder. format: how it was read.
    rejected: the lines that are no dialogue, with their reasons.
    seen_in_training: dialogues whose words are those of a training dialogue of the snapshot; figures on them
        say nothing about new dialogues.
    """

    file: str
    format: DialogueFormat
    dialogues: list[Dialogue]
    rejected: list[Reject]
    seen_in_training: int

    def account(self) -> dict[str, Any]:
        """What was read, for machines."""
        return {
            "dialogues": len(self.dialogues),
            "rejected": [asdict(reject) for reject in self.rejected],
            "seen_in_training": self.seen_in_training,
        }


@dataclass(frozen=True)
class EvaluationInput:
    """The recommendation instances of a file, and what was left out on the way.

    unknown_links: links, repeats counted, that the snapshot does not know: dropped.
    labels_outside_catalogue: item links of recommender turns that are no item of the snapshot: they would have
        been instances in a larger catalogue.
    """

    instances: list[Instance]
    unknown_links: int
    labels_outside_catalogue: int

    def account(self) -> dict[str, Any]:
        """What was left out, for machines."""
        return {"unknown_links": self.unknown_links, "labels_outside_catalogue": self.labels_outside_catalogue}


def read_dialogue_input(
    path: Path,
    format: DialogueFormat,
    snapshot: Snapshot,
    *,
    film_links: Path | None = None,
    item_prefix: str | None = None,
) -> DialogueInput:
    """Reads any dialogue file, to score a run of the snapshot on it.

    film_links, item_prefix: as in `graphstore.dialogue_files.read_dialogues`.

    Raises InputFileError when the file cannot be read, and EvaluationError when none of its lines is a dialogue.
    """
    lines = list(read_dialogues(path, format, film_links=film_links, item_prefix=item_prefix))
    dialogues = [line for line in lines if isinstance(line, Dialogue)]
    rejected = [line for line in lines if isinstance(line, Reject)]
    if rejected and not dialogues:
        raise EvaluationError(
            f"None of the {len(rejected):,} lines of {path.name} is a dialogue of the format {format}: name another "
            f"with --format. The first: {rejected[0].reason}"
        )
    return DialogueInput(
        file=path.name,
        format=format,
        dialogues=dialogues,
        rejected=rejected,
        seen_in_training=_seen_in_training(dialogues, snapshot),
    )


def evaluation_input(read: DialogueInput, snapshot: Snapshot) -> EvaluationInput:
    """Finds the instances by the vocabulary and catalogue of a snapshot. Raises EvaluationError when there is none."""
    items = {item["uri"] for item in snapshot.items}
    instances = recommendation_instances(read.dialogues, snapshot.entity_id, items)
    if not instances:
        raise EvaluationError(
            f"{read.file} gives nothing to evaluate: in its {len(read.dialogues):,} dialogues "
            f"({len(read.rejected):,} lines rejected) no recommender turn after the first names one of the run's "
            f"{len(items):,} items." + (f" The first rejected line: {read.rejected[0].reason}" if read.rejected else "")
        )
    return EvaluationInput(
        instances, count_unknown_links(read.dialogues, snapshot.entity_id), _labels_outside(read.dialogues, items)
    )


def _seen_in_training(dialogues: Iterable[Dialogue], snapshot: Snapshot) -> int:
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
