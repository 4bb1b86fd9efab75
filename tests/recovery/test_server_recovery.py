"""What a crash, a kill or a second command does to the private server: nothing that lasts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("probes")]

_START = "from graphstore.graph import open_graph; graph = open_graph(); print(graph.uri); graph.close()"


@pytest.fixture
def server(graph: Graph, settings: Settings) -> Iterator[PrivateServer]:
    """The running server of this test run with three nodes in it; running again afterwards."""
    graph.write("make_probes", count=3)
    server = PrivateServer(settings)
    yield server
    server.connect().close()


@pytest.fixture
def fresh(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a home that nobody has used, whose server is stopped afterwards."""
    fresh = replace(settings, home=tmp_path / "home")
    yield fresh
    PrivateServer(fresh).stop()


def _state_file(server: PrivateServer) -> Path:
    return server.status().password_file.parent / "state.json"


def _kill(server: PrivateServer) -> None:
    process = psutil.Process(server.status().pid)
    process.kill()
    process.wait(30)


def _numbers(server: PrivateServer) -> list[int]:
    with server.connect() as graph:
        return [row["number"] for row in graph.read("list_probes")]


def _start_command(settings: Settings) -> subprocess.Popen[str]:
    environment = {**os.environ, "TELLGRAPH_HOME": str(settings.home), "TELLGRAPH_CACHE": str(settings.cache)}
    return subprocess.Popen(
        [sys.executable, "-c", _START],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_a_killed_server_is_started_again_with_what_was_committed(server: PrivateServer) -> None:
    before = server.status()
    _kill(server)
    assert not server.status().running
    assert _numbers(server) == [1, 2, 3]
    assert server.status().pid != before.pid
    assert server.status().uri == before.uri


def test_an_open_graph_goes_on_after_the_server_was_killed_and_came_back(server: PrivateServer, graph: Graph) -> None:
    _kill(server)
    server.connect().close()
    assert len(graph.read("list_probes")) == 3


def test_a_killed_server_can_be_dumped(server: PrivateServer, tmp_path: Path) -> None:
    _kill(server)
    server.dump(tmp_path / "killed.dump")
    assert not server.status().running
    server.load(tmp_path / "killed.dump")
    assert _numbers(server) == [1, 2, 3]


def test_a_state_file_whose_number_went_to_another_process_is_harmless(server: PrivateServer) -> None:
    server.stop()
    ours = psutil.Process()
    state = {"pid": ours.pid, "began": ours.create_time() - 86400, "port": 1}
    _state_file(server).write_text(json.dumps(state), encoding="utf-8")
    assert not server.status().running
    assert server.stop() is False
    assert ours.is_running()
    assert _numbers(server) == [1, 2, 3]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "began": 0, "port": 1, "new": 2}'])
def test_an_unreadable_state_file_counts_as_none(content: str, fresh: Settings) -> None:
    folder = fresh.home / "neo4j"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(content, encoding="utf-8")
    assert not PrivateServer(fresh).status().running
    assert PrivateServer(fresh).stop() is False


def test_a_server_whose_state_file_was_deleted_is_replaced(server: PrivateServer) -> None:
    old = psutil.Process(server.status().pid)
    _state_file(server).unlink()
    assert _numbers(server) == [1, 2, 3]
    assert not old.is_running()


def test_a_load_that_was_killed_half_way_is_taken_back(server: PrivateServer) -> None:
    server.stop()
    data = server.status().data
    data.rename(data.with_name("data-before-load"))
    (data / "databases" / "neo4j").mkdir(parents=True)
    (data / "databases" / "neo4j" / "neostore").write_bytes(b"half")
    assert _numbers(server) == [1, 2, 3]
    assert not data.with_name("data-before-load").exists()


def test_two_commands_at_once_share_one_server(fresh: Settings) -> None:
    commands = [_start_command(fresh) for _ in range(2)]
    answers = [command.communicate(timeout=300) for command in commands]
    assert [command.returncode for command in commands] == [0, 0], answers
    assert answers[0][0] == answers[1][0] == f"{PrivateServer(fresh).status().uri}\n"
    starts = [said.count("Starting the private Neo4j") for _, said in answers]
    assert sorted(starts) == [0, 1]


def test_ctrl_c_during_the_first_start_leaves_nothing_half_written(fresh: Settings) -> None:
    for moment in (0.6, 2.5, 5.0):
        command = _start_command(fresh)
        time.sleep(moment)
        os.killpg(command.pid, signal.SIGINT)
        command.communicate(timeout=60)
    with PrivateServer(fresh).connect() as graph:
        assert graph.server_version == "5.26.30"
    assert not list((fresh.home / "neo4j").glob("arguments-*"))
