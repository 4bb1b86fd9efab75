"""Every query for people on the ReDial graph: p50 and p95, beside the same statement without the indexes on keys.

    TELLGRAPH_DATA=… python -m tests.bench.queries [--home FOLDER] [--rounds 40]

Fills a private Neo4j of its own with ReDial's facts, items and valid dialogues (as training ones, so that there are
co-mentions) and text vectors of `random-tiny`, builds the edges, and asks each query about another film each time, of
the 40 that most dialogues mention. Then the uniqueness constraints are dropped, and with them the indexes, and the
same is asked again. With --home the filled graph is kept and used again.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphstore.graph import Graph, open_graph
from graphstore.ingest import FileIngest
from graphstore.private_server import PrivateServer
from graphstore.queries import all_queries
from graphstore.rejects import RejectsFile
from graphstore.schema import prepare_schema
from graphstore.settings import Settings
from tests.toy_films import know_probes
from training.encoders import RANDOM_TINY
from training.pipeline import EdgeOptions, build_edges, build_vectors
from training.pretrained import VectorModels

AIM = 50.0  # milliseconds
FILMS = 40
WARM_UP = 3
_KEYS = ("entity_uri", "dialogue_id", "relation_type")
_RESOURCE = "http://dbpedia.org/resource/"

Parameters = Callable[[int], Mapping[str, Any]]


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description="Time of every query for people.")
    options.add_argument("--home", type=Path)
    options.add_argument("--rounds", type=int, default=40)
    given = options.parse_args()
    data = os.environ.get("TELLGRAPH_DATA")
    if data is None:
        raise SystemExit("Set TELLGRAPH_DATA to the folder that holds redial/: nothing was measured.")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {given.rounds} rounds")
    with ExitStack() as stack:
        home = given.home or stack.enter_context(
            tempfile.TemporaryDirectory(prefix="tellgraph-bench-", ignore_cleanup_errors=True)
        )
        settings = Settings(home=Path(home), cache=Settings.from_environment().cache)
        stack.callback(PrivateServer(settings).stop)
        know_probes(stack.enter_context(pytest.MonkeyPatch.context()))
        graph = stack.enter_context(open_graph(settings))
        if not graph.read("popular_items"):
            fill(graph, Path(data) / "redial", settings)
        compare(graph, given.rounds)


def fill(graph: Graph, data: Path, settings: Settings) -> None:
    """Everything that the queries ask for."""
    with RejectsFile(settings.home / "rejects.jsonl") as rejects:
        FileIngest(graph, data / "entities.txt", rejects).entities()
        FileIngest(graph, data / "dbpedia.nt.gz", rejects).triples()
        FileIngest(graph, data / "items.txt", rejects).items()
        FileIngest(graph, data / "item_info.jsonl", rejects).items()
        FileIngest(graph, data / "valid_data.jsonl", rejects).dialogues("redial", "train")
    build_vectors(graph, VectorModels(text=RANDOM_TINY), settings.cache)
    build_edges(graph, EdgeOptions(neighbours=20))


def compare(graph: Graph, rounds: int) -> None:
    """Print a line per query: its times, and its ratio to the same without indexes on keys."""
    prepare_schema(graph)
    parameters = makers(graph)
    print(f"{'query':<22}{'rows':>6}{'p50 ms':>9}{'p95 ms':>9}", flush=True)
    times: dict[str, float] = {}
    for name, make in parameters.items():
        rows, times[name], p95 = measure(graph, name, make, rounds)
        slow = f"  above {AIM:.0f} ms" if times[name] > AIM else ""
        print(f"{name:<22}{rows:>6}{times[name]:>9.1f}{p95:>9.1f}{slow}", flush=True)
    print("without the indexes on keys:")
    for key in _KEYS:
        graph.write("drop_constraint", name=key)
    try:
        for name, make in parameters.items():
            p50 = measure(graph, name, make, max(rounds // 8, 3))[1]
            print(f"{name:<22}{p50:>15.1f}   ratio {p50 / times[name]:.1f}", flush=True)
    finally:
        prepare_schema(graph)


def measure(graph: Graph, name: str, parameters: Parameters, rounds: int) -> tuple[int, float, float]:
    """(median rows, p50, p95) in milliseconds, the driver's part included."""
    counts, times = [], []
    for number in range(rounds + WARM_UP):
        given = parameters(number)
        started = time.perf_counter()
        counts.append(len(graph.read(name, **given)))
        times.append(1000 * (time.perf_counter() - started))
    times = sorted(times[WARM_UP:])
    return (
        int(statistics.median(counts)),
        statistics.median(times),
        times[min(len(times) - 1, round(0.95 * len(times)))],
    )


def makers(graph: Graph) -> dict[str, Parameters]:
    """The parameters of each query for the round of a number."""
    popular = graph.read("popular_items", limit=FILMS)
    uris = [row["uri"] for row in popular]
    titles = [row["title"] for row in popular]
    ids = [graph.read("dialogues_with", uri=uri)[0]["dialogue"] for uri in uris]
    vectors = np.random.default_rng(7).standard_normal((FILMS, 32)).tolist()
    types = [row["type"] for row in graph.read("relation_types")]

    def about(number: int) -> dict[str, Any]:
        return {"uri": uris[number % FILMS]}

    def two(number: int) -> dict[str, Any]:
        return {"first": uris[number % FILMS], "second": uris[(number * 7 + 3) % FILMS]}

    def nothing(number: int) -> dict[str, Any]:
        return {}

    special: dict[str, Parameters] = {
        "changed_since": lambda number: {"build": 1},
        "dialogue": lambda number: {"id": ids[number % FILMS]},
        "facts_of_relation": lambda number: {"relation": types[number % len(types)]},
        "find_entity": lambda number: {"text": titles[number % FILMS]},
        "find_items": lambda number: {"genre": "comedy", "from_year": 1980 + number % 30},
        "hybrid_search": lambda number: {"text": titles[number % FILMS], "vector": vectors[number % FILMS]},
        "items_near_text": lambda number: {"vector": vectors[number % FILMS]},
        "items_with": lambda number: {"uri": _RESOURCE + "Tom_Hanks"},
        "similar_to_vector": lambda number: {"vector": vectors[number % FILMS]},
        "two_steps": lambda number: {**about(number), "first": "STARRING", "second": "STARRING"},
    }
    usual = {"uri": about, "first": two}
    return {
        query.name: special.get(query.name)
        or next((make for name, make in usual.items() if name in query.parameters), nothing)
        for query in all_queries()
        if not query.internal
    }


if __name__ == "__main__":
    main()
