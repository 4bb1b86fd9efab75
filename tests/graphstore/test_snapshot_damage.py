"""A snapshot that is damaged, tampered with, or written wrong is refused with the reason, whatever the damage."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from graphstore.errors import SnapshotError
from graphstore.snapshot import Snapshot
from graphstore.snapshot_manifest import seal, seal_manifest
from graphstore.snapshot_writer import write_snapshot
from tests.graphstore.test_snapshot import TOY

FILES = (
    "manifest.json",
    "manifest.sha256",
    "entities.jsonl",
    "items.jsonl",
    "dialogues.jsonl",
    "relations/STARRING.safetensors",
    "relations/GENRE.safetensors",
    "relations/CO_MENTIONED.safetensors",
    "relations/CO_INTERACTED.safetensors",
    "relations/TEXT_SIMILAR.safetensors",
    "relations/IMAGE_SIMILAR.safetensors",
    "vectors/text.safetensors",
    "vectors/image.safetensors",
    "vectors/contexts.safetensors",
)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_snapshot(tmp_path / "toy", **TOY).folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot that the tests over many examples damage and mend."""
    return write_snapshot(tmp_path_factory.mktemp("damage") / "toy", **TOY).folder


def refused(folder: Path, name: str, data: bytes) -> str:
    """The reason why the snapshot is refused with `data` in one file, which is mended afterwards."""
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(data)
    try:
        with pytest.raises(SnapshotError) as error:
            Snapshot.open(folder)
    finally:
        path.write_bytes(before)
    return str(error.value)


def test_the_list_of_files_is_whole(toy: Path) -> None:
    found = {path.relative_to(toy).as_posix() for path in toy.rglob("*") if path.is_file()}
    assert found == set(FILES)


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(FILES), place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(whole: Path, name: str, place: float, flip: int) -> None:
    data = bytearray((whole / name).read_bytes())
    data[int(place * len(data))] ^= flip
    reason = refused(whole, name, bytes(data))
    assert str(whole) in reason
    assert name.startswith("manifest") or f"{name} was changed since its export" in reason


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(FILES), part=st.floats(0, 1, exclude_max=True))
def test_any_shortened_file_is_refused(whole: Path, name: str, part: float) -> None:
    data = (whole / name).read_bytes()
    reason = refused(whole, name, data[: int(part * len(data))])
    assert name.startswith("manifest") or f"{name} has" in reason


@pytest.mark.parametrize("name", FILES)
def test_a_longer_file_is_refused(toy: Path, name: str) -> None:
    assert refused(toy, name, (toy / name).read_bytes() + b"\n")


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(toy: Path, name: str, verify: bool) -> None:
    (toy / name).unlink()
    if name == "manifest.sha256" and not verify:
        assert Snapshot.open(toy, verify=False).uris
        return
    words = "has no manifest.json" if name == "manifest.json" else f"incomplete: {name} is missing"
    with pytest.raises(SnapshotError, match=words):
        Snapshot.open(toy, verify=verify)


def test_a_manifest_of_another_snapshot_is_refused(toy: Path, tmp_path: Path) -> None:
    other = write_snapshot(tmp_path / "other", **{**TOY, "registry": {}})
    shutil.copy(other.folder / "manifest.json", toy / "manifest.json")
    with pytest.raises(SnapshotError, match=r"manifest\.json was changed since its export: manifest\.sha256 differs"):
        Snapshot.open(toy)


def _newer(manifest: dict[str, Any]) -> None:
    manifest["version"] = 4
    del manifest["files"]


def _drop_counts(manifest: dict[str, Any]) -> None:
    del manifest["counts"]


def _drop_build(manifest: dict[str, Any]) -> None:
    del manifest["build"]


def _drop_contexts(manifest: dict[str, Any]) -> None:
    del manifest["contexts"]


def _miscount_contexts(manifest: dict[str, Any]) -> None:
    manifest["contexts"]["turns"] = 2


def _unknown_filter(manifest: dict[str, Any]) -> None:
    manifest["filters"]["colour"] = "blue"


def _miscount(manifest: dict[str, Any]) -> None:
    manifest["relations"]["STARRING"]["edges"] = 4


def _miscount_turns(manifest: dict[str, Any]) -> None:
    manifest["counts"]["turns"] = 1_000


def _other_columns(manifest: dict[str, Any]) -> None:
    manifest["relations"]["STARRING"]["columns"]["weight"] = "float32"


def _unsealed(manifest: dict[str, Any]) -> None:
    del manifest["files"]["items.jsonl"]


def _escape(manifest: dict[str, Any]) -> None:
    manifest["relations"]["../../secret"] = manifest["relations"]["STARRING"]


