"""The private Neo4j as a process: spawned, recognised again by a later command, waited for, ended.

A state file holds the process number, the moment at which that process began and its port. The moment tells a
server from another program that was given its number after a reboot.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from dataclasses import asdict, dataclass

import psutil

from graphstore.errors import ServerError
from graphstore.server_home import ServerHome, write_aside

__all__ = ["ServerState", "end_server", "find_server", "spawn_server", "wait_until_open"]

_START_SECONDS = 300
_STOP_SECONDS = 30


@dataclass(frozen=True)
class ServerState:
    """A running server: process number, when it began (seconds since 1970), port on 127.0.0.1."""

    pid: int
    began: float
    port: int

    def process(self) -> psutil.Process | None:
        """The process, or None when it has ended or its number belongs to another."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.began) < 1.0
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def find_server(home: ServerHome) -> ServerState | None:
    """The server that runs on this home, or None; a state file that is stale or unreadable counts as none."""
    try:
        state = ServerState(**json.loads(home.state_file.read_text(encoding="utf-8")))
        return state if state.process() else None
    except (OSError, ValueError, TypeError):
        return None


def spawn_server(home: ServerHome) -> ServerState:
    """Start a server on this home and note it in the state file. The caller holds the home's lock."""
    for orphan in _orphans(home):
        _end(orphan)
    port = _choose_port(home)
    home.prepare(port)
    command = home.server_command()
    with home.console_log.open("w", encoding="utf-8") as log:
        # A session of its own: Ctrl-C in the terminal ends the command and not the server.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        # Somebody has to take the exit status, or a server that died would still look like a process.
        threading.Thread(target=child.wait, daemon=True).start()
        state = ServerState(child.pid, psutil.Process(child.pid).create_time(), port)
        write_aside(home.state_file, json.dumps(asdict(state)))
    except BaseException:
        child.kill()
        raise
    return state


def wait_until_open(state: ServerState, home: ServerHome) -> None:
    """Wait until the server takes connections. Raises ServerError when it ends or is too slow."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if _is_open(state.port):
            return
        if state.process() is None:
            raise ServerError(f"The private Neo4j ended while it started: {_last_words(home)}")
        time.sleep(0.1)
    raise ServerError(
        f"The private Neo4j did not answer within {_START_SECONDS} s: look into {home.console_log}, or stop "
        "it with `tellgraph neo4j stop` and try again."
    )


def end_server(state: ServerState, home: ServerHome) -> None:
    """Stop the server and wait for its end, by force when it does not obey.

    The state file goes when it ended in good order; one that stays says that the store wants recovery.
    """
    process = state.process()
    if process is None or _end(process):
        home.state_file.unlink(missing_ok=True)


def _end(process: psutil.Process) -> bool:
    """Ask a process to end, and kill it when it has not after half a minute; True when it obeyed."""
    try:
        process.terminate()
        process.wait(_STOP_SECONDS)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(_STOP_SECONDS)
        return False
    return True


def _orphans(home: ServerHome) -> list[psutil.Process]:
    """Servers on this home that no state file knows, because it was deleted: they would hold the store."""
    argument = f"--home-dir={home.folder}"
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if argument in (process.info["cmdline"] or ())]


def _choose_port(home: ServerHome) -> int:
    """The port of the last start when it is free, so that open connections and bookmarks stay good."""
    try:
        last = int(home.port_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", last))
        except (OSError, OverflowError):
            probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    home.make_folders()
    write_aside(home.port_file, str(port))
    return port


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _last_words(home: ServerHome) -> str:
    lines = home.console_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    telling = [line for line in lines if "ERROR" in line or "Caused by" in line] or lines or ["it said nothing."]
    return f"{telling[-1].strip()} (all of it is in {home.console_log})"
