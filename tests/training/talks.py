"""Dialogues and catalogues in a line each, and INSPIRED as a snapshot, for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot


def seeker(*items: str, entities: tuple[str, ...] = (), text: str = "Hm.") -> Turn:
    """Make a turn of the person."""
    return Turn("seeker", text, items, entities)


def recommender(*items: str, entities: tuple[str, ...] = (), text: str = "Try this.") -> Turn:
    """Make a turn of the recommender."""
    return Turn("recommender", text, items, entities)


def dialogue(name: str, *turns: Turn, split: str = "train") -> Dialogue:
    """Make a dialogue out of turns."""
    return Dialogue(name, "toy", split, turns)


def catalogue(
    folder: Path,
    items: Iterable[str],
    dialogues: Iterable[Dialogue] = (),
    entities: Iterable[str] = (),
    text_vectors: Mapping[str, Sequence[float]] | None = None,
) -> Snapshot:
    """Write a snapshot of items, further entities and dialogues."""
    return write_snapshot(
        folder,
        entities=[(name, name) for name in entities],
        items=[{"uri": name, "title": name} for name in items],
        dialogues=dialogues,
        text_vectors=text_vectors,
    )


def inspired_dialogues(data_folder: Path, split: str) -> list[Dialogue]:
    """Read a split of INSPIRED."""
    lines = list(read_dialogues(data_folder / "inspired" / f"{split}.jsonl", "inspired", split=split))
    return [line for line in lines if isinstance(line, Dialogue)]


def inspired_snapshot(data_folder: Path, folder: Path) -> Snapshot:
    """Write INSPIRED's entities, items and training dialogues as a snapshot, without a graph."""
    uris = {
        name: [line.strip("<>") for line in (data_folder / "inspired" / f"{name}.txt").read_text("utf-8").split()]
        for name in ("entities", "items")
    }
    return catalogue(folder, uris["items"], inspired_dialogues(data_folder, "train"), uris["entities"])
