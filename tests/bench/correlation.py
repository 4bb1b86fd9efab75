"""Correlation semantic mapping (MSCRS Eq. 25): sets and neighbours of all training chats, against each chat anew.

    TELLGRAPH_DATA=… python -m tests.bench.correlation [--conversations 10006] [--timed 1000] [--anew 20] [--seed 0]
    python -m tests.bench.correlation --snapshot snapshots/inspired [--anew 1]

Every recommender turn of the training dialogues is a chat. Without --snapshot the dialogues are drawn, as many and as
long as ReDial's, over ReDial's facts (tests/bench/_paper_worlds.py). `CorrelationMapping.neighbours` counts what is new
in a chat that goes on; the alternative asks `nearest` for every chat by itself, for one of --anew chats, and the time
is multiplied. Both must name the same neighbours, which is checked. The chats of --timed conversations are timed; peak
memory is that of a process of its own that builds the mapping of all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from graphstore.snapshot import Snapshot
from tests.bench._machine import peak, processor
from tests.bench._paper_worlds import SIZES, write_paper_world
from training.conversation_instances import split_conversations
from training.correlated_chats import entities_of
from training.correlation import CorrelationMapping, Widening
from training.graphs import CoMentions
from training.recipe import load_recipe

AIM = 2.0  # GiB
K = 10


def main() -> None:
    """Draw a world unless there is a snapshot, measure in processes of their own, print."""
    options = argparse.ArgumentParser(description="Correlation semantic mapping against counting each chat anew.")
    options.add_argument("--snapshot", type=Path)
    options.add_argument("--conversations", type=int, default=SIZES[0].dialogues)
    options.add_argument("--timed", type=int, default=1000, help="conversations whose chats are timed")
    options.add_argument("--anew", type=int, default=20, help="one of so many chats is asked by itself")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.case:
        print(json.dumps(CASES[given.case](given)))
        return
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-correlation-") as folder:
        world = given.snapshot
        if world is None:
            world, data = Path(folder) / "world", os.environ.get("TELLGRAPH_DATA")
            size = replace(SIZES[0], dialogues=given.conversations)
            write_paper_world(size, world, Path(data) if data else None, given.seed)
            print(f"{size.dialogues:,} drawn dialogues over {'ReDial’s' if data else 'drawn'} facts")
        report(*(run_case(case, world, given) for case in CASES))


def run_case(case: str, world: Path, given: argparse.Namespace) -> dict[str, Any]:
    """What a process of its own measured."""
    command = [sys.executable, "-m", "tests.bench.correlation", "--case", case, "--snapshot", str(world)]
    command += ["--timed", str(given.timed), "--anew", str(given.anew)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


class Chats:
    """The training chats of a snapshot: what each mentions, and its dialogue. conversations: of the first so many."""

    def __init__(self, folder: Path, conversations: int | None = None) -> None:
        snapshot = Snapshot.open(folder)
        instances = split_conversations(snapshot, "train")
        kept = set(list(dict.fromkeys(one.dialogue for one in instances))[:conversations])
        instances = [one for one in instances if one.dialogue in kept]
        self.entities = [entities_of(one.context, snapshot) for one in instances]
        self.dialogues = [one.dialogue for one in instances]
        recipe = load_recipe("tiny")  # which takes all four graphs whole
        self.widening = Widening(snapshot, recipe, CoMentions.of(snapshot, recipe))

    def mapping(self) -> CorrelationMapping:
        """Eq. 25's sets."""
        return CorrelationMapping.of_chats(self.widening, self.entities, self.dialogues)


def memory(given: argparse.Namespace) -> dict[str, Any]:
    """Peak of a process that builds the mapping, and what it held before."""
    chats = Chats(given.snapshot)
    before = peak()
    mapping = chats.mapping()
    return {"before": before, "peak": peak(), "chats": len(mapping), "members": len(mapping.sets.values)}


def times(given: argparse.Namespace) -> dict[str, Any]:
    """Seconds of both ways to find all neighbours."""
    chats = Chats(given.snapshot, given.timed)
    began = time.perf_counter()
    mapping = chats.mapping()
    built = time.perf_counter()
    found = mapping.neighbours(K)
    ended = time.perf_counter()
    asked = range(0, len(mapping), given.anew)
    alone = [mapping.nearest(chats.entities[row], K, chats.dialogues[row]) for row in asked]
    anew = (time.perf_counter() - ended) * len(mapping) / len(asked)
    same = all(np.array_equal(found[row][found[row] >= 0], one) for row, one in zip(asked, alone, strict=True))
    return {"sets": built - began, "neighbours": ended - built, "anew": anew, "same": same, "asked": len(asked),
            "chats": len(mapping)}  # fmt: skip


CASES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"memory": memory, "times": times}


def report(held: dict[str, Any], took: dict[str, Any]) -> None:
    """Print."""
    reach = held["members"] / held["chats"]
    whole, anew = took["sets"] + took["neighbours"], took["sets"] + took["anew"]
    gibibytes = held["peak"] / 2**30
    verdict = "reached" if gibibytes < AIM else "missed"
    print(f"{held['chats']:,} chats, {reach:,.0f} entities in a widened set on average")
    print(f"peak memory {gibibytes:.2f} GiB, {held['before'] / 2**30:.2f} GiB of it before (aim: {AIM:.0f}: {verdict})")
    print(f"{took['chats']:,} chats, each by itself: {anew:,.0f} s × 1.00 ({took['asked']:,} of them asked)")
    print(
        f"a chat that goes on counts what is new: {whole:,.0f} s × {whole / anew:.2f} (sets {took['sets']:,.0f} s, "
        f"neighbours {took['neighbours']:,.0f} s); the same neighbours: {took['same']}"
    )


if __name__ == "__main__":
    main()
