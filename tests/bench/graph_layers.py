"""LightGCN and R-GCN, forward and backward: Tellgraph's layers against DGL's modules on the same graph.

    TELLGRAPH_DATA=… python -m tests.bench.graph_layers [--rounds 5] [--dimension 128]

The facts are ReDial's (31k entities, both directions are relations); without TELLGRAPH_DATA, INSPIRED's facts of the
sample that ships. LightGCN runs three layers over the facts taken as one symmetric graph, where every entity has a
neighbour, and, with TELLGRAPH_DATA, over what INSPIRED's training dialogues mention together, which is the graph that
MSCRS gives it (Eq. 7-8). R-GCN runs one layer with 8 bases. DGL's side is its own `GraphConv` (weights and bias off)
and `RelGraphConv` (regularizer "basis", self-loop). Both sides run in turns in one process, and the median round
counts. Processor time is that of all threads, which says more on a machine that has other work beside.

Memory is of R-GCN with LightGCN behind it, forward and backward: by how much the memory of a process of its own
rises, at its highest, from before it builds its graphs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from graphstore import sample
from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue
from graphstore.triple_files import Triple, read_triples
from tests.bench._machine import memory_rise, processor
from training.models.lightgcn import co_mention_graph, propagate
from training.models.rgcn import RGCNLayer, build_fact_graph

LAYERS, BASES = 3, 8
CO_MENTIONS = "LightGCN, co-mentions"
TARGETS = {"LightGCN": 0.30, CO_MENTIONS: 0.30, "R-GCN": 0.20, "memory": 0.50}  # at most this share of DGL's

Facts = dict[str, tuple[np.ndarray, np.ndarray]]
Layer = Callable[[torch.Tensor], torch.Tensor]


def main() -> None:
    """Measure both layers and print the ratios."""
    options = argparse.ArgumentParser(description="Graph layers against DGL's.")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dimension", type=int, default=128)
    options.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options.add_argument("--facts", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.side:
        print(memory_of(given.side, given.facts, given.dimension))
        return
    name, facts, entities = load_facts()
    edges = sum(len(sources) for sources, _ in facts.values())
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}, seed 0")
    print(f"{name}: {entities:,} entities, {edges:,} facts, {len(facts)} predicates, {given.dimension} dimensions")
    try:
        import_dgl()
    except ImportError:
        print("DGL has no wheel for this Python (3.11 has one): nothing to compare with.")
        return
    embeddings = rows(entities, given.dimension)
    own, theirs = (side(facts, entities, given.dimension) for side in SIDES.values())
    for layer, tolerance in (("LightGCN", 1e-4), ("R-GCN", 1e-3)):
        compare(layer, own[layer], theirs[layer], embeddings, given.rounds, tolerance)
    if data := os.environ.get("TELLGRAPH_DATA"):
        graph = co_mentions(Path(data) / "inspired")
        embeddings = rows(graph.entities, given.dimension)
        compare(CO_MENTIONS, own_light_gcn(graph), dgl_light_gcn(graph), embeddings, given.rounds, 1e-4)
    compare_memory(facts, entities, given.dimension)


def import_dgl() -> Any:
    """DGL, without the settings file that it writes into the home folder."""
    os.environ.setdefault("DGLBACKEND", "pytorch")
    import dgl

    return dgl


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


@dataclass(frozen=True)
class Pairs:
    """A symmetric graph. ends: int64 [pairs, 2], each pair once. counts: float [pairs]."""

    ends: torch.Tensor
    counts: torch.Tensor
    entities: int


def co_mentions(folder: Path) -> Pairs:
    """How many training dialogues of INSPIRED mention two entities, over all entities of its facts and of the pairs."""
    dialogues = (one for one in read_dialogues(folder / "train.jsonl") if isinstance(one, Dialogue))
    counts: Counter[tuple[str, str]] = Counter()
    for dialogue in dialogues:
        counts.update(combinations(sorted({uri for turn in dialogue.turns for uri in turn.mentions}), 2))
    triples = (one for one in read_triples(folder / "dbpedia.nt.gz") if isinstance(one, Triple))
    uris = {uri for pair in counts for uri in pair}.union(*((one.subject, one.object) for one in triples))
    ids = {uri: position for position, uri in enumerate(sorted(uris))}
    ends = torch.tensor([[ids[one], ids[other]] for one, other in counts])
    mentioned = len(set(ends.flatten().tolist()))
    print(f"INSPIRED: {len(uris):,} entities, {mentioned:,} of them mentioned beside another, {len(ends):,} pairs")
    return Pairs(ends, torch.tensor(list(counts.values())).float(), len(uris))


def rows(entities: int, dimension: int) -> torch.Tensor:
    """A table to propagate."""
    return torch.randn(entities, dimension, generator=torch.Generator().manual_seed(0), requires_grad=True)


def undirected(facts: Facts, entities: int) -> Pairs:
    """The facts, whatever their predicate and direction, each pair once."""
    directed = np.concatenate([np.stack(ends, axis=1) for ends in facts.values()])
    pairs = np.unique(np.sort(directed, axis=1), axis=0)
    ends = torch.from_numpy(pairs[pairs[:, 0] != pairs[:, 1]])
    return Pairs(ends, torch.ones(len(ends)), entities)


def weights(facts: Facts, dimension: int) -> RGCNLayer:
    """R-GCN with the weights that both sides have."""
    torch.manual_seed(0)
    return RGCNLayer(2 * len(facts), dimension, BASES)


def own_layers(facts: Facts, entities: int, dimension: int) -> dict[str, Layer]:
    """Both layers as Tellgraph has them."""
    fact_graph, r_gcn = build_fact_graph(facts, entities), weights(facts, dimension)
    return {
        "LightGCN": own_light_gcn(undirected(facts, entities)),
        "R-GCN": lambda embeddings: r_gcn(fact_graph, embeddings),
    }


def own_light_gcn(pairs: Pairs) -> Layer:
    """Three layers and their mean."""
    graph = co_mention_graph(pairs.ends[:, 0], pairs.ends[:, 1], pairs.counts, pairs.entities)
    return lambda embeddings: propagate(graph, embeddings, LAYERS)


def dgl_layers(facts: Facts, entities: int, dimension: int) -> dict[str, Layer]:
    """The same by DGL."""
    light_gcn = dgl_light_gcn(undirected(facts, entities))
    return {"LightGCN": light_gcn, "R-GCN": dgl_r_gcn(facts, entities, dimension, import_dgl())}


def dgl_light_gcn(pairs: Pairs) -> Layer:
    """`GraphConv` three times; a node without neighbour has a self-loop.

    Counts are weights of edges only where one is above 1: without weights DGL is twice as fast.
    """
    dgl = import_dgl()
    ends, counts = torch.cat([pairs.ends, pairs.ends.flip(1)]), pairs.counts.repeat(2)
    alone = torch.ones(pairs.entities, dtype=torch.bool)
    alone[ends.flatten()] = False
    loops = alone.nonzero().expand(-1, 2)
    ends, counts = torch.cat([ends, loops]), torch.cat([counts, torch.ones(len(loops))])
    graph = dgl.graph((ends[:, 0], ends[:, 1]), num_nodes=pairs.entities)
    degree = torch.zeros(pairs.entities).index_add(0, ends[:, 0], counts)
    share = (counts * degree.rsqrt()[ends].prod(dim=1))[:, None] if bool((counts > 1).any()) else None
    norm = "both" if share is None else "none"
    layer = dgl.nn.pytorch.GraphConv(1, 1, norm=norm, weight=False, bias=False)

    def light_gcn(embeddings: torch.Tensor) -> torch.Tensor:
        total = current = embeddings
        for _ in range(LAYERS):
            current = layer(graph, current, edge_weight=share)
            total = total + current
        return total / (LAYERS + 1)

    return light_gcn


def dgl_r_gcn(facts: Facts, entities: int, dimension: int, dgl: Any) -> Layer:
    """`RelGraphConv` with `weights`."""
    own = weights(facts, dimension)
    sources, targets, types, norms = [], [], [], []
    for number, (name, inverse) in enumerate((name, inverse) for name in sorted(facts) for inverse in (False, True)):
        source, target = reversed(facts[name]) if inverse else facts[name]
        sources.append(source)
        targets.append(target)
        types.append(np.full(len(source), number))
        norms.append(1 / np.bincount(target, minlength=entities)[target])
    graph = dgl.graph((np.concatenate(sources), np.concatenate(targets)), num_nodes=entities)
    type_ids = torch.from_numpy(np.concatenate(types))
    norm = torch.from_numpy(np.concatenate(norms).astype(np.float32))[:, None]
    theirs = dgl.nn.pytorch.RelGraphConv(
        dimension, dimension, 2 * len(facts), "basis", BASES, bias=False, activation=torch.relu, self_loop=True
    )
    with torch.no_grad():
        theirs.linear_r.W.copy_(own.bases)
        theirs.linear_r.coeff.copy_(own.coefficients)
        theirs.loop_weight.copy_(own.self_weight)
    return lambda embeddings: theirs(graph, embeddings, type_ids, norm=norm)


SIDES = {"Tellgraph": own_layers, "DGL": dgl_layers}


def compare(name: str, own: Layer, theirs: Layer, embeddings: torch.Tensor, rounds: int, tolerance: float) -> None:
    """Time both in turns, once their results are found equal."""
    with torch.no_grad():
        torch.testing.assert_close(own(embeddings), theirs(embeddings), rtol=1e-3, atol=tolerance)
    spent: dict[str, list[tuple[float, float]]] = {"Tellgraph": [], "DGL": []}
    for _ in range(rounds + 1):
        for side, run in (("Tellgraph", own), ("DGL", theirs)):
            began = time.perf_counter(), time.process_time()
            run(embeddings).sum().backward()  # type: ignore[no-untyped-call]
            spent[side].append((time.perf_counter() - began[0], time.process_time() - began[1]))
    for kind, clock in enumerate(("time", "processor time")):
        ours, dgls = (1000 * statistics.median(one[kind] for one in taken[1:]) for taken in spent.values())
        print(f"{name}, {clock}: Tellgraph {ours:.0f} ms, DGL {dgls:.0f} ms, {judged(name, ours / dgls)}")


def compare_memory(facts: Facts, entities: int, dimension: int) -> None:
    """Run each side in a process that knows nothing of the other."""
    rise = {}
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-layers-") as folder:
        file = Path(folder) / "facts.npz"
        np.savez(file, entities=entities, **{name: np.stack(ends) for name, ends in facts.items()})  # type: ignore[arg-type]
        for side in SIDES:
            command = [sys.executable, "-m", "tests.bench.graph_layers", "--side", side, "--facts", str(file)]
            command += ["--dimension", str(dimension)]
            rise[side] = float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    print(f"memory: Tellgraph {rise['Tellgraph'] / 1e6:.0f} MB, DGL {rise['DGL'] / 1e6:.0f} MB, ", end="")
    print(judged("memory", rise["Tellgraph"] / rise["DGL"]))


def memory_of(side: str, file: Path, dimension: int) -> float:
    """By how many bytes memory rises while a side builds its graphs and runs them."""
    with np.load(file) as stored:
        entities = int(stored["entities"])
        facts = {name: (stored[name][0], stored[name][1]) for name in stored.files if name != "entities"}
    if side == "DGL":
        import_dgl()
    embeddings = rows(entities, dimension)

    def build_and_run() -> None:
        layers = SIDES[side](facts, entities, dimension)
        for _ in range(3):
            layers["LightGCN"](layers["R-GCN"](embeddings)).sum().backward()  # type: ignore[no-untyped-call]

    return memory_rise(build_and_run)


def judged(name: str, ratio: float) -> str:
    """A ratio beside its aim."""
    verdict = "reached" if ratio <= TARGETS[name] else f"missed by {ratio - TARGETS[name]:.2f}"
    return f"ratio {ratio:.2f} (aim: at most {TARGETS[name]}: {verdict})"


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # DGL's own deprecations
    main()
