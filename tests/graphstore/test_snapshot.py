"""The snapshot's reader and writer, without a graph."""

from __future__ import annotations

import errno
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.snapshot import Snapshot
from graphstore.snapshot_manifest import EDGE_COLUMNS, ITEM_FIELDS, VERSION
from graphstore.snapshot_writer import SnapshotWriter, write_snapshot

ODD_TEXT = "Amélie \u2028 \x85 \"quoted\" 'single' \\ \r\n\t 电影 \U0001f3ac </script>"

TOY: dict[str, Any] = {
    "entities": [("u:ann", "Ann"), ("u:odd", ODD_TEXT), ("u:drama", "Drama"), ("u:alien", "Alien")],
    "items": [
        {"uri": "u:heat", "title": "Heat", "year": 1995, "genres": ["Drama"], "plot": ODD_TEXT},
        {
            "uri": "u:alien",
            "title": "Alien",
            "stars": ("Ann",),
            "popularity": 3,
            "images": ["/home/ann/1.png"],
        },
    ],
    "facts": {
        "STARRING": [("u:heat", "u:ann"), ("u:alien", "u:odd"), ("u:alien", "u:ann")],
        "GENRE": [("u:heat", "u:drama")],
    },
    "co_mentions": [("u:alien", "u:heat", 2)],
    "co_interactions": [("u:alien", "u:heat", 4, 1.5)],
    "text_similar": [("u:heat", "u:alien", 0.5, 1), ("u:alien", "u:heat", 0.5, 1)],
    "text_vectors": {"u:heat": [1.0, 0.0, 0.5], "u:alien": [0.0, 1.0, 0.25]},
    "dialogues": [
        Dialogue("toy/valid/1", "toy", "valid", (Turn("seeker", ODD_TEXT),)),
        Dialogue(
            "toy/train/1",
            "toy",
            "train",
            (
                Turn("seeker", "I like Ann.", entities=("u:ann", "u:drama", "u:ann")),
                Turn("recommender", "Heat, or Alien!", items=("u:heat", "u:alien")),
            ),
        ),
    ],
    "contexts": [("toy/train/1", 1, [0.0, 0.0, 1.0], [0.0, 0.6, 0.8])],
    "registry": {"STARRING": "http://dbpedia.org/ontology/starring"},
    "server_version": "5.26.30",
    "encoders": {"text": "toy-encoder"},
}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def toy(tmp_path: Path) -> Snapshot:
    write_snapshot(tmp_path / "toy", **TOY)
    return Snapshot.open(tmp_path / "toy")


def test_tables_come_back_sorted_by_uri(toy: Snapshot) -> None:
    assert toy.uris == ["u:alien", "u:ann", "u:drama", "u:heat", "u:odd"]
    assert toy.names == ["Alien", "Ann", "Drama", "Heat", ODD_TEXT]
    assert toy.entity_id["u:heat"] == 3
    assert toy.item_ids.tolist() == [0, 3]
    assert toy.items[0] == {
        "uri": "u:alien",
        "title": "Alien",
        "year": None,
        "genres": [],
        "plot": None,
        "directors": [],
        "writers": [],
        "stars": ["Ann"],
        "popularity": 3,
    }
    assert toy.items[1]["plot"] == ODD_TEXT


def test_relations_come_back_as_columns_of_entity_ids(toy: Snapshot) -> None:
    facts = toy.facts()
    assert sorted(facts) == ["GENRE", "STARRING"]
    assert facts["STARRING"]["source"].tolist() == [0, 0, 3]
    assert facts["STARRING"]["target"].tolist() == [1, 4, 1]
    co_mentions = toy.edges("CO_MENTIONED")
    assert [co_mentions[name].tolist() for name in ("source", "target", "count")] == [[0], [3], [2]]
    co_interactions = toy.edges("CO_INTERACTED")
    names = ("source", "target", "count", "weight")
    assert [co_interactions[name].tolist() for name in names] == [[0], [3], [4], [1.5]]
    assert toy.manifest["relations"]["CO_INTERACTED"]["kind"] == "co_interaction"
    similar = toy.edges("TEXT_SIMILAR")
    assert [similar[name].tolist() for name in ("source", "target", "rank")] == [[0, 3], [3, 0], [1, 1]]
    assert similar["score"].tolist() == [0.5, 0.5]
    assert (str(similar["score"].dtype), str(similar["rank"].dtype)) == ("float32", "int64")
    assert toy.manifest["relations"]["STARRING"]["predicate"] == "http://dbpedia.org/ontology/starring"


def test_what_is_not_there_is_empty(toy: Snapshot) -> None:
    columns = toy.edges("IMAGE_SIMILAR")
    assert {name: (len(values), str(values.dtype)) for name, values in columns.items()} == {
        "source": (0, "int64"),
        "target": (0, "int64"),
        "score": (0, "float32"),
        "rank": (0, "int64"),
    }
    ids, vectors = toy.vectors("image")
    assert (len(ids), vectors.shape) == (0, (0, 0))


def test_a_snapshot_without_co_interactions_has_no_shard_of_them(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path / "s", entities=[("u:a", "A")])
    assert sorted(snapshot.manifest["relations"]) == ["CO_MENTIONED", "IMAGE_SIMILAR", "TEXT_SIMILAR"]
    empty = snapshot.edges("CO_INTERACTED")
    assert {name: (len(values), str(values.dtype)) for name, values in empty.items()} == {
        "source": (0, "int64"),
        "target": (0, "int64"),
        "count": (0, "int64"),
        "weight": (0, "float32"),
    }


