"""What can go wrong between Tellgraph and its graph.

    GraphStoreError
    ├── SettingsError            a setting or an environment variable is unusable
    ├── ServerError              the private Neo4j cannot be fetched, started, stopped, dumped or loaded
    ├── ConnectionLostError      the Neo4j that was asked for does not answer, or refuses the password
    ├── SchemaError              the graph was made by an older or newer Tellgraph
    ├── QueryError               a named query is unknown, misused, or was refused by the server
    ├── InputFileError           a file is missing, empty, truncated or of another kind
    └── SnapshotError            a snapshot is missing, incomplete, tampered with or too new

Every message names the file, line or setting, and the way out.
"""

from __future__ import annotations

__all__ = [
    "ConnectionLostError",
    "GraphStoreError",
    "InputFileError",
    "QueryError",
    "SchemaError",
    "ServerError",
    "SettingsError",
    "SnapshotError",
]


class GraphStoreError(Exception):
    """Base of every error that `graphstore` raises on purpose."""


class SettingsError(GraphStoreError):
    """A setting or an environment variable is unusable."""


class ServerError(GraphStoreError):
    """The private Neo4j cannot be fetched, started, stopped, dumped or loaded."""


class ConnectionLostError(GraphStoreError):
    """The Neo4j that was asked for does not answer, or refuses the password."""


class QueryError(GraphStoreError):
    """A named query is unknown, misused, or was refused by the server."""


class SchemaError(GraphStoreError):
    """The graph was made by an older or newer Tellgraph, whose schema is another."""


class InputFileError(GraphStoreError):
    """A file is missing, empty, truncated or of another kind."""


class SnapshotError(GraphStoreError):
    """A snapshot is missing, incomplete, tampered with or too new."""
