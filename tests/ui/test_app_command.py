"""`tellgraph app` as a process: what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.ui import TELLGRAPH
from ui.app_command import server_command


def test_the_page_is_told_what_the_command_was_told(tmp_path: Path) -> None:
    command = server_command(tmp_path / "one", 8501, runs=tmp_path)
    assert command[command.index("--") + 1 :] == [f"--run={tmp_path / 'one'}", "--words=auto", f"--runs={tmp_path}"]
    assert not any(argument.startswith("--runs") for argument in server_command(tmp_path, 8501))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_the_page_ends_with_the_command(number: signal.Signals, code: int, tmp_path: Path) -> None:
    # A shell lets its background jobs, `make test &` say, ignore Ctrl-C, and their children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    app = subprocess.Popen([*TELLGRAPH, "app", "--run", str(tmp_path)], stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    assert app.stderr is not None
    address = app.stderr.readline().split()[1]
    _wait_for(f"{address}/_stcore/health")
    (server,) = psutil.Process(app.pid).children()
    # Ctrl-C reaches the whole group of a terminal; a `kill` reaches the command alone.
    for process in (app.pid, server.pid) if number == signal.SIGINT else (app.pid,):
        os.kill(process, number)
    _, errors = app.communicate(timeout=60)
    assert app.returncode == code
    assert "Traceback" not in errors
    server.wait(timeout=20)
    assert not server.is_running()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline
            time.sleep(0.2)
