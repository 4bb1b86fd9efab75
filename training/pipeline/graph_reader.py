"""The evidence of a chat out of the live graph: a handful of reads in Cypher, each a file of its own.

What `training.evidence.snapshot_reader` finds in a snapshot this finds in the graph as it is now, so that what came
since the training counts too: a test holds that both give the same numbers where nothing came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.graph import Graph
from training.evidence.chat_vectors import ChatVectors
from training.evidence.definitions import Evidence
from training.evidence.findings import NEAREST, Findings, Links, evidence_of
from training.evidence.ranker import EvidenceRecommender
from training.evidence.words import Catalogue
from training.instances import Context
from training.recommender import Recommender, Step
from training.sum_recommender import SumRecommender

__all__ = ["GraphReader", "on_graph"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Rows = list[dict[str, Any]]
_Moment = tuple[int | None, ...]

_AT_ONCE = 4  # reads: the server answers each in a thread of its own
_OF_NAMED = ("evidence_co_mentions", "evidence_facts", "evidence_similar_text")


@dataclass(frozen=True, eq=False)
class _Counts:
    """Counts of the whole catalogue at one moment of the graph."""

    moment: _Moment
    mentioned: Floats
    recommended: Floats
    dialogues: int


class GraphReader:
    """An `EvidenceReader` of an open graph. catalogue: the run's items and what it learned of their words."""

    def __init__(self, graph: Graph, catalogue: Catalogue) -> None:
        self._graph = graph
        self.catalogue = catalogue
        self._counts: _Counts | None = None

    def read(self, context: Context, vectors: ChatVectors) -> Evidence:
        """The evidence for every item of the run. Raises ConnectionLostError, QueryError."""
        return evidence_of(context, self.find(context, vectors), self.catalogue)

    def find(self, context: Context, vectors: ChatVectors) -> Findings:
        """The counts behind the evidence; the reads go to the server together."""
        uris = list(context.newest_first)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            near = [
                pool.submit(self._near, "evidence_similar_chats", vectors.whole, index="turn_context"),
                pool.submit(self._near, "evidence_similar_chats", vectors.recent, index="turn_recent"),
                pool.submit(self._near, "evidence_descriptions", vectors.whole),
                pool.submit(self._near, "evidence_descriptions", vectors.recent),
            ]
            of_named = [pool.submit(self._graph.read, query, uris=uris) for query in _OF_NAMED]
            counts = self._counted()
            whole, recent, described, described_now = (answer.result() for answer in near)
            co_mentions, fact_rows, similar = (answer.result() for answer in of_named)
        rows = {row["uri"]: row for row in co_mentions}
        named = [uri for uri in uris if uri in rows]
        facts = _Facts(fact_rows, named, self.catalogue)
        turns: list[str] = []
        return Findings(
            named=named,
            mentioning=np.array([rows[uri]["mentioning"] for uri in named], np.float64),
            dialogues=counts.dialogues,
            mentioned=counts.mentioned,
            recommended=counts.recommended,
            co_mentions=self._links([rows[uri]["items"] for uri in named]),
            adjacent=facts.adjacent(),
            shared=facts.shared(),
            similar_text=self._similar_text(named, similar),
            whole=self._similar_chats(whole, turns),
            recent=self._similar_chats(recent, turns),
            described=self._described(described),
            described_now=self._described(described_now),
            own=False,
            steps=facts.steps,
            turn=turns.__getitem__,
        )

    def moment(self) -> _Moment:
        """The graph's last change."""
        (state,) = self._graph.read("graph_state")
        return state["build"], state["removals"], state["change"]

    def _counted(self) -> _Counts:
        moment = self.moment()
        if self._counts is None or self._counts.moment != moment:
            (row,) = self._graph.read("evidence_items")
            known = np.array([self.catalogue.position.get(uri, -1) for uri in row["uris"]], np.int64)
            columns = {name: np.zeros(len(self.catalogue.items)) for name in ("mentioned", "recommended")}
            for name, column in columns.items():
                column[known[known >= 0]] = np.array(row[name], np.float64)[known >= 0]
            self._counts = _Counts(moment, columns["mentioned"], columns["recommended"], row["dialogues"])
        return self._counts

    def _links(self, of_named: Sequence[Sequence[tuple[str, float]]]) -> Links:
        position = self.catalogue.position
        found = [
            (source, position[uri], value)
            for source, items in enumerate(of_named)
            for uri, value in items
            if uri in position
        ]
        return _as_links(found)

    def _near(self, query: str, vector: npt.NDArray[np.float32], **given: str) -> Rows:
        return self._graph.read(query, vector=vector.tolist(), limit=NEAREST, **given) if vector.any() else []

    def _similar_text(self, named: Sequence[str], answer: Rows) -> Links:
        rows = {row["uri"]: row["items"] for row in answer}
        # A pair may stand both ways, with one score.
        found = [{item: (score, begins) for item, score, begins in rows.get(uri, ())} for uri in named]
        links = self._links([[(item, score) for item, (score, _) in of_one.items()] for of_one in found])
        uris = (self.catalogue.uri(item) for item in links.items)
        outwards = [found[source][uri][1] for source, uri in zip(links.sources.tolist(), uris, strict=True)]
        return replace(links, outwards=np.array(outwards, bool))

    def _similar_chats(self, rows: Rows, turns: list[str]) -> Links:
        position, found = self.catalogue.position, []
        for row in rows:
            turns.append(f"{row['dialogue']}#{row['turn']}")
            items = [position[uri] for uri in row["items"] if uri in position]
            found += [(len(turns) - 1, item, row["similarity"]) for item in items]
        return _as_links(found)

    def _described(self, rows: Rows) -> tuple[Integers, Floats]:
        position = self.catalogue.position
        known = [(position[row["uri"]], row["similarity"]) for row in rows if row["uri"] in position]
        return np.array([item for item, _ in known], np.int64), np.array([value for _, value in known], np.float64)


