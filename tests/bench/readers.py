"""Facts out of files: Tellgraph's readers against pyoxigraph's parser on the same facts.

    python -m tests.bench.readers [--facts 300000] [--rounds 3] [--seed 7]

Needs nothing running. Generated facts between DBpedia-like names, one name in forty with a letter beyond ASCII, are
written in every form that is read. All ways run in turns and end with three strings and a number for each fact. The
parser that reads the file by itself stops at the first bad line; given a thousand lines at once it can go on behind
it, as the readers do. The median round counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count, islice
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from graphstore.triple_files import read_triples

Fact = tuple[str, str, str]


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description="Readers of facts against pyoxigraph's parser.")
    options.add_argument("--facts", type=int, default=300_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{given.facts:,} generated facts, seed {given.seed}; median of {given.rounds} rounds after one to warm up")
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-") as folder:
        files = write_files(Path(folder), generate(given.facts, given.seed))
        ways: dict[str, Callable[[], Iterable[object]]] = {
            "parser, 1,000 lines": lambda: by_thousands(files[0]),
            "parser, whole file": lambda: by_parser(files[0]),
        }
        for file in files:
            ways[f"read_triples, {file.suffix}"] = lambda file=file: read_triples(file)  # type: ignore[misc]
        compare(ways, given.facts, given.rounds)


def generate(number: int, seed: int) -> list[Fact]:
    """Facts of ten predicates between names of 20 to 40 characters."""
    chance = random.Random(seed)
    names = [f"http://dbpedia.org/resource/{chance.choice(('Film', 'Person'))}_{n}" for n in range(number // 5)]
    names = [name + ("_é" if chance.random() < 1 / 40 else "") for name in names]
    predicates = [f"http://dbpedia.org/ontology/predicate{n}" for n in range(10)]
    return [(chance.choice(names), chance.choice(predicates), chance.choice(names)) for _ in range(number)]


def write_files(folder: Path, facts: list[Fact]) -> list[Path]:
    """The facts as N-Triples, Turtle and CSV."""
    lines = "".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in facts)
    (folder / "facts.nt").write_text(lines, encoding="utf-8")
    (folder / "facts.ttl").write_text(lines, encoding="utf-8")
    table = "subject,predicate,object\n" + "".join(f"{s},{p},{o}\n" for s, p, o in facts)
    (folder / "facts.csv").write_text(table, encoding="utf-8")
    return [folder / f"facts.{suffix}" for suffix in ("nt", "ttl", "csv")]


def by_thousands(path: Path) -> Iterable[object]:
    """The same columns from the parser, called anew for every thousand lines."""
    with path.open("rb") as stream:
        for first in count(1, 1_000):
            lines = list(islice(stream, 1_000))
            if not lines:
                return
            for line, quad in enumerate(parse(b"".join(lines), RdfFormat.N_TRIPLES), start=first):
                yield line, quad.subject.value, quad.predicate.value, quad.object.value


def by_parser(path: Path) -> Iterable[object]:
    """The same columns from the parser alone, which reads the file by itself."""
    quads = enumerate(parse(path=path, format=RdfFormat.N_TRIPLES), start=1)
    return ((line, quad.subject.value, quad.predicate.value, quad.object.value) for line, quad in quads)


def compare(ways: dict[str, Callable[[], Iterable[object]]], facts: int, rounds: int) -> None:
    """Run the ways in turns and print facts per second, and the ratio to the first way."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            last = deque(enumerate(way(), start=1), maxlen=1)
            if turn:
                seconds[name].append(time.perf_counter() - start)
            assert last[0][0] == facts
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    reference = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:24} {facts / median:10,.0f} facts/s   × {reference / median:.2f}")


if __name__ == "__main__":
    main()
