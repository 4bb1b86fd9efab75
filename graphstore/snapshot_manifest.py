"""The manifest of a snapshot: what the format is called, which columns it knows, how a folder is held to it.

    manifest.json ── schema ── versions ──► read_manifest     what the folder should hold
    manifest.sha256 ─────────────────────► verify_files      what it does hold, byte for byte

docs/snapshot.md is the contract.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import jsonschema
import numpy as np
import numpy.typing as npt

from graphstore.errors import SnapshotError
from graphstore.snapshot_folder import set_aside

__all__ = [
    "CONTEXTS",
    "EDGE_COLUMNS",
    "EDGE_KINDS",
    "FACT_COLUMNS",
    "FORMAT",
    "ITEM_FIELDS",
    "LIST_FIELDS",
    "MODALITIES",
    "OPTIONAL_EDGES",
    "VERSION",
    "Columns",
    "Contexts",
    "EdgeType",
    "Modality",
    "check_sizes",
    "read_manifest",
    "seal",
    "seal_manifest",
    "verify_files",
]

FORMAT = "tellgraph-snapshot"
VERSION = 3
ITEM_FIELDS = ("uri", "title", "year", "genres", "plot", "directors", "writers", "stars", "popularity")
LIST_FIELDS = frozenset({"genres", "directors", "writers", "stars"})
"""Those of `ITEM_FIELDS` that are lists of strings."""

Columns = dict[str, npt.NDArray[Any]]
Modality = Literal["text", "image"]
EdgeType = Literal["CO_MENTIONED", "CO_INTERACTED", "TEXT_SIMILAR", "IMAGE_SIMILAR"]

MODALITIES: tuple[Modality, ...] = ("text", "image")
FACT_COLUMNS = {"source": "int64", "target": "int64"}
EDGE_COLUMNS: dict[EdgeType, dict[str, str]] = {
    "CO_MENTIONED": FACT_COLUMNS | {"count": "int64"},
    "CO_INTERACTED": FACT_COLUMNS | {"count": "int64", "weight": "float32"},
    "TEXT_SIMILAR": FACT_COLUMNS | {"score": "float32", "rank": "int64"},
    "IMAGE_SIMILAR": FACT_COLUMNS | {"score": "float32", "rank": "int64"},
}
EDGE_KINDS: dict[EdgeType, str] = {
    "CO_MENTIONED": "co_mention",
    "CO_INTERACTED": "co_interaction",
    "TEXT_SIMILAR": "similarity",
    "IMAGE_SIMILAR": "similarity",
}
OPTIONAL_EDGES: frozenset[EdgeType] = frozenset({"CO_INTERACTED"})
"""Computed relations that have a shard only where they have edges; the others have one in any case."""

CONTEXTS = "vectors/contexts"
"""The shard of what was said before turns, which versions before 3 have not."""

_SEAL = "manifest.sha256"


@dataclass(frozen=True, eq=False)
class Contexts:
    """What was said before turns of training dialogues that mention an item, sorted by dialogue, then turn.

    dialogue: int64 [n], line in dialogues.jsonl, from 0. turn: int64 [n], its place in the dialogue, from 0.
    whole, recent: float32 [n, dimensions], of length 1: all that was said before the turn, and the newest turns of
        it; zeros where the newest turns have no words.
    """

    dialogue: npt.NDArray[np.int64]
    turn: npt.NDArray[np.int64]
    whole: npt.NDArray[np.float32]
    recent: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.dialogue)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a snapshot folder, checked for its version and against its JSON Schema.

    Raises SnapshotError when the folder is no snapshot, of a newer version, or its manifest contradicts itself.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if aside := set_aside(folder):
            raise SnapshotError(
                f"{folder} is missing: an export was killed while it replaced it. What was there before is whole: "
                f"rename {aside} to {folder}, or export again."
            ) from error
        inside = folder / "snapshot"
        way_out = f"{inside} is one." if (inside / path.name).is_file() else "`tellgraph export DIR` makes one."
        raise SnapshotError(f"{folder} is not a snapshot: it has no manifest.json. {way_out}") from error
    except (ValueError, RecursionError) as error:
        raise SnapshotError(f"{path} is not readable as JSON ({error}). Export the snapshot again.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SnapshotError(f"{path} does not describe a Tellgraph snapshot.")
    version = manifest.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SnapshotError(
            f"{folder} has snapshot version {version} and this program reads up to {VERSION}: update Tellgraph."
        )
    _check_description(path, manifest)
    return manifest


def check_sizes(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise SnapshotError unless every file is there with as many bytes as the manifest says."""
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise SnapshotError(f"{folder} is incomplete: {name} is missing. Copy or export it again.")
        if path.stat().st_size != expected["bytes"]:
            raise SnapshotError(
                f"{path} has {path.stat().st_size:,} bytes, not {expected['bytes']:,}: copy or export it again."
            )


def verify_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise SnapshotError unless the manifest and every file that it names are, byte for byte, as exported."""
    _verify_manifest(folder, manifest["version"])
    for name, expected in manifest["files"].items():
        if seal(folder / name)["sha256"] != expected["sha256"]:
            raise SnapshotError(f"{folder / name} was changed since its export: its checksum differs. Export it again.")


def seal(path: Path) -> dict[str, Any]:
    """The size and the checksum of a file, as the manifest holds them."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def seal_manifest(folder: Path) -> None:
    """Write the checksum of the manifest beside it, in the form that `sha256sum --check` reads."""
    line = f"{seal(folder / 'manifest.json')['sha256']}  manifest.json\n"
    (folder / _SEAL).write_text(line, encoding="utf-8", newline="\n")


def _verify_manifest(folder: Path, version: int) -> None:
    path = folder / _SEAL
    if not path.is_file():
        if version == 1:  # which had none
            return
        raise SnapshotError(f"{folder} is incomplete: {_SEAL} is missing. Copy or export it again.")
    if path.read_bytes() != f"{seal(folder / 'manifest.json')['sha256']}  manifest.json\n".encode():
        raise SnapshotError(
            f"{folder / 'manifest.json'} was changed since its export: {_SEAL} differs. Export it again."
        )


def _check_description(path: Path, manifest: dict[str, Any]) -> None:
    try:
        jsonschema.validate(manifest, _schema())
    except jsonschema.ValidationError as error:
        raise SnapshotError(f"{path}, at {error.json_path}: {error.message}. Export the snapshot again.") from error
    # Relation names become file names: a manifest may name only the files that its own relations call for.
    expected = {"entities.jsonl", "items.jsonl", "dialogues.jsonl"}
    expected |= {f"relations/{name}.safetensors" for name in manifest["relations"]}
    expected |= {f"vectors/{modality}.safetensors" for modality in MODALITIES}
    if manifest["version"] >= 3:
        expected.add(f"{CONTEXTS}.safetensors")
    different = sorted(expected ^ manifest["files"].keys())
    if different:
        raise SnapshotError(f"{path} has no checksum, or no use, for {', '.join(different)}. Export it again.")


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((files("graphstore") / "snapshot.schema.json").read_text("utf-8"))
    return schema
