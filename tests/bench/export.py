"""Relations out of Neo4j into id columns: Tellgraph's lists of columns against one record per row.

    python -m tests.bench.export [--relations 200000] [--rounds 3] [--seed 7]

Needs nothing running and leaves nothing behind: a private Neo4j of its own is filled with generated relations
between generated entities. Both ways run in turns on the same server and end with the same arrays: entity ids by
sorted URI, in an array of sources and one of targets per relation. The row way uses the plain driver, as its
documentation shows, and goes to the ids by a dictionary. The median round counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import neo4j
import numpy as np

from graphstore.export import export_snapshot, read_relations
from graphstore.graph import Graph, open_graph
from graphstore.ingest import FileIngest
from graphstore.private_server import PrivateServer
from graphstore.queries import parse_query
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings
from graphstore.snapshot import Columns

TYPES = ("STARRING", "DIRECTOR", "WRITER", "GENRE", "COUNTRY")


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description="Export by columns against one record per row.")
    options.add_argument("--relations", type=int, default=200_000)
    options.add_argument("--entities", type=int, default=30_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(
        f"{given.relations:,} generated relations of {len(TYPES)} types between {given.entities:,} entities, ", end=""
    )
    print(f"seed {given.seed}; median of {given.rounds} rounds after one to warm up")
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(home=Path(folder), cache=Settings.from_environment().cache)
        try:
            with open_graph(settings) as graph:
                generate(graph, given.relations, given.entities, given.seed, Path(folder))
                compare(graph, PrivateServer(settings).password(), given.rounds, Path(folder) / "snapshot")
        finally:
            PrivateServer(settings).stop()


def generate(graph: Graph, relations: int, entities: int, seed: int, folder: Path) -> None:
    """Fill the graph: distinct relations, URIs about as long as DBpedia's."""
    generator = random.Random(seed)
    uris = [f"http://dbpedia.org/resource/Generated_Entity_{number}" for number in range(entities)]
    pairs: dict[str, set[tuple[str, str]]] = {type_: set() for type_ in TYPES}
    for found in pairs.values():
        while len(found) < relations // len(TYPES):
            found.add((generator.choice(uris), generator.choice(uris)))
    file = folder / "generated.nt"
    with file.open("w", encoding="utf-8") as lines:
        for type_, found in pairs.items():
            predicate = f"http://dbpedia.org/ontology/{type_.lower()}"
            lines.writelines(f"<{source}> <{predicate}> <{target}> .\n" for source, target in sorted(found))
    with RejectsFile(folder / "rejects.jsonl") as rejects:
        FileIngest(graph, file, rejects).triples()


def compare(graph: Graph, password: str, rounds: int, folder: Path) -> None:
    """Print the seconds of both ways and their ratio, after checking that they agree."""
    with neo4j.GraphDatabase.driver(graph.uri, auth=("neo4j", password)) as driver:
        ways: dict[str, Callable[[], dict[str, Columns]]] = {
            "one record per row": lambda: by_rows(driver),
            "lists of columns": lambda: by_columns(graph),
        }
        seconds = defaultdict(list)
        for _ in range(rounds + 1):
            results = []
            for name, way in ways.items():
                started = time.perf_counter()
                results.append(way())
                seconds[name].append(time.perf_counter() - started)
            check_equal(*results)
    median = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    count = sum(len(columns["source"]) for columns in results[0].values())
    for name, value in median.items():
        print(f"  {name:<20} {value:7.3f} s {count / value:12,.0f} relations/s")
    started = time.perf_counter()
    export_snapshot(graph, folder)
    print(f"  {'the whole export':<20} {time.perf_counter() - started:7.3f} s, files and checksums included")
    ratio = median["one record per row"] / median["lists of columns"]
    print(f"ratio: {ratio:.1f} times faster by columns (aim: at least 8)")


def by_rows(driver: neo4j.Driver) -> dict[str, Columns]:
    """A record for every relation, then ids."""
    path = Path(__file__).parents[1] / "cypher" / "one_record_per_row.cypher"
    statement = parse_query(path.stem, path.read_text(encoding="utf-8")).text
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
        for source, type_, target in session.run(statement, facts=list(TYPES)):
            pairs[type_].append((source, target))
    uris = sorted({uri for ends in pairs.values() for pair in ends for uri in pair})
    ids = {uri: number for number, uri in enumerate(uris)}
    return {
        type_: {
            "source": np.array([ids[source] for source, _ in ends]),
            "target": np.array([ids[target] for _, target in ends]),
        }
        for type_, ends in pairs.items()
    }


def by_columns(graph: Graph) -> dict[str, Columns]:
    """What the export does before it writes."""
    return read_relations(graph, TYPES)[1]


def check_equal(rows: dict[str, Columns], columns: dict[str, Columns]) -> None:
    """Both ways found the same relations, in whatever order."""
    for type_ in TYPES:
        first, second = (
            sorted(zip(found[type_]["source"].tolist(), found[type_]["target"].tolist(), strict=True))
            for found in (rows, columns)
        )
        if first != second:
            raise SystemExit(f"{type_} differs between the two ways: nothing was measured.")


if __name__ == "__main__":
    main()
