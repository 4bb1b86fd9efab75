"""Reader of snapshots: everything that training needs from the graph, as a folder of plain files.

    manifest.json              format, version, server, build, counts, columns, a checksum for every other file
    manifest.sha256            the manifest's own checksum
    entities.jsonl             uri, name; sorted by URI: an entity's id is its line, from 0
    items.jsonl                what can be recommended, sorted by URI: an item's index is its line, from 0
    dialogues.jsonl            conversations with their mentions, sorted by id
    relations/TYPE.safetensors one shard per relation: columns of entity ids, weights beside them
    vectors/*.safetensors      text and image vectors of the items that have one, and contexts of dialogues

docs/snapshot.md is the contract; `graphstore.snapshot_writer` writes such folders.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.snapshot_check import check_contents
from graphstore.snapshot_manifest import (
    CONTEXTS,
    EDGE_COLUMNS,
    Columns,
    Contexts,
    EdgeType,
    Modality,
    check_sizes,
    read_manifest,
    verify_files,
)

if TYPE_CHECKING:
    import dgl
    import networkx
    import torch_geometric

__all__ = ["Columns", "Contexts", "Snapshot"]


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

        Versions 1 to 3 are read. Raises SnapshotError when the folder is no snapshot, of a newer version,
        incomplete, changed, or does not hold what its manifest says.
        """
        folder = Path(folder)
        manifest = read_manifest(folder)
        check_sizes(folder, manifest)
        if verify:
            verify_files(folder, manifest)
        with _readable(folder):
            entities = list(_lines(folder / "entities.jsonl"))
            items = list(_lines(folder / "items.jsonl"))
            uris = [entity["uri"] for entity in entities]
            ids = {uri: position for position, uri in enumerate(uris)}
            item_ids = np.fromiter((ids[item["uri"]] for item in items), dtype=np.int64, count=len(items))
            snapshot = cls(folder, manifest, uris, [entity["name"] for entity in entities], items, item_ids)
            if verify:
                check_contents(snapshot)
        return snapshot

    @cached_property
    def entity_id(self) -> dict[str, int]:
        """URI → entity id."""
        return {uri: position for position, uri in enumerate(self.uris)}

    def facts(self) -> dict[str, Columns]:
        """Relation type → `source` and `target`, int64 [edges] entity ids, sorted by source, then target."""
        relations = self.manifest["relations"]
        return {name: self.relation(name) for name, description in relations.items() if description["kind"] == "fact"}

    def edges(self, name: EdgeType) -> Columns:
        """Edges that Tellgraph computed: the columns of `EDGE_COLUMNS[name]`, each [edges], maybe empty.

        A co-mention stands once per pair, from the smaller URI to the larger, with its `count` (Eq. 6 of
        MSCRS), and so does a co-interaction, with a `weight` that fades with time. A similarity runs from an item
        to its neighbour of that `rank`, from 1 (Eq. 9-10).
        """
        if name not in self.manifest["relations"]:  # optional, or of a version that did not know it
            return {column: np.empty(0, dtype=dtype) for column, dtype in EDGE_COLUMNS[name].items()}
        return self.relation(name)

    def relations(self, *, reverse: bool = False) -> dict[str, Columns]:
        """Every relation of the snapshot, facts and computed ones: its name → its columns, each [edges].

        reverse: add `rev_TYPE` for each, its ends exchanged and its weights the same.
        """
        found = {name: self.relation(name) for name in self.manifest["relations"]}
        if reverse:
            found |= {
                f"rev_{name}": {**columns, "source": columns["target"], "target": columns["source"]}
                for name, columns in found.items()
            }
        return found

    def vectors(self, modality: Modality) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Entity ids [n], ascending, of the items that have a vector, and the vectors [n, dimensions]."""
        tensors = load_file(self.folder / "vectors" / f"{modality}.safetensors")
        return tensors["ids"], tensors["vectors"]

    def contexts(self) -> Contexts:
        """What was said before turns of training dialogues, as vectors; none in versions 1 and 2."""
        if self.manifest["version"] < 3:
            ids, vectors = np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
            return Contexts(ids, ids, vectors, vectors)
        tensors = load_file(self.folder / f"{CONTEXTS}.safetensors")
        return Contexts(tensors["dialogue"], tensors["turn"], tensors["whole"], tensors["recent"])

    def dialogues(self, split: str | None = None) -> Iterator[Dialogue]:
        """The dialogues of one split, or all of them, sorted by id."""
        for line in _lines(self.folder / "dialogues.jsonl"):
            if split in (None, line["split"]):
                yield Dialogue(line["id"], line["source"], line["split"], tuple(map(_turn, line["turns"])))

    def to_dgl(self, *, reverse: bool = False) -> dgl.DGLGraph:
        """The snapshot as a DGL heterograph; see `graphstore.dgl_graph.build_dgl_graph`."""
        from graphstore.dgl_graph import build_dgl_graph

        return build_dgl_graph(self, reverse=reverse)

    def to_pyg(self, *, reverse: bool = False) -> torch_geometric.data.HeteroData:
        """The snapshot as PyG's heterogeneous graph; see `graphstore.pyg_graph.build_pyg_graph`."""
        from graphstore.pyg_graph import build_pyg_graph

        return build_pyg_graph(self, reverse=reverse)

    def to_networkx(self, *, reverse: bool = False) -> networkx.MultiDiGraph[int]:
        """A small snapshot as a NetworkX graph; see `graphstore.networkx_graph.build_networkx_graph`."""
        from graphstore.networkx_graph import build_networkx_graph

        return build_networkx_graph(self, reverse=reverse)

    def relation(self, name: str) -> Columns:
        """The columns of a relation that the manifest names."""
        return load_file(self.folder / "relations" / f"{name}.safetensors")


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Contents that are no snapshot's, although their checksums fit, get a sentence."""
    try:
        yield
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise SnapshotError(
            f"{folder} does not hold what its manifest says ({type(error).__name__}: {error}). Export it again."
        ) from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    # newline="\n": text from the graph may hold other line separators, which JSON leaves unescaped.
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def _turn(turn: dict[str, Any]) -> Turn:
    return Turn(turn["role"], turn["text"], tuple(turn["items"]), tuple(turn["entities"]))
