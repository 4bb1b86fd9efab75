"""Hostile names and values: whatever is given to a query, a relation or the command line, nothing is changed by it.

Each comes back as rows or as one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import neo4j
import pytest
from click.testing import CliRunner

from graphstore.errors import GraphStoreError
from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.queries import Query, all_queries, load_query
from graphstore.relation_type import RelationType
from graphstore.settings import Settings
from tests.docs.cypher import EXAMPLES
from ui.query_command import command

HOSTILE = [
    "",
    "'",
    "\\",
    "`",
    "' OR 1=1 //",
    "urn:alien'}) MATCH (n) DETACH DELETE n RETURN 1 AS uri //",
    '"}) DETACH DELETE n /*',
    "DIRECTOR`]->() DETACH DELETE n //",
    "*",
    "$uri",
    "/* comment",
    "; MATCH (n) DETACH DELETE n;",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "\\u0060]->() DETACH DELETE n //",
    "\u2019 \u02bc \uff07",
    "\x00",
    "\r\n\t\x1b[31m",
    "🎬" * 50,
    "x" * 10_000,
    "*:*",
    "name:* AND NOT title:[* TO *]",
    "/.*.*.*.*.*.*.*x/",
    "-1",
    "__import__('os').system('true')",
    "../../graphstore/settings",
    "\udcff",
]
# Where a number or a list is wanted.
_OTHER_TYPES: list[Any] = [None, -1, 2**63 - 1, 2**63, 1.5, True, "1 DETACH DELETE n", ["a"], {"a": 1}]
_FOR_PEOPLE = [query for query in all_queries() if not query.internal]
_PLACES = [
    pytest.param(query, parameter.name, id=f"{query.name}-{parameter.name}")
    for query in _FOR_PEOPLE
    for parameter in query.parameters.values()
]


@pytest.fixture(scope="module")
def unchanged(toy_films: Graph, settings: Settings) -> Iterator[Graph]:
    """The toy films, which have to be the same afterwards, to the last property and index."""
    password = PrivateServer(settings).password()
    with neo4j.GraphDatabase.driver(toy_films.uri, auth=("neo4j", password)) as driver:

        def everything() -> list[str]:
            nodes = driver.execute_query("MATCH (n) RETURN labels(n) AS l, properties(n) AS p", routing_="r").records
            edges = driver.execute_query(
                "MATCH (a)-[e]->(b) RETURN properties(a) AS a, type(e) AS t, properties(e) AS p, properties(b) AS b",
                routing_="r",
            ).records
            schema = driver.execute_query("SHOW INDEXES YIELD name, type, state", routing_="r").records
            return sorted(str(record.data()) for record in (*nodes, *edges, *schema))

        before = everything()
        yield toy_films
        assert everything() == before


@pytest.mark.database
@pytest.mark.parametrize(("query", "name"), _PLACES)
def test_a_parameter_stays_a_value(unchanged: Graph, query: Query, name: str) -> None:
    for value in HOSTILE if query.parameters[name].type == "string" else _OTHER_TYPES:
        said, rows = "", []
        try:
            rows = unchanged.read(query.name, **{**EXAMPLES[query.name], name: value})
        except GraphStoreError as error:
            said = str(error)
        assert "\n" not in said
        assert len(said) < 700
        assert all(row.keys() == query.columns.keys() for row in rows)


@pytest.mark.database
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_the_command_line_answers_or_says_why_not(unchanged: Graph, value: str) -> None:
    for arguments in (
        [value],
        ["entity", "-p", f"uri={value}"],
        ["find_entity", "-p", "text=alien", "-p", f"limit={value}"],
        ["counts", "-p", value],
    ):
        result = CliRunner().invoke(command, [*arguments, "--format", "json"])
        said = str(result.exception) if isinstance(result.exception, GraphStoreError) else result.stderr
        assert result.exit_code in (0, 1, 2)
        assert result.exception is None or isinstance(result.exception, GraphStoreError | SystemExit)
        assert "Traceback" not in said


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_hostile_name_is_a_query(value: str) -> None:
    with pytest.raises(GraphStoreError, match="There is no query"):
        load_query(value)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_relation_type_is_plain_or_refused(value: str) -> None:
    makers: tuple[Callable[[str], RelationType], ...] = (
        lambda name: RelationType(name, "urn:p"),
        RelationType.from_predicate,
    )
    for make in makers:
        try:
            relation = make(value)
        except ValueError:
            continue
        assert relation.name.replace("_", "A").isalnum()
        assert relation.name.isascii()
        assert len(relation.name) <= 100
