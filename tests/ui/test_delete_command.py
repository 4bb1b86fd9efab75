"""`tellgraph delete` as a person types it, on a real Neo4j."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphstore.errors import QueryError
from graphstore.graph import Graph
from graphstore.visitors import Visitor, silent_visitors
from ui.delete_command import command
from ui.ingest_command import command as ingest

pytestmark = pytest.mark.database


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=answer)


@pytest.fixture
def shop(graph: Graph, tmp_path: Path) -> Graph:
    """Two items of a shop."""
    path = tmp_path / "shop.csv"
    path.write_text("uri,title\nurn:1,One\nurn:2,Two\n")
    assert CliRunner().invoke(ingest, ["items", str(path)]).exit_code == 0
    return graph


def items(graph: Graph) -> list[str]:
    return sorted(row["uri"] for row in graph.read("item_popularity"))


def test_a_source_goes_when_that_is_wanted(shop: Graph) -> None:
    assert "Would delete what only shop brought (2 entities, 2 items)" in run("source", "shop", "--dry-run").stdout
    assert "Nothing was deleted." in run("source", "shop", answer="n\n").stdout
    assert items(shop) == ["urn:1", "urn:2"]
    assert run("source", "shop", answer="y\n").exit_code == 0
    assert items(shop) == []


def test_an_unknown_source_is_told_with_those_there_are(shop: Graph) -> None:
    result = run("source", "shopp", "--yes")
    assert isinstance(result.exception, QueryError)
    assert "nothing of a source 'shopp'. Sources are: shop." in str(result.exception)


def test_one_item_goes_and_an_unknown_one_stops_everything(shop: Graph) -> None:
    result = run("item", "urn:1", "urn:nobody", "--yes")
    assert "The graph has no urn:nobody, so nothing was deleted" in str(result.exception)
    assert items(shop) == ["urn:1", "urn:2"]
    assert json.loads(run("item", "urn:1", "--yes", "--json").stdout) == {"deleted": True, "entities": 1}
    assert items(shop) == ["urn:2"]
    assert run("item", "urn:2", "--json").exit_code == 2


def test_visitors_who_fell_silent_are_forgotten(shop: Graph) -> None:
    visitor = Visitor()
    visitor.say(shop, "LIKED", "urn:1")
    assert "Would delete 0 visitors" in run("visitors", "--dry-run").stdout
    assert run("visitors", "--days", "1", "--yes").exit_code == 0
    assert visitor.facts(shop) != []  # has just spoken
    assert silent_visitors(shop, -1) == [visitor]
    shop.write("merge_feedback", visitor="old", kind="SEEN", uri="urn:2", at=1)
    assert json.loads(run("visitors", "--yes", "--json").stdout) == {"deleted": True, "visitors": 1}
    assert Visitor("old").facts(shop) == []
    assert visitor.facts(shop) != []
