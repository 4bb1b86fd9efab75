"""The graph as a snapshot folder: columns out of Neo4j, ids from sorted URIs.

    export_entities, export_relations ──► read_graph ─┐
    export_items ─────────────────────────────────────┼─► GraphExport ── filters ──► SnapshotWriter ──► Snapshot
    export_dialogues ─────────────────────────────────┘                                  ▲
    export_vectors, by modality; export_contexts ────────────────────────────────────────┘

Others may write meanwhile. The entities are read first, and what refers to one that came later is left to
the next export, so that a snapshot always fits together. What a build of edges or a deletion overtook is read and
written anew, all of it: a snapshot is of one build, and nothing is held until it is known whether it may stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.export_filters import ExportFilters, GraphExport
from graphstore.export_relations import GraphContent, Progress, read_graph
from graphstore.export_vectors import add_contexts, add_vectors
from graphstore.graph import Graph
from graphstore.input_files import no_progress
from graphstore.snapshot import Snapshot
from graphstore.snapshot_manifest import EDGE_COLUMNS, MODALITIES, Columns
from graphstore.snapshot_writer import SnapshotWriter

__all__ = ["ExportFilters", "Progress", "export_snapshot"]

_EVERYTHING = ExportFilters()


def export_snapshot(
    graph: Graph, folder: Path | str, progress: Progress = no_progress, filters: ExportFilters = _EVERYTHING
) -> Snapshot:
    """Write the graph, or what the filters leave of it, to `folder` and open it.

    The same graph gives the same bytes. The snapshot is written beside `folder` and then renamed; an older
    snapshot there is replaced, and an interruption leaves it as it was.

    Raises SnapshotError when the graph is empty, when the filters leave nothing, when vectors of several encoders
    stand in the graph, or when `folder` holds anything but a snapshot; ConnectionLostError and QueryError as
    `Graph.stream` and `Graph.steady` do.
    """
    with SnapshotWriter(folder, server_version=graph.server_version, filters=filters.as_manifest()) as writer:
        graph.steady(lambda: _write(writer, graph, filters, progress))
    return Snapshot.open(folder, verify=False)


def _write(writer: SnapshotWriter, graph: Graph, filters: ExportFilters, progress: Progress) -> None:
    """Read everything once and write it over what an earlier reading wrote."""
    writer.start_over()
    predicates = {row["type"]: row["uri"] for row in graph.read("relation_types")}
    part = _read(graph, predicates, filters, progress)
    writer.set_build(part.graph.build)
    ids = writer.add_entities(part.graph.entities)
    _add_relations(writer, part.graph.relations, predicates)
    writer.add_items(part.items)
    for modality in MODALITIES:
        add_vectors(writer, graph, modality, ids, progress)
    lines = writer.add_dialogues(part.dialogues)
    turns = {lines[one.id]: len(one.turns) for one in part.dialogues if one.split == "train"}
    add_contexts(writer, graph, lines, turns, progress)


def _read(graph: Graph, predicates: dict[str, str], filters: ExportFilters, progress: Progress) -> GraphExport:
    """All but the vectors, without what the filters leave out."""
    facts, computed = filters.types(predicates)
    content = read_graph(graph, facts, computed, since=filters.since, progress=progress)
    if not content.entities:
        raise SnapshotError(
            "The graph is empty: `tellgraph ingest triples FILE` comes first, then `tellgraph ingest items`."
        )
    part = _with_tables(graph, content, filters, progress)
    if not part.graph.entities:
        raise SnapshotError(f"Nothing came after build {filters.since}, so there is nothing to export.")
    return part


def _with_tables(graph: Graph, content: GraphContent, filters: ExportFilters, progress: Progress) -> GraphExport:
    """Items and dialogues beside the relations, without what the filters leave out."""
    known = {uri for uri, _ in content.entities}
    items = list(_counted("items", _items(graph, known), progress))
    dialogues = list(_counted("dialogues", _dialogues(graph, known, filters.since), progress))
    return GraphExport(content, items, dialogues).narrowed(filters)


def _add_relations(writer: SnapshotWriter, relations: dict[str, Columns], predicates: dict[str, str]) -> None:
    """Write the relations and let go of each."""
    for edge_type, types in EDGE_COLUMNS.items():
        empty: Columns = {name: np.empty(0, dtype=dtype) for name, dtype in types.items()}
        writer.add_edges(edge_type, relations.pop(edge_type, empty))
    for name in list(relations):
        columns = relations.pop(name)
        if len(columns["source"]):
            writer.add_fact(name, columns, predicates[name])


def _items(graph: Graph, known: set[str]) -> Iterator[dict[str, Any]]:
    for answer in graph.stream("export_items"):
        yield from (item for item in answer["items"] if item["uri"] in known)


def _dialogues(graph: Graph, known: set[str], since: int | None) -> Iterator[Dialogue]:
    for answer in graph.stream("export_dialogues", since=since):
        turns = []
        for role, text, mentions in answer["turns"]:
            found = [(kind, uri) for kind, uri in mentions if uri in known]
            items = tuple(uri for kind, uri in found if kind == "item")
            turns.append(Turn(role, text, items, tuple(uri for kind, uri in found if kind == "entity")))
        yield Dialogue(answer["id"], answer["source"], answer["split"], tuple(turns))


def _counted(table: str, rows: Iterable[Any], progress: Progress) -> Iterator[Any]:
    for count, row in enumerate(rows, start=1):
        yield row
        progress(table, count)
