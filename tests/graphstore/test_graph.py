"""The connection on a real server: what it returns, what it refuses, what its errors say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from graphstore.errors import ConnectionLostError, QueryError
from graphstore.graph import Graph, open_graph
from graphstore.private_server import PrivateServer
from graphstore.schema import prepare_schema
from graphstore.settings import Settings

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]


def test_the_version_is_the_pinned_one(graph: Graph) -> None:
    assert graph.server_version == "5.26.30"
    assert graph.read("server_version") == [{"version": "5.26.30", "edition": "community"}]


def test_what_was_written_is_read_and_streamed(graph: Graph) -> None:
    assert graph.write("make_probes", count=2500) == [{"made": 2500}]
    expected = [{"number": number} for number in range(1, 2501)]
    assert graph.read("list_probes") == expected
    rows = graph.stream("list_probes")
    assert next(rows) == {"number": 1}
    assert list(rows) == expected[1:]


def test_a_stream_may_be_left_early(graph: Graph) -> None:
    graph.write("make_probes", count=5000)
    rows = graph.stream("list_probes")
    next(rows)
    del rows
    assert len(graph.read("list_probes")) == 5000


def test_a_query_runs_in_its_own_mode_only(graph: Graph) -> None:
    with pytest.raises(QueryError, match="'make_probes' is a write query and cannot run as a read"):
        graph.read("make_probes", count=1)
    with pytest.raises(QueryError, match="'make_probes' is a write query and cannot run as a read"):
        graph.stream("make_probes", count=1)
    with pytest.raises(QueryError, match="'list_probes' is a read query and cannot run as a write"):
        graph.write("list_probes")


def test_the_server_refuses_a_write_that_calls_itself_a_read(graph: Graph) -> None:
    for call in (graph.read, lambda name: list(graph.stream(name))):
        with pytest.raises(QueryError, match=r"'write_called_read' was refused by Neo4j: .*[Ww]rit"):
            call("write_called_read")
    assert graph.read("list_probes") == []


def test_a_statement_that_cannot_be_read_is_named(graph: Graph) -> None:
    with pytest.raises(QueryError, match=r"'misspelt' was refused by Neo4j: .*RETRUN") as caught:
        graph.read("misspelt")
    assert "\n" not in str(caught.value)


def test_a_query_cannot_read_files(graph: Graph) -> None:
    with pytest.raises(QueryError, match="'read_address' was refused"):
        graph.read("read_address", address="file:///etc/passwd")


def test_a_query_cannot_reach_the_network(graph: Graph) -> None:
    with _listening_http() as (port, visits):
        with pytest.raises(QueryError, match="'read_address' was refused"):
            graph.read("read_address", address=f"http://127.0.0.1:{port}/")
        assert visits == []


def test_the_schema_is_there_once_however_often_it_is_prepared(graph: Graph) -> None:
    prepare_schema(graph)
    names = [row["name"] for row in graph.read("list_schema")]
    assert names == [
        "dialogue_id",
        "entity_names",
        "entity_uri",
        "graph_state_key",
        "relation_type",
        "turn_place",
        "user_id",
        "visitor_id",
    ]


@pytest.mark.parametrize("kind", ["entity", "turn", "dialogue", "relation_type"])
def test_the_schema_allows_no_duplicates(graph: Graph, kind: str) -> None:
    with pytest.raises(QueryError, match="already exists"):
        graph.write(f"duplicate_{kind}")


def test_neo4j_uri_leads_to_that_server(graph: Graph, settings: Settings) -> None:
    own = Settings(
        home=settings.home / "unused",
        cache=settings.cache,
        neo4j_uri=graph.uri,
        neo4j_password=PrivateServer(settings).password(),
    )
    with open_graph(own) as other:
        assert other.server_version == graph.server_version
    assert not own.home.exists()


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_wrong_password_is_said_in_one_sentence(graph: Graph, password: str | None) -> None:
    with pytest.raises(ConnectionLostError, match="refused the user or password: check NEO4J_USER") as caught:
        Graph(graph.uri, "neo4j", password)
    assert "wrong" not in str(caught.value)


def test_an_unknown_database_is_named(graph: Graph, settings: Settings) -> None:
    with pytest.raises((QueryError, ConnectionLostError), match="films"):
        Graph(graph.uri, "neo4j", PrivateServer(settings).password(), "films")


def test_nobody_there_is_said_in_one_sentence() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"bolt://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(ConnectionLostError, match=rf"{uri} does not answer.*NEO4J_URI is right") as caught:
        Graph(uri, "neo4j", "any")
    assert "\n" not in str(caught.value)


def test_something_else_there_is_said_in_one_sentence() -> None:
    with (
        _listening_http() as (port, _),
        pytest.raises(ConnectionLostError, match=f":{port} does not answer"),
    ):
        Graph(f"bolt://127.0.0.1:{port}", "neo4j", "any")


@contextmanager
def _listening_http() -> Iterator[tuple[int, list[str]]]:
    """A web server on loopback, with the paths that it was asked for."""
    visits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, visits
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
