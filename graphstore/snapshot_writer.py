"""Writer of snapshots: files aside in a hidden folder, checksums, then one rename into place.

`SnapshotWriter` takes id columns and is what an export uses; `write_snapshot` takes URIs and needs no graph.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from graphstore.dialogues import Dialogue
from graphstore.errors import SnapshotError
from graphstore.relation_type import RelationType
from graphstore.snapshot import Snapshot
from graphstore.snapshot_folder import fresh_folder
from graphstore.snapshot_manifest import (
    CONTEXTS,
    EDGE_COLUMNS,
    EDGE_KINDS,
    FACT_COLUMNS,
    FORMAT,
    ITEM_FIELDS,
    LIST_FIELDS,
    MODALITIES,
    OPTIONAL_EDGES,
    VERSION,
    Columns,
    Contexts,
    EdgeType,
    Modality,
    read_manifest,
    seal,
    seal_manifest,
)

__all__ = ["SnapshotWriter", "write_snapshot"]


class SnapshotWriter:
    """Context manager: what is added lands in `folder` when the block ends well, and nowhere otherwise.

    An older snapshot in `folder` is replaced; anything else there raises SnapshotError and stays untouched, and
    so does a folder that cannot be written.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        server_version: str = "",
        build: int = 0,
        filters: Mapping[str, Any] | None = None,
    ) -> None:
        """build: number of the build whose edges these are. filters: what was asked for; {} is everything."""
        self._target = Path(folder)
        self._stack = ExitStack()
        self._entity_id: dict[str, int] = {}
        self._blank: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "server_version": server_version,
            "build": build,
            "filters": dict(filters or {}),
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
        self._partial = self._stack.enter_context(fresh_folder(self._target, FORMAT))
        self._stack.push(self._end)
        self.start_over()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def start_over(self) -> None:
        """Forget all that was added."""
        self._manifest = deepcopy(self._blank)
        shutil.rmtree(self._partial)
        for name in ("relations", "vectors"):
            (self._partial / name).mkdir(parents=True)

    def set_build(self, build: int) -> None:
        """Name the build whose edges these are, where it was not known at the beginning."""
        self._manifest["build"] = build

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
        if len(columns["source"]) or name not in OPTIONAL_EDGES:
            self._add_relation(name, EDGE_KINDS[name], columns, EDGE_COLUMNS[name])

    def add_vectors(
        self,
        modality: Modality,
        ids: npt.ArrayLike,
        vectors: npt.ArrayLike,
        encoder: str | None = None,
        descriptions: str | None = None,
    ) -> None:
        """Take entity ids [n] and their vectors [n, dimensions], in any order, and who made them.

        descriptions: the language model that wrote the texts behind them, where one did.
        """
        keys = np.asarray(ids, dtype=np.int64)
        matrix = np.asarray(vectors, dtype=np.float32)
        matrix = matrix.reshape(len(keys), -1) if len(keys) else np.zeros((0, 0), dtype=np.float32)
        order = np.argsort(keys, kind="stable")
        tensors: Columns = {"ids": keys[order], "vectors": np.ascontiguousarray(matrix[order])}
        self._write_tensors(f"vectors/{modality}", tensors)
        self._manifest["vectors"][modality] = {"items": len(keys), "dimensions": matrix.shape[1]}
        if encoder is not None:
            self._manifest["encoders"][modality] = encoder
        if descriptions is not None:
            self._manifest["descriptions"] = descriptions

    def add_contexts(self, contexts: Contexts, encoder: str | None = None) -> None:
        """Take what was said before turns, in any order, and who made the vectors: the encoder of the text vectors."""
        made_by = self._manifest["encoders"].setdefault("text", encoder) if encoder is not None else None
        if made_by != encoder:
            raise SnapshotError(
                f"The text vectors come from {made_by} and those of the dialogues from {encoder}: "
                "run `tellgraph build vectors` to its end first."
            )
        order = np.lexsort((contexts.turn, contexts.dialogue))
        tensors: Columns = {name: np.ascontiguousarray(values[order]) for name, values in vars(contexts).items()}
        self._write_tensors(CONTEXTS, tensors)
        self._manifest["contexts"] = {"turns": len(order), "dimensions": contexts.whole.shape[1]}

    def add_dialogues(self, dialogues: Iterable[Dialogue]) -> dict[str, int]:
        """Take the dialogues, in any order; returns id → line, from 0, which the contexts name."""
        ordered = sorted(dialogues, key=lambda dialogue: dialogue.id)
        self._write_lines("dialogues", map(_dialogue_line, ordered))
        self._manifest["counts"]["turns"] = sum(len(dialogue.turns) for dialogue in ordered)
        return {dialogue.id: line for line, dialogue in enumerate(ordered)}

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

    def _end(self, kind: type[BaseException] | None, *_: object) -> None:
        """When all went well, write the manifest over what lies there."""
        if kind is not None:
            return
        paths = sorted(path for path in self._partial.rglob("*") if path.is_file())
        self._manifest["relations"] = dict(sorted(self._manifest["relations"].items()))
        self._manifest["files"] = {path.relative_to(self._partial).as_posix(): seal(path) for path in paths}
        text = json.dumps(self._manifest, ensure_ascii=False, indent=2) + "\n"
        (self._partial / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
        seal_manifest(self._partial)
        read_manifest(self._partial)  # a forgotten table is the caller's mistake and must not reach `folder`


def write_snapshot(
    folder: Path | str,
    *,
    entities: Iterable[tuple[str, str]],
    items: Sequence[Mapping[str, Any]] = (),
    facts: Mapping[str, Iterable[tuple[str, str]]] | None = None,
    co_mentions: Iterable[tuple[str, str, int]] = (),
    co_interactions: Iterable[tuple[str, str, int, float]] = (),
    text_similar: Iterable[tuple[str, str, float, int]] = (),
    image_similar: Iterable[tuple[str, str, float, int]] = (),
    text_vectors: Mapping[str, Sequence[float]] | None = None,
    image_vectors: Mapping[str, Sequence[float]] | None = None,
    dialogues: Iterable[Dialogue] = (),
    contexts: Iterable[tuple[str, int, Sequence[float], Sequence[float]]] = (),
    registry: Mapping[str, str] | None = None,
    server_version: str = "",
    build: int = 0,
    encoders: Mapping[str, str] | None = None,
) -> Snapshot:
    """Make a snapshot out of URIs, without a graph.

    entities: (URI, name); an item that is not among them is added under its title.
    items: properties, `uri` required; what is missing is None or an empty list.
    facts: relation type → (source URI, target URI). registry: relation type → predicate URI.
    co_mentions: (URI, URI, count), one per pair. co_interactions: (URI, URI, count, weight), likewise.
    *_similar: (item, neighbour, score, rank from 1).
    *_vectors: item URI → vector. encoders: modality → name of what made its vectors.
    contexts: (dialogue id, turn, vector of all that was said before it, vector of the newest turns).

    Raises SnapshotError for a URI that is neither an entity nor an item, a context of no dialogue, a folder in use.
    """
    names = {item["uri"]: str(item.get("title") or item["uri"]) for item in items} | dict(entities)
    with SnapshotWriter(folder, server_version=server_version, build=build) as writer:
        ids = writer.add_entities(names.items())
        writer.add_items(items)
        for name, pairs in (facts or {}).items():
            columns = _columns(name, pairs, FACT_COLUMNS, ids)
            writer.add_fact(name, columns, (registry or {}).get(name))
        computed: dict[EdgeType, Iterable[tuple[Any, ...]]] = {
            "CO_MENTIONED": co_mentions,
            "CO_INTERACTED": co_interactions,
            "TEXT_SIMILAR": text_similar,
            "IMAGE_SIMILAR": image_similar,
        }
        for edge_type, rows in computed.items():
            writer.add_edges(edge_type, _columns(edge_type, rows, EDGE_COLUMNS[edge_type], ids))
        for modality, vectors in zip(MODALITIES, (text_vectors, image_vectors), strict=True):
            known = vectors or {}
            keys = [_known(modality, uri, ids) for uri in known]
            writer.add_vectors(modality, keys, list(known.values()), (encoders or {}).get(modality))
        lines = writer.add_dialogues(dialogues)
        writer.add_contexts(_contexts(contexts, lines), (encoders or {}).get("text"))
    return Snapshot.open(folder, verify=False)


def _columns(name: str, rows: Iterable[tuple[Any, ...]], types: Mapping[str, str], ids: Mapping[str, int]) -> Columns:
    table = [(_known(name, source, ids), _known(name, target, ids), *rest) for source, target, *rest in rows]
    values = list(zip(*table, strict=True)) or [()] * len(types)
    return {column: np.array(cells, dtype=dtype) for (column, dtype), cells in zip(types.items(), values, strict=True)}


def _contexts(rows: Iterable[tuple[str, int, Sequence[float], Sequence[float]]], lines: Mapping[str, int]) -> Contexts:
    table = [(_known("a context", id_, lines, "no dialogue"), *rest) for id_, *rest in rows]
    dialogue, turn, whole, recent = zip(*table, strict=True) if table else ((),) * 4
    vectors = (np.array(part, dtype=np.float32).reshape(len(table), -1 if table else 0) for part in (whole, recent))
    return Contexts(np.array(dialogue, dtype=np.int64), np.array(turn, dtype=np.int64), *vectors)


def _known(where: str, key: str, numbers: Mapping[str, int], what: str = "neither an entity nor an item") -> int:
    try:
        return numbers[key]
    except KeyError:
        raise SnapshotError(f"{where} names {key}, which is {what}.") from None


def _tidy(name: str, value: Any) -> Any:
    return list(value or ()) if name in LIST_FIELDS else value


def _dialogue_line(dialogue: Dialogue) -> dict[str, Any]:
    turns = [
        {"role": turn.role, "text": turn.text, "items": list(turn.items), "entities": list(turn.entities)}
        for turn in dialogue.turns
    ]
    return {"id": dialogue.id, "source": dialogue.source, "split": dialogue.split, "turns": turns}
