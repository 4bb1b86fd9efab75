"""LightGCN and R-GCN, forward and backward: Tellgraph's layers against DGL's modules on the same graph.

    TELLGRAPH_DATA=… python -m tests.bench.graph_layers [--rounds 5] [--dimension 128]

The facts are ReDial's (31k entities, both directions are relations); without TELLGRAPH_DATA, INSPIRED's facts of the
sample that ships. LightGCN runs three layers over the facts taken as one symmetric graph, R-GCN one layer with 8
bases. DGL's side is its own `GraphConv` (weights and bias off, norm "both") and `RelGraphConv` (regularizer
"basis", self-loop). Both sides run in turns in one process, and the median round counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from graphstore import sample
from graphstore.triple_files import Triple, read_triples
from training.models.lightgcn import co_mention_matrix, propagate
from training.models.rgcn import RGCNLayer, build_fact_graph

LAYERS, BASES = 3, 8
TARGETS = {"LightGCN": 0.35, "R-GCN": 0.30}  # at most this share of DGL's time

Facts = dict[str, tuple[np.ndarray, np.ndarray]]


def main() -> None:
    """Measure both layers and print the ratios."""
    options = argparse.ArgumentParser(description="Graph layers against DGL's.")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dimension", type=int, default=128)
    given = options.parse_args()
    name, facts, entities = load_facts()
    edges = sum(len(sources) for sources, _ in facts.values())
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}, seed 0")
    print(f"{name}: {entities:,} entities, {edges:,} facts, {len(facts)} predicates, {given.dimension} dimensions")
    try:
        os.environ.setdefault("DGLBACKEND", "pytorch")  # else DGL writes a settings file into the home folder
        import dgl
    except ImportError:
        print("DGL has no wheel for this Python (3.11 has one): nothing to compare with.")
        return
    torch.manual_seed(0)
    embeddings = torch.randn(entities, given.dimension, requires_grad=True)
    compare("LightGCN", *light_gcn(facts, entities, embeddings, dgl), given.rounds)
    compare("R-GCN", *r_gcn(facts, entities, embeddings, dgl), given.rounds)


def load_facts() -> tuple[str, Facts, int]:
    """Facts by predicate, as id columns."""
    folder = os.environ.get("TELLGRAPH_DATA")
    file = Path(folder) / "redial" / "dbpedia.nt.gz" if folder else Path(sample.__file__).parent / "facts.nt.gz"
    triples = [one for one in read_triples(file) if isinstance(one, Triple)]
    uris = sorted({uri for one in triples for uri in (one.subject, one.object)})
    ids = {uri: position for position, uri in enumerate(uris)}
    columns: dict[str, list[tuple[int, int]]] = {}
    for one in triples:
        columns.setdefault(one.predicate, []).append((ids[one.subject], ids[one.object]))
    facts = {}
    for predicate, pairs in columns.items():
        array = np.array(pairs, np.int64)
        facts[predicate] = (array[:, 0], array[:, 1])
    return ("ReDial" if folder else "the sample"), facts, len(uris)


def light_gcn(
    facts: Facts, entities: int, embeddings: torch.Tensor, dgl: Any
) -> tuple[Callable[[], torch.Tensor], Callable[[], torch.Tensor]]:
    """Three layers and their mean, by both."""
    directed = np.concatenate([np.stack(ends, axis=1) for ends in facts.values()])
    undirected = np.unique(np.sort(directed, axis=1), axis=0)
    pairs = torch.from_numpy(undirected[undirected[:, 0] != undirected[:, 1]])
    matrix = co_mention_matrix(pairs[:, 0], pairs[:, 1], torch.ones(len(pairs)), entities)
    both_ways = torch.cat([pairs[:, 0], pairs[:, 1]]), torch.cat([pairs[:, 1], pairs[:, 0]])
    graph = dgl.graph(both_ways, num_nodes=entities)
    layer = dgl.nn.pytorch.GraphConv(1, 1, norm="both", weight=False, bias=False, allow_zero_in_degree=True)

    def by_dgl() -> torch.Tensor:
        total = current = embeddings
        for _ in range(LAYERS):
            current = layer(graph, current)
            total = total + current
        return total / (LAYERS + 1)

    with torch.no_grad():
        torch.testing.assert_close(propagate(matrix, embeddings, LAYERS), by_dgl(), rtol=1e-3, atol=1e-4)
    return lambda: propagate(matrix, embeddings, LAYERS), by_dgl


def r_gcn(
    facts: Facts, entities: int, embeddings: torch.Tensor, dgl: Any
) -> tuple[Callable[[], torch.Tensor], Callable[[], torch.Tensor]]:
    """One layer with bases and self-loop, by both."""
    fact_graph = build_fact_graph(facts, entities)
    dimension = embeddings.shape[1]
    own = RGCNLayer(len(fact_graph.relations), dimension, BASES)
    sources, targets, types, norms = [], [], [], []
    for number, (name, inverse) in enumerate(fact_graph.relations):
        subjects, objects = facts[name]
        source, target = (objects, subjects) if inverse else (subjects, objects)
        sources.append(source)
        targets.append(target)
        types.append(np.full(len(source), number))
        norms.append(1 / np.bincount(target, minlength=entities)[target])
    graph = dgl.graph((np.concatenate(sources), np.concatenate(targets)), num_nodes=entities)
    type_ids = torch.from_numpy(np.concatenate(types))
    norm = torch.from_numpy(np.concatenate(norms).astype(np.float32))[:, None]
    theirs = dgl.nn.pytorch.RelGraphConv(
        dimension,
        dimension,
        len(fact_graph.relations),
        "basis",
        BASES,
        bias=False,
        activation=torch.relu,
        self_loop=True,
    )
    with torch.no_grad():
        theirs.linear_r.W.copy_(own.bases)
        theirs.linear_r.coeff.copy_(own.coefficients)
        theirs.loop_weight.copy_(own.self_weight)
        torch.testing.assert_close(
            own(fact_graph, embeddings), theirs(graph, embeddings, type_ids, norm=norm), rtol=1e-3, atol=1e-3
        )
    return lambda: own(fact_graph, embeddings), lambda: theirs(graph, embeddings, type_ids, norm=norm)


def compare(name: str, own: Callable[[], torch.Tensor], theirs: Callable[[], torch.Tensor], rounds: int) -> None:
    """Time both in turns; the results were found equal before."""
    times: dict[str, list[float]] = {"Tellgraph": [], "DGL": []}
    for _ in range(rounds + 1):
        for side, run in (("Tellgraph", own), ("DGL", theirs)):
            began = time.perf_counter()
            run().sum().backward()  # type: ignore[no-untyped-call]
            times[side].append((time.perf_counter() - began) * 1000)
    median = {side: statistics.median(found[1:]) for side, found in times.items()}
    ratio, target = median["Tellgraph"] / median["DGL"], TARGETS[name]
    verdict = "reached" if ratio <= target else f"missed by {ratio - target:.2f}"
    print(f"{name}: Tellgraph {median['Tellgraph']:.0f} ms, DGL {median['DGL']:.0f} ms, ratio {ratio:.2f}", end="")
    print(f" (aim: at most {target}: {verdict})")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # DGL's own deprecations
    main()
