"""A line to a server that is cut after so many bytes, as a cable that somebody stumbles over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress


@contextmanager
def cut_line(port: int, after: int) -> Iterator[int]:
    """A port of this machine that leads to `port` until `after` bytes went there; from then on nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        line = _Line(server, port, after)
        threading.Thread(target=line.listen, daemon=True).start()
        yield server.getsockname()[1]
        line.cut()


class _Line:
    def __init__(self, server: socket.socket, port: int, after: int) -> None:
        self._server, self._port, self._left = server, port, after
        self._ends = [server]

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._ends += [near, far]
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def cut(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._left -= len(data) * counted
                if self._left < 0:
                    self.cut()
                target.sendall(data)
