"""A part of the graph: what each filter leaves, that it fits together, and that the manifest says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.export import ExportFilters, export_snapshot
from graphstore.graph import Graph
from graphstore.snapshot import Snapshot
from tests.graphstore.test_export import DIALOGUES, ENTITIES, ITEMS, dialogue_row, fill, pairs, write_vectors
from tests.graphstore.test_export_builds import build

pytestmark = pytest.mark.database


def edge_counts(snapshot: Snapshot) -> dict[str, int]:
    return {name: relation["edges"] for name, relation in snapshot.manifest["relations"].items()}


def export(graph: Graph, folder: Path, filters: ExportFilters) -> Snapshot:
    export_snapshot(graph, folder, filters=filters)
    return Snapshot.open(folder)


def test_the_whole_graph_has_no_filters(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    assert export(graph, tmp_path / "s", ExportFilters()).manifest["filters"] == {}


def test_only_the_named_relations(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    snapshot = export(graph, tmp_path / "s", ExportFilters(relations=("TEXT_SIMILAR", "GENRE")))
    assert edge_counts(snapshot) == {"CO_MENTIONED": 0, "GENRE": 1, "IMAGE_SIMILAR": 0, "TEXT_SIMILAR": 2}
    assert len(snapshot.uris) == len(ENTITIES) + len(ITEMS)
    assert list(snapshot.dialogues()) == DIALOGUES
    assert snapshot.manifest["filters"] == {"relations": ["GENRE", "TEXT_SIMILAR"]}


def test_an_unknown_relation_is_refused(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    with pytest.raises(
        SnapshotError, match=r"no relation STARING: --relations takes some of GENRE, STARRING, UNUSED, CO"
    ):
        export(graph, tmp_path / "s", ExportFilters(relations=("STARING",)))
    assert list(tmp_path.iterdir()) == []


def add_news(graph: Graph) -> None:
    """After build 1: a fact between old entities, an item, an edge, a dialogue."""
    graph.write("merge_facts", facts=[["urn:alien", "GENRE", "urn:drama"]], source="toy")
    late = {"uri": "urn:late", "name": "Late", "title": "Late", "year": 2026, "properties": {}}
    graph.write("merge_items", items=[late], source="toy")
    turn = Turn("recommender", "Late, Ann", ("urn:late",), ("urn:ann",))
    graph.write("merge_dialogues", dialogues=[dialogue_row(Dialogue("toy/train/9", "toy", "train", (turn,)))])
    build(graph, "CO_MENTIONED", [("urn:ann", "urn:late", {"count": 1})])


def test_only_what_came_after_a_build_with_its_ends(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    before = export(graph, tmp_path / "s", ExportFilters()).manifest["build"]
    add_news(graph)
    snapshot = export(graph, tmp_path / "s", ExportFilters(since=before))
    assert edge_counts(snapshot) == {"CO_MENTIONED": 1, "GENRE": 1, "IMAGE_SIMILAR": 0, "TEXT_SIMILAR": 0}
    assert pairs(snapshot, snapshot.facts()["GENRE"]) == [["urn:alien", "urn:drama"]]
    # `fill` ends with its dialogues, after its build.
    new = sorted([*(dialogue.id for dialogue in DIALOGUES), "toy/train/9"])
    assert [dialogue.id for dialogue in snapshot.dialogues()] == new
    assert {"urn:late", "urn:ann", "urn:alien", "urn:drama"} <= set(snapshot.uris)
    assert "urn:bare" not in snapshot.entity_id
    assert snapshot.manifest["filters"] == {"since": 1}
    assert snapshot.manifest["build"] == 2


def test_nothing_new_is_refused(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    with pytest.raises(SnapshotError, match="Nothing came after build 7"):
        export(graph, tmp_path / "s", ExportFilters(since=7))


def test_a_sample_is_some_items_and_what_touches_them(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    write_vectors(graph, "toy", {"urn:bare": [0.0, 1.0]})
    drawn = {}
    for seed in range(12):
        snapshot = export(graph, tmp_path / "s", ExportFilters(sample=1, seed=seed))
        (item,) = snapshot.items
        drawn[item["uri"]] = snapshot, seed
        assert snapshot.manifest["filters"] == {"sample": 1, "seed": seed}
        assert len(snapshot.vectors("text")[0]) == 1
    assert sorted(drawn) == sorted(ITEMS)
    heat, seed = drawn["urn:heat"]
    snapshot = export(graph, tmp_path / "s", ExportFilters(sample=1, seed=seed))
    assert snapshot.manifest == heat.manifest
    assert snapshot.uris == ["urn:ann", "urn:drama", "urn:heat"]
    # Ann, whom Heat stars, also stars in herself; Alien is no item of the sample, so what leads to it is gone.
    assert edge_counts(snapshot) == {
        "CO_MENTIONED": 1,
        "GENRE": 1,
        "IMAGE_SIMILAR": 0,
        "STARRING": 2,
        "TEXT_SIMILAR": 0,
    }
    (dialogue,) = snapshot.dialogues()
    assert dialogue.id == "toy/train/2"
    assert dialogue.turns[-1].items == ("urn:heat", "urn:heat")


def test_a_sample_of_more_items_than_there_are_is_all(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    whole = export(graph, tmp_path / "whole", ExportFilters())
    sample = export(graph, tmp_path / "sample", ExportFilters(sample=99))
    assert sample.manifest["files"] == whole.manifest["files"]


def test_a_filter_that_cannot_be_is_refused() -> None:
    with pytest.raises(SnapshotError, match="--since takes a number from 0"):
        ExportFilters(since=-1)
    with pytest.raises(SnapshotError, match="--sample takes a number from 1"):
        ExportFilters(sample=0)
