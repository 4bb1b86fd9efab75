"""A snapshot as Parquet tables, for other people's tools: pandas, DuckDB, Polars, Spark.

    entities.parquet    id, uri, name, item
    items.parquet       index, id, the item's properties, text_vector, image_vector
    dialogues.parquet   id, source, split, turns
    edges.parquet       relation, kind, source, target, source_uri, target_uri, count, weight, score, rank
    manifest.json       where they come from

Nothing here is read back by Tellgraph: training reads snapshots. docs/snapshot.md describes the columns.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graphstore.snapshot import Snapshot
from graphstore.snapshot_folder import fresh_folder
from graphstore.snapshot_manifest import ITEM_FIELDS, LIST_FIELDS, MODALITIES, Columns

__all__ = ["PARQUET_FORMAT", "write_parquet"]

PARQUET_FORMAT = "tellgraph-parquet"

# Edges of which the URIs are in memory at once, and the rows of a row group.
_BATCH = 1_000_000

_STRINGS = pa.list_(pa.string())
_TURN = pa.struct({"role": pa.string(), "text": pa.string(), "items": _STRINGS, "entities": _STRINGS})
_DIALOGUES = pa.schema({"id": pa.string(), "source": pa.string(), "split": pa.string(), "turns": pa.list_(_TURN)})
_EDGES = pa.schema(
    {
        "relation": pa.string(),
        "kind": pa.string(),
        "source": pa.int64(),
        "target": pa.int64(),
        "source_uri": pa.string(),
        "target_uri": pa.string(),
        "count": pa.int64(),
        "weight": pa.float32(),
        "score": pa.float32(),
        "rank": pa.int64(),
    }
)


def write_parquet(snapshot: Snapshot, folder: Path | str) -> None:
    """Write the tables into `folder`; older ones there are replaced, an interruption leaves them.

    Raises SnapshotError when `folder` holds anything else, or cannot be written.
    """
    with fresh_folder(Path(folder), PARQUET_FORMAT) as fresh:
        pq.write_table(_entities(snapshot), fresh / "entities.parquet")
        pq.write_table(_items(snapshot), fresh / "items.parquet")
        pq.write_table(_dialogues(snapshot), fresh / "dialogues.parquet")
        _write_edges(snapshot, fresh / "edges.parquet")
        kept = ("server_version", "build", "filters", "encoders", "descriptions", "counts")
        manifest = {"format": PARQUET_FORMAT, "version": 1, **{key: snapshot.manifest.get(key) for key in kept}}
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        (fresh / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def _entities(snapshot: Snapshot) -> pa.Table:
    item = np.zeros(len(snapshot.uris), dtype=bool)
    item[snapshot.item_ids] = True
    columns = {
        "id": pa.array(np.arange(len(snapshot.uris))),
        "uri": pa.array(snapshot.uris, pa.string()),
        "name": pa.array(snapshot.names, pa.string()),
        "item": pa.array(item),
    }
    return pa.table(columns)


def _items(snapshot: Snapshot) -> pa.Table:
    types = dict.fromkeys(ITEM_FIELDS, pa.string()) | dict.fromkeys(LIST_FIELDS, _STRINGS)
    types |= {"year": pa.int64(), "popularity": pa.int64()}
    columns: dict[str, Any] = {"index": np.arange(len(snapshot.items)), "id": snapshot.item_ids}
    for name in ITEM_FIELDS:
        columns[name] = pa.array([item[name] for item in snapshot.items], types[name])
    for modality in MODALITIES:
        ids, vectors = snapshot.vectors(modality)
        rows = dict(zip(ids.tolist(), vectors, strict=True))
        found = [rows.get(entity) for entity in snapshot.item_ids.tolist()]
        columns[f"{modality}_vector"] = pa.array(found, pa.list_(pa.float32()))
    return pa.table(columns)


def _dialogues(snapshot: Snapshot) -> pa.Table:
    rows = [
        {
            "id": dialogue.id,
            "source": dialogue.source,
            "split": dialogue.split,
            "turns": [
                {"role": turn.role, "text": turn.text, "items": turn.items, "entities": turn.entities}
                for turn in dialogue.turns
            ],
        }
        for dialogue in snapshot.dialogues()
    ]
    return pa.Table.from_pylist(rows, _DIALOGUES)


def _write_edges(snapshot: Snapshot, file: Path) -> None:
    uris = pa.array(snapshot.uris, pa.string())
    with pq.ParquetWriter(file, _EDGES) as writer:
        for name, description in snapshot.manifest["relations"].items():
            columns = snapshot.relation(name)
            for start in range(0, description["edges"], _BATCH):
                part = {column: values[start : start + _BATCH] for column, values in columns.items()}
                writer.write_table(_edges(name, description["kind"], part, uris))


def _edges(name: str, kind: str, columns: Columns, uris: pa.Array) -> pa.Table:
    rows = len(columns["source"])
    known = {
        "relation": pa.repeat(name, rows),
        "kind": pa.repeat(kind, rows),
        "source_uri": uris.take(pa.array(columns["source"])),
        "target_uri": uris.take(pa.array(columns["target"])),
        **columns,
    }
    return pa.table([known.get(field.name, pa.nulls(rows, field.type)) for field in _EDGES], schema=_EDGES)
