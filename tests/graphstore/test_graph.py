"""The connection on a real server: what it returns, what it refuses, what its errors say."""

from __future__ import annotations

import pytest

from graphstore.errors import ConnectionLostError, QueryError
from graphstore.graph import Graph, open_graph, prepare_schema
from graphstore.settings import Settings

pytestmark = pytest.mark.database


def test_the_version_is_the_pinned_one(graph: Graph) -> None:
    assert graph.server_version == "5.26.30"
    assert graph.read("server_version") == [{"version": "5.26.30", "edition": "community"}]
