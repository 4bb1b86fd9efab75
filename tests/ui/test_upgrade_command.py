"""`tellgraph upgrade` on a graph of the first release."""

from __future__ import annotations

import pytest

from graphstore.graph import Graph
from ui.cli import main

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


def test_an_old_graph_is_refused_upgraded_and_then_used(graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    graph.write("forget_state")
    graph.write("make_schema_1")
    assert run("query", "counts") == 1
    assert "`tellgraph upgrade` brings it there" in capsys.readouterr().err
    assert run("upgrade") == 0
    assert "from schema 1 to 2" in capsys.readouterr().out
    assert run("upgrade") == 0
    assert "schema 2 already" in capsys.readouterr().out
    assert run("query", "counts") == 0
