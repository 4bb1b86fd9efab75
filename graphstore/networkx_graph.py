"""A small snapshot as a NetworkX graph, to look at: paths, components, drawings.

NetworkX keeps a Python dictionary per node and per edge, about a kilobyte for each, so a large snapshot is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphstore.errors import SnapshotError
from graphstore.node_features import node_features

if TYPE_CHECKING:
    import networkx

    from graphstore.snapshot import Snapshot

__all__ = ["MOST_PARTS", "build_networkx_graph"]

MOST_PARTS = 500_000
"""Nodes and edges, taken together, that are still called small."""


def build_networkx_graph(snapshot: Snapshot, *, reverse: bool = False) -> networkx.MultiDiGraph[int]:
    """A node per entity, its id the entity id; an edge per edge, its relation in the attribute `type`.

    Nodes carry `uri`, `name` and their rows of the arrays of `graphstore.node_features`: masks as bool, `text` and
    `image` as float32 [dimensions] where there is a vector. Edges carry their weights as numbers: `count` on
    CO_MENTIONED, `count` and `weight` on CO_INTERACTED, `score` and `rank` on the similarities.

    reverse: add an edge of `rev_TYPE` for every edge, with the same weights.

    Raises SnapshotError when there are more than `MOST_PARTS` nodes and edges, or NetworkX is not installed.
    """
    edges = sum(relation["edges"] for relation in snapshot.manifest["relations"].values()) * (1 + reverse)
    if len(snapshot.uris) + edges > MOST_PARTS:
        raise SnapshotError(
            f"{snapshot.folder} has {len(snapshot.uris):,} entities and {edges:,} edges, and NetworkX is for up to "
            f"{MOST_PARTS:,} of both: take to_pyg() or to_dgl(), or export a part with `tellgraph export --sample`."
        )
    graph = _new_graph()
    features = node_features(snapshot)
    for number, (uri, name) in enumerate(zip(snapshot.uris, snapshot.names, strict=True)):
        graph.add_node(number, uri=uri, name=name, **_row(features, number))
    for type_, columns in snapshot.relations(reverse=reverse).items():
        rows = {column: values.tolist() for column, values in columns.items()}
        ends = zip(rows.pop("source"), rows.pop("target"), strict=True)
        for place, (source, target) in enumerate(ends):
            graph.add_edge(source, target, type=type_, **{weight: values[place] for weight, values in rows.items()})
    return graph


def _row(features: dict[str, Any], number: int) -> dict[str, Any]:
    """The features of one node, without the zeros that stand for no vector."""
    masks = {name: bool(values[number]) for name, values in features.items() if values.ndim == 1}
    vectors = {name: values[number] for name, values in features.items() if masks.get(f"has_{name}")}
    return masks | vectors


def _new_graph() -> networkx.MultiDiGraph[int]:
    try:
        import networkx
    except ImportError as error:
        raise SnapshotError(
            "NetworkX does not import here, so there is no such graph: pip install 'tellgraph[networkx]'."
        ) from error
    return networkx.MultiDiGraph()
