"""`tellgraph neo4j` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphstore.errors import ConnectionLostError, ServerError
from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings
from ui.errors import DoorError
from ui.neo4j_command import command

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def running(graph: Graph, settings: Settings) -> Iterator[None]:
    """The private server of this test run, which the command finds through TELLGRAPH_HOME."""
    yield
    PrivateServer(settings).connect().close()


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=True)


def _status() -> dict[str, object]:
    status: dict[str, object] = json.loads(_run("status", "--json").stdout)
    return status


def test_start_finds_the_running_server_and_prints_its_address() -> None:
    before = _status()
    result = _run("start")
    assert result.exit_code == 0
    assert f"runs at {before['uri']}" in result.stdout
    after = _status()
    assert after | {"size": None} == before | {"size": None}  # which the server's own files move at any time


def test_status_is_for_people_and_for_programs(settings: Settings) -> None:
    status = _status()
    assert list(status) == ["running", "uri", "pid", "version", "user", "password_file", "data", "size"]
    assert status["running"] is True
    result = _run("status")
    for word in (str(status["uri"]), str(status["pid"]), "5.26.30", str(settings.home), "MB"):
        assert word in result.stdout


def test_the_password_is_shown_only_when_asked_for(settings: Settings) -> None:
    password = PrivateServer(settings).password()
    assert password not in _run("status").stdout + _run("status", "--json").stdout + _run("start").stdout
    assert password in _run("status", "--show-password").stdout
    assert json.loads(_run("status", "--json", "--show-password").stdout)["password"] == password


def test_stop_and_stop_again() -> None:
    assert _run("stop").stdout == "The private Neo4j is stopped.\n"
    assert _run("stop").stdout == "The private Neo4j was not running.\n"
    assert _status()["running"] is False


def test_a_dump_brings_the_graph_back(graph: Graph, probes: None, settings: Settings, tmp_path: Path) -> None:
    graph.write("make_probes", count=3)
    file = tmp_path / 'my "own" \\ films.dump'
    file.write_bytes(b"old")
    assert isinstance(_run("dump", str(file)).exception, ServerError)
    assert file.read_bytes() == b"old"
    assert _run("dump", str(file), "--force").stdout.startswith(f"The graph is in {file}, ")
    assert list(tmp_path.iterdir()) == [file]
    assert _status()["running"] is True
    graph.write("make_probes", count=1)
    assert _run("load", str(file)).stdout == f"The graph is now the one of {file}.\n"
    with PrivateServer(settings).connect() as loaded:
        assert [row["number"] for row in loaded.read("list_probes")] == [1, 2, 3]
    home = settings.home / "neo4j"
    assert not [path.name for path in home.iterdir() if path.name.startswith(("data-", "loading-"))]


def test_a_server_of_the_users_own_is_left_to_the_user(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", graph.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", PrivateServer(settings).password())
    assert _status() == {"running": True, "uri": graph.uri, "version": "5.26.30"}
    for arguments in (["start"], ["stop"], ["dump", "a.dump"], ["load", "a.dump"]):
        assert isinstance(_run(*arguments).exception, DoorError)
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong")
    assert isinstance(_run("status").exception, ConnectionLostError)


@pytest.mark.parametrize("name", ["start", "stop", "status", "dump", "load"])
def test_every_command_has_help(name: str) -> None:
    assert command.commands[name].help
    result = _run(name, "--help")
    assert result.exit_code == 0
