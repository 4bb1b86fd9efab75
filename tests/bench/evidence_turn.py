"""The evidence of one chat out of the live graph: p50 and p95, beside the same out of a snapshot in memory.

    python -m tests.bench.evidence_turn --run RUN [--chats 60]

Needs a run with evidence and its graph: `tellgraph demo --no-app` makes both, and is what is measured without --run.
Chats are those of the run's validation dialogues. Encoding the chat is timed apart: it needs no graph.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch

from graphstore.graph import open_graph
from graphstore.settings import Settings
from training.evidence.definitions import Evidence
from training.evidence.ranker import EvidenceRecommender
from training.evidence.snapshot_reader import SnapshotReader
from training.instances import by_turn, split_instances
from training.pipeline import GraphReader
from training.recommender import Recommender
from ui.demo_home import DemoHome

AIM = 100.0  # milliseconds
WARM_UP = 25  # chats, while the server compiles its reads
Result = TypeVar("Result")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Time of a chat's evidence.")
    options.add_argument("--run", type=Path)
    options.add_argument("--chats", type=int, default=60)
    given = options.parse_args()
    settings, run = Settings.from_environment(), given.run
    if run is None:
        demo = DemoHome.inside(settings)
        settings, run = demo.settings, demo.run
    loaded = Recommender.load(run, settings.cache)
    recommender = next(one for one in (*loaded.parts, loaded) if isinstance(one, EvidenceRecommender))
    snapshot = recommender.snapshot
    turns = list(by_turn(split_instances(snapshot, "valid")))[: given.chats]
    stored = SnapshotReader(snapshot)
    times: dict[str, list[float]] = {name: [] for name in ("encode", "evidence", "rank and split", "snapshot")}
    with open_graph(settings) as graph:
        live = GraphReader(graph, stored.catalogue)
        for turn in [*turns[:WARM_UP], *turns]:
            context = turn[0].context
            vectors = _timed(times["encode"], partial(recommender.encoder.encode, context))
            evidence = _timed(times["evidence"], partial(live.read, context, vectors))
            _timed(times["rank and split"], partial(_ranked, recommender, evidence))
            _timed(times["snapshot"], partial(stored.read, context, vectors))
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, {len(snapshot.items):,} items, {len(turns)} chats")
    for name, spent in times.items():
        _report(name, spent[-len(turns) :], AIM if name == "evidence" else None)
    ratio = statistics.median(times["evidence"][-len(turns) :]) / statistics.median(times["snapshot"][-len(turns) :])
    print(f"live graph / snapshot in memory: {ratio:.1f}")


def _ranked(recommender: EvidenceRecommender, evidence: Evidence) -> None:
    evidence.worth(recommender.curves(evidence.table()))


def _timed(times: list[float], work: Callable[[], Result]) -> Result:
    started = time.perf_counter()
    result = work()
    times.append(1000 * (time.perf_counter() - started))
    return result


def _report(name: str, times: Sequence[float], aim: float | None) -> None:
    p95 = sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]
    said = f" (aim: {aim:.0f} ms)" if aim else ""
    print(f"{name}: p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms{said}")


if __name__ == "__main__":
    main()
