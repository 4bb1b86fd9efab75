"""Any dialogue file gives its instances, and an account of what was left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphstore.errors import InputFileError
from graphstore.snapshot import Snapshot
from tests.training.talks import catalogue, dialogue, recommender, seeker
from training.errors import EvaluationError
from training.evaluation_input import evaluation_input, read_dialogue_input


@pytest.fixture
def world(tmp_path: Path) -> Snapshot:
    learnt = dialogue("1", seeker("a", text="Something like A?"), recommender("b", text="B, perhaps."))
    return catalogue(tmp_path / "snapshot", ("a", "b"), [learnt], entities=("genre",))


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def talk(name: str, *turns: tuple[str, str, list[str]]) -> dict[str, Any]:
    return {"id": name, "turns": [{"role": role, "text": text, "items": items} for role, text, items in turns]}


ASKED = ("seeker", "Anything.", ["a"])


def test_everything_left_out_is_counted(world: Snapshot, tmp_path: Path) -> None:
    path = write(
        tmp_path / "talks.jsonl",
        talk("x", ("seeker", "Anything.", ["a", "nowhere"]), ("recommender", "These.", ["b", "nowhere", "genre"])),
        talk("y", ("recommender", "Hello.", ["elsewhere"])),
        {"id": "z"},
    )
    read = read_dialogue_input(path, "tellgraph", world)
    found = evaluation_input(read, world)
    assert (read.file, len(read.dialogues)) == ("talks.jsonl", 2)
    assert [instance.label for instance in found.instances] == ["b"]
    assert [reject.line for reject in read.rejected] == [3]
    assert (found.unknown_links, found.labels_outside_catalogue) == (3, 2)
    assert read.seen_in_training == 0


def test_dialogues_that_the_run_was_trained_on_are_noticed(world: Snapshot, tmp_path: Path) -> None:
    again = talk("new id", ("seeker", "Something like A?", ["a"]), ("recommender", "B, perhaps.", ["b"]))
    path = write(tmp_path / "talks.jsonl", again, talk("other", ASKED, ("recommender", "B.", ["b"])))
    assert read_dialogue_input(path, "tellgraph", world).seen_in_training == 1


def test_a_file_without_instances_says_what_was_missing(world: Snapshot, tmp_path: Path) -> None:
    path = write(tmp_path / "talks.jsonl", talk("x", ASKED, ("recommender", "Hm.", [])), {"id": "z"})
    with pytest.raises(EvaluationError, match=r"its 1 dialogues \(1 lines rejected\).*2 items.*first rejected line"):
        evaluation_input(read_dialogue_input(path, "tellgraph", world), world)


def test_a_missing_file_is_told_by_its_reader(world: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="There is no file"):
        read_dialogue_input(tmp_path / "talks.jsonl", "tellgraph", world)


def test_a_file_of_another_format_is_said_to_be_one(world: Snapshot, tmp_path: Path) -> None:
    path = write(tmp_path / "talks.jsonl", talk("x", ASKED), talk("y", ASKED))
    with pytest.raises(EvaluationError, match=r"None of the 2 lines of talks.jsonl .* name another with --format"):
        read_dialogue_input(path, "inspired", world)
