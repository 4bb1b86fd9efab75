"""The published metrics of replies, sentence by sentence, and corpus sacreBLEU out of sums of counts.

A token is what `str.split` gives, and case counts. For a prediction P and its target T of p and t tokens:

    BLEU-k    [k-grams that both have] / [k-grams of P] · min(1, exp(1 − t/p)): all weight on k, unsmoothed
    ROUGE-n   F of the n-grams that both have
    ROUGE-L   F of their longest common subsequence
    DIST-n    distinct n-grams of all predictions / number of predictions

A row of the table of subsequences is one integer, a bit a token (Crochemore et al., IPL 2001): a thousand replies are
scored in well under a second. docs/conversation-metrics.md says what is wrong with each figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from sacrebleu.metrics.bleu import BLEU

from training.metrics import Floats

__all__ = [
    "SENTENCE_METRICS",
    "corpus_bleu",
    "corpus_bleu_counts",
    "distinct",
    "sacrebleu_signature",
    "sentence_values",
]

SENTENCE_METRICS = ("bleu@2", "bleu@3", "bleu@4", "rouge@2", "rouge@l")

Tokens = list[str]

_LONGEST = 4  # n-grams
# effective_order only quiets a warning of its sentence scores, of which the counts alone are taken
_SACREBLEU = BLEU(effective_order=True)


def sentence_values(predictions: Sequence[str], targets: Sequence[str]) -> dict[str, Floats]:
    """Each of SENTENCE_METRICS for every pair: name → [n], each in 0..1.

    Raises ValueError when there are not as many predictions as targets.
    """
    pairs = [(left.split(), right.split()) for left, right in zip(predictions, targets, strict=True)]
    values = np.array([_sentence(prediction, target) for prediction, target in pairs], dtype=np.float64)
    return dict(zip(SENTENCE_METRICS, values.reshape(-1, len(SENTENCE_METRICS)).T, strict=True))


def distinct(predictions: Sequence[str]) -> dict[str, float]:
    """`dist@n`, distinct n-grams a prediction, and `dist_share@n`, distinct n-grams an n-gram, for n from 2 to 4.

    The published first figure grows with the replies' length and has no upper bound. 0 where there is no n-gram.
    """
    tokens = [prediction.split() for prediction in predictions]
    figures = {}
    for n in range(2, _LONGEST + 1):
        grams = [gram for sentence in tokens for gram in _grams(sentence, n)]
        figures[f"dist@{n}"] = len(set(grams)) / max(len(tokens), 1)
        figures[f"dist_share@{n}"] = len(set(grams)) / max(len(grams), 1)
    return figures


def corpus_bleu_counts(predictions: Sequence[str], targets: Sequence[str]) -> Floats:
    """What sacreBLEU counts in every pair, [n, 10]: hits of 1- to 4-grams, n-grams, tokens of both.

    Corpus BLEU is a function of their sum alone, so that any resample of the pairs has its own: `corpus_bleu`.

    Raises ValueError when there are not as many predictions as targets.
    """
    rows = []
    for prediction, target in zip(predictions, targets, strict=True):
        score = _SACREBLEU.sentence_score(prediction, [target])
        rows.append([*score.counts, *score.totals, score.sys_len, score.ref_len])
    return np.array(rows, dtype=np.float64).reshape(-1, 2 * _LONGEST + 2)


def corpus_bleu(sums: Floats) -> Floats:
    """sacreBLEU, 0 to 100, of each row of summed counts. sums: [r, 10]. Returns [r]."""
    scores = [
        BLEU.compute_bleu(
            correct=[int(count) for count in row[:_LONGEST]],
            total=[int(count) for count in row[_LONGEST : 2 * _LONGEST]],
            sys_len=int(row[-2]),
            ref_len=int(row[-1]),
            smooth_method="exp",
        ).score
        for row in sums
    ]
    return np.array(scores, dtype=np.float64)


def sacrebleu_signature() -> str:
    """sacreBLEU's own words for the settings of `corpus_bleu`: references, case, tokens, smoothing, version."""
    scorer = BLEU()
    scorer.corpus_score([""], [[""]])  # it knows the number of references only then
    return str(scorer.get_signature())


def _sentence(prediction: Tokens, target: Tokens) -> list[float]:
    bleu = [_bleu(prediction, target, k) for k in (2, 3, 4)]
    bigrams = max(len(prediction) - 1, 0), max(len(target) - 1, 0)
    return [
        *bleu,
        _f(_hits(prediction, target, 2), *bigrams),
        _f(_common_subsequence(prediction, target), len(prediction), len(target)),
    ]


def _bleu(prediction: Tokens, target: Tokens, k: int) -> float:
    if len(prediction) < k:
        return 0.0
    brevity = min(1.0, math.exp(1 - len(target) / len(prediction)))
    return brevity * _hits(prediction, target, k) / (len(prediction) - k + 1)


def _hits(left: Tokens, right: Tokens, n: int) -> int:
    """n-grams that both have, each as often as in the poorer."""
    return (Counter(_grams(left, n)) & Counter(_grams(right, n))).total()


def _grams(tokens: Tokens, n: int) -> list[tuple[str, ...]]:
    return list(zip(*(tokens[start:] for start in range(n)), strict=False))


def _f(hits: int, predicted: int, wanted: int) -> float:
    """Harmonic mean of hits / predicted and hits / wanted."""
    return 2 * hits / (predicted + wanted) if hits else 0.0


def _common_subsequence(left: Tokens, right: Tokens) -> int:
    """Length of the longest common subsequence, a whole row of the usual table at a time.

    A bit of `row` is 0 where the table's row steps up by one.
    """
    places: dict[str, int] = {}
    for position, token in enumerate(left):
        places[token] = places.get(token, 0) | 1 << position
    every = (1 << len(left)) - 1
    row = every
    for token in right:
        matches = row & places.get(token, 0)
        row = (row + matches | row - matches) & every
    return len(left) - row.bit_count()
