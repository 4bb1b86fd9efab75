"""Figures of replies: known ones, their intervals, and what a report of them says."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
import sacrebleu

from tests.training.talks import seeker
from training.conversation_evaluation import evaluate_replies, replies_of
from training.conversation_instances import ConversationInstance
from training.conversation_report import DISTINCT_FIGURES, PUBLISHED_REPLIES_ON_INSPIRED_TEST, Faults
from training.errors import EvaluationError
from training.instances import Context

TARGETS = ["Have you seen <movie> by now?", "It is a very good film.", "Hello there, my friend.", "<movie> or <movie>?"]
INSTANCES = [
    ConversationInstance(f"d{place // 2}", 1, Context((seeker(),)), target, ()) for place, target in enumerate(TARGETS)
]
REPLIES = {
    "silent": ["", "", "", ""],
    "wrong": ["so so so so", "<movie>", "Hello", "See <movie>"],
    "right": TARGETS,
}


class Saying:
    """A system that says what it is told to."""

    def __init__(self, name: str, said: Sequence[str]) -> None:
        self.name = name
        self._said = list(said)

    def replies(self, contexts: Sequence[Context]) -> list[str]:
        """Return the list."""
        return self._said


def test_the_target_itself_is_best_in_everything() -> None:
    figures = evaluate_replies(REPLIES, INSTANCES, resamples=50).systems["right"]
    for name in ("bleu@2", "bleu@3", "rouge@2", "rouge@l", "rouge@l_bare", "slot_f", "slot_reply"):
        assert (figures[name].value, figures[name].low, figures[name].high) == (1, 1, 1), name
    assert figures["sacrebleu"].value == pytest.approx(100)


def test_silence_scores_for_its_prefix_alone() -> None:
    figures = evaluate_replies(REPLIES, INSTANCES).systems["silent"]
    # of 1 token and 7, 7, 5 and 4: "System:" is a hit
    expected = sum(2 / (1 + tokens) for tokens in (7, 7, 5, 4)) / 4
    assert figures["rouge@l"].value == pytest.approx(expected)
    assert (figures["rouge@l_bare"].value, figures["sacrebleu"].value, figures["tokens"].value) == (0, 0, 0)
    assert (figures["slot_precision"].value, figures["slot_recall"].value) == (None, 0)
    assert (figures["dist@2"].value, figures["dist@2"].low) == (0, None)


def test_slots_and_sacrebleu_are_of_the_whole_corpus() -> None:
    figures = evaluate_replies(REPLIES, INSTANCES).systems["wrong"]
    # given 2, wanted 3; the second reply has one where none is wanted, the last one of two
    assert figures["slot_precision"].value == pytest.approx(1 / 2)
    assert figures["slot_recall"].value == pytest.approx(1 / 3)
    assert figures["slot_reply"].value == pytest.approx(1 / 2)
    assert figures["sacrebleu"].value == pytest.approx(sacrebleu.corpus_bleu(REPLIES["wrong"], [TARGETS]).score)
    # a quarter of the draws of two dialogues takes the same one twice: both ends are in the interval
    halves = [
        sacrebleu.corpus_bleu(REPLIES["wrong"][at : at + 2] * 2, [TARGETS[at : at + 2] * 2]).score for at in (0, 2)
    ]
    assert figures["sacrebleu"].low == pytest.approx(min(halves))
    assert figures["sacrebleu"].high == pytest.approx(max(halves))


def test_faults_are_counted_and_open_slots_only_in_what_is_shown() -> None:
    report = evaluate_replies(REPLIES, INSTANCES, shown={"wrong": ["so", "<movie>", "Hello", "See Up"]})
    assert report.faults == {
        "silent": Faults(4, 0, None),
        "wrong": Faults(0, 1, 1),
        "right": Faults(0, 0, None),
    }


def test_each_system_is_compared_with_those_before_it() -> None:
    report = evaluate_replies(REPLIES, INSTANCES)
    assert {name: list(lower) for name, lower in report.paired.items()} == {
        "silent": [],
        "wrong": ["silent"],
        "right": ["silent", "wrong"],
    }
    better = report.paired["right"]["wrong"]
    right, wrong = report.systems["right"], report.systems["wrong"]
    for name, difference in better.items():
        assert difference.difference == pytest.approx((right[name].value or 0) - (wrong[name].value or 0)), name
    assert (better["sacrebleu"].low or 0) > 0
    assert report.paired["right"]["silent"]["slot_precision"].difference is None
    assert not set(better) & set(DISTINCT_FIGURES)


def test_the_same_seed_gives_the_same_report_and_json_holds_all_of_it() -> None:
    report = evaluate_replies(REPLIES, INSTANCES, resamples=100, seed=3)
    assert report == evaluate_replies(REPLIES, INSTANCES, resamples=100, seed=3)
    values = json.loads(json.dumps(report.as_json()))
    counts = [values[name] for name in ("instances", "resampled_dialogues", "with_slot", "resamples")]
    assert counts == [4, 2, 2, 100]
    assert values["systems"]["silent"]["slot_precision"] == {"value": None, "low": None, "high": None, "n": 4}
    assert values["faults"]["wrong"] == {"empty": 0, "repeating": 1, "unfilled": None}
    assert values["sacrebleu"].startswith("nrefs:1|")


def test_without_resamples_there_are_figures_and_no_intervals() -> None:
    figures = evaluate_replies(REPLIES, INSTANCES, resamples=0).systems["wrong"]
    assert all(estimate.low is None for estimate in figures.values())
    assert figures["sacrebleu"].value is not None


def test_published_figures_are_a_part_of_the_reports() -> None:
    figures = evaluate_replies(REPLIES, INSTANCES, resamples=0).systems["right"]
    assert all(set(published) <= set(figures) for published in PUBLISHED_REPLIES_ON_INSPIRED_TEST.values())


def test_systems_are_asked_once_and_held_to_their_number() -> None:
    assert replies_of([Saying("a", TARGETS)], INSTANCES) == {"a": TARGETS}
    with pytest.raises(EvaluationError, match="3 replies to 4 contexts"):
        replies_of([Saying("a", TARGETS[:3])], INSTANCES)
    with pytest.raises(EvaluationError, match="Two systems are called 'a'"):
        replies_of([Saying("a", TARGETS), Saying("a", TARGETS)], INSTANCES)
    for work in (lambda: replies_of([], []), lambda: evaluate_replies({}, [])):
        with pytest.raises(EvaluationError, match="There is nothing"):
            work()
