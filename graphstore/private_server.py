"""The private Neo4j: fetched, started and shared by every command that finds no NEO4J_URI.

    connect ── lock ── find_server ── spawn_server ── wait_until_open ── Graph
    stop, dump, load, replace_graph ── lock ── end_server ── neo4j-admin

One lock file per home makes two commands at once share one server: whoever comes second finds it running.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from neo4j.exceptions import AuthError

from graphstore.connection import Graph
from graphstore.errors import ConnectionLostError, GraphStoreError, ServerError
from graphstore.import_files import ImportFiles
from graphstore.jars import pinned_release
from graphstore.server_home import ServerHome
from graphstore.server_process import ServerState, end_server, find_server, spawn_server, wait_until_open
from graphstore.server_transfer import (
    confirm_data,
    dump_data,
    import_files,
    install_data,
    restore_data,
    unpack_dump,
)
from graphstore.settings import Settings

__all__ = ["PrivateServer", "ServerStatus"]

_LOCK_SECONDS = 600
_DATABASE = "neo4j"
_USER = "neo4j"


@dataclass(frozen=True)
class ServerStatus:
    """What `tellgraph neo4j status` shows. `uri` and `pid` are None when the server is not running.

    size: bytes of the data folder.
    """

    running: bool
    uri: str | None
    pid: int | None
    version: str
    user: str
    password_file: Path
    data: Path
    size: int


class PrivateServer:
    """The private server of one TELLGRAPH_HOME. Nothing runs until `connect`."""

    def __init__(self, settings: Settings) -> None:
        self._home = ServerHome(settings)

    def connect(self) -> Graph:
        """Join the running server or start it. Raises ServerError, ConnectionLostError."""
        with self._locked():
            return self._connect()

    def stop(self) -> bool:
        """Stop the server and wait for its end. False when it was not running. Raises ServerError."""
        with self._locked():
            return self._stop()

    def status(self) -> ServerStatus:
        """How things stand, without starting anything."""
        state = find_server(self._home)
        files = [path for path in self._home.data.rglob("*") if path.is_file()]
        return ServerStatus(
            running=state is not None,
            uri=_uri(state) if state else None,
            pid=state.pid if state else None,
            version=pinned_release().version,
            user=_USER,
            password_file=self._home.password_file,
            data=self._home.data,
            size=sum(path.stat().st_size for path in files),
        )

    def password(self) -> str:
        """The generated password. Raises ServerError when there is none yet."""
        return self._home.password()

    def dump(self, file: Path, force: bool = False) -> None:
        """Write the whole graph into `file`, whole or not at all; a running server pauses for it.

        Raises ServerError when `file` exists and `force` is not given, and when neo4j-admin fails.
        """
        if file.exists() and not force:
            raise ServerError(f"{file} exists already: name another file, or add --force to replace it.")
        if not file.absolute().parent.is_dir():
            raise ServerError(f"{file} cannot be written: the folder {file.parent} does not exist.")
        with self._locked(), self._paused():
            dump_data(self._home, file)

    def load(self, file: Path) -> None:
        """Replace the graph by the one in `file`, a dump; a running server pauses for it.

        The present data come back when `file` cannot be read or the server does not answer with what it
        holds: then ServerError is raised.
        """
        if not file.is_file():
            raise ServerError(f"{file} is no file: name a dump that `tellgraph neo4j dump` wrote.")
        with self._locked(), unpack_dump(self._home, file) as new:
            self._replace_data(new, str(file), lambda _: None)

    def replace_graph(
        self, files: ImportFiles, check: Callable[[Graph], None], finish: Callable[[Graph], None]
    ) -> None:
        """Replace the graph by the one in `files`; a running server pauses for it.

        check: raises when the present graph must stay; it is asked when the new one is ready.
        finish: makes what the files cannot hold. When it raises, or the server does not answer, the present data
            come back.
        Raises ServerError when neo4j-admin refuses the files, and what `check` and `finish` raise.
        """
        with self._locked(), import_files(self._home, files) as new:
            with self._connect() as graph:
                check(graph)
            self._replace_data(new, "the import", finish)

    def _replace_data(self, new: Path, origin: str, finish: Callable[[Graph], None]) -> None:
        with self._paused():
            install_data(self._home, new)
            try:
                with self._connect() as graph:
                    finish(graph)
            except BaseException as error:
                self._take_back_load()
                if not isinstance(error, GraphStoreError):
                    raise
                version = pinned_release().version
                raise ServerError(
                    f"Neo4j {version} cannot use what {origin} holds: your graph is as it was. {error}"
                ) from error
            confirm_data(self._home)

    def _connect(self) -> Graph:
        state = find_server(self._home)
        if state is None:
            print("Starting the private Neo4j (usually 5 to 20 seconds) …", file=sys.stderr)
            state = spawn_server(self._home)
        wait_until_open(state, self._home)
        try:
            return Graph(_uri(state), _USER, self._home.password(), _DATABASE)
        except ConnectionLostError as error:
            if not isinstance(error.__cause__, AuthError):
                raise
            raise ServerError(
                f"The private Neo4j refused the password in {self._home.password_file}: put back the "
                "one that was generated for it."
            ) from error

    def _stop(self) -> bool:
        state = find_server(self._home)
        if state is not None:
            end_server(state, self._home)
        return state is not None

    def _take_back_load(self) -> None:
        self._stop()
        restore_data(self._home)

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Data at rest: made when there are none, stopped in good order. A server that ran runs again."""
        ran = find_server(self._home) is not None
        if not ran and (self._home.state_file.exists() or not self._home.data.exists()):
            # It died and the store wants recovery, or it was never there: one start settles both.
            self._connect().close()
        self._stop()
        try:
            yield
        finally:
            if ran and find_server(self._home) is None:
                spawn_server(self._home)
        if ran:
            self._connect().close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the home's lock; turn what the file system says into one sentence."""
        folder = self._home.folder
        try:
            self._home.make_folders()
            with FileLock(self._home.lock_file, timeout=_LOCK_SECONDS):
                if self._home.data_before.exists():
                    self._take_back_load()
                yield
        except Timeout as error:
            raise ServerError(
                f"Another command has held {self._home.lock_file} for {_LOCK_SECONDS} s: wait or end it."
            ) from error
        except OSError as error:
            raise ServerError(
                f"The private Neo4j cannot use {folder}: {error}. Make room or set TELLGRAPH_HOME elsewhere."
            ) from error


def _uri(state: ServerState) -> str:
    return f"bolt://127.0.0.1:{state.port}"
