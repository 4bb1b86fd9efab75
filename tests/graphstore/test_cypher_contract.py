"""Every Cypher file keeps to its contract: the server agrees with its header, and an index serves where one can."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.queries import Query, all_queries
from graphstore.settings import Settings
from graphstore.snapshot_manifest import EDGE_COLUMNS

pytestmark = pytest.mark.database

_FOR_PEOPLE = [query for query in all_queries() if not query.internal]
_PROOFS = [Path(__file__).with_name(f"test_{name}.py") for name in ("cypher_library", "cypher_edges", "graph")]
# Labels of which there are a handful, however large the graph: a scan of one is as good as an index.
_FEW = ("GraphState", "RelationType")
_SCANS = {
    "changed_since": "asks every edge for its build: a property index would need one per relationship type",
    "changes_by_build": "counts everything by build",
    "counts": "counts everything",
    "evidence_popularity": "says how many training dialogues there are",
    "facts_of_relation": "Neo4j 5 has no dynamic type scan, and a type is a parameter here",
    "find_items": "a genre is one of a list's elements, which no index of the Community edition holds",
    "hubs": "compares the degrees of all entities",
    "isolated_items": "looks for what no edge leads to",
    "item_descriptions": "a property index would serve a list that a person looks at now and then",
    "popular_items": "compares the popularity of all items",
    "sources": "counts everything by source",
    "unseen_items": "looks for what no mention leads to",
}
_READS = [query for query in all_queries() if query.mode == "read"]
# Patterns that may meet an edge of a build that is not finished, or one that ended, and why they may.
_AS_THEY_STAND = "counts connections as they stand, which its header says"
_UNASKED = {
    "counts": ({"(source)-[edge]->()"}, _AS_THEY_STAND),
    "edge_counts": (
        {f"(item)-[:{name}]-()" for name in EDGE_COLUMNS} | {f"()-[:{name}]->()" for name in EDGE_COLUMNS},
        "is asked at the end of a build, when no other edges are left",
    ),
    "entities_of_source": ({"(entity)-[fact]-(:Entity)"}, "asks for the types of facts, which are a parameter"),
    "export_relations": ({"(source)-[edge]->(target)"}, "the build is a parameter, the same in many calls"),
    "facts_of_relation": ({"(source)-[fact]->(target)"}, "its one type is a registered one, so a fact's"),
    "hubs": ({"(entity)--()"}, _AS_THEY_STAND),
    "known_facts": ({"(subject)-[:$(fact[1])]->(object)"}, "is asked for facts alone"),
    "link_names": ({"(node)--()"}, "counts connections as they stand, to choose between names and for nothing else"),
    "sources": ({"(:Entity)-[fact]->(:Entity)"}, "only facts have sources"),
    "suggest_entities": ({"(node)--()"}, "counts connections as they stand, for the order of names and nothing else"),
    "unseen_items": ({"(item)--()"}, _AS_THEY_STAND),
    "why_similar": (
        {"(stop)--()", "(middle)--()", "(one)--(two:Entity)", "(two)--(middle:Entity)"}
        | {"(one)--(middle:Entity)", "(middle)--(two:Entity)"},
        f"{_AS_THEY_STAND}; the others only look for ways, whose edges are asked at the end",
    ),
}
_KNOWS = "WITH state.build AS build"
_ASKED = "edge.build <= build < coalesce(edge.ended, 9223372036854775807)"
_SEEN = re.compile(r"\b(\w+)\.build <= build < coalesce\(\1\.ended, 9223372036854775807\)")
_FACTS = re.compile(r"\btype\((\w+)\) IN fact_types")
_OTHER = "HAS_TURN|MENTIONS|INTERACTED|LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF"
_NEVER_COMPUTED = re.compile(rf":({_OTHER})(\|({_OTHER}))*(?: \{{.*\}})?")
_PATTERN = re.compile(
    r"(?P<start>\([^()]*\))(?P<arrow><?-(?:\[(?P<name>\w*)(?P<types>(?:[^\[\]]|\[[^\]]*\])*)\]-|-)>?)(?=(?P<end>\([^()]*\)))"
)


@pytest.fixture(scope="module")
def driver(toy_films: Graph, settings: Settings) -> Iterator[neo4j.Driver]:
    """A driver of the test's own: `Graph` does not tell how the server would run a statement."""
    password = PrivateServer(settings).password()
    with neo4j.GraphDatabase.driver(toy_films.uri, auth=("neo4j", password)) as driver:
        yield driver


@pytest.mark.parametrize("query", _FOR_PEOPLE, ids=lambda query: query.name)
def test_every_query_for_people_is_proved(query: Query) -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in _PROOFS)
    assert query.name in re.findall(r'\.read\(\s*"(\w+)"', text)


@pytest.mark.parametrize("query", all_queries(), ids=lambda query: query.name)
def test_the_server_agrees_with_a_header(driver: neo4j.Driver, query: Query) -> None:
    columns, summary = _explain(driver, query)
    warnings = [status.status_description for status in summary.gql_status_objects if status.is_notification]
    assert query.internal or warnings == []  # the driver would print them above a person's table
    # To the planner a question about the server is no read, though a READ transaction may ask it.
    reads = summary.query_type == "r" or query.name == "server_version"
    assert ("read" if reads else "write") == query.mode
    if query.columns:
        assert columns == list(query.columns)