def on_graph(recommender: Recommender, graph: Graph) -> Recommender:
    """The recommender that looks its evidence up in this graph, as it is now; MSCRS's needs none, and is the same.

    Asked again for the graph of the last call it gives the same evidence, so that conversations share its counts of the
    catalogue.
    """
    if isinstance(recommender, SumRecommender):
        return recommender.with_evidence(_on_graph(recommender.evidence, graph))
    return _on_graph(recommender, graph) if isinstance(recommender, EvidenceRecommender) else recommender


def _on_graph(recommender: EvidenceRecommender, graph: Graph) -> EvidenceRecommender:
    live = recommender.live  # one read: another thread may replace it
    if live is None or live[0] is not graph:
        recommender.live = live = (graph, recommender.reading(GraphReader(graph, recommender.reader.catalogue)))
    return live[1]


class _Facts:
    """Rows of `evidence_facts` as links, and the relationships that they stand for."""

    def __init__(self, rows: Sequence[Mapping[str, object]], named: Sequence[str], catalogue: Catalogue) -> None:
        self._named, self._catalogue = named, catalogue
        place = {uri: number for number, uri in enumerate(named)}
        # Reads of one chat are several transactions: what came in between is not there yet.
        self._rows = [(place[str(row["uri"])], row) for row in rows if row["uri"] in place]
        self._vias: list[str] = []
        self._step: dict[tuple[str, str], Step] = {}

    def adjacent(self) -> Links:
        """Facts between what was named and an item."""
        position = self._catalogue.position
        direct = [(source, str(row["via"])) for source, row in self._rows if row["is_item"]]
        return _as_links([(source, position[via], 1.0) for source, via in direct if via in position])

    def shared(self) -> Links:
        """Neighbours of both, each pair of neighbour and item once."""
        position = self._catalogue.position
        found, vias = [], []
        for source, row in self._rows:
            via, degree = str(row["via"]), float(row["degree"])  # type: ignore[arg-type]
            self._note(self._named[source], via, row["types"])
            self._vias.append(via)
            items: dict[str, list[tuple[str, bool]]] = {}
            for uri, relation, begins in row["items"]:  # type: ignore[attr-defined]
                items.setdefault(uri, []).append((relation, begins))
            for uri, types in items.items():
                if uri in position:
                    self._note(via, uri, types)
                    found.append((source, position[uri], degree))
                    vias.append(len(self._vias) - 1)
        links = _as_links(found)
        return Links(links.sources, links.items, links.values, np.array(vias, np.int64))

    def steps(self, source: int, via: int, item: int) -> tuple[Step, ...]:
        """The relationships of one way, from what was named to the item."""
        start, end = self._named[source], self._catalogue.uri(item)
        nodes = [start, end] if via < 0 else [start, self._vias[via], end]
        return tuple(self._step[pair] for pair in pairwise(nodes))

    def _note(self, near: str, far: str, types: object) -> None:
        """The fact of the pair that comes first, by type. types: (type, whether it begins at `far`)."""
        relation, begins = min(types, key=lambda one: (one[0], not one[1]))  # type: ignore[call-overload]
        step = (far, relation, near) if begins else (near, relation, far)
        self._step[near, far] = self._step[far, near] = step


def _as_links(found: Sequence[tuple[int, int, float]]) -> Links:
    sources, items, values = zip(*found, strict=True) if found else ((), (), ())
    return Links(np.array(sources, np.int64), np.array(items, np.int64), np.array(values, np.float64))
