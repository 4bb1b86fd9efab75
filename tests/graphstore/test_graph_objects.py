"""Snapshot → DGL, PyG, NetworkX: whatever the snapshot, the same edges, weights and features come out again."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphstore import networkx_graph
from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.node_features import NODE_TYPE, SPLITS, node_features
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot

Columns = dict[str, Any]
Rows = dict[str, list[tuple[float, ...]]]
"""Relation → its edges: source, target, then the weights by name."""


@dataclass(frozen=True)
class Parts:
    """What a graph object holds, in plain lists."""

    relations: Rows
    features: dict[str, list[Any]]


def rows(columns: Columns) -> list[tuple[float, ...]]:
    names = ["source", "target", *sorted(columns.keys() - {"source", "target"})]
    return sorted(zip(*(columns[name].tolist() for name in names), strict=True))


def of_snapshot(snapshot: Snapshot, reverse: bool) -> Parts:
    relations = {name: rows(columns) for name, columns in snapshot.relations(reverse=reverse).items()}
    return Parts(relations, {name: values.tolist() for name, values in node_features(snapshot).items()})


def of_dgl(snapshot: Snapshot, reverse: bool) -> Parts:
    graph = snapshot.to_dgl(reverse=reverse)
    relations = {}
    for name in graph.etypes:
        source, target = graph.edges(etype=name, order="eid")
        relations[name] = rows({"source": source, "target": target, **graph.edges[name].data})
    assert graph.ntypes == [NODE_TYPE]
    return Parts(relations, {name: values.tolist() for name, values in graph.ndata.items()})


def of_pyg(snapshot: Snapshot, reverse: bool) -> Parts:
    data = snapshot.to_pyg(reverse=reverse)
    assert data.validate()
    assert data.node_types == [NODE_TYPE]
    assert data[NODE_TYPE].num_nodes == len(snapshot.uris)
    relations = {}
    for source_type, name, target_type in data.edge_types:
        columns = dict(data[source_type, name, target_type].items())
        source, target = columns.pop("edge_index")
        relations[name] = rows({"source": source, "target": target, **columns})
    features = {name: values.tolist() for name, values in data[NODE_TYPE].items() if name != "num_nodes"}
    return Parts(relations, features)


def of_networkx(snapshot: Snapshot, reverse: bool) -> Parts:
    graph = snapshot.to_networkx(reverse=reverse)
    assert [graph.nodes[node]["uri"] for node in graph] == snapshot.uris
    assert [graph.nodes[node]["name"] for node in graph] == snapshot.names
    relations: Rows = {name: [] for name in snapshot.relations(reverse=reverse)}
    for source, target, data in graph.edges(data=True):
        relations[data["type"]].append((source, target, *(data[name] for name in sorted(data.keys() - {"type"}))))
    features = {}
    for name, values in node_features(snapshot).items():
        zeros = np.zeros(values.shape[1:], dtype=values.dtype)
        features[name] = [np.asarray(graph.nodes[node].get(name, zeros)).tolist() for node in graph]
    return Parts({name: sorted(found) for name, found in relations.items()}, features)


LIBRARIES = [
    pytest.param(of_dgl, marks=pytest.mark.skipif(not importlib.util.find_spec("dgl"), reason="no DGL here")),
    pytest.param(of_pyg),
    pytest.param(of_networkx),
]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `write_snapshot`: a few entities, some of them items, with whatever relations and vectors."""
    uris = [f"urn:{number}" for number in range(draw(st.integers(1, 6)))]
    items = draw(st.lists(st.sampled_from(uris), unique=True))
    pair = st.tuples(st.sampled_from(uris), st.sampled_from(uris))
    pairs = st.lists(pair, unique=True, max_size=8)
    count, number = st.integers(1, 2**40), st.floats(-8, 8, width=32)
    dimensions = draw(st.integers(1, 3))
    vector = st.lists(number, min_size=dimensions, max_size=dimensions)
    vectors = st.dictionaries(st.sampled_from(items), vector) if items else st.just({})
    turn = st.builds(Turn, st.just("seeker"), st.text(max_size=3), entities=st.lists(st.sampled_from(uris)).map(tuple))
    talks = draw(st.lists(st.tuples(st.sampled_from([*SPLITS, None]), turn), max_size=4))
    return {
        "entities": [(uri, draw(st.text(max_size=3))) for uri in uris],
        "items": [{"uri": uri} for uri in items],
        "facts": draw(st.dictionaries(st.sampled_from(["STARRING", "GENRE", "X_1"]), pairs)),
        "co_mentions": [(*ends, draw(count)) for ends in draw(pairs)],
        "co_interactions": [(*ends, draw(count), draw(number)) for ends in draw(pairs)],
        "text_similar": [(*ends, draw(number), draw(count)) for ends in draw(pairs)],
        "image_similar": [(*ends, draw(number), draw(count)) for ends in draw(pairs)],
        "text_vectors": draw(vectors),
        "image_vectors": draw(vectors),
        "dialogues": [Dialogue(f"d/{place}", "toy", split, (turn,)) for place, (split, turn) in enumerate(talks)],
    }


