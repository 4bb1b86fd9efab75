"""Metrics of replies against other people's implementations of the same definitions.

    python -m tests.bench.reply_metrics [--replies 940] [--seed 0]

Generated replies of 4 to 30 words out of 500, some words far more often than others, and targets that share a stretch
with them. nltk computes BLEU-2 to 4 and rouge-score ROUGE-2 and L; the values are compared as well.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from rouge_score.rouge_scorer import RougeScorer

from training.conversation_metrics import SENTENCE_METRICS, sentence_values


def main() -> None:
    """Generate, measure, compare, print."""
    options = argparse.ArgumentParser(description="Metrics of replies against nltk and rouge-score.")
    options.add_argument("--replies", type=int, default=940)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # nltk warns of every sentence without a common 4-gram
    predictions, targets = sentences(given.replies, given.seed)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    their_seconds, theirs = timed(lambda: by_libraries(predictions, targets))
    seconds, values = timed(lambda: sentence_values(predictions, targets))
    ours = np.stack([values[name] for name in SENTENCE_METRICS], axis=1)
    print(
        f"{given.replies:,} replies: nltk and rouge-score {their_seconds:.2f} s × 1.00, here {seconds:.3f} s "
        f"× {seconds / their_seconds:.3f}; values apart by at most {np.abs(ours - theirs).max():.1e}"
    )


def sentences(number: int, seed: int) -> tuple[list[str], list[str]]:
    """Make pairs that have a stretch in common."""
    draw = np.random.default_rng(seed)

    def words() -> list[str]:
        return [f"w{word % 500}" for word in draw.zipf(1.4, size=draw.integers(4, 31))]

    pairs = [(words(), words()) for _ in range(number)]
    predictions = [" ".join(left) for left, _ in pairs]
    return predictions, [" ".join(right[:4] + left[2:8] + right[4:]) for left, right in pairs]


class _Splitting:
    def tokenize(self, text: str) -> list[str]:
        return text.split()


def by_libraries(predictions: Sequence[str], targets: Sequence[str]) -> Any:
    """Return the same values, [n, metrics], as SENTENCE_METRICS has them."""
    scorer: Any = RougeScorer(["rouge2", "rougeL"], tokenizer=_Splitting())
    unsmoothed = SmoothingFunction().method0
    rows = []
    for prediction, target in zip(predictions, targets, strict=True):
        tokens, wanted = prediction.split(), [target.split()]
        bleu = [
            sentence_bleu(wanted, tokens, weights=(0,) * (k - 1) + (1,), smoothing_function=unsmoothed)
            for k in (2, 3, 4)
        ]
        rouge = scorer.score(target, prediction)
        rows.append([*bleu, rouge["rouge2"].fmeasure, rouge["rougeL"].fmeasure])
    return np.array(rows)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
