"""`tellgraph query` as a person types it, on a real Neo4j."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphstore.errors import QueryError
from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from tests.toy_films import load_probe
from ui.query_command import command

pytestmark = pytest.mark.database

NASTY = '[bold red]Evil[/] \x1b[31mred\x9b31m \u202egnp.exe\nnew line, "quoted"'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def films(graph: Graph, tmp_path: Path) -> Graph:
    records = [
        {"uri": "urn:joker", "title": "Joker (2019)", "genres": ["crime", "drama"]},
        {"uri": "urn:nasty", "title": NASTY, "year": 2000, "genres": ["x" * 500]},
    ]
    path = tmp_path / "films.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, path, rejects).items()
    return graph


def test_the_list_shows_what_people_may_ask() -> None:
    listed = json.loads(run("--list", "--format", "json").stdout)
    names = [row["query"] for row in listed]
    assert "find_entity" in names
    assert "merge_facts" not in names
    find = listed[names.index("find_entity")]
    assert find["parameters"] == "text, limit=10"
    assert find["purpose"].startswith("Entities by the words of a name or title")
    table = run("--list").stdout
    assert "find_entity" in table
    assert "text, limit=10" in table


def test_a_table(films: Graph) -> None:
    result = run("find_entity", "-p", "text=jokr", "-p", "limit=1")
    assert result.exit_code == 0
    header = result.stdout.splitlines()[1].replace("┃", " ").split()
    assert header == ["uri", "name", "title", "year", "is_item", "score"]
    assert "urn:joker" in result.stdout
    assert "2019" in result.stdout


def test_json(films: Graph) -> None:
    result = run("find_items", "-p", "genre=drama", "--format", "json")
    assert json.loads(result.stdout) == [
        {"uri": "urn:joker", "title": "Joker", "year": 2019, "genres": ["crime", "drama"], "popularity": None}
    ]


def test_csv(films: Graph) -> None:
    result = run("find_items", "-p", "from_year=2010", "--format", "csv")
    assert result.stdout == ('uri,title,year,genres,popularity\nurn:joker,Joker,2019,"[""crime"", ""drama""]",\n')


def test_nothing_in_a_value_commands_a_terminal(films: Graph) -> None:
    for format_name in ("table", "csv", "json"):
        output = run("find_items", "-p", "to_year=2001", "--format", format_name).stdout
        assert "[bold red]" in output
        assert not any(mark in output for mark in ("\x1b", "\x9b", "\u202e"))
    (row,) = csv.DictReader(io.StringIO(run("find_items", "-p", "to_year=2001", "--format", "csv").stdout))
    assert row["title"] == '[bold red]Evil[/]  [31mred 31m  gnp.exe new line, "quoted"'
    (same,) = json.loads(run("find_items", "-p", "to_year=2001", "--format", "json").stdout)
    assert same["title"] == NASTY


def test_a_long_value_is_cut_in_a_table_only(films: Graph) -> None:
    long = run("find_items", "-p", "to_year=2001").stdout
    assert "…" in long
    assert long.count("x") < 250
    assert run("find_items", "-p", "to_year=2001", "--format", "csv").stdout.count("x") > 500


def test_no_rows(films: Graph) -> None:
    assert run("entity", "-p", "uri=urn:nobody").stdout == "No rows.\n"
    assert run("entity", "-p", "uri=urn:nobody", "--format", "json").stdout == "[]\n"
    assert len(run("entity", "-p", "uri=urn:nobody", "--format", "csv").stdout.splitlines()) == 1


def test_an_unknown_name_has_suggestions() -> None:
    result = run("find_entty")
    assert isinstance(result.exception, QueryError)
    assert str(result.exception).startswith("There is no query 'find_entty'. Did you mean find_entity")
    assert "--list" in str(run("xyzzy").exception)


@pytest.mark.parametrize("name", ["merge_facts", "delete_everything", "known_entities", "../cypher/counts"])
def test_internal_statements_cannot_be_run(films: Graph, name: str) -> None:
    assert isinstance(run(name).exception, QueryError)
    assert len(films.read("find_items")) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Which query?"),
        (("counts", "-p", "limit"), "write KEY=VALUE"),
        (("find_entity", "-p", "text=a", "-p", "text=b"), "each key once"),
        (("find_entity", "-p", "text=a", "-p", "limit=ten"), "-p limit: 'ten' is no integer"),
        (("find_entity", "-p", "text=a", "-p", f"limit={2**63}"), "is no integer"),
        (("find_entity", "-p", "text=\udcff"), "is no string"),
        (("similar_to_vector", "-p", "vector=1, 2"), "-p vector: '1, 2' is no list of numbers, written as JSON"),
        (("similar_to_vector", "-p", f"vector=[{2**63}]"), "is no list of numbers"),
    ],
)
def test_wrong_usage_is_said_before_anything_starts(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_missing_and_unknown_parameters() -> None:
    assert "needs the parameter 'text'" in str(run("find_entity").exception)
    assert "has no parameter 'name'" in str(run("find_entity", "-p", "name=x").exception)


def test_rows_are_cut_and_it_is_said_on_stderr(films: Graph) -> None:
    result = run("find_items", "--rows", "1", "--format", "json")
    assert len(json.loads(result.stdout)) == 1
    assert result.stderr == "Cut after 1 rows: --rows N takes more, and a query's own limit fewer.\n"
    assert run("find_items", "--rows", "2").stderr == ""


@pytest.mark.parametrize(
    ("option", "value"),
    [("--timeout", "0"), ("--timeout", "-1"), ("--timeout", "nan"), ("--timeout", "inf"), ("--rows", "0")],
)
def test_limits_that_let_nothing_through_are_wrong_usage(option: str, value: str) -> None:
    assert run("counts", option, value).exit_code == 2


def test_a_time_out_is_one_sentence(films: Graph, probes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.query_command.find", load_probe)
    error = run("count_for_long", "--timeout", "0.2").exception
    assert isinstance(error, QueryError)
    assert "took longer than it may" in str(error)
    assert "\n" not in str(error)
