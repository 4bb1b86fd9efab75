"""What visitors of the app say of items, in the graph: facts of somebody of whom nothing is known but a random id.

    (:Visitor {id, at, less_of})-[:LIKED|DISLIKED|SEEN|MORE_LIKE {at}]->(:Item)
                                -[:LESS_OF {graph, at}]->(:Entity)

No count, export, edge or popularity reads them, and they stand in nobody's way when an item is deleted.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from weakref import WeakSet

from graphstore.connection import Graph
from graphstore.errors import QueryError

__all__ = ["Mark", "Visitor", "silent_visitors"]

_PREPARED: WeakSet[Graph] = WeakSet()

Mark = Literal["LIKED", "DISLIKED", "SEEN", "MORE_LIKE"]


def _anonymous() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Visitor:
    """One visitor. Everything may be said again: the first time counts. All raise ConnectionLostError, QueryError."""

    id: str = field(default_factory=_anonymous)

    def say(self, graph: Graph, mark: Mark, uri: str) -> None:
        """Write what the visitor says of an item; nothing where the graph has no such item."""
        self._come(graph)
        graph.write("merge_feedback", visitor=self.id, kind=mark, uri=uri, at=_now())

    def unsay(self, graph: Graph, mark: Mark, uri: str) -> None:
        """Take it back."""
        graph.write("delete_feedback", visitor=self.id, kind=mark, uri=uri)

    def less_of(self, graph: Graph, kind: str, source: str) -> None:
        """Write that the visitor wants less of a reason. kind, source: as in `training.recommender.Silence`."""
        self._come(graph)
        graph.write("merge_less_of", visitor=self.id, graph=kind, source=source, at=_now())

    def not_less_of(self, graph: Graph, kind: str, source: str) -> None:
        """Take it back."""
        graph.write("delete_less_of", visitor=self.id, graph=kind, source=source)

    def facts(self, graph: Graph) -> list[dict[str, Any]]:
        """Everything that is written of the visitor, oldest first, with the columns of visitor_facts."""
        return graph.read("visitor_facts", visitor=self.id)

    def forget(self, graph: Graph) -> None:
        """Delete the visitor, and with it everything that it said."""
        graph.write("delete_visitor", visitor=self.id)

    def _come(self, graph: Graph) -> None:
        """A graph of an earlier release has no constraint yet, and the app makes no schema."""
        if graph not in _PREPARED:
            with suppress(QueryError):  # whoever may write facts may not always make constraints
                graph.write("constraint_visitor_id")
            _PREPARED.add(graph)


def silent_visitors(graph: Graph, days: float) -> list[Visitor]:
    """Visitors who have said nothing for so long."""
    return [Visitor(row["visitor"]) for row in graph.read("old_visitors", since=_now() - round(days * 86_400))]


def _now() -> int:
    return int(time.time())
