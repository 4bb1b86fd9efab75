"""Facts into the graph: the ingest that asks the server, Spark that does, and the importer that writes its files.

    python -m tests.bench.ingest [--facts 5000000] [--online 200000] [--seed 7]

Needs nothing running and leaves nothing behind: private Neo4js of their own, one for each way, in a temporary folder.
Generated facts of ten predicates between DBpedia-like names, five facts to a name. The ingest and Spark get the first
`--online` of them, because they take minutes for more; all end with all constraints and indexes there. Times hold
everything from the file to a server that answers, except the first start of that server. Peak memory is Python's own.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from graphstore.graph import open_graph
from graphstore.ingest import FileIngest
from graphstore.offline_import import OfflineImport
from graphstore.private_server import PrivateServer
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings
from tests.spark import spark_triples

_AT_ONCE = 100_000


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description="The ingest, Spark and the importer.")
    options.add_argument("--facts", type=int, default=5_000_000)
    options.add_argument("--online", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-ingest-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        file = folder / "facts.nt"
        generate(file, given.facts, given.seed)
        with file.open("rb") as whole, (folder / "first.nt").open("wb") as first:
            first.writelines(islice(whole, given.online))
        online = given.online / by_ingest(folder / "first.nt", folder / "online")
        print(f"ingest, {given.online:>9,} facts   {online:10,.0f} facts/s   × 1.00")
        spark = given.online / by_spark(folder / "first.nt", folder / "spark")
        print(f"Spark,  {given.online:>9,} facts   {spark:10,.0f} facts/s   × {spark / online:.2f}")
        offline = given.facts / by_importer(file, folder / "offline")
        print(f"importer, {given.facts:>9,} facts {offline:10,.0f} facts/s   × {offline / online:.2f}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        print(f"Python's peak memory {peak / 1e6:,.0f} MB")


def generate(file: Path, number: int, seed: int) -> None:
    """As many facts as told, in N-Triples."""
    chance = random.Random(seed)
    names = [f"http://dbpedia.org/resource/{chance.choice(('Film', 'Person'))}_{n}" for n in range(number // 5)]
    predicates = [f"http://dbpedia.org/ontology/predicate{n}" for n in range(10)]
    with file.open("w", encoding="utf-8") as stream:
        for start in range(0, number, _AT_ONCE):
            subjects, objects = (chance.choices(names, k=min(_AT_ONCE, number - start)) for _ in range(2))
            between = chance.choices(predicates, k=len(subjects))
            stream.writelines(f"<{s}> <{p}> <{o}> .\n" for s, p, o in zip(subjects, between, objects, strict=True))


def by_ingest(file: Path, home: Path) -> float:
    """Seconds that the ingest takes."""
    settings = Settings(home=home, cache=Settings.from_environment().cache)
    try:
        with open_graph(settings) as graph, RejectsFile(home / "rejects.jsonl") as rejects:
            start = time.perf_counter()
            FileIngest(graph, file, rejects).triples()
            graph.read("await_indexes")
            return time.perf_counter() - start
    finally:
        PrivateServer(settings).stop()


def by_spark(file: Path, home: Path) -> float:
    """Seconds that docs/spark_triples.py takes, Spark's own start included."""
    settings = Settings(home=home, cache=Settings.from_environment().cache)
    try:
        with open_graph(settings) as graph:
            start = time.perf_counter()
            done = spark_triples(file, graph, settings, "bench")
            if done.returncode != 0:
                raise SystemExit(done.stderr[-2_000:])
            graph.read("await_indexes")
            return time.perf_counter() - start
    finally:
        PrivateServer(settings).stop()


def by_importer(file: Path, home: Path) -> float:
    """Seconds that the importer takes; prints how many of them went into reading."""
    settings = Settings(home=home, cache=Settings.from_environment().cache)
    try:
        open_graph(settings).close()
        with RejectsFile(home / "rejects.jsonl") as rejects:
            start = time.perf_counter()
            with OfflineImport(settings, rejects) as job:
                job.triples(file)
                print(f"  read in {time.perf_counter() - start:,.0f} s")
                job.finish()
            return time.perf_counter() - start
    finally:
        PrivateServer(settings).stop()


if __name__ == "__main__":
    main()