def _dimensions(manifest: dict[str, Any]) -> None:
    manifest["vectors"]["text"]["dimensions"] = 7


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (_newer, "has snapshot version 4 and this program reads up to 3: update Tellgraph"),
        (_drop_counts, "'counts' is a required property"),
        (_drop_build, "'build' is a required property"),
        (_drop_contexts, "'contexts' is a required property"),
        (_unknown_filter, "'colour' was unexpected"),
        (_miscount, "counts 4 STARRING, the files hold 3"),
        (_miscount_turns, "counts 1,000 turns, the files hold 3"),
        (_other_columns, "other columns than STARRING has"),
        (_unsealed, r"no checksum, or no use, for items\.jsonl"),
        (_escape, "does not match"),
        (_dimensions, "text vectors have other dimensions"),
        (_miscount_contexts, "the contexts have another shape or type than the manifest says"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    toy: Path, tamper: Callable[[dict[str, Any]], None], reason: str
) -> None:
    path = toy / "manifest.json"
    manifest = json.loads(path.read_text())
    tamper(manifest)
    path.write_text(json.dumps(manifest))
    seal_manifest(toy)
    with pytest.raises(SnapshotError, match=reason):
        Snapshot.open(toy)


def rewritten(folder: Path, name: str, data: bytes) -> None:
    """Another file, sealed as a program of somebody else's would."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = seal(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    seal_manifest(folder)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("entities.jsonl", lambda data: b"".join(data.splitlines(keepends=True)[::-1]), "not sorted by URI"),
        ("entities.jsonl", lambda data: data.replace(b"u:heat", b"u:hate"), "does not hold what its manifest says"),
        ("items.jsonl", lambda data: data.replace(b'"uri"', b'"url"', 1), "does not hold what its manifest says"),
        ("items.jsonl", lambda data: b"[]\n", "does not hold what its manifest says"),
        ("dialogues.jsonl", lambda data: data[:-9], "does not hold what its manifest says"),
        ("dialogues.jsonl", lambda data: b"\xff\xfe\n", "does not hold what its manifest says"),
        ("vectors/text.safetensors", lambda data: data[:20], "does not hold what its manifest says"),
        ("relations/GENRE.safetensors", lambda data: b"nothing", "does not hold what its manifest says"),
    ],
)
def test_sealed_nonsense_is_refused(toy: Path, name: str, change: Callable[[bytes], bytes], reason: str) -> None:
    rewritten(toy, name, change((toy / name).read_bytes()))
    with pytest.raises(SnapshotError, match=reason):
        Snapshot.open(toy)


@pytest.mark.parametrize(
    ("name", "column", "values", "reason"),
    [
        ("relations/STARRING", "target", [1, 2, 99], "STARRING has ids that are no entity's"),
        ("relations/STARRING", "source", [-1, 2, 3], "STARRING has ids that are no entity's"),
        ("relations/STARRING", "target", [1, 2], "of different lengths"),
        ("vectors/text", "ids", [0, 99], "vectors/text has ids that are no entity's"),
        ("vectors/text", "ids", [0], "other dimensions than the manifest says"),
        ("vectors/contexts", "dialogue", [1], "of no turn of a training dialogue"),
        ("vectors/contexts", "dialogue", [-1], "of no turn of a training dialogue"),
        ("vectors/contexts", "turn", [0], "of no turn of a training dialogue"),
        ("vectors/contexts", "turn", [2], "of no turn of a training dialogue"),
        ("vectors/contexts", "turn", [1, 1], "another shape or type"),
        ("vectors/contexts", "whole", [[0, 0, 1]], "another shape or type"),
    ],
)
def test_ids_that_lead_nowhere_are_refused(toy: Path, name: str, column: str, values: list[int], reason: str) -> None:
    columns = load_file(toy / f"{name}.safetensors")
    rewritten(toy, f"{name}.safetensors", save({**columns, column: np.array(values, dtype=np.int64)}))
    with pytest.raises(SnapshotError, match=reason):
        Snapshot.open(toy)


def test_a_kill_between_the_renames_is_told_with_the_way_back(tmp_path: Path) -> None:
    folder = tmp_path / "s [1]"
    write_snapshot(folder, **TOY)
    script = """if True:
        import os, pathlib, signal, sys
        from graphstore.snapshot_writer import write_snapshot

        rename = pathlib.Path.rename

        def killed(self, target):
            rename(self, target)
            os.kill(os.getpid(), signal.SIGKILL)

        pathlib.Path.rename = killed
        write_snapshot(sys.argv[1], entities=[("u:a", "A")])
    """
    assert subprocess.run([sys.executable, "-c", script, str(folder)]).returncode == -signal.SIGKILL
    (aside,) = tmp_path.glob(".*.replaced")
    with pytest.raises(SnapshotError, match=re.escape(f"rename {aside} to {folder}")):
        Snapshot.open(folder)
    aside.rename(folder)
    assert len(Snapshot.open(folder).uris) == 5
