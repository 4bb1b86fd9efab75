"""`tellgraph explain` as people and programs call it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from graphstore.graph import Graph
from tests.ui.film_world import uri
from tests.ui.test_chat_command import run
from training.recommender import Recommender
from ui.errors import DoorError
from ui.explaining import explain_chat, find_item

MESSAGE = ("--message", "I loved Inception")
ITEMS: list[dict[str, Any]] = [
    {"uri": "urn:1", "title": "The Mummy", "year": 1999},
    {"uri": "urn:2", "title": "The Mummy", "year": 2017},
    {"uri": "urn:3", "title": "Amélie", "year": None},
]


@pytest.mark.parametrize(
    ("text", "found"),
    [("amelie", "urn:3"), ("the mummy 2017", "urn:2"), ("The Mummy (1999)", "urn:1"), ("urn:2", "urn:2")],
)
def test_an_item_is_found_by_its_title_year_or_uri(text: str, found: str) -> None:
    assert find_item(ITEMS, text) == found


def test_an_unclear_title_and_one_that_is_not_there_are_said() -> None:
    with pytest.raises(DoorError, match=r"any of The Mummy \(1999\) \(urn:1\), The Mummy \(2017\) .*write the year"):
        find_item(ITEMS, "The Mummy")
    with pytest.raises(DoorError, match=r"no item called “Amelia”. Near it are “Amélie”"):
        find_item(ITEMS, "Amelia")


@pytest.mark.database
def test_the_reasons_add_up_and_the_mentions_stand_beside(films: Graph, recommender: Recommender) -> None:
    found = explain_chat(recommender, films, ["I loved Inception", "And Arrival"], "Interstellar", "Toy Story")
    assert found.why.item.label == "Interstellar (2014)"
    assert sum(reason.value for reason in found.why.shown) == pytest.approx(found.why.score, abs=1e-4)
    assert sum(reason.value for reason in found.why.terms) == pytest.approx(found.why.score, abs=1e-4)
    assert found.why.of == len(recommender.item_index) - 2
    assert {effect.uri for effect in found.mentions} == {uri("Inception"), uri("Arrival_(film)")}
    assert {effect.rank_before for effect in found.mentions} == {found.why.rank}
    assert found.rejected is not None
    assert found.why_not is not None
    assert found.why_not.gap == pytest.approx(found.why.score - found.rejected.score)
    assert any("Inception (2010)" in reason.sentence for reason in found.why.terms)


@pytest.mark.database
def test_it_prints_sentences_mentions_why_not_and_cypher(
    films: Graph, film_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new" / "explained.json"
    asked = ("--item", "Interstellar", "--not", "Toy Story", "--cypher", "--json", str(file))
    code, out, _ = run(capsys, "explain", "--run", str(film_run), *MESSAGE, *asked)
    assert code == 0
    assert "Why Interstellar (2014)? Score " in out
    assert "Which mention mattered?" in out
    assert "Why not Toy Story (1995)? Toy Story (1995) " in out
    assert out.count(":param ") >= 3
    written = json.loads(file.read_text(encoding="utf-8"))
    assert sum(term["value"] for term in written["item"]["terms"]) == pytest.approx(written["item"]["score"], abs=1e-4)
    assert all(term["sentence"] and term["cypher"] for term in written["item"]["terms"])
    assert written["why_not"]["item"] == written["not"]["uri"] == uri("Toy_Story")
    printed = re.search(r"Score (\S+), place", out)
    assert printed is not None
    assert printed[1] == f"{written['item']['score']:.3f}"


@pytest.mark.database
def test_the_best_item_is_explained_where_none_is_named(
    films: Graph, film_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "explain", "--run", str(film_run), "--message", "I loved The Mummy, and Zorgblat")
    assert code == 0
    assert "place 1 of 13" in out
    assert "“The Mummy” may mean The Mummy" in " ".join(out.split())
    assert "“Zorgblat”" in out


@pytest.mark.database
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (("--item", "Intersteller 9"), "Near it are “Interstellar (2014)”"),
        (("--item", "Her", "--not", "Her"), "same item"),
    ],
)
def test_an_error_is_one_sentence(
    films: Graph, film_run: Path, asked: tuple[str, ...], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = run(capsys, "explain", "--run", str(film_run), *MESSAGE, *asked)
    assert code == 1
    assert error in said
    assert "Traceback" not in said


@pytest.mark.database
def test_empty_messages_are_a_sentence_and_unknown_ones_a_notice(films: Graph, recommender: Recommender) -> None:
    with pytest.raises(DoorError, match="messages are empty"):
        explain_chat(recommender, films, ["", " "])
    found = explain_chat(recommender, films, ["I hate waiting"])
    assert found.understood == ()
    assert any("rests on your words alone" in notice for notice in found.notices)
    assert any(notice.startswith("You write “hate”") for notice in found.notices)


@pytest.mark.database
def test_the_printed_command_shows_the_evidence(
    films: Graph, film_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "explain", "--run", str(film_run), *MESSAGE, "--item", "Interstellar", "--cypher")
    assert code == 0
    assert "understood: Inception (2010)" in out
    commands = [
        line.removeprefix("// tellgraph ") for line in out.splitlines() if line.startswith("// tellgraph query")
    ]
    assert any(command.startswith("query evidence_path") for command in commands)
    for command in commands:
        code, rows, _ = run(capsys, *shlex.split(command), "--format", "json")
        assert code == 0
        assert json.loads(rows), command


@pytest.mark.parametrize(("name", "what"), [("items.csv", "a file"), (".", "a snapshot")])
def test_what_is_no_run_is_not_trained_into(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, what: str
) -> None:
    for file in ("items.csv", "manifest.json"):
        (tmp_path / file).touch()
    code, _, error = run(capsys, "explain", "--run", str(tmp_path / name), *MESSAGE)
    assert code == 1
    assert f"is {what}, and no folder of a trained run" in error
