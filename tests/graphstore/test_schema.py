"""The schema's version: what is refused, and how a graph of the first release comes to today's."""

from __future__ import annotations

import pytest

from graphstore.errors import SchemaError
from graphstore.graph import Graph
from graphstore.schema import SCHEMA, check_schema, prepare_schema, upgrade_schema

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]


@pytest.fixture
def first_release(graph: Graph) -> Graph:
    """A graph as schema 1 had it: three entities, a fact, an edge of each kind, a dialogue."""
    graph.write("forget_state")
    graph.write("make_schema_1")
    return graph


def test_a_graph_of_the_first_release_is_refused_with_the_way_out(first_release: Graph) -> None:
    with pytest.raises(SchemaError, match=r"schema 1 and this program needs 2: `tellgraph upgrade`"):
        check_schema(first_release)
    with pytest.raises(SchemaError):
        prepare_schema(first_release)


def test_a_newer_graph_is_refused(graph: Graph) -> None:
    graph.write("set_schema", schema=SCHEMA + 1)
    try:
        for use in (check_schema, prepare_schema, lambda graph: upgrade_schema(graph, lambda *_: None)):
            with pytest.raises(SchemaError, match="update Tellgraph"):
                use(graph)
    finally:
        graph.write("set_schema", schema=SCHEMA)


def test_an_upgrade_keeps_everything_and_goes_on_where_it_was_interrupted(first_release: Graph) -> None:
    def interrupt(what: str, done: int) -> None:
        if what == "facts":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upgrade_schema(first_release, interrupt)
    with pytest.raises(SchemaError):
        check_schema(first_release)
    told: dict[str, int] = {}
    assert upgrade_schema(first_release, told.__setitem__) == 1
    assert told == {"edges": 3, "dialogues": 1}  # entities and facts were done
    check_schema(first_release)
    assert upgrade_schema(first_release, told.__setitem__) == SCHEMA
    counts = {row["name"]: row["count"] for row in first_release.read("counts")}
    assert counts == {
        "Entity": 3, "Item": 2, "RelationType": 1, "Turn": 1, "Dialogue": 1,
        "DIRECTOR": 1, "MENTIONS": 2, "HAS_TURN": 1, "CO_MENTIONED": 1, "TEXT_SIMILAR": 1, "IMAGE_SIMILAR": 1,
    }  # fmt: skip
    assert first_release.read("entity", uri="urn:alien")[0]["sources"] == ["films"]
    assert first_release.read("visible_edges", type="CO_MENTIONED")[0]["edges"][0][0] == "urn:aliens"
