"""Where the nodes of a drawn graph stand.

The places come from forces (Fruchterman and Reingold 1991), always the same for the same graph: nodes push each other
away, edges pull. Where some nodes have a place already, the others settle around them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_NODES", "places"]

MOST_NODES = 300
"""A picture of more shows nothing."""

_ROUNDS = 200
_LONGEST_MOVE = 0.1
_LONGEST_MOVE_AGAIN = 0.02  # where most of the places are known

Spots = npt.NDArray[np.float64]


def places(
    nodes: Collection[str],
    edges: Collection[tuple[str, str]],
    known: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, tuple[float, float]]:
    """A place for each node, between 0 and 1 both ways. known: the places of an earlier drawing."""
    row = {node: number for number, node in enumerate(nodes)}
    ends = np.array([(row[source], row[target]) for source, target in edges], int).reshape(-1, 2)
    known = {node: known[node] for node in nodes if node in known} if known else {}
    spots = np.random.default_rng(0).random((len(row), 2))
    if known:
        _start_from(spots, row, edges, known)
    spots = _settle(spots, ends, _LONGEST_MOVE_AGAIN if known else _LONGEST_MOVE)
    if len(spots):
        spots -= spots.min(axis=0)
        spots /= np.maximum(spots.max(axis=0), 1e-9)
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, spots, strict=True)}


def _start_from(
    spots: Spots,
    row: Mapping[str, int],
    edges: Collection[tuple[str, str]],
    known: Mapping[str, tuple[float, float]],
) -> None:
    """Put what is known at its place, and a new node beside one that it has an edge with."""
    for node, place in known.items():
        spots[row[node]] = place
    for ends in edges:
        for old, new in (ends, ends[::-1]):
            if old in known and new not in known:
                spots[row[new]] = np.array(known[old]) + 0.1 * (spots[row[new]] - 0.5)


def _settle(spots: Spots, ends: npt.NDArray[np.int_], longest: float) -> Spots:
    """`spots` [nodes, 2] after so many rounds; `ends` [edges, 2] are their row numbers."""
    ideal = 1 / np.sqrt(max(len(spots), 1))
    for round_ in range(_ROUNDS):
        squares = (spots**2).sum(1)
        apart = np.maximum(squares[:, None] + squares - 2 * spots @ spots.T, 1e-6)  # [nodes, nodes], squared distances
        push = ideal**2 / apart
        moves = spots * push.sum(1, keepdims=True) - push @ spots  # the sum of all that each is pushed away from
        pull = spots[ends[:, 0]] - spots[ends[:, 1]]  # [edges, 2]
        pull *= np.linalg.norm(pull, axis=1, keepdims=True) / ideal
        np.add.at(moves, ends[:, 0], -pull)
        np.add.at(moves, ends[:, 1], pull)
        length = np.maximum(np.linalg.norm(moves, axis=1, keepdims=True), 1e-9)
        spots = spots + moves / length * np.minimum(length, longest * (1 - round_ / _ROUNDS))
    return spots
