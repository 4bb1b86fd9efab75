"""Writer of snapshots: files aside in a hidden folder, checksums, then one rename into place.

`SnapshotWriter` takes id columns and is what an export uses; `write_snapshot` takes URIs and needs no graph.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from graphstore.dialogues import Dialogue
from graphstore.errors import SnapshotError
from graphstore.relation_type import RelationType
from graphstore.snapshot import (
    EDGE_COLUMNS,
    FORMAT,
    ITEM_FIELDS,
    MODALITIES,
    VERSION,
    Columns,
    EdgeType,
    Modality,
    Snapshot,
    read_manifest,
)

__all__ = ["FACT_COLUMNS", "SnapshotWriter", "check_target", "write_snapshot"]

_LIST_FIELDS = frozenset({"genres", "directors", "writers", "stars"})
FACT_COLUMNS = {"source": "int64", "target": "int64"}


class SnapshotWriter:
    """Context manager: what is added lands in `folder` when the block ends well, and nowhere otherwise.

    An older snapshot in `folder` is replaced; anything else there raises SnapshotError and stays untouched, and
    so does a folder that cannot be written.
    """

    def __init__(self, folder: Path | str, *, server_version: str = "") -> None:
        self._target = Path(folder).resolve()
        self._partial = self._target.with_name(f".{self._target.name}.{uuid.uuid4().hex[:8]}.partial")
        self._entity_id: dict[str, int] = {}
        self._manifest: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "server_version": server_version,
            "encoders": {},
            "counts": {"entities": 0, "items": 0, "dialogues": 0, "turns": 0},
            "tables": {
                "entities": ["uri", "name"],
                "items": list(ITEM_FIELDS),
                "dialogues": ["id", "source", "split", "turns"],
            },
            "relations": {},
            "vectors": {},
        }

    def __enter__(self) -> Self:
        with _writing(self._target):
            check_target(self._target)
            (self._partial / "relations").mkdir(parents=True)
            (self._partial / "vectors").mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with _writing(self._target):
                if isinstance(error, OSError):
                    raise error
                if error is None:
                    self._seal()
                    _replace(self._target, self._partial)
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)

    def add_entities(self, entities: Iterable[tuple[str, str]]) -> dict[str, int]:
        """Take (URI, name) of every node, in any order; returns URI → entity id. Comes before all else."""
        names = dict(entities)
        self._entity_id = {uri: position for position, uri in enumerate(sorted(names))}
        self._write_lines("entities", ({"uri": uri, "name": names[uri]} for uri in self._entity_id))
        return self._entity_id

    def add_items(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Take the item properties (`ITEM_FIELDS`, `uri` required), in any order."""
        tidy = ({name: _tidy(name, item.get(name)) for name in ITEM_FIELDS} for item in items)
        self._write_lines("items", sorted(tidy, key=lambda item: str(item["uri"])))

    def add_fact(self, name: str, columns: Columns, predicate: str | None = None) -> None:
        """Take one fact relation: `source` and `target`, entity ids [edges]."""
        try:
            RelationType(name, predicate or name)
        except ValueError as error:
            raise SnapshotError(f"{name!r} cannot be a fact: {error}.") from error
        self._add_relation(name, "fact", columns, FACT_COLUMNS)
        if predicate is not None:
            self._manifest["relations"][name]["predicate"] = predicate

    def add_edges(self, name: EdgeType, columns: Columns) -> None:
        """Take one computed relation, with the columns of `EDGE_COLUMNS`, each [edges]."""
        kind = "co_mention" if name == "CO_MENTIONED" else "similarity"
        self._add_relation(name, kind, columns, EDGE_COLUMNS[name])

    def add_vectors(
        self, modality: Modality, ids: npt.ArrayLike, vectors: npt.ArrayLike, encoder: str | None = None
    ) -> None:
        """Take entity ids [n] and their vectors [n, dimensions], in any order, and who made them."""
        keys = np.asarray(ids, dtype=np.int64)
        matrix = np.asarray(vectors, dtype=np.float32)
        matrix = matrix.reshape(len(keys), -1) if len(keys) else np.zeros((0, 0), dtype=np.float32)
        order = np.argsort(keys, kind="stable")
        tensors: Columns = {"ids": keys[order], "vectors": np.ascontiguousarray(matrix[order])}
        self._write_tensors(f"vectors/{modality}", tensors)
        self._manifest["vectors"][modality] = {"items": len(keys), "dimensions": matrix.shape[1]}
        if encoder is not None:
            self._manifest["encoders"][modality] = encoder

    def add_dialogues(self, dialogues: Iterable[Dialogue]) -> None:
        """Take the dialogues, in any order."""
        ordered = sorted(dialogues, key=lambda dialogue: dialogue.id)
        self._write_lines("dialogues", map(_dialogue_line, ordered))
        self._manifest["counts"]["turns"] = sum(len(dialogue.turns) for dialogue in ordered)

    def _add_relation(self, name: str, kind: str, columns: Columns, types: Mapping[str, str]) -> None:
        tidy: Columns = {column: np.asarray(columns[column], dtype=dtype) for column, dtype in types.items()}
        # lexsort's last key leads: by source, then target, then the rest, whatever order the graph gave.
        order = np.lexsort(list(reversed(tidy.values())))
        shard = {column: values[order] for column, values in tidy.items()}
        self._write_tensors(f"relations/{name}", shard)
        relation: dict[str, Any] = {"kind": kind, "edges": len(order), "columns": dict(types)}
        self._manifest["relations"][name] = relation

    def _write_tensors(self, name: str, tensors: Columns) -> None:
        # Not save_file, which makes files that only their owner may read.
        (self._partial / f"{name}.safetensors").write_bytes(save(tensors))

    def _write_lines(self, table: str, lines: Iterable[Mapping[str, Any]]) -> None:
        count = 0
        with (self._partial / f"{table}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
                count += 1
        self._manifest["counts"][table] = count

    def _seal(self) -> None:
        """Write the manifest over all that lies there."""
        paths = sorted(path for path in self._partial.rglob("*") if path.is_file())
        self._manifest["relations"] = dict(sorted(self._manifest["relations"].items()))
        self._manifest["files"] = {path.relative_to(self._partial).as_posix(): _checksum(path) for path in paths}
        text = json.dumps(self._manifest, ensure_ascii=False, indent=2) + "\n"
        (self._partial / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
        read_manifest(self._partial)  # a forgotten table is the caller's mistake and must not reach `folder`


def write_snapshot(
    folder: Path | str,
    *,
    entities: Iterable[tuple[str, str]],
    items: Sequence[Mapping[str, Any]] = (),
    facts: Mapping[str, Iterable[tuple[str, str]]] | None = None,
    co_mentions: Iterable[tuple[str, str, int]] = (),
    text_similar: Iterable[tuple[str, str, float, int]] = (),
    image_similar: Iterable[tuple[str, str, float, int]] = (),
    text_vectors: Mapping[str, Sequence[float]] | None = None,
    image_vectors: Mapping[str, Sequence[float]] | None = None,
    dialogues: Iterable[Dialogue] = (),
    registry: Mapping[str, str] | None = None,
    server_version: str = "",
    encoders: Mapping[str, str] | None = None,
) -> Snapshot:
    """Make a snapshot out of URIs, without a graph.

    entities: (URI, name); an item that is not among them is added under its title.
    items: properties, `uri` required; what is missing is None or an empty list.
    facts: relation type → (source URI, target URI). registry: relation type → predicate URI.
    co_mentions: (URI, URI, count), one per pair. *_similar: (item, neighbour, score, rank from 1).
    *_vectors: item URI → vector. encoders: modality → name of what made its vectors.

    Raises SnapshotError for a URI that is neither an entity nor an item, and for a folder in use.
    """
    names = {item["uri"]: str(item.get("title") or item["uri"]) for item in items} | dict(entities)
    with SnapshotWriter(folder, server_version=server_version) as writer:
        ids = writer.add_entities(names.items())
        writer.add_items(items)
        for name, pairs in (facts or {}).items():
            columns = _columns(name, pairs, FACT_COLUMNS, ids)
            writer.add_fact(name, columns, (registry or {}).get(name))
        computed: dict[EdgeType, Iterable[tuple[Any, ...]]] = {
            "CO_MENTIONED": co_mentions,
            "TEXT_SIMILAR": text_similar,
            "IMAGE_SIMILAR": image_similar,
        }
        for edge_type, rows in computed.items():
            writer.add_edges(edge_type, _columns(edge_type, rows, EDGE_COLUMNS[edge_type], ids))
        for modality, vectors in zip(MODALITIES, (text_vectors, image_vectors), strict=True):
            known = vectors or {}
            keys = [_known(modality, uri, ids) for uri in known]
            writer.add_vectors(modality, keys, list(known.values()), (encoders or {}).get(modality))
        writer.add_dialogues(dialogues)
    return Snapshot.open(folder, verify=False)


def check_target(folder: Path) -> None:
    """Raise SnapshotError unless `folder` is new, empty, or holds a snapshot (which may be replaced)."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir() or not _is_snapshot(folder):
        raise SnapshotError(f"{folder} is there and is no snapshot, so it is left alone: name another folder.")


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """A full disk or a folder without permission is the user's to mend, so it gets a sentence."""
    try:
        yield
    except OSError as error:
        raise SnapshotError(
            f"The snapshot {target} cannot be written ({error.strerror}): see to the disk, or name another folder."
        ) from error


def _is_snapshot(folder: Path) -> bool:
    """True for a snapshot of any version, readable or damaged: replacing one is how it is repaired."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def _replace(target: Path, fresh: Path) -> None:
    """Put `fresh` at `target`; whatever interrupts this, `target` is the old folder or the new one."""
    check_target(target)
    if not target.exists():
        fresh.rename(target)
        return
    aside = fresh.with_suffix(".replaced")
    try:
        target.rename(aside)
        fresh.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)


def _columns(name: str, rows: Iterable[tuple[Any, ...]], types: Mapping[str, str], ids: Mapping[str, int]) -> Columns:
    table = [(_known(name, source, ids), _known(name, target, ids), *rest) for source, target, *rest in rows]
    values = list(zip(*table, strict=True)) or [()] * len(types)
    return {column: np.array(cells, dtype=dtype) for (column, dtype), cells in zip(types.items(), values, strict=True)}


def _known(where: str, uri: str, ids: Mapping[str, int]) -> int:
    try:
        return ids[uri]
    except KeyError:
        raise SnapshotError(f"{where} names {uri}, which is neither an entity nor an item.") from None


def _tidy(name: str, value: Any) -> Any:
    return list(value or ()) if name in _LIST_FIELDS else value


def _dialogue_line(dialogue: Dialogue) -> dict[str, Any]:
    turns = [
        {"role": turn.role, "text": turn.text, "items": list(turn.items), "entities": list(turn.entities)}
        for turn in dialogue.turns
    ]
    return {"id": dialogue.id, "source": dialogue.source, "split": dialogue.split, "turns": turns}


def _checksum(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
