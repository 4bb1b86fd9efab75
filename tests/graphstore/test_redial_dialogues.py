"""ReDial as it is published: turns of several messages, films by number, and what people said of them afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue, Opinion, Turn
from graphstore.errors import InputFileError
from graphstore.rejects import Reject

LINKS = "movieId\tdbpedia\n1\turn:alien\n22\turn:aliens\n3\t\n"


def record(*messages: tuple[int, str], **fields: Any) -> dict[str, Any]:
    return {
        "conversationId": "7",
        "initiatorWorkerId": 100,
        "respondentWorkerId": 200,
        "messages": [{"senderWorkerId": sender, "text": text, "timeOffset": 0} for sender, text in messages],
        **fields,
    }


def read(folder: Path, *records: dict[str, Any], links: str = LINKS) -> list[Dialogue | Reject]:
    (folder / "movies_dbpedia.tsv").write_text(links, encoding="utf-8")
    path = folder / "valid_data.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return list(read_dialogues(path, "redial", split="valid"))


def only_turns(folder: Path, one: dict[str, Any]) -> tuple[Turn, ...]:
    (dialogue,) = read(folder, one)
    assert isinstance(dialogue, Dialogue), dialogue
    return dialogue.turns


def test_messages_of_one_worker_are_one_turn(tmp_path: Path) -> None:
    one = record(
        (200, "Hi!"),
        (200, "What do you like?"),
        (100, "@1!"),
        (200, "Then @22, @3 or @22"),
        movieMentions={"1": "Alien  (1979)", "22": "Aliens (1986)", "3": "Alone (2010)"},
    )
    nothing = Opinion()
    assert read(tmp_path, one) == [
        Dialogue(
            "redial/valid/7",
            "redial",
            "valid",
            (
                Turn("recommender", "Hi!\nWhat do you like?"),
                Turn("seeker", "Alien (1979)!", ("urn:alien",), opinions=(nothing,)),
                Turn(
                    "recommender",
                    "Then Aliens (1986), Alone (2010) or Aliens (1986)",
                    ("urn:aliens", "urn:aliens"),
                    unlinked=("Alone (2010)",),
                    opinions=(nothing, nothing),
                ),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("mentions", "text", "unlinked"),
    [({"1": None}, "alien and @3", ("@3",)), ({}, "alien and @3", ("@3",)), ([], "alien and @3", ("@3",))],
)
def test_a_film_without_a_name(tmp_path: Path, mentions: Any, text: str, unlinked: tuple[str, ...]) -> None:
    (turn,) = only_turns(tmp_path, record((100, "@1 and @3"), movieMentions=mentions))
    assert (turn.text, turn.unlinked, turn.items) == (text, unlinked, ("urn:alien",))


@pytest.mark.parametrize(
    ("initiator", "respondent", "opinion"),
    [
        ({"1": {"liked": 1, "seen": 0, "suggested": 1}}, [], Opinion(True, False, True)),
        ({"1": {"liked": 0, "seen": 1, "suggested": 0}}, {"1": {"liked": 1}}, Opinion(False, True, False)),
        ({"1": {"liked": 2, "seen": 2}}, {"1": {"liked": 0, "seen": 1, "suggested": 1}}, Opinion(False, True, True)),
        ([], {"1": {"liked": 2, "seen": 2, "suggested": 0}}, Opinion(None, None, False)),
        ({"22": {"liked": 1}}, None, Opinion()),
        ([], [], Opinion()),
    ],
)
def test_the_seekers_answer_comes_first(tmp_path: Path, initiator: Any, respondent: Any, opinion: Opinion) -> None:
    one = record((100, "@1"), initiatorQuestions=initiator)
    if respondent is not None:
        one["respondentQuestions"] = respondent
    (turn,) = only_turns(tmp_path, one)
    assert turn.opinions == (opinion,)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"initiatorWorkerId": 200}, "it takes two workers"),
        ({"initiatorWorkerId": 300}, "it takes two workers"),
        ({"messages": []}, "$.messages: "),
        ({"messages": [{"senderWorkerId": 100, "text": None}]}, "$.messages[0].text: "),
        ({"movieMentions": {"1": 7}}, "$.movieMentions"),
        ({"initiatorQuestions": {"1": {"liked": "yes"}}}, "$.initiatorQuestions"),
        ({"conversationId": None}, "$.conversationId: "),
    ],
)
def test_what_is_no_dialogue_is_rejected(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    reject, dialogue = read(tmp_path, record((100, "x"), **fields), record((100, "x")))
    assert isinstance(dialogue, Dialogue)
    assert isinstance(reject, Reject)
    assert reject.line == 1
    assert reject.reason.startswith(reason)


def test_a_conversation_that_stands_twice_is_rejected(tmp_path: Path) -> None:
    _, reject = read(tmp_path, record((100, "x"), conversationId=391), record((100, "y"), conversationId="391"))
    assert isinstance(reject, Reject)
    assert reject.reason == "the id '391' stands on line 1 already"


def test_the_table_of_films_may_stand_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps(record((100, "@9"))), encoding="utf-8")
    with pytest.raises(InputFileError, match=r"There is no file .*movies_dbpedia\.tsv"):
        list(read_dialogues(path, "redial"))
    (tmp_path / "links.tsv").write_text("9\turn:nine", encoding="utf-8")
    (dialogue,) = read_dialogues(path, "redial", film_links=tmp_path / "links.tsv")
    assert isinstance(dialogue, Dialogue)
    assert dialogue.turns[0].items == ("urn:nine",)


@pytest.mark.parametrize("line", ["x\turn:a", "5\tno uri", "5\turn:a\tmore"])
def test_a_table_of_another_form_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputFileError, match=r"movies_dbpedia\.tsv, line 5: expected a film's id"):
        read(tmp_path, record((100, "x")), links=LINKS + line)


def test_the_published_file_is_read_whole(data_folder: Path) -> None:
    dialogues = list(read_dialogues(data_folder / "redial" / "valid_data.jsonl", "redial"))
    turns = [turn for dialogue in dialogues if isinstance(dialogue, Dialogue) for turn in dialogue.turns]
    assert len(dialogues) == 901
    unlinked = sum(len(turn.unlinked) for turn in turns)
    assert (sum(len(turn.items) for turn in turns) + unlinked, unlinked) == (5_807, 860)
    items = set((data_folder / "redial" / "items.txt").read_text(encoding="utf-8").split())
    assert sum(f"<{uri}>" not in items and uri not in items for turn in turns for uri in turn.items) == 677
    assert not any("@" in name for turn in turns for name in turn.unlinked)
    assert sum(opinion.liked is not None for turn in turns for opinion in turn.opinions) > 3_500
