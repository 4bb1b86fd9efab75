"""Relations out of Neo4j into id columns: Tellgraph's lists of columns against one record per row.

    python -m tests.bench.export [--edges 100000,1000000,10000000] [--rounds 3] [--seed 7]

Needs nothing running and leaves nothing behind: for each number of edges a private Neo4j of its own is filled by
neo4j-admin with generated relations between generated entities. Both ways run in turns on the same server and end with
the same arrays: entity ids by sorted URI, in an array of sources and one of targets per relation. The row way uses
the plain driver, as its documentation shows, and goes to the ids by a dictionary. The median round counts. Above
`--rows-up-to` edges only the columns are read: seconds per edge tell whether the time grows as the edges do.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import neo4j
import numpy as np
import psutil
import pyarrow as pa
from pyarrow import csv

from graphstore.export import export_snapshot
from graphstore.export_relations import read_graph
from graphstore.graph import Graph, open_graph
from graphstore.private_server import PrivateServer
from graphstore.queries import parse_query
from graphstore.schema import SCHEMA, prepare_schema
from graphstore.server_home import ServerHome
from graphstore.settings import Settings
from graphstore.snapshot_manifest import Columns

TYPES = ("STARRING", "DIRECTOR", "WRITER", "GENRE", "COUNTRY")


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description="Export by columns against one record per row.")
    options.add_argument("--edges", default="200000", help="numbers of edges, joined by commas")
    options.add_argument("--rows-up-to", type=int, default=1_000_000, help="edges up to which rows are read as well")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{len(TYPES)} relation types, seed {given.seed}; median of {given.rounds} rounds after one to warm up")
    for edges in map(int, given.edges.split(",")):
        entities = max(10_000, edges // 50)
        with tempfile.TemporaryDirectory(prefix="tellgraph-bench-export-", ignore_cleanup_errors=True) as folder:
            settings = Settings(home=Path(folder), cache=Settings.from_environment().cache)
            server = PrivateServer(settings)
            try:
                generate(settings, edges, entities, given.seed, Path(folder))
                with open_graph(settings) as graph:
                    prepare_graph(graph)
                    print(f"{edges:,} generated relations between {entities:,} entities, load {os.getloadavg()[0]:.1f}")
                    ways = compare(graph, server.password(), given.rounds, edges <= given.rows_up_to)
                    whole(graph, Path(folder) / "snapshot", server)
            finally:
                server.stop()
        if len(ways) > 1:
            print(f"  ratio: {ways[0] / ways[1]:.1f} times faster by columns (aim: at least 8)", flush=True)


def generate(settings: Settings, edges: int, entities: int, seed: int, folder: Path) -> None:
    """Fill the graph by neo4j-admin: URIs about as long as DBpedia's, few targets much more often than others."""
    server = PrivateServer(settings)
    server.connect().close()  # makes the home
    server.stop()
    random = np.random.default_rng(seed)
    uris = np.array([f"http://dbpedia.org/resource/Generated_Entity_{number}" for number in range(entities)])
    csv.write_csv(pa.table({"uri:ID": uris, "name": uris}), folder / "nodes.csv")
    state: dict[str, list[str | int]] = {":ID": ["state"], "key": ["tellgraph"]}
    state |= {
        f"{name}:int": [value] for name, value in (("schema", SCHEMA), ("build", 0), ("removals", 0), ("change", 0))
    }
    csv.write_csv(pa.table(state), folder / "state.csv")
    arguments = [f"--nodes=Entity={folder / 'nodes.csv'}", f"--nodes=GraphState={folder / 'state.csv'}"]
    for type_ in TYPES:
        count = edges // len(TYPES)
        source, target = random.integers(0, entities, count), (entities * random.random(count) ** 3).astype(int)
        file = folder / f"{type_}.csv"
        csv.write_csv(pa.table({":START_ID": uris[source], ":END_ID": uris[target]}), file)
        arguments.append(f"--relationships={type_}={file}")
    ServerHome(settings).administer("database", "import", "full", "neo4j", *arguments, "--overwrite-destination")


def prepare_graph(graph: Graph) -> None:
    """What an ingest would have made beside the nodes and relations."""
    prepare_schema(graph)
    for type_ in TYPES:
        graph.write("merge_relation_type", type=type_, uri=f"http://dbpedia.org/ontology/{type_.lower()}")


def compare(graph: Graph, password: str, rounds: int, rows: bool) -> list[float]:
    """The median seconds of each way, printed, after checking that they agree."""
    with neo4j.GraphDatabase.driver(graph.uri, auth=("neo4j", password)) as driver:
        ways: dict[str, Callable[[], dict[str, Columns]]] = {"lists of columns": lambda: by_columns(graph)}
        if rows:
            ways = {"one record per row": lambda: by_rows(driver), **ways}
        seconds = defaultdict(list)
        for _ in range(rounds + 1):
            results = []
            for name, way in ways.items():
                started = time.perf_counter()
                results.append(way())
                seconds[name].append(time.perf_counter() - started)
            check_equal(results)
    count = sum(len(columns["source"]) for columns in results[0].values())
    median = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    for name, value in median.items():
        print(f"  {name:<20} {value:7.2f} s {count / value:12,.0f} relations/s")
    return list(median.values())


def whole(graph: Graph, folder: Path, server: PrivateServer) -> None:
    """Time the export with its files, and say what memory it all took."""
    started = time.perf_counter()
    export_snapshot(graph, folder)
    print(f"  {'the whole export':<20} {time.perf_counter() - started:7.2f} s, files and checksums included")
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    there = psutil.Process(server.status().pid).memory_info().rss / 2**20
    print(f"  memory: {here:,.0f} MiB here at most so far, {there:,.0f} MiB in the server (heap at most 1,024)")


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
    return read_graph(graph, TYPES).relations


def check_equal(results: list[dict[str, Columns]]) -> None:
    """All ways found the same relations, in whatever order."""
    for type_ in TYPES:
        pairs = [np.lexsort((found[type_]["target"], found[type_]["source"])) for found in results]
        for end in ("source", "target"):
            first, *others = (found[type_][end][order] for found, order in zip(results, pairs, strict=True))
            if not all(np.array_equal(first, other) for other in others):
                raise SystemExit(f"{type_} differs between the ways: nothing was measured.")


if __name__ == "__main__":
    main()
