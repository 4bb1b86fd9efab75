"""A chat turn, from the words to the cards with their reasons: p50 and p95.

    python -m tests.bench.chat_turn --run RUN [--turns 40]

Needs a run and its graph: `tellgraph demo --no-app` makes both, and is what is measured without --run. Linking,
ranking and explanation are timed, after a warm-up that lets the server compile its reads; the language model's words
come after them, and are timed apart. Each turn is the first of a fresh conversation that names two popular items.
"""

from __future__ import annotations

import argparse
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import torch

from graphstore.graph import open_graph
from graphstore.settings import Settings
from training.recommender import Recommender
from ui.chat_session import ChatSession
from ui.demo_home import DemoHome

AIM = 300.0  # milliseconds
WARM_UP = 25  # turns


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Time of a chat turn.")
    options.add_argument("--run", type=Path)
    options.add_argument("--turns", type=int, default=40)
    given = options.parse_args()
    settings = Settings.from_environment()
    run = given.run
    if run is None:
        demo = DemoHome.inside(settings)
        settings, run = demo.settings, demo.run
    recommender = Recommender.load(run, settings.cache)
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, recipe {recommender.recipe.name}")
    with open_graph(settings) as graph:
        titles = [row["title"] for row in graph.read("popular_items", limit=20)]
        turns = []
        for number in range(WARM_UP + given.turns):
            one, two = titles[number % len(titles)], titles[(number * 7 + 3) % len(titles)]
            answer = ChatSession(recommender, graph, None).answer(f"I loved {one} and {two}. What next?")
            turns.append(dict(answer.timings))
    report(turns[WARM_UP:])


def report(turns: Sequence[dict[str, float]]) -> None:
    """Print a line per stage."""
    for stage in dict.fromkeys(stage for turn in turns for stage in turn):
        # A title with several meanings is asked about, and nothing is ranked.
        times = sorted(turn[stage] for turn in turns if stage in turn)
        p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
        aim = f" (aim: {AIM:.0f} ms)" if stage == "turn" else ""
        print(f"{stage}: p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms{aim}")


if __name__ == "__main__":
    main()
