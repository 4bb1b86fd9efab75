"""A connection to a Neo4j 5: named queries in, plain dictionaries out, the driver's errors translated.

A read runs in a READ transaction, which the server itself holds to; a write in a managed transaction, which
the driver repeats when the server asks for it. `Graph.ask` is the door for people: a read with an end to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

import neo4j
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError, TransientError

from graphstore.errors import ConnectionLostError, QueryError
from graphstore.queries import Mode, Query, load_query

__all__ = ["Answer", "Graph", "Made", "ReadLimits"]

Reading = TypeVar("Reading")

# What fails in the end is said by an error of ours. The driver's words on the way there would go to standard error,
# if nobody else had asked for them.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_CONNECT_SECONDS = 10
# How long the driver repeats a transaction that met a dropped connection or a locked node. A person who waits
# for an answer of a server that is down waits this long.
_RETRY_SECONDS = 10
# How often a reading is repeated that a build of edges, or a deletion, overtook.
_STEADY_TRIES = 5
_LONGEST_MESSAGE = 300  # the server may repeat a whole vector or text that it was given
# The server looks about every two seconds for transactions whose time is over.
_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"


@dataclass(frozen=True)
class Made:
    """What a write created, counted by the server."""

    nodes: int
    relationships: int


@dataclass(frozen=True)
class ReadLimits:
    """Where a read ends that a person asked for.

    seconds: how long the server may work on it, a day at most.
    rows: how many are taken; the rest is never sent.

    Raises ValueError for limits that let nothing through.
    """

    seconds: float = 30.0
    rows: int = 10_000

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= 86_400 or self.rows < 1:  # said so that it holds for no number as well
            raise ValueError(
                f"A read needs more than 0 seconds, a day at most, and at least one row: not {self.seconds:g} seconds "
                f"and {self.rows} rows."
            )


@dataclass(frozen=True)
class Answer:
    """The rows of a read, and whether there were more than its limits let through."""

    rows: list[dict[str, Any]]
    cut: bool


class Graph:
    """An open graph; close it, or use it as a context manager. Threads may share it."""

    def __init__(self, uri: str, user: str, password: str | None, database: str = "neo4j") -> None:
        """Connect and ask for the server's version.

        uri: bolt:// or neo4j:// with or without +s. password: None when the server asks for none.
        Raises ConnectionLostError when nothing answers, the password is refused or it is no Neo4j 5.
        """
        self.uri = uri
        self._database = database
        with _translated(uri):
            self._driver = neo4j.GraphDatabase.driver(
                uri,
                auth=None if password is None else (user, password),
                connection_timeout=_CONNECT_SECONDS,
                connection_acquisition_timeout=_CONNECT_SECONDS,
                max_transaction_retry_time=_RETRY_SECONDS,
                # An empty graph lacks labels that queries name; an index that is there already is no news; the
                # export's id() is deprecated and, within its one statement, exact and far shorter than elementId().
                notifications_disabled_classifications=["UNRECOGNIZED", "SCHEMA", "DEPRECATION"],
            )
        try:
            self.server_version = self._checked_version()
        except BaseException:
            self._driver.close()
            raise

    def read(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of the named read query. Raises QueryError, ConnectionLostError."""
        query = _of_mode(name, "read")
        return self._run(query, query.bind(parameters), neo4j.READ_ACCESS)

    def ask(self, name: str, parameters: Mapping[str, Any], limits: ReadLimits | None = None) -> Answer:
        """The rows of the named read query, as many and for as long as `limits` say.

        Raises QueryError, also when the time is over, and ConnectionLostError.
        """
        limits = limits or ReadLimits()
        query = _of_mode(name, "read")
        bound = query.bind(parameters)

        @neo4j.unit_of_work(timeout=limits.seconds)
        def work(transaction: neo4j.ManagedTransaction) -> list[dict[str, Any]]:
            return [record.data() for record in islice(transaction.run(query.text, bound), limits.rows + 1)]

        with _translated(self.uri, query.name), self._driver.session(database=self._database) as session:
            rows = session.execute_read(work)
        return Answer(rows[: limits.rows], cut=len(rows) > limits.rows)

    def write(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of the named write query, once it is committed. Raises QueryError, ConnectionLostError."""
        query = _of_mode(name, "write")
        return self._run(query, query.bind(parameters), neo4j.WRITE_ACCESS)

    def make(self, name: str, /, **parameters: Any) -> Made:
        """Run the named write query, and say what it created. Raises QueryError, ConnectionLostError."""
        query = _of_mode(name, "write")
        bound = query.bind(parameters)

        def work(transaction: neo4j.ManagedTransaction) -> Made:
            counters = transaction.run(query.text, bound).consume().counters
            return Made(counters.nodes_created, counters.relationships_created)

        with _translated(self.uri, query.name), self._driver.session(database=self._database) as session:
            return session.execute_write(work)

    def build_number(self) -> int:
        """How many builds of edges are finished; 0 for an empty graph. Raises QueryError, ConnectionLostError."""
        return self.read("graph_state")[0]["build"] or 0

    def steady(self, work: Callable[[], Reading]) -> Reading:
        """What `work` reads while no build of edges is finished and no node deleted: else it is done again.

        Raises QueryError when that happened again and again.
        """
        for _ in range(_STEADY_TRIES):
            before = self._moment()
            answer = work()
            if self._moment() == before:
                return answer
        raise QueryError(
            f"Edges were rebuilt or nodes deleted {_STEADY_TRIES} times while the graph was read: try again when that "
            "is over."
        )

    def stream(self, name: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The rows of the named read query as they arrive. Raises QueryError, ConnectionLostError.

        Nothing is repeated when the connection drops half-way, since rows were given out already.
        """
        query = _of_mode(name, "read")
        bound = query.bind(parameters)
        return self._stream(query, bound)

    def close(self) -> None:
        """Close the connection. The server goes on."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, query: Query, bound: dict[str, Any], access: str) -> list[dict[str, Any]]:
        def work(transaction: neo4j.ManagedTransaction) -> list[dict[str, Any]]:
            return [record.data() for record in transaction.run(query.text, bound)]

        with _translated(self.uri, query.name), self._driver.session(database=self._database) as session:
            execute = session.execute_read if access == neo4j.READ_ACCESS else session.execute_write
            return execute(work)

    def _stream(self, query: Query, bound: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with (
            _translated(self.uri, query.name),
            self._driver.session(database=self._database, default_access_mode=neo4j.READ_ACCESS) as session,
            session.begin_transaction() as transaction,
        ):
            result = transaction.run(query.text, bound)
            names = result.keys()
            for values in result:
                # Not record.data(), which calls a Python function for each element of a list.
                yield dict(zip(names, values, strict=True))

    def _moment(self) -> tuple[Any, Any]:
        state = self.read("graph_state")[0]
        return state["build"], state["removals"]

    def _checked_version(self) -> str:
        with _translated(self.uri):
            # Fails at once where nobody listens; a transaction would be repeated for a while.
            self._driver.verify_connectivity()
        version = str(self.read("server_version")[0]["version"])
        if not version.startswith("5."):
            raise ConnectionLostError(f"The server at {self.uri} is Neo4j {version}; Tellgraph needs Neo4j 5.")
        return version


def _of_mode(name: str, mode: Mode) -> Query:
    query = load_query(name)
    if query.mode != mode:
        raise QueryError(f"Query {name!r} is a {query.mode} query and cannot run as a {mode}.")
    return query


@contextmanager
def _translated(uri: str, query_name: str = "") -> Iterator[None]:
    """Turn the driver's errors into Tellgraph's."""
    try:
        yield
    except AuthError as error:
        raise ConnectionLostError(
            f"The Neo4j at {uri} refused the user or password: check NEO4J_USER and NEO4J_PASSWORD."
        ) from error
    except ConfigurationError as error:
        raise ConnectionLostError(f"{uri} cannot be used as the address of a Neo4j: {error}") from error
    except (DriverError, TransientError, OSError) as error:
        raise ConnectionLostError(
            f"The Neo4j at {uri} does not answer. `tellgraph neo4j start` starts the private one; of a server of your "
            f"own see that it runs and that NEO4J_URI is right. The driver says: {_first_line(error)}"
        ) from error
    except (UnicodeEncodeError, OverflowError) as error:
        reason = "a text that is no Unicode" if isinstance(error, UnicodeEncodeError) else "a number of over 64 bits"
        raise QueryError(f"Query {query_name!r} was given {reason}, which Neo4j cannot hold.") from error
    except Neo4jError as error:
        if (error.code or "").startswith(_TIMED_OUT):
            raise QueryError(
                f"Query {query_name!r} took longer than it may and was stopped: ask for less, or give it more time "
                "(`tellgraph query --timeout`)."
            ) from error
        raise QueryError(f"Query {query_name!r} was refused by Neo4j: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    message = error.message if isinstance(error, Neo4jError) and error.message else str(error)
    line = (message.strip() or type(error).__name__).splitlines()[0]
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}…"
