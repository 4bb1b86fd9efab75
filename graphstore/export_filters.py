"""A part of the graph: what to leave out of an export, so that what is left still fits together.

GraphExport ── after(since) ──► what is new, with its ends ── sample(n) ──► n items and what touches them
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.export_relations import GraphContent
from graphstore.snapshot_manifest import EDGE_COLUMNS, Columns

__all__ = ["ExportFilters", "GraphExport"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ExportFilters:
    """What to export; the defaults are everything.

    relations: only these relations, by name; none named is all.
    since: only what came after the build of this number, with its ends: entities, facts, computed edges, dialogues.
    sample: only so many items, drawn by `seed`, and what touches them.
    seed: of that draw.

    Raises SnapshotError for a build or a number of items that cannot be.
    """

    relations: tuple[str, ...] = ()
    since: int | None = None
    sample: int | None = None
    seed: int = 7

    def __post_init__(self) -> None:
        if self.since is not None and self.since < 0:
            raise SnapshotError(f"There is no build {self.since}: --since takes a number from 0.")
        if self.sample is not None and self.sample < 1:
            raise SnapshotError(f"No sample of {self.sample} items: --sample takes a number from 1.")

    def as_manifest(self) -> dict[str, Any]:
        """What the manifest says of it: {} for everything."""
        chosen: dict[str, Any] = {}
        if self.relations:
            chosen["relations"] = sorted(self.relations)
        if self.since is not None:
            chosen["since"] = self.since
        if self.sample is not None:
            chosen |= {"sample": self.sample, "seed": self.seed}
        return chosen

    def types(self, facts: Iterable[str]) -> tuple[list[str], list[str]]:
        """Fact and computed types to read. Raises SnapshotError for one that is neither."""
        known = (sorted(facts), list(EDGE_COLUMNS))
        unknown = sorted(set(self.relations) - set(known[0]) - set(known[1]))
        if unknown:
            names = ", ".join([*known[0], *known[1]])
            raise SnapshotError(f"The graph has no relation {unknown[0]}: --relations takes some of {names}.")
        wanted = set(self.relations or [*known[0], *known[1]])
        return [name for name in known[0] if name in wanted], [name for name in known[1] if name in wanted]


@dataclass(frozen=True)
class GraphExport:
    """All that an export writes but the vectors; `items` and mentions are of `graph.entities` only."""

    graph: GraphContent
    items: list[dict[str, Any]]
    dialogues: list[Dialogue]

    def narrowed(self, filters: ExportFilters) -> GraphExport:
        """What the filters leave. Relations and dialogues of before `since` are gone already."""
        part = self
        if filters.since is not None:
            part = part._of(part._new(filters.since))
        if filters.sample is not None and filters.sample < len(part.items):
            drawn = random.Random(filters.seed).sample(sorted(item["uri"] for item in part.items), filters.sample)
            part = part._around(set(drawn))
        return part

    def _new(self, since: int) -> Mask:
        """Entities that came later, or that something that came later touches."""
        kept: Mask = self.graph.builds > since
        for columns in self.graph.relations.values():
            kept[columns["source"]] = kept[columns["target"]] = True
        mentioned = {uri for dialogue in self.dialogues for turn in dialogue.turns for uri in turn.mentions}
        kept |= np.array([uri in mentioned for uri, _ in self.graph.entities], dtype=bool)
        return kept

    def _around(self, drawn: set[str]) -> GraphExport:
        """The drawn items, entities that are no items and share an edge with one, dialogues that mention one."""
        is_drawn = np.array([uri in drawn for uri, _ in self.graph.entities], dtype=bool)
        near = is_drawn.copy()
        for columns in self.graph.relations.values():
            near[columns["target"][is_drawn[columns["source"]]]] = True
            near[columns["source"][is_drawn[columns["target"]]]] = True
        items = {item["uri"] for item in self.items}
        near &= is_drawn | np.array([uri not in items for uri, _ in self.graph.entities], dtype=bool)
        touching = [
            dialogue
            for dialogue in self.dialogues
            if any(not drawn.isdisjoint(turn.mentions) for turn in dialogue.turns)
        ]
        return replace(self, dialogues=touching)._of(near)

    def _of(self, kept: Mask) -> GraphExport:
        """The same of these entities only, bool [entities], with ids that count anew."""
        ids = np.cumsum(kept) - 1
        graph = replace(
            self.graph,
            entities=[entity for entity, keep in zip(self.graph.entities, kept, strict=True) if keep],
            builds=self.graph.builds[kept],
            relations={name: _between(columns, kept, ids) for name, columns in self.graph.relations.items()},
        )
        uris = {uri for uri, _ in graph.entities}
        return GraphExport(
            graph,
            [item for item in self.items if item["uri"] in uris],
            [_mentioning(dialogue, uris) for dialogue in self.dialogues],
        )


def _between(columns: Columns, kept: Mask, ids: npt.NDArray[np.int64]) -> Columns:
    """Edges whose ends are both kept, in new ids."""
    inside = kept[columns["source"]] & kept[columns["target"]]
    part = {name: values[inside] for name, values in columns.items()}
    return {**part, "source": ids[part["source"]], "target": ids[part["target"]]}


def _mentioning(dialogue: Dialogue, uris: set[str]) -> Dialogue:
    turns = (
        Turn(
            turn.role,
            turn.text,
            tuple(uri for uri in turn.items if uri in uris),
            tuple(uri for uri in turn.entities if uri in uris),
        )
        for turn in dialogue.turns
    )
    return replace(dialogue, turns=tuple(turns))
