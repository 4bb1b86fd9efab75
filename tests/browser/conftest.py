"""A real page in a real browser: Chromium, the app as `tellgraph app` starts it, and a Neo4j that can go away."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.ui.conftest import film_folder, film_run, films
from ui.app_command import server_command

__all__ = ["film_folder", "film_run", "films"]

_START_SECONDS = 240
_WAIT_MILLISECONDS = 120_000  # the first page loads torch, the run and the graph; a busy machine takes its time


class Passage:
    """A port through which the real Neo4j is reached, and which can be shut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open = False
        self.port = 0
        self.open()

    def open(self) -> None:
        """Let connections through."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._open = True
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Cut every connection and take no new one."""
        self._open = False
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in self._pairs:
            for end in pair:
                end.close()

    def _accept(self, listener: socket.socket) -> None:
        while self._open:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            pair = (caller, socket.create_connection(self._target))
            self._pairs.append(pair)
            threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(left: socket.socket, right: socket.socket) -> None:
    with selectors.DefaultSelector() as selector, left, right:
        selector.register(left, selectors.EVENT_READ, right)
        selector.register(right, selectors.EVENT_READ, left)
        while True:
            for key, _ in selector.select(0.5):
                try:
                    data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    key.data.sendall(data)
                except OSError:
                    return
                if not data:
                    return
            if left.fileno() < 0 or right.fileno() < 0:
                return


@pytest.fixture(scope="session")
def passage(graph_session: Graph) -> Iterator[Passage]:
    """The way to the test run's Neo4j."""
    address = urlsplit(graph_session.uri)
    assert address.hostname
    assert address.port
    passage = Passage(address.hostname, address.port)
    yield passage
    passage.shut()


@pytest.fixture(scope="module")
def start_app(passage: Passage, settings: Settings) -> Iterator[Callable[[Path], str]]:
    """Starts the app on a run folder and returns its address; every app ends with its module: each holds a gigabyte."""
    running: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {
        "NEO4J_URI": f"bolt://127.0.0.1:{passage.port}",
        "NEO4J_PASSWORD": PrivateServer(settings).password(),
    }

    def start(run: Path) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(server_command(run, port), env=environment, stdout=sys.stderr)
        running.append(server)
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health", server)
        return address

    yield start
    for server in running:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the app ended before it answered"
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"{address} did not answer within {_START_SECONDS} seconds")


@pytest.fixture(scope="module")
def app(films: Graph, film_run: Path, start_app: Callable[[Path], str]) -> str:
    """The address of the app on the film world."""
    return start_app(film_run)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    path = find_chromium()
    assert path, "no Chromium is here: `python -m tests.browser.chromium` finds or installs one"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page of a desktop's width, which has seen no error of a script."""
    errors: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(_WAIT_MILLISECONDS)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(f"dialog: {dialog.message}"))
    yield page
    page.close()
    assert errors == []
