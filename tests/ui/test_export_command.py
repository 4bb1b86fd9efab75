"""`tellgraph export` on a real Neo4j."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from graphstore.graph import Graph
from graphstore.snapshot import Snapshot
from ui.cli import main

pytestmark = pytest.mark.database

Capture = pytest.CaptureFixture[str]


def export(*arguments: str | Path) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as ended:
        main(["export", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def facts(graph: Graph) -> Graph:
    """An item, an entity and a fact between them."""
    item = {"uri": "urn:heat", "name": "Heat", "title": "Heat", "year": 1995, "properties": {}}
    graph.write("merge_items", items=[item], source="toy")
    graph.write("merge_entities", entities=[["urn:ann", "Ann"]], source="toy")
    graph.write("merge_relation_type", type="STARRING", uri="urn:starring")
    graph.write("merge_facts", facts=[["urn:heat", "STARRING", "urn:ann"]], source="toy")
    return graph


@pytest.mark.usefixtures("facts")
def test_it_ends_with_a_table_of_what_the_snapshot_holds(tmp_path: Path, capsys: Capture) -> None:
    assert export(tmp_path / "s") == 0
    shown = capsys.readouterr()
    cells = [line.replace("│", "").split() for line in shown.out.splitlines()]
    assert all(row in cells for row in (["entities", "2"], ["items", "1"], ["STARRING", "1"], ["CO_MENTIONED", "0"]))
    assert "Facts alone: `tellgraph build vectors` and `tellgraph build edges` add the rest." in shown.out
    assert "STARRING" in shown.err
    assert Snapshot.open(tmp_path / "s").uris == ["urn:ann", "urn:heat"]


@pytest.mark.usefixtures("facts")
def test_json_holds_the_same_figures(tmp_path: Path, capsys: Capture) -> None:
    assert export(tmp_path / "s", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    files = [path for path in (tmp_path / "s").rglob("*") if path.is_file()]
    assert report["folder"] == str(tmp_path / "s")
    assert report["counts"] == {"entities": 2, "items": 1, "dialogues": 0, "turns": 0}
    assert report["relations"] == {"CO_MENTIONED": 0, "IMAGE_SIMILAR": 0, "STARRING": 1, "TEXT_SIMILAR": 0}
    assert report["vectors"] == {"text": 0, "image": 0}
    assert report["bytes"] == sum(path.stat().st_size for path in files)


def test_a_graph_without_items_is_told_so(graph: Graph, tmp_path: Path, capsys: Capture) -> None:
    graph.write("merge_entities", entities=[["urn:ann", "Ann"]], source="toy")
    assert export(tmp_path / "s") == 0
    assert "No items, so nothing can be recommended: `tellgraph ingest items FILE`" in capsys.readouterr().out


@pytest.mark.usefixtures("graph")
def test_an_empty_graph_is_one_error(tmp_path: Path, capsys: Capture) -> None:
    assert export(tmp_path / "s") == 1
    assert "Error: The graph is empty: `tellgraph ingest triples FILE` comes first" in capsys.readouterr().err


@pytest.mark.usefixtures("facts")
def test_a_folder_in_use_is_one_error(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert export(tmp_path) == 1
    assert f"Error: {tmp_path} is there and is no snapshot, so it is left alone" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.usefixtures("facts")
def test_a_part_of_the_graph_is_called_one(tmp_path: Path, capsys: Capture) -> None:
    assert export(tmp_path / "s", "--relations", "STARRING, TEXT_SIMILAR", "--sample", "1", "--seed", "3") == 0
    shown = capsys.readouterr().out
    assert "A part of the graph: relations ['STARRING', 'TEXT_SIMILAR'], sample 1, seed 3" in shown
    assert Snapshot.open(tmp_path / "s").manifest["filters"]["seed"] == 3
    assert export(tmp_path / "s", "--since", "5") == 1
    assert "Error: Nothing came after build 5" in capsys.readouterr().err


@pytest.mark.usefixtures("facts")
def test_tables_for_other_tools(tmp_path: Path, capsys: Capture) -> None:
    assert export(tmp_path / "p", "--format", "parquet", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["folder"], report["counts"]["entities"]) == (str(tmp_path / "p"), 2)
    assert report["bytes"] == sum(path.stat().st_size for path in (tmp_path / "p").iterdir())
    edges = pd.read_parquet(tmp_path / "p" / "edges.parquet")
    assert edges[["relation", "source_uri", "target_uri"]].values.tolist() == [["STARRING", "urn:heat", "urn:ann"]]
    assert export(tmp_path / "p") == 1
    assert "is no snapshot, so it is left alone" in capsys.readouterr().err
