"""A snapshot as Parquet: what pandas reads back is what the snapshot holds."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from graphstore.errors import SnapshotError
from graphstore.parquet_tables import write_parquet
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from tests.graphstore.test_snapshot import TOY, content


@pytest.fixture
def toy(tmp_path: Path) -> Snapshot:
    return write_snapshot(tmp_path / "toy", **TOY)


def test_entities_and_items(toy: Snapshot, tmp_path: Path) -> None:
    write_parquet(toy, tmp_path / "p")
    entities = pd.read_parquet(tmp_path / "p" / "entities.parquet")
    assert entities["id"].tolist() == list(range(5))
    assert (entities["uri"].tolist(), entities["name"].tolist()) == (toy.uris, toy.names)
    assert entities.index[entities["item"]].tolist() == toy.item_ids.tolist()
    items = pd.read_parquet(tmp_path / "p" / "items.parquet")
    assert (items["index"].tolist(), items["id"].tolist()) == ([0, 1], toy.item_ids.tolist())
    assert items["uri"].tolist() == ["u:alien", "u:heat"]
    assert items["stars"].map(list).tolist() == [["Ann"], []]
    assert pd.isna(items["year"][0])
    assert items["year"][1] == 1995
    assert items["text_vector"].map(list).tolist() == [[0.0, 1.0, 0.25], [1.0, 0.0, 0.5]]
    assert items["image_vector"].isna().all()


def test_dialogues(toy: Snapshot, tmp_path: Path) -> None:
    write_parquet(toy, tmp_path / "p")
    dialogues = pd.read_parquet(tmp_path / "p" / "dialogues.parquet")
    assert dialogues[["id", "split"]].values.tolist() == [["toy/train/1", "train"], ["toy/valid/1", "valid"]]
    turns = pd.json_normalize(dialogues.explode("turns")["turns"].tolist())
    assert turns["text"].tolist() == [turn.text for dialogue in toy.dialogues() for turn in dialogue.turns]
    assert turns["items"].map(list).tolist() == [[], ["u:heat", "u:alien"], []]
    assert turns["entities"].map(list).tolist() == [["u:ann", "u:drama", "u:ann"], [], []]


def test_edges_with_ids_uris_and_weights(toy: Snapshot, tmp_path: Path) -> None:
    write_parquet(toy, tmp_path / "p")
    edges = pd.read_parquet(tmp_path / "p" / "edges.parquet")
    assert [toy.uris[number] for number in edges["source"]] == edges["source_uri"].tolist()
    assert [toy.uris[number] for number in edges["target"]] == edges["target_uri"].tolist()
    assert dict(zip(edges["relation"], edges["kind"], strict=True)) == {
        "STARRING": "fact",
        "GENRE": "fact",
        "CO_MENTIONED": "co_mention",
        "CO_INTERACTED": "co_interaction",
        "TEXT_SIMILAR": "similarity",
    }
    for name, columns in toy.relations().items():
        found = edges[edges["relation"] == name]
        for column, values in columns.items():
            assert found[column].tolist() == values.tolist()
        unused = {"count", "weight", "score", "rank"} - columns.keys()
        assert found[sorted(unused)].isna().all(axis=None)


def test_a_snapshot_without_anything(tmp_path: Path) -> None:
    write_parquet(write_snapshot(tmp_path / "s", entities=[("u:a", "A")]), tmp_path / "p")
    sizes = {file.stem: len(pd.read_parquet(file)) for file in (tmp_path / "p").glob("*.parquet")}
    assert sizes == {"entities": 1, "items": 0, "dialogues": 0, "edges": 0}


def test_the_manifest_says_where_they_come_from(toy: Snapshot, tmp_path: Path) -> None:
    write_parquet(toy, tmp_path / "p")
    manifest = json.loads((tmp_path / "p" / "manifest.json").read_text())
    assert manifest["format"] == "tellgraph-parquet"
    for key in ("server_version", "build", "filters", "encoders", "counts"):
        assert manifest[key] == toy.manifest[key]


def test_tables_are_replaced_and_nothing_else(toy: Snapshot, tmp_path: Path) -> None:
    write_parquet(toy, tmp_path / "p")
    before = content(tmp_path / "p")
    write_parquet(toy, tmp_path / "p")
    assert content(tmp_path / "p") == before
    with pytest.raises(SnapshotError, match="is no tellgraph-parquet folder, so it is left alone"):
        write_parquet(toy, toy.folder)
    with pytest.raises(SnapshotError, match="is no snapshot"):
        write_snapshot(tmp_path / "p", **TOY)
    assert content(tmp_path / "p") == before