@pytest.mark.parametrize("read", LIBRARIES)
@settings(max_examples=60, deadline=None)
@given(world=worlds(), reverse=st.booleans())
def test_a_snapshot_survives_the_way_through(
    read: Callable[[Snapshot, bool], Parts], world: dict[str, Any], reverse: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        snapshot = write_snapshot(Path(folder) / "s", **world)
        assert read(snapshot, reverse) == of_snapshot(snapshot, reverse)


@pytest.fixture
def toy(tmp_path: Path) -> Snapshot:
    talks = [("train", "urn:ann"), ("test", "urn:ann"), ("test", "urn:heat"), (None, "urn:drama")]
    return write_snapshot(
        tmp_path / "toy",
        entities=[("urn:ann", "Ann"), ("urn:drama", "Drama")],
        items=[{"uri": "urn:heat", "title": "Heat"}],
        facts={"STARRING": [("urn:heat", "urn:ann")]},
        text_vectors={"urn:heat": [1.0, 2.0]},
        dialogues=[
            Dialogue(f"toy/{place}", "toy", split, (Turn("seeker", "so", entities=(uri,)),))
            for place, (split, uri) in enumerate(talks)
        ],
    )


def test_masks_say_where_an_entity_was_mentioned(toy: Snapshot) -> None:
    features = {name: values.tolist() for name, values in node_features(toy).items()}
    assert toy.uris == ["urn:ann", "urn:drama", "urn:heat"]
    assert features == {
        "item": [False, False, True],
        "train_mask": [True, False, False],
        "valid_mask": [False, False, False],
        "test_mask": [True, False, True],
        "text": [[0.0, 0.0], [0.0, 0.0], [1.0, 2.0]],
        "has_text": [False, False, True],
    }


def test_a_networkx_node_without_a_vector_has_none(toy: Snapshot) -> None:
    graph = toy.to_networkx()
    assert "text" not in graph.nodes[0]
    assert graph.nodes[2]["text"].tolist() == [1.0, 2.0]
    assert list(graph.edges(data=True)) == [(2, 0, {"type": "STARRING"})]


def test_networkx_refuses_a_large_snapshot_before_it_reads_it(toy: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networkx_graph, "MOST_PARTS", 4)
    assert len(toy.to_networkx()) == 3
    words = r"has 3 entities and 2 edges, and NetworkX is for up to 4 of both: take to_pyg\(\)"
    with pytest.raises(SnapshotError, match=words):
        toy.to_networkx(reverse=True)


def test_one_step_of_a_pyg_layer_lowers_the_loss(toy: Snapshot) -> None:
    import torch

    data = toy.to_pyg(reverse=True)
    from torch_geometric.nn import RGCNConv

    torch.manual_seed(0)
    flat = data.to_homogeneous()
    embedding = torch.nn.Embedding(flat.num_nodes, 4)
    layer = RGCNConv(4, 2, num_relations=len(data.edge_types), num_bases=2)
    optimizer = torch.optim.SGD([*embedding.parameters(), *layer.parameters()], lr=0.05)

    def loss() -> torch.Tensor:
        logits = layer(embedding.weight, flat.edge_index, flat.edge_type)
        return torch.nn.functional.cross_entropy(logits, flat.item.long())

    before = loss()
    before.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    assert loss() < before


@pytest.mark.parametrize(
    ("module", "method", "words"),
    [
        ("torch_geometric.data", "to_pyg", r"pip install 'tellgraph\[pyg\]'"),
        ("networkx", "to_networkx", r"pip install 'tellgraph\[networkx\]'"),
    ],
)
def test_a_library_that_is_missing_is_named(
    toy: Snapshot, monkeypatch: pytest.MonkeyPatch, module: str, method: str, words: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SnapshotError, match=words):
        getattr(toy, method)()