def test_all_relations_come_at_once_and_turned_round(toy: Snapshot) -> None:
    forward = toy.relations()
    assert sorted(forward) == sorted(toy.manifest["relations"])
    both = toy.relations(reverse=True)
    assert sorted(both) == sorted([*forward, *(f"rev_{name}" for name in forward)])
    turned = both["rev_STARRING"]
    assert (turned["source"].tolist(), turned["target"].tolist()) == ([1, 4, 1], [0, 0, 3])
    assert both["rev_CO_INTERACTED"]["weight"].tolist() == [1.5]


def test_vectors_come_back_by_entity_id(toy: Snapshot) -> None:
    ids, vectors = toy.vectors("text")
    assert ids.tolist() == [0, 3]
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[0.0, 1.0, 0.25], [1.0, 0.0, 0.5]]


def test_dialogues_come_back_whole_and_by_split(toy: Snapshot) -> None:
    assert list(toy.dialogues("train")) == [TOY["dialogues"][1]]
    assert list(toy.dialogues()) == [TOY["dialogues"][1], TOY["dialogues"][0]]


def test_the_order_of_what_goes_in_changes_no_byte(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "a", **TOY)
    shuffled = dict(TOY)
    for name in ("entities", "items", "text_similar", "dialogues"):
        shuffled[name] = random.Random(7).sample(TOY[name], len(TOY[name]))
    shuffled["facts"] = {name: pairs[::-1] for name, pairs in reversed(TOY["facts"].items())}
    shuffled["text_vectors"] = dict(reversed(TOY["text_vectors"].items()))
    write_snapshot(tmp_path / "b", **shuffled)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_paths_of_this_machine_stay_out(toy: Snapshot) -> None:
    assert all(b"/home/ann" not in data for data in content(toy.folder).values())
    assert all(str(toy.folder).encode() not in data for data in content(toy.folder).values())


def test_every_reader_may_read_the_files(toy: Snapshot) -> None:
    modes = {path.stat().st_mode & 0o777 for path in toy.folder.rglob("*") if path.is_file()}
    assert len(modes) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "something else"}', "\x00\xff"])
def test_a_folder_with_another_manifest_is_no_snapshot(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(SnapshotError, match=r"manifest\.json"):
        Snapshot.open(tmp_path)


def test_a_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="tellgraph export"):
        Snapshot.open(tmp_path / "nothing")


def test_an_unknown_uri_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="STARRING names u:nobody"):
        write_snapshot(tmp_path / "s", entities=[("u:a", "A")], facts={"STARRING": [("u:a", "u:nobody")]})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["CO_MENTIONED", "../STARRING", "starring", ""])
def test_a_fact_needs_a_name_that_is_free_and_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(SnapshotError, match="cannot be a fact"):
        write_snapshot(tmp_path / "s", entities=[("u:a", "A")], facts={name: [("u:a", "u:a")]})


def test_a_forgotten_table_does_not_reach_the_folder(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="required property"), SnapshotWriter(tmp_path / "s") as writer:
        writer.add_entities([("u:a", "A")])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(SnapshotError, match="is no snapshot, so it is left alone"):
        write_snapshot(tmp_path, **TOY)
    assert content(tmp_path) == {"thesis.tex": b"years of work"}


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("years of work")
    with pytest.raises(SnapshotError, match="left alone"):
        write_snapshot(tmp_path / "s", **TOY)
    assert (tmp_path / "s").read_text() == "years of work"


def test_a_place_that_takes_no_folder_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SnapshotError, match=r"file/s cannot be written \(Not a directory\)"):
        write_snapshot(tmp_path / "file" / "s", **TOY)


def test_a_full_disk_gets_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SnapshotError, match=r"cannot be written \(No space left on device\)"):
        write_snapshot(tmp_path / "s", **TOY)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled_and_a_snapshot_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    write_snapshot(folder, **TOY)
    snapshot = write_snapshot(folder, entities=[("u:a", "A")])
    assert snapshot.uris == ["u:a"]
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", [0, 1])
def test_ctrl_c_between_the_renames_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, after: bool
) -> None:
    folder = tmp_path / "s"
    write_snapshot(folder, **TOY)
    rename, calls = Path.rename, 0

    def interrupted(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == step + 1 and not after:
            raise KeyboardInterrupt
        moved = rename(self, target)
        if calls == step + 1:
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_snapshot(folder, entities=[("u:a", "A")])
    assert len(Snapshot.open(folder).uris) == (1 if step == 1 and after else 5)
    assert list(tmp_path.iterdir()) == [folder]


def test_the_contract_names_every_key_and_column(toy: Snapshot) -> None:
    page = (Path(__file__).parents[2] / "docs" / "snapshot.md").read_text(encoding="utf-8")
    columns = {column for relation in EDGE_COLUMNS.values() for column in relation}
    names = {"manifest.sha256", *toy.manifest, *ITEM_FIELDS, *EDGE_COLUMNS, *columns, *toy.manifest["counts"]}
    names |= {"vectors/contexts.safetensors", *vars(toy.contexts())}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
    assert f"version {VERSION}" in page.splitlines()[0]
