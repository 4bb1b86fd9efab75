"""Opening the graph that the settings name, and giving it its schema."""

from __future__ import annotations

from graphstore.connection import Graph
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings

__all__ = ["Graph", "open_graph", "prepare_schema"]

_SCHEMA = (
    "constraint_entity_uri",
    "constraint_dialogue_id",
    "constraint_turn",
    "constraint_relation_type",
    "index_entity_names",
)


def open_graph(settings: Settings | None = None) -> Graph:
    """The graph at NEO4J_URI, or else of the private server, which is started when it is not running.

    The private server goes on after the command, so that the next one does not wait: `tellgraph neo4j stop`
    ends it. Raises SettingsError, ServerError, ConnectionLostError.
    """
    settings = settings or Settings.from_environment()
    if settings.neo4j_uri is not None:
        return Graph(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database)
    return PrivateServer(settings).connect()


def prepare_schema(graph: Graph) -> None:
    """Make the constraints and the full-text index that are not there yet, and wait for them."""
    for name in _SCHEMA:
        graph.write(name)
    graph.read("await_indexes")
