"""A person's read ends: after its time, after its rows, and before it writes."""

from __future__ import annotations

import math

import pytest

from graphstore.connection import ReadLimits
from graphstore.errors import QueryError
from graphstore.graph import Graph

pytestmark = pytest.mark.database


def test_rows_past_the_limit_are_cut_and_it_is_said(graph: Graph, probes: None) -> None:
    answer = graph.ask("numbers", {"count": 5_000}, ReadLimits(rows=3))
    assert (answer.rows, answer.cut) == ([{"number": 1}, {"number": 2}, {"number": 3}], True)
    answer = graph.ask("numbers", {"count": 3}, ReadLimits(rows=3))
    assert (len(answer.rows), answer.cut) == (3, False)


def test_rows_that_are_never_wanted_are_never_made(graph: Graph, probes: None) -> None:
    answer = graph.ask("numbers", {"count": 10**12}, ReadLimits(seconds=60, rows=10))
    assert len(answer.rows) == 10


def test_a_read_that_takes_too_long_is_stopped_in_one_sentence(graph: Graph, probes: None) -> None:
    with pytest.raises(QueryError, match="'count_for_long' took longer than it may and was stopped: ask for less"):
        graph.ask("count_for_long", {}, ReadLimits(seconds=0.2))
    assert graph.ask("numbers", {"count": 1}).rows == [{"number": 1}]


@pytest.mark.parametrize("name", ["make_probes", "write_called_read"])
def test_a_write_is_refused_at_the_door_for_reads(graph: Graph, probes: None, name: str) -> None:
    with pytest.raises(QueryError, match=r"cannot run as a read|refused by Neo4j"):
        graph.ask(name, {"count": 1} if name == "make_probes" else {})
    assert graph.read("list_probes") == []


@pytest.mark.parametrize(("seconds", "rows"), [(0, 10), (-1, 10), (math.nan, 10), (math.inf, 10), (1, 0)])
def test_limits_that_let_nothing_through_are_refused(seconds: float, rows: int) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        ReadLimits(seconds, rows)