@pytest.mark.parametrize("query", _FOR_PEOPLE, ids=lambda query: query.name)
def test_an_index_serves_where_one_can(driver: neo4j.Driver, query: Query) -> None:
    plan = _explain(driver, query)[1].plan
    assert plan is not None
    scans = [text for text in _operators(plan) if "Scan" in text and not any(f":{few}" in text for few in _FEW)]
    assert bool(scans) == (query.name in _SCANS), scans
    if query.parameters.keys() & {"uri", "first", "second", "id", "text", "vector"}:
        found = " ".join(_operators(plan))
        assert re.search(r"NodeUniqueIndexSeek|queryNodes", found)


def test_the_shortest_paths_are_never_sought_by_trying_all(driver: neo4j.Driver) -> None:
    (query,) = (query for query in _FOR_PEOPLE if query.name == "shortest_paths")
    plan = _explain(driver, query)[1].plan
    assert plan is not None
    operators = " ".join(_operators(plan))
    assert "ShortestPath" in operators
    assert "VarLengthExpand" not in operators  # what Neo4j falls back to when a condition is on the whole path


@pytest.mark.parametrize("query", _READS, ids=lambda query: query.name)
def test_whoever_reads_computed_edges_asks_for_their_build(query: Query) -> None:
    exempt, _ = _UNASKED.get(query.name, (set(), ""))
    assert set(_unasked(query)) == exempt


@pytest.mark.parametrize(
    ("text", "unasked"),
    [
        ("MATCH (a)-[edge]-(b) RETURN edge", ["(a)-[edge]-(b)"]),
        ("MATCH (a)-->(b)<-[:TEXT_SIMILAR]-(c) RETURN c", ["(a)-->(b)", "(b)<-[:TEXT_SIMILAR]-(c)"]),
        ("MATCH (a)-[*..3]-(b) RETURN b", ["(a)-[*..3]-(b)"]),
        ("MATCH (a)-[:$($types[0])]-(b) RETURN b", ["(a)-[:$($types[0])]-(b)"]),
        ("MATCH (a)<-[:MENTIONS|INTERACTED]-(b)-[:HAS_TURN]->(c) RETURN c", []),
        (f"MATCH (a)-[edge]-(b) WHERE {_ASKED} RETURN b", ["(a)-[edge]-(b)"]),
        (f"{_KNOWS}\nMATCH (a)-[edge]-(b) WHERE {_ASKED} RETURN b", []),
        (f"{_KNOWS}\nMATCH (a)-[edge]-(b)\nMATCH (b)-[edge]-(c) WHERE {_ASKED} RETURN b", ["(b)-[edge]-(c)"]),
        (f"{_KNOWS}\nMATCH (a)-[edges*]-(b) WHERE all(edge IN edges WHERE {_ASKED}) RETURN b", []),
        (f"{_KNOWS}\nMATCH (a)-[edges*]-(b) WHERE any(edge IN edges WHERE {_ASKED}) RETURN b", ["(a)-[edges*]-(b)"]),
    ],
)
def test_what_asks_for_no_build_is_found(text: str, unasked: list[str]) -> None:
    assert _unasked(Query("made_up", text, "read", "", {}, {})) == unasked


def _unasked(query: Query) -> list[str]:
    """The patterns that may meet a computed edge and that no condition on a build belongs to.

    A pattern of one edge needs a condition of its own on the edge's name; one of many, or a path, a condition on all
    of its edges. Where the condition stands, and what else it is tied to, the text does not tell.
    """
    text = re.sub(r"//.*", "", query.text)
    asked = Counter(_FACTS.findall(text))
    if _KNOWS in text:
        asked += Counter(_SEEN.findall(text))
    lists = {many: one for one, many in re.findall(r"\ball\((\w+) IN (\w+) WHERE", text) if asked[one]}
    lists |= {path: lists[many] for path, many in re.findall(r"relationships\((\w+)\) AS (\w+)", text) if many in lists}
    unasked = []
    for match in _PATTERN.finditer(text):
        path = re.match(r"MATCH (\w+) = ", text[text.rfind("MATCH", 0, match.start()) :])
        name = match["name"] or ""
        if _NEVER_COMPUTED.fullmatch(match["types"] or "") or name in lists or (path and path[1] in lists):
            continue
        if asked[name]:
            asked[name] -= 1
        else:
            unasked.append(f"{match['start']}{match['arrow']}{match['end']}")
    return unasked


def _explain(driver: neo4j.Driver, query: Query) -> tuple[list[str], neo4j.ResultSummary]:
    # Only a schema command needs its parameters to be explained.
    given = {"dimensions": 2} if "dimensions" in query.parameters else {}
    with driver.session(notifications_disabled_classifications=["UNRECOGNIZED", "GENERIC", "PERFORMANCE"]) as session:
        result = session.run(neo4j.Query("EXPLAIN " + query.text), given)
        return list(result.keys()), result.consume()


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    """Each operator of a plan with its details."""
    yield f"{plan['operatorType']} {plan['args'].get('Details', '')}"
    for child in plan.get("children", ()):
        yield from _operators(child)
