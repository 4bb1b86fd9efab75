"""The graph: settings, the private Neo4j, named queries, ingest, export.

    from graphstore import open_graph

    with open_graph() as graph:
        print(graph.read("server_version"))

A name is imported when it is first used: a trainer that reads snapshots should not load the driver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphstore.connection import Answer, Graph, ReadLimits
    from graphstore.dialogue_files import read_dialogues
    from graphstore.dialogues import Dialogue, Opinion, Turn
    from graphstore.errors import (
        ConnectionLostError,
        GraphStoreError,
        InputFileError,
        QueryError,
        SchemaError,
        ServerError,
        SettingsError,
        SnapshotError,
    )
    from graphstore.export import export_snapshot
    from graphstore.graph import open_graph
    from graphstore.interaction_files import Interaction, read_interactions
    from graphstore.item_files import Item, read_items
    from graphstore.offline_import import ImportedFile, OfflineImport
    from graphstore.private_server import PrivateServer, ServerStatus
    from graphstore.queries import Query, all_queries, load_query
    from graphstore.rejects import Reject
    from graphstore.relation_type import RelationType
    from graphstore.schema import prepare_schema
    from graphstore.settings import Settings
    from graphstore.snapshot import Snapshot
    from graphstore.triple_files import Triple, read_triples

__all__ = [
    "Answer",
    "ConnectionLostError",
    "Dialogue",
    "Graph",
    "GraphStoreError",
    "ImportedFile",
    "InputFileError",
    "Interaction",
    "Item",
    "OfflineImport",
    "Opinion",
    "PrivateServer",
    "Query",
    "QueryError",
    "ReadLimits",
    "Reject",
    "RelationType",
    "SchemaError",
    "ServerError",
    "ServerStatus",
    "Settings",
    "SettingsError",
    "Snapshot",
    "SnapshotError",
    "Triple",
    "Turn",
    "all_queries",
    "export_snapshot",
    "load_query",
    "open_graph",
    "prepare_schema",
    "read_dialogues",
    "read_interactions",
    "read_items",
    "read_triples",
]

_MODULES = {
    "connection": ("Answer", "Graph", "ReadLimits"),
    "dialogue_files": ("read_dialogues",),
    "dialogues": ("Dialogue", "Opinion", "Turn"),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
    "export": ("export_snapshot",),
    "graph": ("open_graph",),
    "interaction_files": ("Interaction", "read_interactions"),
    "item_files": ("Item", "read_items"),
    "offline_import": ("ImportedFile", "OfflineImport"),
    "private_server": ("PrivateServer", "ServerStatus"),
    "queries": ("Query", "all_queries", "load_query"),
    "rejects": ("Reject",),
    "relation_type": ("RelationType",),
    "schema": ("prepare_schema",),
    "settings": ("Settings",),
    "snapshot": ("Snapshot",),
    "triple_files": ("Triple", "read_triples"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__all__", "__doc__", "__name__"]
