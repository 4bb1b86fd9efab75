"""What was said before turns, in a snapshot; and the older versions, which know nothing of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphstore.errors import SnapshotError
from graphstore.snapshot import Snapshot
from graphstore.snapshot_manifest import Contexts, seal_manifest
from graphstore.snapshot_writer import SnapshotWriter, write_snapshot
from tests.graphstore.test_snapshot import TOY


@pytest.fixture
def toy(tmp_path: Path) -> Snapshot:
    write_snapshot(tmp_path / "toy", **TOY)
    return Snapshot.open(tmp_path / "toy")


def test_contexts_come_back_by_dialogue_and_turn(toy: Snapshot) -> None:
    found = toy.contexts()
    assert (found.dialogue.tolist(), found.turn.tolist(), len(found)) == ([0], [1], 1)
    assert found.whole.tolist() == [[0, 0, 1]]
    assert np.array_equal(found.recent, np.array([[0, 0.6, 0.8]], dtype=np.float32))
    assert toy.manifest["contexts"] == {"turns": 1, "dimensions": 3}


def test_a_snapshot_without_contexts_has_an_empty_shard(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "s", entities=[("u:a", "A")])
    found = Snapshot.open(tmp_path / "s").contexts()
    assert {name: (values.shape, str(values.dtype)) for name, values in vars(found).items()} == {
        "dialogue": ((0,), "int64"),
        "turn": ((0,), "int64"),
        "whole": ((0, 0), "float32"),
        "recent": ((0, 0), "float32"),
    }


def test_a_context_of_no_dialogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="a context names toy/train/9, which is no dialogue"):
        write_snapshot(tmp_path / "s", **{**TOY, "contexts": [("toy/train/9", 1, [1.0], [1.0])]})


def test_contexts_and_texts_of_two_encoders_are_refused(tmp_path: Path) -> None:
    nothing, vectors = np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)

    def write() -> None:
        with SnapshotWriter(tmp_path / "s") as writer:
            writer.add_vectors("text", [], [], "one")
            writer.add_contexts(Contexts(nothing, nothing, vectors, vectors), "another")

    with pytest.raises(
        SnapshotError, match=r"from one and those of the dialogues from another: run `tellgraph build v"
    ):
        write()
    assert list(tmp_path.iterdir()) == []


def as_older(toy: Snapshot, version: int) -> dict[str, Any]:
    """The manifest of an older version; its snapshot's folder has files that it does not name."""
    manifest: dict[str, Any] = json.loads((toy.folder / "manifest.json").read_text())
    manifest["version"] = version
    del manifest["contexts"], manifest["files"]["vectors/contexts.safetensors"]
    return manifest


def test_version_2_is_still_read(toy: Snapshot) -> None:
    (toy.folder / "manifest.json").write_text(json.dumps(as_older(toy, 2)))
    seal_manifest(toy.folder)
    old = Snapshot.open(toy.folder)
    assert len(old.edges("CO_INTERACTED")["weight"]) == 1
    assert (len(old.contexts()), old.contexts().whole.shape) == (0, (0, 0))


def test_version_1_is_still_read(toy: Snapshot) -> None:
    manifest = as_older(toy, 1)
    del manifest["build"], manifest["filters"]
    del manifest["relations"]["CO_INTERACTED"], manifest["files"]["relations/CO_INTERACTED.safetensors"]
    (toy.folder / "manifest.json").write_text(json.dumps(manifest))
    (toy.folder / "manifest.sha256").unlink()
    old = Snapshot.open(toy.folder)
    assert (old.uris, list(old.dialogues())) == (toy.uris, list(toy.dialogues()))
    assert old.facts().keys() == toy.facts().keys()
    assert (len(old.edges("CO_INTERACTED")["weight"]), len(old.contexts())) == (0, 0)
