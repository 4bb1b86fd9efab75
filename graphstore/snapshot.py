"""Reader of snapshots: everything that training needs from the graph, as a folder of plain files.

    manifest.json              format, version, server, counts, columns, a checksum for every other file
    entities.jsonl             uri, name; sorted by URI: an entity's id is its line, from 0
    items.jsonl                what can be recommended, sorted by URI: an item's index is its line, from 0
    dialogues.jsonl            conversations with their mentions, sorted by id
    relations/TYPE.safetensors one shard per relation: columns of entity ids, weights beside them
    vectors/*.safetensors      text and image vectors of the items that have one

docs/snapshot.md is the contract; `graphstore.snapshot_writer` writes such folders.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jsonschema
import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError

if TYPE_CHECKING:
    import dgl

__all__ = [
    "EDGE_COLUMNS",
    "FORMAT",
    "ITEM_FIELDS",
    "MODALITIES",
    "VERSION",
    "Columns",
    "EdgeType",
    "Modality",
    "Snapshot",
    "read_manifest",
]

FORMAT = "tellgraph-snapshot"
VERSION = 1
ITEM_FIELDS = ("uri", "title", "year", "genres", "plot", "directors", "writers", "stars", "popularity")

Columns = dict[str, npt.NDArray[Any]]
Modality = Literal["text", "image"]
EdgeType = Literal["CO_MENTIONED", "TEXT_SIMILAR", "IMAGE_SIMILAR"]

MODALITIES: tuple[Modality, ...] = ("text", "image")
EDGE_COLUMNS: dict[EdgeType, dict[str, str]] = {
    "CO_MENTIONED": {"source": "int64", "target": "int64", "count": "int64"},
    "TEXT_SIMILAR": {"source": "int64", "target": "int64", "score": "float32", "rank": "int64"},
    "IMAGE_SIMILAR": {"source": "int64", "target": "int64", "score": "float32", "rank": "int64"},
}


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An opened snapshot. Node tables are in memory; shards are read when they are asked for.

    folder: where it lies.
    manifest: the manifest as parsed JSON.
    uris, names: one per entity; the position is the entity's id.
    items: item properties (`ITEM_FIELDS`; an unknown value is None, an unknown list is empty).
    item_ids: int64 [items], ascending: the entity id of each item, so that position = item index.
    """

    folder: Path
    manifest: dict[str, Any]
    uris: list[str]
    names: list[str]
    items: list[dict[str, Any]]
    item_ids: npt.NDArray[np.int64]

    @classmethod
    def open(cls, folder: Path | str, *, verify: bool = True) -> Snapshot:
        """Read the manifest and the node tables; with `verify`, compare every file with its checksum first.

        Raises SnapshotError when the folder is no snapshot, of a newer version, incomplete or changed.
        """
        folder = Path(folder)
        manifest = read_manifest(folder)
        if verify:
            _verify_files(folder, manifest["files"])
        entities = list(_lines(folder / "entities.jsonl"))
        items = list(_lines(folder / "items.jsonl"))
        uris = [entity["uri"] for entity in entities]
        ids = {uri: position for position, uri in enumerate(uris)}
        item_ids = np.fromiter((ids[item["uri"]] for item in items), dtype=np.int64, count=len(items))
        snapshot = cls(folder, manifest, uris, [entity["name"] for entity in entities], items, item_ids)
        if verify:
            _verify_counts(snapshot)
        return snapshot

    @cached_property
    def entity_id(self) -> dict[str, int]:
        """URI → entity id."""
        return {uri: position for position, uri in enumerate(self.uris)}

    def facts(self) -> dict[str, Columns]:
        """Relation type → `source` and `target`, int64 [edges] entity ids, sorted by source, then target."""
        relations = self.manifest["relations"]
        return {name: self._relation(name) for name, description in relations.items() if description["kind"] == "fact"}

    def edges(self, name: EdgeType) -> Columns:
        """Edges that Tellgraph computed: the columns of `EDGE_COLUMNS[name]`, each [edges], maybe empty.

        A co-mention stands once per pair, from the smaller URI to the larger, with its `count` (Eq. 6 of
        MSCRS). A similarity runs from an item to its neighbour of that `rank`, from 1 (Eq. 9-10).
        """
        return self._relation(name)

    def vectors(self, modality: Modality) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Entity ids [n], ascending, of the items that have a vector, and the vectors [n, dimensions]."""
        tensors = load_file(self.folder / "vectors" / f"{modality}.safetensors")
        return tensors["ids"], tensors["vectors"]

    def dialogues(self, split: str | None = None) -> Iterator[Dialogue]:
        """The dialogues of one split, or all of them, sorted by id."""
        for line in _lines(self.folder / "dialogues.jsonl"):
            if split in (None, line["split"]):
                yield Dialogue(line["id"], line["source"], line["split"], tuple(map(_turn, line["turns"])))

    def to_dgl(self, *, reverse: bool = False) -> dgl.DGLGraph:
        """The snapshot as a DGL heterograph; see `graphstore.dgl_graph.build_dgl_graph`."""
        from graphstore.dgl_graph import build_dgl_graph

        return build_dgl_graph(self, reverse=reverse)

    def _relation(self, name: str) -> Columns:
        return load_file(self.folder / "relations" / f"{name}.safetensors")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a snapshot folder, checked for its version and against its JSON Schema."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SnapshotError(
            f"{folder} is not a snapshot: it has no manifest.json. Make one with `tellgraph export {folder}`."
        ) from error
    except ValueError as error:
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


def _check_description(path: Path, manifest: dict[str, Any]) -> None:
    try:
        jsonschema.validate(manifest, _schema())
    except jsonschema.ValidationError as error:
        raise SnapshotError(f"{path}, at {error.json_path}: {error.message}. Export the snapshot again.") from error
    # Relation names become file names: a manifest may name only the files that its own relations call for.
    expected = {"entities.jsonl", "items.jsonl", "dialogues.jsonl"}
    expected |= {f"relations/{name}.safetensors" for name in manifest["relations"]}
    expected |= {f"vectors/{modality}.safetensors" for modality in MODALITIES}
    different = sorted(expected ^ manifest["files"].keys())
    if different:
        raise SnapshotError(f"{path} has no checksum, or no use, for {', '.join(different)}. Export it again.")


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((files("graphstore") / "snapshot.schema.json").read_text("utf-8"))
    return schema


def _verify_files(folder: Path, expected: dict[str, dict[str, Any]]) -> None:
    for name, seal in expected.items():
        path = folder / name
        if not path.is_file():
            raise SnapshotError(f"{folder} is incomplete: {name} is missing. Copy or export it again.")
        if path.stat().st_size != seal["bytes"]:
            raise SnapshotError(
                f"{path} has {path.stat().st_size:,} bytes, not {seal['bytes']:,}: copy or export it again."
            )
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != seal["sha256"]:
            raise SnapshotError(f"{path} was changed since its export: its checksum differs. Export it again.")


def _verify_counts(snapshot: Snapshot) -> None:
    """The shards are what was sealed; this compares them with what the manifest says about them."""
    dialogues = [len(dialogue.turns) for dialogue in snapshot.dialogues()]
    found = {
        "entities": len(snapshot.uris),
        "items": len(snapshot.items),
        "dialogues": len(dialogues),
        "turns": sum(dialogues),
    }
    for name, description in snapshot.manifest["relations"].items():
        columns = snapshot._relation(name)
        found[name] = len(columns["source"])
        if {column: str(values.dtype) for column, values in columns.items()} != description["columns"]:
            raise SnapshotError(f"{snapshot.folder}: the manifest names other columns than {name} has.")
    stated = dict(snapshot.manifest["counts"])
    stated.update((name, relation["edges"]) for name, relation in snapshot.manifest["relations"].items())
    for name, count in stated.items():
        if found.get(name) != count:
            raise SnapshotError(
                f"{snapshot.folder}: the manifest counts {count:,} {name}, the files hold "
                f"{found.get(name, 0):,}. Export it again."
            )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    # newline="\n": text from the graph may hold other line separators, which JSON leaves unescaped.
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def _turn(turn: dict[str, Any]) -> Turn:
    return Turn(turn["role"], turn["text"], tuple(turn["items"]), tuple(turn["entities"]))
