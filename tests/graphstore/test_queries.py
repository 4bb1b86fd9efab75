"""The header of a Cypher file, its parameters, and that every file of the project has a right one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cypher
from graphstore.errors import QueryError
from graphstore.queries import ParameterDoc, Query, all_queries, load_query, parse_query

_FILES = sorted(path.stem for path in Path(cypher.__file__).parent.glob("*.cypher"))

_SOURCE = """\
// purpose: Items that share facts with one item,
//   most shared first
// about: A film and
//   its remake share most.
// parameters: uri (string), limit (integer, default 10), types (list of strings, default ["A", "B"])
// returns: uri, title, shared (facts that both have,
//   in either direction)
// mode: read
MATCH (item {uri: $uri})
// a comment inside stays
RETURN item.uri AS uri LIMIT $limit;
"""


def test_a_header_is_read_whole() -> None:
    assert parse_query("shared", _SOURCE) == Query(
        name="shared",
        text="MATCH (item {uri: $uri})\n// a comment inside stays\nRETURN item.uri AS uri LIMIT $limit",
        mode="read",
        purpose="Items that share facts with one item, most shared first",
        parameters={
            "uri": ParameterDoc("uri", "string", required=True),
            "limit": ParameterDoc("limit", "integer", required=False, default=10),
            "types": ParameterDoc("types", "list of strings", required=False, default=["A", "B"]),
        },
        columns={"uri": "", "title": "", "shared": "facts that both have, in either direction"},
        internal=False,
        about="A film and its remake share most.",
    )


def test_defaults_are_filled_in_and_can_be_overridden() -> None:
    query = parse_query("shared", _SOURCE)
    assert query.bind({"uri": "u"}) == {"uri": "u", "limit": 10, "types": ["A", "B"]}
    assert query.bind({"uri": "u", "limit": 3})["limit"] == 3


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(QueryError, match="'shared' needs the parameter 'uri'"):
        parse_query("shared", _SOURCE).bind({"limit": 1})


def test_an_unknown_parameter_is_named_beside_the_known_ones() -> None:
    with pytest.raises(QueryError, match="no parameter 'url'; it takes: uri, limit, types"):
        parse_query("shared", _SOURCE).bind({"url": "u"})


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("// purpose: p\nRETURN 1", "mode"),
        ("// purpose: p\n// mode: delete\nRETURN 1", "'delete'"),
        ("// mode: read\nRETURN 1", "purpose"),
        ("// purpose: p\n// mode: read\n", "statement"),
        ("// what is this\n// mode: read\nRETURN 1", "opens with another word"),
        ("// purpose: p\n// return: uri\n// mode: read\nRETURN 1", "`// return: uri` opens with another word"),
        ("// purpose: p\n// purpose: q\n// mode: read\nRETURN 1", "`// purpose:` stands there twice"),
        ("// purpose: p\n// mode: read\n// internal: yes\nRETURN 1", "'yes'"),
        ("// purpose: p\n// mode: read\n// returns: uri title\nRETURN 1", "the columns from 'uri title'"),
        ("// purpose: p\n// mode: read\n// returns: uri, uri\nRETURN 1", "the columns from 'uri'"),
        ("// purpose: p\n// mode: read\n// parameters: k (int)\nRETURN 1", "'k' is a 'int'"),
        ("// purpose: p\n// mode: read\n// parameters: uri string\nRETURN 1", "uri string"),
        (
            "// purpose: p\n// mode: read\n// parameters: k (integer, default ten)\nRETURN 1",
            "ten is not JSON",
        ),
        ("", "mode"),
    ],
)
def test_a_wrong_header_is_refused_with_the_file_name(source: str, complaint: str) -> None:
    with pytest.raises(QueryError, match=f"cypher/broken.cypher.*{complaint}"):
        parse_query("broken", source)


@pytest.mark.parametrize("name", ["nothing_like_it", "../graphstore/settings", "", "server_version.cypher"])
def test_an_unknown_name_says_where_the_names_are(name: str) -> None:
    with pytest.raises(QueryError, match="tellgraph query --list"):
        load_query(name)


@pytest.mark.parametrize("name", _FILES)
def test_every_file_uses_and_documents_the_same_parameters(name: str) -> None:
    query = load_query(name)
    used = set(re.findall(r"\$`?(\w+)", re.sub(r"//[^\n]*", "", query.text)))
    assert used == set(query.parameters)


@pytest.mark.parametrize("name", _FILES)
def test_every_file_holds_one_statement(name: str) -> None:
    assert ";" not in re.sub(r"'[^']*'|//[^\n]*", "", load_query(name).text)


def test_all_queries_are_the_files() -> None:
    assert [query.name for query in all_queries()] == _FILES
