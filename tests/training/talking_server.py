"""A real HTTP server on loopback that plays the endpoint of a language model, well-behaved or not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server sends back. status 0: it closes the connection without a word."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def said(content: Any) -> Reply:
    """A chat completion with this content."""
    return Reply(json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


def refused(status: int, message: str = "No.", **headers: str) -> Reply:
    """An error in the form of the OpenAI API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps({"error": {"message": message}}).encode(), status, named)


@dataclass
class TalkingServer:
    """Answers by `reply`, which is given the body of a request, and keeps what it was asked.

    closing: set when the server goes, so that a reply which waits may end.
    """

    address: str
    reply: Callable[[dict[str, Any]], Reply]
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def hang(self, body: dict[str, Any]) -> Reply:
        """The reply of a server that never answers."""
        self.closing.wait()
        return said("too late")

    def items(self) -> list[dict[str, Any]]:
        """The items that it was told of, in the order of the requests."""
        return [item_of(body) for body in self.bodies]


def item_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The item that a request tells of."""
    told: dict[str, Any] = json.loads(body["messages"][1]["content"])
    return told


def by_title(body: Mapping[str, Any]) -> Reply:
    """A description that names the item."""
    return said(f"{item_of(body)['title']} is about something.")


@contextmanager
def talking_server(reply: Callable[[dict[str, Any]], Reply] = by_title) -> Iterator[TalkingServer]:
    """A server that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.paths.append(self.path)
            server.keys.append(self.headers["Authorization"])
            server.bodies.append(body)
            answer = server.reply(body)
            if not answer.status:
                return
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever asked may have gone."""

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        server = TalkingServer(f"http://127.0.0.1:{listening.server_port}/v1", reply)
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            listening.shutdown()
            thread.join()
