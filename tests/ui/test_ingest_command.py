"""`tellgraph ingest` as a person types it, on a real Neo4j."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from graphstore.errors import InputFileError
from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings
from tests.cut_line import cut_line
from tests.toy_films import know_probes
from tests.ui import TELLGRAPH
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


def test_a_prefix_is_for_a_log(facts: Path) -> None:
    result = run("dialogues", facts, "--format", "tellgraph", "--split", "train", "--item-prefix", "urn:s:")
    assert (result.exit_code, "--item-prefix is for --format log" in result.output) == (2, True)


def test_a_dry_run_counts_what_would_be_new_and_writes_nothing(facts: Path, graph: Graph) -> None:
    would = run_json("triples", facts, "--dry-run")
    assert graph.read("counts") == []
    did = run_json("triples", facts)
    assert (would.pop("dry_run"), did.pop("dry_run")) == (True, False)
    for report in (would, did):
        report["files"][0].pop("seconds")
    assert would == did
    again = run("triples", facts, "--dry-run")
    assert "Nothing was written" in again.stdout
    counts = run_json("triples", facts, "--dry-run")["files"][0]["counts"]["facts"]
    assert (counts["new"], counts["already_there"]) == (0, 6)


def test_a_dry_run_of_items_dialogues_and_a_log(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,title\n1,One\n2,Two\n2,Again\n")
    talk = {"id": "t", "turns": [{"role": "seeker", "text": "hm", "items": ["urn:shop:1", "urn:shop:9"]}]}
    (tmp_path / "talks.jsonl").write_text(json.dumps(talk))
    (tmp_path / "log.csv").write_text("user,item,time\nu,1,5\nu,1,5\nu,2,\nv,9,1\n")
    for arguments in (
        ("items", tmp_path / "items.csv", "--item-prefix", "urn:shop:"),
        ("dialogues", tmp_path / "talks.jsonl", "--format", "tellgraph", "--split", "train"),
        ("interactions", tmp_path / "log.csv", "--item-prefix", "urn:shop:"),
    ):
        would, did, again = (run_json(*arguments, *more) for more in (["--dry-run"], [], ["--dry-run"]))
        counts = [report["files"][0]["counts"] for report in (would, did, again)]
        assert counts[0] == counts[1]
        assert all(count["new"] == 0 for count in counts[2].values())
    assert counts[1]["interactions"] == {"read": 4, "new": 2, "rejected": 1, "already_there": 1}


@pytest.mark.parametrize(("most", "code"), [("1", 0), ("0", 1), ("50%", 0), ("10%", 1)])
def test_too_many_rejects_end_with_an_error(facts: Path, most: str, code: int) -> None:
    result = run("triples", facts, "--max-rejects", most)
    assert (result.exit_code, isinstance(result.exception, InputFileError)) == (code, bool(code))
    if code:
        assert "gives the reason for each" in str(result.exception)


@pytest.mark.parametrize(
    ("most", "option", "there"),
    [("0", None, False), ("10%", None, True), ("10%", "--dry-run", False), ("10%", "--replace", False)],
)
def test_too_many_rejects_claim_nothing_about_the_graph_that_is_not_so(
    facts: Path, most: str, option: str | None, there: bool
) -> None:
    result = run("triples", facts, "--max-rejects", most, *([option] if option else []))
    assert isinstance(result.exception, InputFileError)
    assert ("in the graph" in str(result.exception)) == there


@pytest.mark.parametrize("most", ["-1", "many", "101%", "%"])
def test_a_limit_that_is_none_is_refused(facts: Path, most: str) -> None:
    result = run("triples", facts, "--max-rejects", most)
    assert result.exit_code == 2
    assert "neither a number of lines" in result.stderr


def test_a_full_disk_under_the_rejects_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    path = tmp_path / "facts.nt"
    path.write_text(FACTS + "nonsense\n" * 20)
    result = run("triples", path, "--rejects", "/dev/full")
    assert isinstance(result.exception, InputFileError)
    assert "No space left" in str(result.exception)


def test_a_full_disk_under_an_offline_import_is_one_sentence(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    facts = tmp_path / "facts.nt"
    facts.write_text("".join(f"<urn:film:{n}> <urn:p:director> <urn:person:{n}> .\n" for n in range(50_000)))
    limited = ["sh", "-c", 'ulimit -f 8 && exec "$@"', "sh", *TELLGRAPH, "ingest", "triples", str(facts), "--offline"]
    ended = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    sentence = ended.stderr.strip().splitlines()[-1]
    assert sentence.startswith(f"Error: The import cannot use {settings.home / 'facts-'}")
    assert "(File too large)" in sentence
    assert "Traceback" not in ended.stderr
    assert graph.read("is_empty") == [{"empty": True}]
    assert list(settings.home.glob("facts-*")) == []


@pytest.mark.parametrize("option", ["--json", "--dry-run"])
def test_a_file_name_that_is_no_unicode(graph: Graph, tmp_path: Path, option: str) -> None:
    facts = tmp_path / os.fsdecode(b"caf\xe9.nt")
    facts.write_text(FACTS + "nonsense\n")
    ended = subprocess.run(
        [*TELLGRAPH, "ingest", "triples", facts, option], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    assert r"caf\udce9" in ended.stdout
    if option == "--json":
        assert json.loads(ended.stdout)["files"][0]["file"] == str(facts)
        assert [row["source"] for row in graph.read("sources")] == [r"caf\xe9"]


def test_a_lost_connection_is_one_sentence_and_the_next_run_goes_on(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    facts = tmp_path / "many.nt"
    facts.write_text("".join(f"<urn:film:{n}> <urn:p:director> <urn:person:{n % 99}> .\n" for n in range(12_000)))
    with cut_line(int(graph.uri.rpartition(":")[2]), after=600_000) as port:
        lost = tellgraph_at(f"bolt://127.0.0.1:{port}", PrivateServer(settings).password(), "ingest", "triples", facts)
    (sentence,) = lost.stderr.strip().splitlines()[-1:]
    assert lost.returncode == 1
    assert f"The Neo4j at bolt://127.0.0.1:{port} does not answer" in sentence
    assert "Traceback" not in lost.stderr
    assert "defunct" not in lost.stderr.replace(sentence, "")
    assert 0 < {row["name"]: row["count"] for row in graph.read("counts")}["Entity"] < 12_099
    assert run_json("triples", facts)["files"][0]["counts"]["facts"]["read"] == 12_000
    counts = {row["name"]: row["count"] for row in graph.read("counts")}
    assert counts == {"Entity": 12_099, "RelationType": 1, "DIRECTOR": 12_000}


def test_a_wrong_password_is_one_sentence(graph: Graph, facts: Path) -> None:
    refused = tellgraph_at(graph.uri, "guessed", "ingest", "triples", facts)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.strip().endswith("refused the user or password: check NEO4J_USER and NEO4J_PASSWORD.")
    assert len(refused.stderr.splitlines()) == 1


def tellgraph_at(uri: str, password: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = [*TELLGRAPH, *map(str, arguments)]
    place = os.environ | {"NEO4J_URI": uri, "NEO4J_PASSWORD": password}
    return subprocess.run(program, env=place, capture_output=True, text=True, check=False)


def test_a_source_is_replaced_by_what_its_new_file_says(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "facts.nt").write_text(FACTS)
    run_json("triples", tmp_path / "facts.nt")
    (tmp_path / "facts.nt").write_text(FACTS.splitlines()[0] + "\n")
    run_json("triples", tmp_path / "facts.nt", "--replace")
    assert {row["name"]: row["count"] for row in graph.read("counts")} == {
        "Entity": 2, "RelationType": 1, "DIRECTOR": 1,
    }  # fmt: skip
    assert [row["source"] for row in graph.read("sources")] == ["facts"]
    assert run("triples", tmp_path / "facts.nt", "--replace", "--dry-run").exit_code == 2


def test_redial_keeps_what_has_no_uri_as_text_and_counts_it(data_folder: Path, graph: Graph) -> None:
    redial = data_folder / "redial"
    run_json("items", redial / "items.txt")
    report = run_json("dialogues", redial / "valid_data.jsonl", "--format", "redial", "--split", "valid")["files"][0]
    assert report["counts"]["dialogues"]["new"] == 901
    assert report["notes"]["mentions without a URI, kept as text"] == 860
    assert report["counts"]["mentions"]["rejected"] == 677
    assert report["counts"]["mentions"]["read"] + 860 == 5_807


def test_what_may_be_quoted_is_said_each_time(tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    know_probes(monkeypatch)
    turn = {"role": "seeker", "text": "hello"}
    (tmp_path / "talk.jsonl").write_text(json.dumps({"id": "1", "turns": [turn]}), encoding="utf-8")
    told = []
    for choice in ([], ["--quotable"], ["--not-quotable"]):
        run_json("dialogues", tmp_path / "talk.jsonl", "--format", "tellgraph", "--split", "train", *choice)
        told += [row["properties"]["quotable"] for row in graph.read("dump_nodes") if row["labels"] == ["Dialogue"]]
    assert told == [False, True, False]
