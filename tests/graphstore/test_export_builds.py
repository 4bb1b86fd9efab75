"""The export beside builds and deletions: it reads what a reader may see, and all of it from one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from graphstore.errors import QueryError
from graphstore.export import export_snapshot
from graphstore.graph import Graph
from graphstore.snapshot import Snapshot
from tests.graphstore.test_export import fill, pairs

pytestmark = pytest.mark.database

Edge = tuple[str, str, dict[str, Any]]


def build(
    graph: Graph,
    type_: str,
    edges: list[Edge],
    ended: Sequence[tuple[str, str]] = (),
    *,
    popularity: Sequence[tuple[str, int]] = (),
    finish: bool = True,
) -> None:
    """A build of edges that ends some and begins others; unfinished, nobody sees either."""
    graph.write("begin_build", builder="test")
    rows = [
        {"uri": source, "ended": [], "edges": [{"uri": target, "properties": made}]} for source, target, made in edges
    ]
    rows += [{"uri": source, "ended": [target], "edges": []} for source, target in ended]
    graph.write("stage_edges", builder="test", type=type_, rows=rows)
    if finish:
        graph.write("finish_build", builder="test", change=0, neighbours=2, half_life=None, popularity=popularity)


def test_edges_of_a_build_that_is_not_finished_stay_out(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    before = export_snapshot(graph, tmp_path / "before")
    new = [("urn:alien", "urn:bare", {"count": 9}), ("urn:alien", "urn:heat", {"count": 3})]
    build(graph, "CO_MENTIONED", new, [("urn:ann", "urn:heat"), ("urn:alien", "urn:heat")], finish=False)
    during = export_snapshot(graph, tmp_path / "during")
    assert during.edges("CO_MENTIONED")["count"].tolist() == before.edges("CO_MENTIONED")["count"].tolist() == [2, 1]
    assert (before.manifest, before.manifest["build"]) == (during.manifest, 1)


def test_edges_that_have_ended_stay_out(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    new = [("urn:alien", "urn:bare", {"count": 9})]
    build(graph, "CO_MENTIONED", new, [("urn:ann", "urn:heat")])
    snapshot = export_snapshot(graph, tmp_path / "s")
    assert snapshot.manifest["build"] == 2
    found = snapshot.edges("CO_MENTIONED")
    assert pairs(snapshot, found) == [["urn:alien", "urn:bare"], ["urn:alien", "urn:heat"]]
    assert found["count"].tolist() == [9, 2]


def test_co_interactions_arrive_with_their_weights(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    assert "CO_INTERACTED" not in export_snapshot(graph, tmp_path / "s").manifest["relations"]
    build(graph, "CO_INTERACTED", [("urn:alien", "urn:heat", {"count": 4, "weight": 1.5})])
    snapshot = export_snapshot(graph, tmp_path / "s")
    found = Snapshot.open(tmp_path / "s").edges("CO_INTERACTED")
    assert pairs(snapshot, found) == [["urn:alien", "urn:heat"]]
    assert (found["count"].tolist(), found["weight"].tolist()) == ([4], [1.5])


def test_a_build_that_ends_meanwhile_is_read_whole(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    seen: list[int] = []

    def build_once(table: str, rows: int) -> None:
        if table == "CO_MENTIONED" and not seen:
            build(graph, "CO_MENTIONED", [("urn:alien", "urn:bare", {"count": 9})], [("urn:ann", "urn:heat")])
        if table == "CO_MENTIONED":
            seen.append(rows)

    snapshot = export_snapshot(graph, tmp_path / "s", build_once)
    assert len(seen) == 2
    assert snapshot.manifest["build"] == 2
    assert snapshot.edges("CO_MENTIONED")["count"].tolist() == [9, 2]


@pytest.mark.parametrize("table", ["export_items", "export_dialogues", "export_vectors"])
def test_a_build_that_ends_after_the_relations_were_read(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    fill(graph)
    build(graph, "CO_INTERACTED", [("urn:alien", "urn:heat", {"count": 4, "weight": 1.5})])
    seen: list[str] = []
    stream = graph.stream

    def build_once(name: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
        if name == table and name not in seen:
            build(graph, "CO_INTERACTED", [], [("urn:alien", "urn:heat")], popularity=[("urn:heat", 7)])
        seen.append(name)
        return stream(name, **parameters)

    monkeypatch.setattr(graph, "stream", build_once)
    snapshot = export_snapshot(graph, tmp_path / "s")
    assert (snapshot.manifest["build"], snapshot.items[-1]["popularity"]) == (3, 7)
    assert "CO_INTERACTED" not in snapshot.manifest["relations"]
    assert not (tmp_path / "s" / "relations" / "CO_INTERACTED.safetensors").exists()
    assert seen.count("export_entities") == 2


def test_nodes_that_go_meanwhile_are_not_taken_for_others(graph: Graph, tmp_path: Path) -> None:
    """The server gives a deleted node's id to the next one, so a half-read table would name the wrong one."""
    fill(graph)
    tables: list[str] = []

    def empty_once(table: str, rows: int) -> None:
        if table == "entities" and table not in tables:
            graph.write("delete_everything")
            graph.write("merge_entities", entities=[["urn:other", "Other"], ["urn:another", "Another"]], source="toy")
        tables.append(table)

    snapshot = export_snapshot(graph, tmp_path / "s", empty_once)
    assert snapshot.uris == ["urn:another", "urn:other"]
    assert tables.count("entities") == 2


def test_builds_without_end_get_a_sentence(graph: Graph, tmp_path: Path) -> None:
    fill(graph)

    def build_again(table: str, rows: int) -> None:
        if table == "entities":
            build(graph, "CO_MENTIONED", [])

    with pytest.raises(QueryError, match=r"rebuilt or nodes deleted 5 times .* try again when that is over"):
        export_snapshot(graph, tmp_path / "s", build_again)
    assert list(tmp_path.iterdir()) == []
