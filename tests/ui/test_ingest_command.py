"""`tellgraph ingest` as a person types it, on a real Neo4j."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from graphstore.errors import InputFileError
from graphstore.graph import Graph
from graphstore.settings import Settings
from ui.ingest_command import command

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("graph")]

FACTS = "".join(f"<urn:film:{n}> <urn:p:director> <urn:person:{n % 3}> .\n" for n in range(6))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def run_json(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.nt.gz"
    path.write_bytes(gzip.compress((FACTS + "nonsense\n").encode()))
    return path


def test_the_closing_table_and_the_rejects_file(facts: Path, settings: Settings) -> None:
    result = run("triples", facts)
    assert result.exit_code == 0
    assert [cell.strip() for cell in result.stdout.splitlines()[3].split("│")[1:7]] == [
        "facts.nt.gz",
        "facts",
        "7",
        "6",
        "0",
        "1",
    ]
    rejects = settings.home / "rejects" / "triples-facts.jsonl"
    assert f"What was rejected, and why: {rejects}" in result.stdout
    assert "facts.nt.gz: 9 new entities" in result.stdout
    assert [json.loads(line)["line"] for line in rejects.read_text(encoding="utf-8").splitlines()] == [7]


def test_the_same_figures_as_json(facts: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "bad.jsonl"
    first = run_json("triples", facts, "--rejects", rejects)
    assert first["rejects"] == str(rejects)
    (file,) = first["files"]
    assert file.pop("seconds") > 0
    assert file == {
        "file": str(facts),
        "counts": {"facts": {"read": 7, "new": 6, "rejected": 1, "already_there": 0}},
        "notes": {"new entities": 9},
    }
    again = run_json("triples", facts, "--rejects", rejects)["files"][0]
    assert again["counts"]["facts"] == {"read": 7, "new": 0, "rejected": 1, "already_there": 6}
    assert again["notes"] == {}


def test_every_kind_in_its_order(facts: Path, tmp_path: Path, graph: Graph) -> None:
    (tmp_path / "entities.txt").write_text("urn:genre:war\n", encoding="utf-8")
    (tmp_path / "items.txt").write_text("urn:film:0\nurn:film:1\n", encoding="utf-8")
    (tmp_path / "info.jsonl").write_text(json.dumps({"uri": "urn:film:1", "title": "One (2001)"}), encoding="utf-8")
    turn = {"role": "seeker", "text": "", "items": ["urn:film:1"], "entities": ["urn:genre:war", "urn:nothing"]}
    (tmp_path / "talk.jsonl").write_text(json.dumps({"id": "1", "turns": [turn]}), encoding="utf-8")
    run_json("entities", tmp_path / "entities.txt", "--source", "mine")
    run_json("triples", facts)
    items = run_json("items", tmp_path / "items.txt", tmp_path / "info.jsonl")
    assert [file["counts"]["items"]["new"] for file in items["files"]] == [2, 0]
    options = ("--format", "tellgraph", "--split", "train", "--source", "shop")
    talk = run_json("dialogues", tmp_path / "talk.jsonl", *options)["files"][0]["counts"]
    assert talk["dialogues"] == {"read": 1, "new": 1, "rejected": 0, "already_there": 0}
    assert talk["mentions"] == {"read": 3, "new": 2, "rejected": 1, "already_there": 0}
    assert graph.read("entity", uri="urn:genre:war")[0]["sources"] == ["mine"]
    assert graph.read("entity", uri="urn:film:1")[0]["year"] == 2001
    assert graph.read("dialogue", id="shop/train/1")[0]["mentions"] == ["One", "war"]


def test_a_file_that_is_cut_off_shows_what_went_in_and_fails(tmp_path: Path, graph: Graph) -> None:
    path = tmp_path / "cut.nt"
    path.write_text(FACTS + "<urn:film:7> <urn:p:dire", encoding="utf-8")
    result = run("triples", path)
    assert isinstance(result.exception, InputFileError)
    assert "cut off: it ends in the middle of line 7" in str(result.exception)
    assert [cell.strip() for cell in result.stdout.splitlines()[3].split("│")[3:7]] == ["7", "6", "0", "1"]
    assert {row["name"]: row["count"] for row in graph.read("counts")}["DIRECTOR"] == 6


def test_nothing_is_begun_when_one_file_is_no_good(facts: Path, tmp_path: Path, graph: Graph) -> None:
    result = run("triples", facts, tmp_path / "missing.nt")
    assert isinstance(result.exception, InputFileError)
    assert result.stdout == ""
    assert graph.read("counts") == []


def test_an_input_is_never_overwritten_by_its_rejects(facts: Path) -> None:
    before = facts.read_bytes()
    result = run("triples", facts, "--rejects", facts.parent / "." / facts.name)
    assert isinstance(result.exception, InputFileError)
    assert "name another file with --rejects" in str(result.exception)
    assert facts.read_bytes() == before


def test_markup_in_a_file_name_is_only_text(tmp_path: Path) -> None:
    path = tmp_path / "[bold]facts[end].nt"
    path.write_text(FACTS, encoding="utf-8")
    result = run("triples", path)
    assert result.exit_code == 0
    assert "[bold]facts[end].nt" in result.stdout


@pytest.mark.parametrize("kind", ["triples", "items", "entities", "dialogues"])
def test_help_has_an_example(kind: str) -> None:
    result = run(kind, "--help")
    assert result.exit_code == 0
    assert f"tellgraph ingest {kind} " in result.stdout


def test_dialogues_need_a_format_and_a_split(facts: Path) -> None:
    assert "Missing option '--split'" in run("dialogues", facts, "--format", "inspired").stderr
    assert "Missing option '--format'" in run("dialogues", facts, "--split", "train").stderr
