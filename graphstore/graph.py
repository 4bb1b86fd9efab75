"""Opening the graph that the settings name."""

from __future__ import annotations

from graphstore.connection import Graph
from graphstore.private_server import PrivateServer
from graphstore.schema import check_schema
from graphstore.settings import Settings

__all__ = ["Graph", "connect", "open_graph"]


def open_graph(settings: Settings | None = None) -> Graph:
    """The graph at NEO4J_URI, or else of the private server, which is started when it is not running.

    The private server goes on after the command, so that the next one does not wait: `tellgraph neo4j stop`
    ends it. Raises SettingsError, ServerError, ConnectionLostError, and SchemaError for a graph of another
    Tellgraph.
    """
    graph = connect(settings)
    try:
        check_schema(graph)
    except BaseException:
        graph.close()
        raise
    return graph


def connect(settings: Settings | None = None) -> Graph:
    """As `open_graph`, whatever the graph's schema is."""
    settings = settings or Settings.from_environment()
    if settings.neo4j_uri is not None:
        return Graph(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database)
    return PrivateServer(settings).connect()
