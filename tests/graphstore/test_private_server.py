"""The private server: shared, shut off from the file system and the network, carried in dumps."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from graphstore.errors import ConnectionLostError, ServerError
from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]


@pytest.fixture
def server(graph: Graph, settings: Settings) -> Iterator[PrivateServer]:
    """The running server of this test run, emptied; running again afterwards."""
    server = PrivateServer(settings)
    yield server
    server.connect().close()


def _process(server: PrivateServer) -> psutil.Process:
    return psutil.Process(server.status().pid)


def _numbers(server: PrivateServer) -> list[int]:
    with server.connect() as graph:
        return [row["number"] for row in graph.read("list_probes")]


def test_who_comes_second_joins(server: PrivateServer, settings: Settings) -> None:
    before = server.status()
    with PrivateServer(settings).connect() as one, PrivateServer(settings).connect() as two:
        assert one.uri == two.uri == before.uri
    assert server.status().pid == before.pid


def test_status_tells_what_a_tool_of_ones_own_needs(server: PrivateServer, settings: Settings) -> None:
    status = server.status()
    assert status.running
    assert status.uri is not None
    assert status.version == "5.26.30"
    assert status.data.is_relative_to(settings.home)
    assert status.size > 0
    password = status.password_file.read_text(encoding="utf-8")
    with Graph(status.uri, status.user, password) as graph:
        assert graph.server_version == status.version


def test_status_starts_nothing(tmp_path: Path, settings: Settings) -> None:
    status = PrivateServer(replace(settings, home=tmp_path / "home")).status()
    assert (status.running, status.uri, status.pid, status.size) == (False, None, None, 0)
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_the_password(server: PrivateServer) -> None:
    file = server.status().password_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert len(server.password()) >= 32


def test_the_password_stands_in_no_command_line_and_no_other_file(server: PrivateServer) -> None:
    password = server.password()
    assert password not in " ".join(_process(server).cmdline())
    home = server.status().password_file.parent
    others = [path for path in home.rglob("*") if path.is_file() and path != server.status().password_file]
    assert others
    assert [path for path in others if password.encode() in path.read_bytes()] == []


def test_it_listens_on_loopback_only(server: PrivateServer) -> None:
    listening = [c.laddr for c in _process(server).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    assert len(listening) == 1


def test_a_signal_to_the_commands_group_does_not_reach_it(server: PrivateServer) -> None:
    pid = _process(server).pid
    assert os.getsid(pid) == pid != os.getsid(0)


def test_stop_waits_for_the_end_and_says_whether_it_ran(server: PrivateServer) -> None:
    process, before = _process(server), server.status()
    assert server.stop() is True
    assert not process.is_running()
    assert server.stop() is False
    assert not server.status().running
    with server.connect() as graph:
        assert graph.uri == before.uri


def test_a_password_file_that_was_changed_is_said(server: PrivateServer) -> None:
    file, password = server.status().password_file, server.password()
    file.write_text("changed", encoding="utf-8")
    try:
        with pytest.raises(ServerError, match=r"refused the password in .*password: put back"):
            server.connect()
    finally:
        file.write_text(password, encoding="utf-8")


def test_a_lost_password_file_is_said_and_the_data_are_left_alone(server: PrivateServer) -> None:
    server.stop()
    file, password = server.status().password_file, server.password()
    file.unlink()
    try:
        with pytest.raises(ServerError, match="password is gone, and the data in"):
            server.connect()
        with pytest.raises(ServerError, match="password cannot be read"):
            server.password()
    finally:
        file.write_text(password, encoding="utf-8")
    assert server.status().size > 0


def test_a_wrong_file_leaves_the_graph_as_it_is(server: PrivateServer, graph: Graph, tmp_path: Path) -> None:
    graph.write("make_probes", count=2)
    whole = tmp_path / "whole.dump"
    server.dump(whole)
    pid = server.status().pid
    for content in (b"no dump", b"", whole.read_bytes()[: whole.stat().st_size // 2]):
        wrong = tmp_path / "wrong.dump"
        wrong.write_bytes(content)
        with pytest.raises(ServerError, match=r"wrong\.dump cannot be read as a dump.*your graph is as it was"):
            server.load(wrong)
    assert server.status().pid == pid
    assert _numbers(server) == [1, 2]


def test_a_dump_that_does_not_start_is_taken_back(
    server: PrivateServer, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.dump(tmp_path / "empty.dump")
    graph.write("make_probes", count=2)

    def refuse(self: PrivateServer) -> Graph:
        raise ConnectionLostError("the database is unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(PrivateServer, "_connect", refuse)
        with pytest.raises(ServerError, match=r"cannot use what .* holds: your graph is as it was"):
            server.load(tmp_path / "empty.dump")
    assert _numbers(server) == [1, 2]


def test_files_that_cannot_be_used_are_refused_before_anything_stops(server: PrivateServer, tmp_path: Path) -> None:
    pid = server.status().pid
    there = tmp_path / "there.dump"
    there.write_bytes(b"precious")
    with pytest.raises(ServerError, match=r"there\.dump exists already: .*--force"):
        server.dump(there)
    with pytest.raises(ServerError, match=r"the folder .*nowhere does not exist"):
        server.dump(tmp_path / "nowhere" / "a.dump")
    with pytest.raises(ServerError, match=r"missing\.dump is no file"):
        server.load(tmp_path / "missing.dump")
    assert server.status().pid == pid
    assert there.read_bytes() == b"precious"


def test_a_full_disk_is_said_before_a_start(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=12_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(ServerError, match="has 12 MB left, too little for Neo4j: make room"):
        PrivateServer(replace(settings, home=tmp_path / "home")).connect()


def test_a_home_that_cannot_be_a_folder_is_said(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServerError, match=r"cannot use .*TELLGRAPH_HOME"):
        PrivateServer(replace(settings, home=tmp_path / "file" / "home")).connect()
