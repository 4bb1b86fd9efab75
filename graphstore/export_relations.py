"""Entities and relations out of Neo4j: columns by the server's own ids, turned into ids by sorted URI.

    export_entities.cypher ──► keys, URIs, names ──► chunks of keys ─┬─ export_relations.cypher ─┐
                                                                     ├─ export_relations.cypher ─┼─► columns
                                                                     └─ …, a session each ───────┘

A chunk is a transaction of its own, so that neither side ever holds more than a few chunks of values that are not
columns yet. The server may give the id of a deleted node to another, and a build of edges may end meanwhile: who
reads does so under `Graph.steady`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.graph import Graph
from graphstore.input_files import no_progress
from graphstore.snapshot_manifest import EDGE_COLUMNS, FACT_COLUMNS, Columns

__all__ = ["GraphContent", "Progress", "read_graph"]

Progress = Callable[[str, int], None]
"""Is told (table, rows of it read so far) as the rows come; the relations grow side by side."""

Ids = npt.NDArray[np.int64]

# With a hundred relations for each of these entities, the server holds a list of 100,000 for a session.
_CHUNK = 1_000
# While one answer is decoded here, the server works on the others.
_SESSIONS = 3
# The columns of `export_relations`, in its order.
_COLUMNS = ("source", "target", "count", "weight", "score", "rank")


@dataclass(frozen=True)
class GraphContent:
    """Entities and relations, of one moment if the graph stood still.

    build: the number of the last finished build of edges.
    entities: (URI, name), sorted by URI: the position is the entity's id.
    builds: int64 [entities], the build that first could see each.
    relations: relation → its columns, in entity ids; none for a relation that has no edge.
    """

    build: int
    entities: list[tuple[str, str]]
    builds: Ids
    relations: dict[str, Columns]


def read_graph(
    graph: Graph,
    facts: Sequence[str],
    computed: Sequence[str] = tuple(EDGE_COLUMNS),
    *,
    since: int | None = None,
    progress: Progress = no_progress,
) -> GraphContent:
    """All entities, and the relations between them.

    facts, computed: relationship types to read. since: only relations that came after this build.
    Raises ConnectionLostError and QueryError as `Graph.stream` does.
    """
    question = {"facts": list(facts), "computed": list(computed), "since": since}
    build = graph.build_number()
    keys: list[int] = []
    entities: list[tuple[str, str]] = []
    builds: list[int] = []
    for answer in graph.stream("export_entities"):
        found, uris, names, made = answer["columns"]
        keys += found
        entities += zip(uris, names, strict=True)
        builds += made
        progress("entities", len(keys))
    order = np.array(sorted(range(len(entities)), key=entities.__getitem__), dtype=np.int64)
    numbers = _Numbers(np.array(keys, dtype=np.int64)[order])
    relations = _read_relations(graph, numbers, {**question, "build": build}, progress)
    sorted_entities = [entities[place] for place in order]
    return GraphContent(build, sorted_entities, np.array(builds, dtype=np.int64)[order], relations)


class _Numbers:
    """From the server's keys to entity ids."""

    def __init__(self, keys: Ids) -> None:
        """keys: int64 [entities], by entity id."""
        self._order = np.argsort(keys)
        self.keys = keys[self._order]
        """int64 [entities], ascending."""

    def of(self, keys: Sequence[int]) -> Ids:
        """Entity ids [n]; -1 for an entity that came later."""
        wanted = np.array(keys, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[places] == wanted, self._order[places], -1)


def _read_relations(
    graph: Graph, numbers: _Numbers, question: dict[str, Any], progress: Progress
) -> dict[str, Columns]:
    parts: dict[str, list[Columns]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    chunks = (numbers.keys[start : start + _CHUNK].tolist() for start in range(0, len(numbers.keys), _CHUNK))
    with _sessions() as sessions:
        for answers in sessions.map(partial(_read_chunk, graph, numbers, question), chunks):
            for table, columns in answers:
                parts[table].append(columns)
                rows[table] += len(columns["source"])
                progress(table, rows[table])
    # Taken apart as it goes, so that one relation at most is there twice.
    return {table: _joined(parts.pop(table)) for table in sorted(parts)}


def _read_chunk(
    graph: Graph, numbers: _Numbers, question: dict[str, Any], keys: list[int]
) -> list[tuple[str, Columns]]:
    """What leaves these entities, without edges to entities that came after the table of them."""
    found = []
    for answer in graph.stream("export_relations", keys=keys, **question):
        table, values = answer["table"], dict(zip(_COLUMNS, answer["columns"], strict=False))
        ends = {end: numbers.of(values[end]) for end in ("source", "target")}
        known = (ends["source"] >= 0) & (ends["target"] >= 0)
        types = next((types for name, types in EDGE_COLUMNS.items() if name == table), FACT_COLUMNS)
        columns = {name: np.asarray(ends.get(name, values[name]), dtype=dtype)[known] for name, dtype in types.items()}
        found.append((table, columns))
    return found


def _joined(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@contextmanager
def _sessions() -> Iterator[ThreadPoolExecutor]:
    """A thread per session; an interruption waits for the chunks that are under way and for no other."""
    executor = ThreadPoolExecutor(_SESSIONS, thread_name_prefix="export")
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
