"""A build of edges after one percent of news, against a build from nothing.

    python -m tests.bench.edges [--items 10000] [--dialogues 5000] [--seed 3]

Needs nothing running and leaves nothing behind: a private Neo4j of its own in a temporary folder. Generated items with
vectors of 384 numbers in clouds and dialogues of five mentions each, the first items more often. Encoding is not part
of it. A build of what changed must be the build that --full makes, which is compared.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import time
from pathlib import Path

from graphstore.graph import Graph, open_graph
from graphstore.private_server import PrivateServer
from graphstore.schema import prepare_schema
from graphstore.settings import Settings
from tests.bench.neighbours import clouds
from training.pipeline import EdgeOptions, build_edges

_BATCH = 500


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description="A build of what changed against a full one.")
    options.add_argument("--items", type=int, default=10_000)
    options.add_argument("--dialogues", type=int, default=5_000)
    options.add_argument("--seed", type=int, default=3)
    given = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-edges-", ignore_cleanup_errors=True) as home:
        settings = Settings(home=Path(home), cache=Settings.from_environment().cache)
        try:
            with open_graph(settings) as graph:
                measure(graph, given.items, given.dialogues, given.seed)
        finally:
            PrivateServer(settings).stop()


def measure(graph: Graph, items: int, dialogues: int, seed: int) -> None:
    """Print the seconds of the first build, of one after one percent of news, and of a full one after that."""
    prepare_schema(graph)
    old_items, old_dialogues = items * 99 // 100, dialogues * 99 // 100
    write_items(graph, 0, old_items, items, seed)
    write_dialogues(graph, 0, old_dialogues, old_items, seed)
    rebuild = build(graph, EdgeOptions())
    print(f"from nothing: {rebuild:.1f} s × 1.00 ({items:,} items, {dialogues:,} dialogues)")
    write_items(graph, old_items, items, items, seed)
    write_dialogues(graph, old_dialogues, dialogues, items, seed + 1)
    update = build(graph, EdgeOptions())
    print(f"1 % new items and dialogues: {update:.1f} s × {update / rebuild:.3f}")
    reports = build_edges(graph, EdgeOptions(full=True))
    print(f"edges that a full build finds otherwise: {sum(report.written + report.removed for report in reports)}")
    print(f"nothing new: {build(graph, EdgeOptions()):.1f} s")


def build(graph: Graph, options: EdgeOptions) -> float:
    """Seconds that a build takes."""
    start = time.perf_counter()
    build_edges(graph, options)
    return time.perf_counter() - start


def write_items(graph: Graph, start: int, end: int, items: int, seed: int) -> None:
    """Items of these numbers with their vectors."""
    vectors = clouds(items, seed)
    for first in range(start, end, _BATCH):
        numbers = range(first, min(first + _BATCH, end))
        rows: list[dict[str, object]] = [
            {"uri": uri(n), "name": str(n), "title": str(n), "year": None, "properties": {}} for n in numbers
        ]
        graph.write("merge_items", items=rows, source="bench")
        told = [{"uri": uri(n), "vector": vectors[n].tolist(), "hash": f"clouds {n}"} for n in numbers]
        names = {"vector": "text_vector", "hash": "text_hash", "change": "text_change"}
        graph.write("write_vectors", **names, rows=told)


def write_dialogues(graph: Graph, start: int, end: int, items: int, seed: int) -> None:
    """Dialogues of these numbers."""
    chance = random.Random(seed)
    for first in range(start, end, _BATCH):
        rows: list[dict[str, object]] = [dialogue(n, items, chance) for n in range(first, min(first + _BATCH, end))]
        graph.write("merge_dialogues", dialogues=rows)


def dialogue(number: int, items: int, chance: random.Random) -> dict[str, object]:
    """As merge_dialogues.cypher takes it."""
    mentioned = {int(items * chance.random() ** 3) for _ in range(5)}
    return {
        "id": f"bench/{number}",
        "source": "bench",
        "split": "train",
        "turns": [{"index": 0, "role": "seeker", "text": "hm"}],
        "mentions": [[0, place, "item", uri(n), None, None, None] for place, n in enumerate(sorted(mentioned))],
    }


def uri(number: int) -> str:
    """Of an item."""
    return f"urn:bench:{number}"


if __name__ == "__main__":
    main()
