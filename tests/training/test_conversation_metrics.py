"""Metrics of replies against other people's implementations, against a slow one, and at their edges."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.translate.bleu_score import sentence_bleu
from rouge_score.rouge_scorer import RougeScorer

from training.conversation_metrics import (
    SENTENCE_METRICS,
    corpus_bleu,
    corpus_bleu_counts,
    distinct,
    sacrebleu_signature,
    sentence_values,
)

WEIGHTS = {2: (0, 1), 3: (0, 0, 1), 4: (0, 0, 0, 1)}


class Splitting:
    """The tokens of the published protocol, for a library that would lower and strip them."""

    def tokenize(self, text: str) -> list[str]:
        """Split at spaces."""
        return text.split()


def value(metric: str, prediction: str, target: str) -> float:
    return float(sentence_values([prediction], [target])[metric][0])


def nltk_bleu(prediction: str, target: str, k: int) -> float:
    """Nothing of nltk's takes a sentence without tokens; that of no k-gram it warns of."""
    if not prediction.split():
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return float(sentence_bleu([target.split()], prediction.split(), weights=WEIGHTS[k]))


def rouge(prediction: str, target: str) -> tuple[float, float]:
    scorer: Any = RougeScorer(["rouge2", "rougeL"], tokenizer=Splitting())
    scores = scorer.score(target, prediction)
    return scores["rouge2"].fmeasure, scores["rougeL"].fmeasure


WORDS = st.lists(st.sampled_from(["a", "b", "A", "c.", "<movie>"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
@settings(deadline=None, max_examples=300)
def test_bleu_and_rouge_are_those_of_other_implementations(prediction: str, target: str) -> None:
    for k in WEIGHTS:
        assert value(f"bleu@{k}", prediction, target) == pytest.approx(nltk_bleu(prediction, target, k), abs=1e-12)
    two, longest = rouge(prediction, target)
    assert value("rouge@2", prediction, target) == pytest.approx(two, abs=1e-12)
    assert value("rouge@l", prediction, target) == pytest.approx(longest, abs=1e-12)


def table_of_subsequences(left: Sequence[str], right: Sequence[str]) -> int:
    longest = np.zeros((len(left) + 1, len(right) + 1), np.int64)
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            longest[i + 1, j + 1] = longest[i, j] + 1 if one == other else max(longest[i, j + 1], longest[i + 1, j])
    return int(longest[-1, -1])


def test_subsequences_longer_than_a_machine_word() -> None:
    draw = np.random.default_rng(0)
    left, right = ([str(token) for token in draw.integers(9, size=size)] for size in (300, 200))
    expected = 2 * table_of_subsequences(left, right) / 500
    assert value("rouge@l", " ".join(left), " ".join(right)) == pytest.approx(expected)


def test_by_hand() -> None:
    # bigrams of the prediction: "I like" and "like it", of which one is there; 3 tokens for 4
    assert value("bleu@2", "I like it", "I like <movie> more") == pytest.approx(0.5 * np.exp(1 - 4 / 3))
    assert value("rouge@2", "I like it", "I like <movie> more") == pytest.approx(2 * 1 / (2 + 3))
    assert value("rouge@l", "I like it", "I like <movie> more") == pytest.approx(2 * 2 / (3 + 4))


def test_case_counts() -> None:
    assert value("rouge@l", "Hello", "hello") == 0


@pytest.mark.parametrize(("prediction", "target"), [("", "a b"), ("a", "a b"), ("a b", ""), ("", "")])
def test_nothing_to_compare_is_zero_and_no_error(prediction: str, target: str) -> None:
    values = sentence_values([prediction], [target])
    assert [float(values[f"{kind}"][0]) for kind in ("bleu@2", "bleu@3", "bleu@4", "rouge@2")] == [0, 0, 0, 0]


def test_a_target_shorter_than_k_gives_nothing_for_k() -> None:
    assert value("bleu@4", "a b c d e", "a b") == 0
    assert value("bleu@2", "a b c d e", "a b") == pytest.approx(1 / 4)


def test_one_token_alike_is_a_whole_hit_of_rouge_l_alone() -> None:
    assert value("rouge@l", "Yes", "Yes") == 1
    assert value("rouge@2", "Yes", "Yes") == 0


def test_no_pairs_give_no_values() -> None:
    assert {name: len(values) for name, values in sentence_values([], []).items()} == dict.fromkeys(SENTENCE_METRICS, 0)
    assert corpus_bleu_counts([], []).shape == (0, 10)


def test_as_many_predictions_as_targets() -> None:
    with pytest.raises(ValueError, match="zip"):
        sentence_values(["a"], [])
    with pytest.raises(ValueError, match="zip"):
        corpus_bleu_counts(["a"], [])


def test_distinct_by_reply_and_by_n_gram() -> None:
    found = distinct(["a b a b", "a b c", "x"])
    # bigrams: ab ba ab, ab bc; trigrams: aba bab, abc; of 3 replies
    assert (found["dist@2"], found["dist_share@2"]) == pytest.approx((3 / 3, 3 / 5))
    assert (found["dist@3"], found["dist_share@3"]) == pytest.approx((3 / 3, 3 / 3))
    assert (found["dist@4"], found["dist_share@4"]) == pytest.approx((1 / 3, 1 / 1))
    assert set(distinct([]).values()) == {0.0}


def test_corpus_bleu_out_of_sums_is_sacrebleus() -> None:
    predictions = ["Have you seen <movie>?", "", "It is a very good film, I think.", "Yes"]
    targets = ["Have you ever seen <movie>?", "Hello there.", "I think it is a very good film.", "Yes"]
    counts = corpus_bleu_counts(predictions, targets)
    pairs = {(0, 1, 2, 3), (0, 2), (1,), (3,), (2, 2, 0)}
    for rows in map(list, pairs):
        expected = sacrebleu.corpus_bleu([predictions[row] for row in rows], [[targets[row] for row in rows]]).score
        assert corpus_bleu(counts[rows].sum(axis=0)[None])[0] == pytest.approx(expected)


def test_the_signature_names_what_decides_the_figure() -> None:
    for part in ("nrefs:1", "case:mixed", "tok:13a", "smooth:exp", "version:"):
        assert part in sacrebleu_signature()
