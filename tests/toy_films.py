"""The statements of tests/cypher by name, and the toy graph that one of them makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore import connection
from graphstore.graph import Graph
from graphstore.queries import Query, load_query, parse_query
from graphstore.schema import prepare_schema

__all__ = ["VECTOR_INDEXES", "know_probes", "load_probe", "make_toy_films"]

VECTOR_INDEXES = ("item_text", "turn_context", "turn_recent")

_FOLDER = Path(__file__).parent / "cypher"


def load_probe(name: str) -> Query:
    """The statement of tests/cypher, or else of the library, of that name."""
    file = _FOLDER / f"{name}.cypher"
    return parse_query(name, file.read_text(encoding="utf-8")) if file.exists() else load_query(name)


def know_probes(patch: pytest.MonkeyPatch) -> None:
    """Let every graph run the statements of tests/cypher as well, until the patch is undone."""
    patch.setattr(connection, "load_query", load_probe)


def make_toy_films(graph: Graph) -> None:
    """Empty the graph and fill it with tests/cypher/make_toy_films.cypher, indexes as fresh as the data.

    What an index remembers of deleted nodes would move the scores of a search.
    """
    graph.write("delete_everything")
    for name in ("entity_names", *VECTOR_INDEXES):
        graph.write("drop_index", name=name)
    prepare_schema(graph)
    for name in VECTOR_INDEXES:
        graph.write(f"index_{name}", dimensions=2)
    graph.read("await_indexes")
    with pytest.MonkeyPatch.context() as patch:
        know_probes(patch)
        graph.write("make_toy_films", text="words", image="eyes")
