"""The graph as a snapshot folder: columns out of Neo4j, ids from sorted URIs.

    export_graph.cypher ──────► read_relations ► entities, relations ─┐
    export_items.cypher ───────────────────────► items ──────────────┤
    export_vectors.cypher, by modality ────────► vectors ────────────┼──► SnapshotWriter ──► Snapshot
    export_dialogues.cypher ───────────────────► dialogues ──────────┘

Others may write meanwhile. The entities are read first, and what refers to one that came later is left to
the next export, so that a snapshot always fits together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.graph import Graph
from graphstore.snapshot import EDGE_COLUMNS, MODALITIES, Columns, Modality, Snapshot
from graphstore.snapshot_writer import FACT_COLUMNS, SnapshotWriter

__all__ = ["Progress", "export_snapshot", "read_relations"]

Progress = Callable[[str, int], None]
"""Is told (table, rows of it read so far) as the rows come; a table is done when the next one begins."""


def _silent(table: str, rows: int) -> None:
    pass


def export_snapshot(graph: Graph, folder: Path | str, progress: Progress = _silent) -> Snapshot:
    """Write the whole graph to `folder` and open it.

    The same graph gives the same bytes. The snapshot is written beside `folder` and then renamed; an older
    snapshot there is replaced, and an interruption leaves it as it was.

    Raises SnapshotError when the graph is empty, when vectors of several encoders stand in it, or when
    `folder` holds anything but a snapshot; ConnectionLostError and QueryError as `Graph.stream` does.
    """
    with SnapshotWriter(folder, server_version=graph.server_version) as writer:
        predicates = {row["type"]: row["uri"] for row in graph.read("relation_types")}
        entities, relations = read_relations(graph, list(predicates), progress)
        if not entities:
            raise SnapshotError(
                "The graph is empty: `tellgraph ingest triples FILE` comes first, then `tellgraph ingest items`."
            )
        ids = writer.add_entities(entities)
        _add_relations(writer, relations, predicates)
        writer.add_items(_counted("items", _items(graph, ids), progress))
        for modality in MODALITIES:
            _add_vectors(writer, graph, modality, ids, progress)
        writer.add_dialogues(_counted("dialogues", _dialogues(graph, ids), progress))
    return Snapshot.open(folder, verify=False)


def read_relations(
    graph: Graph, facts: Sequence[str], progress: Progress = _silent
) -> tuple[list[tuple[str, str]], dict[str, Columns]]:
    """The entities, as (URI, name) sorted by URI, and the relations between them, as columns of entity ids.

    facts: relationship types to read; the computed edges are read in any case. A relation that has no edge
        has no columns; `EDGE_COLUMNS` and `FACT_COLUMNS` say which columns the others have.
    Raises ConnectionLostError and QueryError as `Graph.stream` does.
    """
    entities: list[tuple[str, str]] = []
    places: dict[int, int] = {}
    parts: dict[str, list[Columns]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    for answer in graph.stream("export_graph", facts=list(facts)):
        table, columns = answer["table"], answer["columns"]
        if table == "entities":
            places.update(zip(columns[0], range(len(places), len(places) + len(columns[0])), strict=True))
            entities += zip(columns[1], columns[2], strict=True)
        else:
            parts[table].append(_known_edges(columns, _types(table), places))
        rows[table] += len(columns[0])
        progress(table, rows[table])
    order = sorted(range(len(entities)), key=entities.__getitem__)
    ids = np.empty(len(entities), dtype=np.int64)
    ids[order] = np.arange(len(entities))
    relations = {table: _renumbered(chunks, ids) for table, chunks in parts.items()}
    return [entities[place] for place in order], relations


def _renumbered(parts: list[Columns], ids: npt.NDArray[np.int64]) -> Columns:
    """One relation's columns in one piece, with entity ids; `ids` holds them by place of arrival."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {**columns, "source": ids[columns["source"]], "target": ids[columns["target"]]}


def _types(table: str) -> dict[str, str]:
    return next((types for name, types in EDGE_COLUMNS.items() if name == table), FACT_COLUMNS)


def _known_edges(columns: list[list[Any]], types: dict[str, str], places: dict[int, int]) -> Columns:
    """Columns with places instead of keys, without edges of entities that came after the table of them."""
    ends = [np.array([places.get(key, -1) for key in keys], dtype=np.int64) for keys in columns[:2]]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    return {
        name: np.asarray(values, dtype=dtype)[known]
        for (name, dtype), values in zip(types.items(), [*ends, *columns[2:]], strict=True)
    }


def _add_relations(writer: SnapshotWriter, relations: dict[str, Columns], predicates: dict[str, str]) -> None:
    for name, predicate in predicates.items():
        if name in relations:
            writer.add_fact(name, relations[name], predicate)
    for edge_type, types in EDGE_COLUMNS.items():
        empty: Columns = {name: np.empty(0, dtype=dtype) for name, dtype in types.items()}
        writer.add_edges(edge_type, relations.get(edge_type, empty))


def _items(graph: Graph, ids: dict[str, int]) -> Iterator[dict[str, Any]]:
    for answer in graph.stream("export_items"):
        yield from (item for item in answer["items"] if item["uri"] in ids)


def _add_vectors(
    writer: SnapshotWriter, graph: Graph, modality: Modality, ids: dict[str, int], progress: Progress
) -> None:
    keys: list[int] = []
    parts: list[npt.NDArray[np.float32]] = []
    encoders: set[str] = set()
    names = {"vector": f"{modality}_vector", "hash": f"{modality}_hash"}
    for answer in graph.stream("export_vectors", **names):
        known = np.array([uri in ids for uri in answer["uris"]])
        keys += (ids[uri] for uri in answer["uris"] if uri in ids)
        # A hash is the encoder's name, a space, and a checksum of what was encoded.
        encoders.update(text.rpartition(" ")[0] for text in answer["hashes"] if text)
        if len(encoders) > 1:
            raise SnapshotError(
                f"The {modality} vectors come from several encoders ({', '.join(sorted(encoders))}): "
                "run `tellgraph build vectors` and `tellgraph build edges` to their ends first."
            )
        parts.append(np.array(answer["vectors"], dtype=np.float32)[known])
        progress(f"{modality} vectors", len(keys))
    vectors = np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)
    writer.add_vectors(modality, keys, vectors, encoder=next(iter(encoders), None))


def _dialogues(graph: Graph, ids: dict[str, int]) -> Iterator[Dialogue]:
    for answer in graph.stream("export_dialogues"):
        turns = []
        for role, text, mentions in answer["turns"]:
            known = [(kind, uri) for kind, uri in mentions if uri in ids]
            items = tuple(uri for kind, uri in known if kind == "item")
            turns.append(Turn(role, text, items, tuple(uri for kind, uri in known if kind == "entity")))
        yield Dialogue(answer["id"], answer["source"], answer["split"], tuple(turns))


def _counted(table: str, rows: Iterable[Any], progress: Progress) -> Iterator[Any]:
    for count, row in enumerate(rows, start=1):
        yield row
        progress(table, count)
