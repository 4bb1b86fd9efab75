"""The schema of the graph: constraints, indexes, and the node that says which version of it a graph has.

    1    the first release: one `source` per entity, edges without a build number, no GraphState
    2    GraphState; `sources` on entities and facts; `build` on whatever an export may filter by

A graph of an older schema is refused until `tellgraph upgrade` has brought it here; one of a newer schema is
refused in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphstore.connection import Graph
from graphstore.errors import SchemaError

__all__ = ["SCHEMA", "check_schema", "prepare_schema", "upgrade_schema"]

SCHEMA = 2

_STATEMENTS = (
    "constraint_graph_state",
    "constraint_entity_uri",
    "constraint_dialogue_id",
    "constraint_turn",
    "constraint_relation_type",
    "constraint_user_id",
    "constraint_visitor_id",
    "index_dialogue_change",
    "index_dialogue_source",
    "index_user_source",
    "index_entity_names",
)

Progress = Callable[[str, int], None]
"""Is told (what, how many of it are done)."""


def check_schema(graph: Graph) -> None:
    """Raise SchemaError when the graph's schema is not this program's; an empty graph has any."""
    found = _version(graph)
    if found is not None and found > SCHEMA:
        raise SchemaError(
            f"The graph at {graph.uri} has schema {found} and this program knows {SCHEMA}: update Tellgraph."
        )
    if found is not None and found < SCHEMA:
        raise SchemaError(
            f"The graph at {graph.uri} has schema {found} and this program needs {SCHEMA}: "
            "`tellgraph upgrade` brings it there."
        )


def prepare_schema(graph: Graph) -> None:
    """Make the constraints, indexes and the GraphState that are not there yet, and wait for them.

    Raises SchemaError as `check_schema` does.
    """
    check_schema(graph)
    _make(graph, SCHEMA)


def upgrade_schema(graph: Graph, progress: Progress) -> int:
    """Bring a graph of an older schema to this one, in batches; returns the version that it had.

    Interrupted and run again it goes on where it was. Raises SchemaError for a newer graph.
    """
    found = _version(graph) or SCHEMA
    if found > SCHEMA:
        check_schema(graph)
    if found == 1:
        _make(graph, 1)
        for what, done in _from_1_to_2(graph):
            progress(what, done)
        graph.write("set_schema", schema=2)
    return found


def _from_1_to_2(graph: Graph) -> Iterator[tuple[str, int]]:
    facts = [row["type"] for row in graph.read("relation_types")]
    for what in ("entities", "facts", "edges", "dialogues"):
        parameters = {"facts": facts} if what == "facts" else {}
        done = 0
        while batch := graph.write(f"upgrade_2_{what}", **parameters)[0]["done"]:
            done += batch
            yield what, done


def _make(graph: Graph, version: int) -> None:
    for name in _STATEMENTS:
        graph.write(name)
    graph.write("make_graph_state", schema=version)
    graph.read("await_indexes")


def _version(graph: Graph) -> int | None:
    """The graph's schema; None for an empty one."""
    (state,) = graph.read("graph_state")
    if state["schema"] is None:
        return 1 if state["filled"] else None
    return int(state["schema"])
