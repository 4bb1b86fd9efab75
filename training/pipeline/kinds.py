"""What the parts of the pipeline share: the two kinds of vectors and their names in the graph, batches, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from graphstore.graph import Graph

__all__ = ["IMAGE", "TEXT", "Progress", "VectorKind", "batches", "no_progress", "prepare_index"]

Thing = TypeVar("Thing")
Progress = Callable[[str, int, int], None]
"""Is told (what, done, total) as the work goes on."""


@dataclass(frozen=True)
class VectorKind:
    """Names of an item's properties, of the vector index and of the edges that come from the vectors."""

    name: Literal["text", "image"]

    @property
    def vector(self) -> str:
        """The property that holds the vector."""
        return f"{self.name}_vector"

    @property
    def hash(self) -> str:
        """The property that holds the encoder's name and a checksum of what it read."""
        return f"{self.name}_hash"

    @property
    def change(self) -> str:
        """The property that holds the number of the change that wrote the vector."""
        return f"{self.name}_change"

    @property
    def index(self) -> str:
        """The vector index."""
        return f"item_{self.name}"

    @property
    def edge(self) -> str:
        """The type of the edges."""
        return f"{self.name.upper()}_SIMILAR"


TEXT, IMAGE = VectorKind("text"), VectorKind("image")


def no_progress(what: str, done: int, total: int) -> None:
    """The progress of somebody who does not watch."""


def batches(things: Sequence[Thing], size: int) -> Iterator[tuple[int, Sequence[Thing]]]:
    """Yield (how many are done with this batch, the batch)."""
    for start in range(0, len(things), size):
        yield min(start + size, len(things)), things[start : start + size]


def prepare_index(graph: Graph, name: str, dimensions: int) -> None:
    """Make a vector index fit the encoder: vectors of another length are left out of an index, silently."""
    found = graph.read("vector_index", name=name)
    if found and found[0]["dimensions"] != dimensions:
        graph.write("drop_index", name=name)
    graph.write(f"index_{name}", dimensions=dimensions)
    graph.read("await_indexes")
