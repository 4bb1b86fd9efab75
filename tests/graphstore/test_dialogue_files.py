"""Dialogue files become dialogues; what is none becomes a reject."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphstore.dialogue_files import DIALOGUE_FORMATS, DialogueFormat, read_dialogues
from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import InputFileError
from graphstore.json_schemas import complaint
from graphstore.rejects import Reject

Folders = pytest.TempPathFactory

GOOD = {
    "id": "d1",
    "turns": [
        {
            "role": "seeker",
            "text": "Anything like Alien?",
            "items": ["urn:alien"],
            "entities": ["urn:horror"],
        },
        {"role": "recommender", "text": "Aliens."},
    ],
}


def write_lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def only_reject(path: Path, format: DialogueFormat) -> Reject:
    (reject,) = read_dialogues(path, format)
    assert isinstance(reject, Reject)
    return reject


def test_tellgraph_format(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "d.jsonl", GOOD)
    assert list(read_dialogues(path, "tellgraph", source="shop", split="train")) == [
        Dialogue(
            id="shop/train/d1",
            source="shop",
            split="train",
            turns=(
                Turn("seeker", "Anything like Alien?", ("urn:alien",), ("urn:horror",)),
                Turn("recommender", "Aliens."),
            ),
        )
    ]


def test_inspired_format(tmp_path: Path) -> None:
    turn = {
        "text": "Joker! Joker!",
        "role": "RECOMMENDER",
        "movie": ["Joker (2019)"],
        "movie_link": ["<urn:joker>", "<urn:joker>"],
        "entity_link": ["<urn:horror>"],
    }
    path = write_lines(tmp_path / "d.jsonl", [turn], [turn])
    dialogues = list(read_dialogues(path, split="valid"))
    expected_turns = (Turn("recommender", "Joker! Joker!", ("urn:joker", "urn:joker"), ("urn:horror",)),)
    assert dialogues == [Dialogue(f"inspired/valid/{number}", "inspired", "valid", expected_turns) for number in (1, 2)]


def test_without_a_split_the_id_is_shorter(tmp_path: Path) -> None:
    (dialogue,) = read_dialogues(write_lines(tmp_path / "d.jsonl", GOOD), "tellgraph")
    assert isinstance(dialogue, Dialogue)
    assert (dialogue.id, dialogue.split) == ("tellgraph/d1", None)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], r"\$: \[\] is not of type 'object'"),
        ({"id": "x"}, "'turns' is a required property"),
        ({"id": 7, "turns": GOOD["turns"]}, r"\$\.id: 7 is not of type 'string'"),
        ({"id": "x", "turns": []}, r"\$\.turns: \[\]"),
        ({"id": "x", "turns": [{"role": "system", "text": ""}]}, r"\$\.turns\[0\]\.role"),
        ({"id": "x", "turns": [{"role": "seeker", "text": None}]}, r"\$\.turns\[0\]\.text"),
        ({"id": "x", "turns": [{"role": "seeker", "text": "", "items": "urn:a"}]}, r"turns\[0\]\.items"),
        ({"id": "x", "turns": [{"role": "seeker", "text": "", "items": [1]}]}, r"turns\[0\]\.items\[0\]"),
        ({"id": "x", "turns": [{"role": "seeker", "text": "", "entites": []}]}, "'entites' was unexpected"),
    ],
)
def test_a_wrong_type_is_rejected_with_its_place(tmp_path: Path, record: Any, reason: str) -> None:
    path = write_lines(tmp_path / "d.jsonl", record, GOOD)
    reject, dialogue = read_dialogues(path, "tellgraph")
    assert isinstance(dialogue, Dialogue)
    assert isinstance(reject, Reject)
    assert (reject.file, reject.line, reject.text) == (str(path), 1, json.dumps(record))
    assert re.search(reason, reject.reason), reject.reason


@pytest.mark.parametrize(
    "turn",
    [
        {"text": "", "role": "SEEKER", "movie_link": []},
        {"text": "", "role": "OTHER", "movie_link": [], "entity_link": []},
        {"text": "", "role": "SEEKER", "movie_link": [None], "entity_link": []},
    ],
)
def test_wrong_inspired_turns(tmp_path: Path, turn: Any) -> None:
    path = write_lines(tmp_path / "d.jsonl", [turn])
    assert only_reject(path, "inspired").reason.startswith("$[0]")


def test_broken_lines_do_not_stop_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    lines = [
        b"{broken}",
        b"\xff\xfe oh",
        b"",
        json.dumps(GOOD).encode(),
        b'{"id": "\\ud800", "turns": []}',
        b"x",
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    found = list(read_dialogues(path, "tellgraph"))
    assert [(type(one).__name__, getattr(one, "line", None)) for one in found] == [
        ("Reject", 1),
        ("Reject", 2),
        ("Dialogue", None),
        ("Reject", 5),
        ("Reject", 6),
    ]


def test_an_id_that_stands_twice_is_rejected(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "d.jsonl", GOOD, GOOD)
    _, reject = read_dialogues(path, "tellgraph")
    assert isinstance(reject, Reject)
    assert reject.reason == "the id 'd1' stands on line 1 already"


def test_a_long_complaint_is_cut(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "d.jsonl", {"id": "x" * 50_000, "turns": GOOD["turns"]})
    reject = only_reject(path, "tellgraph")
    assert len(reject.reason) < 300
    assert len(reject.text) <= 300


def test_an_unknown_format(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "d.jsonl", GOOD)
    with pytest.raises(InputFileError, match="no dialogue format 'csv'; take one of inspired, log, redial, tellgraph"):
        list(read_dialogues(path, "csv"))  # type: ignore[arg-type]


uris = st.lists(st.text(min_size=1, max_size=5), max_size=3)
turns = st.fixed_dictionaries(
    {"role": st.sampled_from(["seeker", "recommender"]), "text": st.text(max_size=20)},
    optional={"items": uris, "entities": uris},
)
dialogues = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=10), "turns": st.lists(turns, min_size=1, max_size=3)}
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "turns", "role", "text", "items", "entities"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(record=dialogues | anything)
def test_the_reader_takes_what_the_schema_takes(tmp_path_factory: Folders, record: Any) -> None:
    path = write_lines(tmp_path_factory.mktemp("schema") / "d.jsonl", record)
    (found,) = read_dialogues(path, "tellgraph")
    assert isinstance(found, Dialogue) == (complaint("tellgraph_dialogue", record) is None)
    if isinstance(found, Dialogue):
        given_items = [list(turn.get("items", [])) for turn in record["turns"]]
        assert [list(turn.items) for turn in found.turns] == given_items


def test_every_format_of_conversations_has_its_schema() -> None:
    for format in set(DIALOGUE_FORMATS) - {"log"}:
        assert complaint(f"{format}_dialogue", 7) is not None


@pytest.mark.parametrize(("name", "dialogues", "turns"), [("train", 801, 16_982), ("valid", 99, 2_053)])
def test_inspired_is_read_whole(data_folder: Path, name: str, dialogues: int, turns: int) -> None:
    found = list(read_dialogues(data_folder / "inspired" / f"{name}.jsonl", split=name))
    whole = [dialogue for dialogue in found if isinstance(dialogue, Dialogue)]
    assert len(found) == len(whole) == dialogues
    assert sum(len(dialogue.turns) for dialogue in whole) == turns
    assert not any(uri.startswith("<") for dialogue in whole for turn in dialogue.turns for uri in turn.mentions)
