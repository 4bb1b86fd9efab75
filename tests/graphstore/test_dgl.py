"""A snapshot as a DGL graph: edges and features arrive, DGL's own layers train on it, its absence is explained."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphstore.errors import SnapshotError
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot

HAS_DGL = importlib.util.find_spec("dgl") is not None
needs_dgl = pytest.mark.skipif(not HAS_DGL, reason="DGL has wheels up to Python 3.11")


@pytest.fixture
def toy(tmp_path: Path) -> Snapshot:
    return write_snapshot(
        tmp_path / "toy",
        entities=[("u:ann", "Ann"), ("u:drama", "Drama")],
        items=[{"uri": "u:heat"}, {"uri": "u:alien"}],
        facts={"STARRING": [("u:heat", "u:ann"), ("u:alien", "u:ann")], "GENRE": [("u:heat", "u:drama")]},
        co_mentions=[("u:alien", "u:heat", 3), ("u:alien", "u:ann", 1)],
        text_similar=[("u:heat", "u:alien", 0.5, 1)],
        text_vectors={"u:heat": [1.0, 2.0, 3.0]},
    )


@needs_dgl
def test_edges_come_back_as_they_went_in(toy: Snapshot) -> None:
    graph = toy.to_dgl()
    assert graph.num_nodes("entity") == 4
    computed = {name: toy.edges(name) for name in ("CO_MENTIONED", "TEXT_SIMILAR", "IMAGE_SIMILAR")}
    relations = {**toy.facts(), **computed}
    assert sorted(graph.canonical_etypes) == sorted(("entity", name, "entity") for name in relations)
    for name, columns in relations.items():
        source, target = graph.edges(etype=name)
        assert source.tolist() == columns["source"].tolist()
        assert target.tolist() == columns["target"].tolist()
        weights = columns.keys() - {"source", "target"}
        assert {weight: graph.edges[name].data[weight].tolist() for weight in weights} == {
            weight: columns[weight].tolist() for weight in weights
        }


@needs_dgl
def test_nodes_carry_vectors_and_masks(toy: Snapshot) -> None:
    features = toy.to_dgl().ndata
    assert sorted(features) == ["has_text", "item", "test_mask", "text", "train_mask", "valid_mask"]
    heat = toy.entity_id["u:heat"]
    assert features["item"].nonzero().flatten().tolist() == toy.item_ids.tolist()
    assert features["has_text"].nonzero().flatten().tolist() == [heat]
    assert features["text"].tolist() == [[1.0, 2.0, 3.0] if place == heat else [0.0] * 3 for place in range(4)]


@needs_dgl
def test_reverse_types_turn_every_edge_round(toy: Snapshot) -> None:
    graph = toy.to_dgl(reverse=True)
    forward = [name for name in graph.etypes if not name.startswith("rev_")]
    assert sorted(graph.etypes) == sorted([*forward, *(f"rev_{name}" for name in forward)])
    for name in forward:
        source, target = graph.edges(etype=name)
        reversed_source, reversed_target = graph.edges(etype=f"rev_{name}")
        assert (reversed_source.tolist(), reversed_target.tolist()) == (target.tolist(), source.tolist())
    assert graph.edges["rev_CO_MENTIONED"].data["count"].tolist() == [1, 3]


@needs_dgl
def test_a_snapshot_without_relations_is_a_graph_too(tmp_path: Path) -> None:
    graph = write_snapshot(tmp_path / "s", entities=[("u:a", "A")]).to_dgl(reverse=True)
    assert (graph.num_nodes(), graph.num_edges()) == (1, 0)


@needs_dgl
def test_one_step_of_relgraphconv_lowers_the_loss(toy: Snapshot) -> None:
    import dgl
    import torch
    from dgl.nn.pytorch import RelGraphConv

    torch.manual_seed(0)
    graph = toy.to_dgl(reverse=True)
    flat = dgl.to_homogeneous(graph)
    embedding = torch.nn.Embedding(flat.num_nodes(), 8)
    layer = RelGraphConv(8, 2, num_rels=len(graph.etypes), regularizer="basis", num_bases=2)
    parameters: list[Any] = [*embedding.parameters(), *layer.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.05)
    labels = graph.ndata["item"].long()

    def loss() -> torch.Tensor:
        logits = layer(flat, embedding.weight, flat.edata[dgl.ETYPE])
        return torch.nn.functional.cross_entropy(logits, labels)

    before = loss()
    before.backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in parameters)
    optimizer.step()
    assert loss() < before


@needs_dgl
def test_dgl_leaves_the_home_folder_alone(toy: Snapshot, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "DGLBACKEND"}
    program = (
        f"from graphstore.snapshot import Snapshot; print(Snapshot.open({str(toy.folder)!r}).to_dgl().num_edges())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("6", "")
    assert list(home.iterdir()) == []


def test_without_dgl_the_reader_says_what_still_works(toy: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dgl", None)
    with pytest.raises(SnapshotError, match=r"wheels end at Python 3\.11\. Everything else in Tellgraph"):
        toy.to_dgl()
