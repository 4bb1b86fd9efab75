"""Evaluation on toy worlds with a known answer, and against a second implementation on INSPIRED."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from graphstore.snapshot import Snapshot
from tests.training.talks import catalogue, dialogue, inspired_dialogues, inspired_snapshot, recommender, seeker
from training.errors import EvaluationError
from training.evaluation import evaluate_systems
from training.instances import Context, Instance, recommendation_instances
from training.ladder import LAST_MENTIONED, POPULARITY, LastMentionedCoMention, Popularity
from training.metrics import METRICS, Floats
from training.ranking import System

ITEMS = ("a", "b", "c", "d")
TALKS = (
    dialogue("1", seeker("a", "c"), recommender("a", "b"), split="valid"),
    dialogue("2", seeker("c"), recommender("b"), seeker(), recommender("d"), split="valid"),
)
INSTANCES = recommendation_instances(TALKS, ITEMS, ITEMS)  # 1: a (repeated), b; 2: b, d


class Fixed:
    """Scores every context alike and remembers what it was asked."""

    def __init__(self, name: str, *scores: float) -> None:
        self.name, self._scores, self.asked = name, np.array(scores), list[int]()

    def scores(self, contexts: Sequence[Context]) -> Floats:
        self.asked.append(len(contexts))
        return np.tile(self._scores, (len(contexts), 1))


class Noise:
    """Scores that depend on the context's words, with many ties."""

    name = "noise"

    def __init__(self, items: int) -> None:
        self._items = items

    def scores(self, contexts: Sequence[Context]) -> Floats:
        seeds = [sum(len(turn.text) * place for place, turn in enumerate(c.turns, start=1)) for c in contexts]
        return np.stack([np.random.default_rng(seed).integers(300, size=self._items) for seed in seeds]).astype(float)


@pytest.fixture
def world(tmp_path: Path) -> Snapshot:
    return catalogue(tmp_path / "snapshot", ITEMS, TALKS)


def test_columns_by_hand(world: Snapshot) -> None:
    """The ranking is c a b d: the labels' ranks are 1, 2, 2, 3; without the contexts' items –, 0, 1, 1."""
    report = evaluate_systems([Fixed("toy", 3, 2, 4, 1)], INSTANCES, world, resamples=0)
    found = report.systems["toy"]
    assert {name: (size.instances, size.dialogues) for name, size in report.columns.items()} == {
        "all": (4, 2), "repeated": (1, 1), "new": (3, 2),
    }  # fmt: skip
    reciprocal = {"all": (1 / 2 + 1 / 3 + 1 / 3 + 1 / 4) / 4, "repeated": 1 / 2, "new": (1 + 1 / 2 + 1 / 2) / 3}
    assert {column: found[column]["mrr@10"].value for column in found} == pytest.approx(reciprocal)
    assert {column: found[column]["recall@1"].value for column in found} == pytest.approx(
        {"all": 0.0, "repeated": 0.0, "new": 1 / 3}
    )
    assert {column: tuple(found[column]) for column in found} == dict.fromkeys(("all", "repeated", "new"), METRICS)


def test_a_constant_system_earns_nothing_by_ties(world: Snapshot) -> None:
    report = evaluate_systems([Fixed("constant", 0, 0, 0, 0)], INSTANCES, world, resamples=0)
    assert report.systems["constant"]["all"]["mrr@10"].value == pytest.approx(1 / 4)
    assert report.systems["constant"]["all"]["recall@1"].value == 0


def test_each_distinct_context_is_scored_once_in_batches_that_change_nothing(world: Snapshot) -> None:
    systems = [Fixed("alphabet", 4, 3, 2, 1) for _ in range(3)]
    reports = [
        evaluate_systems([system], INSTANCES, world, resamples=50, batch_size=size)
        for system, size in zip(systems, (1, 2, 64), strict=True)
    ]
    assert [system.asked for system in systems] == [[1, 1, 1], [2, 1], [3]]
    assert reports[0] == reports[1] == reports[2]


def test_progress_is_told_by_system(world: Snapshot) -> None:
    told: list[tuple[str, int, int]] = []
    systems = [Fixed("x", 4, 3, 2, 1), Fixed("y", 1, 2, 3, 4)]
    evaluate_systems(systems, INSTANCES, world, batch_size=2, on_batch=lambda *news: told.append(news))
    assert told == [("x", 2, 3), ("x", 3, 3), ("y", 2, 3), ("y", 3, 3)]


def test_systems_are_paired_with_each_one_before_them(world: Snapshot) -> None:
    systems: list[System] = [Popularity(world), LastMentionedCoMention(world), Fixed("oracle", 1, 3, 0, 2)]
    report = evaluate_systems(systems, INSTANCES, world, resamples=100)
    assert {name: set(baselines) for name, baselines in report.paired.items()} == {
        POPULARITY: set(),
        LAST_MENTIONED: {POPULARITY},
        "oracle": {POPULARITY, LAST_MENTIONED},
    }
    for column, metrics in report.paired["oracle"][POPULARITY].items():
        for metric, difference in metrics.items():
            ours, theirs = (report.systems[name][column][metric].value for name in ("oracle", POPULARITY))
            assert ours is not None
            assert theirs is not None
            assert difference.difference == pytest.approx(ours - theirs)


def test_the_json_holds_every_figure(world: Snapshot) -> None:
    report = evaluate_systems([Popularity(world), Fixed("mscrs", 4, 3, 2, 1)], INSTANCES, world, resamples=50, seed=9)
    figures = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert figures["instances"] == {"all": 4, "repeated": 1, "new": 3}
    assert figures["resampled_dialogues"] == {"all": 2, "repeated": 1, "new": 2}
    assert (figures["resamples"], figures["seed"]) == (50, 9)
    assert set(figures["systems"]["mscrs"]["new"]["recall@50"]) == {"value", "low", "high", "n"}
    assert set(figures["paired"]["mscrs"]["popularity"]["new"]["mrr@50"]) == {"difference", "low", "high", "p", "n"}
    assert figures["beyond_accuracy"]["mscrs"]["all"]["coverage@10"] == {
        "value": 1.0,
        "low": None,
        "high": None,
        "n": 3,
    }


def test_an_empty_column_is_null_in_the_json(world: Snapshot) -> None:
    only_new = [instance for instance in INSTANCES if not instance.repeated]
    report = evaluate_systems([Fixed("x", 4, 3, 2, 1)], only_new, world, resamples=50)
    empty = report.as_json()["systems"]["x"]["repeated"]["recall@1"]
    assert empty == {"value": None, "low": None, "high": None, "n": 0}
    only_repeated = [instance for instance in INSTANCES if instance.repeated]
    report = evaluate_systems([Fixed("x", 4, 3, 2, 1)], only_repeated, world, resamples=50)
    assert report.beyond_accuracy["x"]["new"]["coverage@10"].value is None


def test_without_resamples_there_are_figures_only(world: Snapshot) -> None:
    report = evaluate_systems([Popularity(world), Fixed("x", 4, 3, 2, 1)], INSTANCES, world, resamples=0)
    assert report.systems["x"]["all"]["mrr@50"].low is None
    assert (report.paired, report.beyond_accuracy) == ({}, {})


def test_no_instance_is_an_error(world: Snapshot) -> None:
    with pytest.raises(EvaluationError, match="no recommendation instance"):
        evaluate_systems([Popularity(world)], [], world)


@pytest.mark.parametrize(
    ("scores", "message"),
    [((1.0, 2.0), "does not belong to this snapshot"), ((1.0, 2.0, math.nan, 0.0), "not a finite number")],
)
def test_unusable_scores_are_an_error(world: Snapshot, scores: tuple[float, ...], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate_systems([Fixed("broken", *scores)], INSTANCES, world)


@pytest.fixture(scope="module")
def inspired(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, list[Instance]]:
    snapshot = inspired_snapshot(data_folder, tmp_path_factory.mktemp("inspired") / "snapshot")
    items = {item["uri"] for item in snapshot.items}
    return snapshot, recommendation_instances(inspired_dialogues(data_folder, "valid"), snapshot.entity_id, items)


@pytest.mark.parametrize("column", ["all", "repeated", "new"])
def test_a_second_implementation_agrees_on_inspired(inspired: tuple[Snapshot, list[Instance]], column: str) -> None:
    """One instance at a time, by sorting and plain Python: nothing is shared with what it checks."""
    snapshot, instances = inspired
    system = Noise(len(snapshot.items))
    report = evaluate_systems([system], instances, snapshot, resamples=0)
    sums, n = dict.fromkeys(METRICS, 0.0), 0
    for instance in instances:
        heard = {uri for turn in instance.context.turns for uri in (*turn.items, *turn.entities)}
        if column != "all" and (instance.label in heard) != (column == "repeated"):
            continue
        n += 1
        scores = system.scores([instance.context])[0]
        rows = [
            (-score, item["uri"] == instance.label)  # at the same score, the label comes last
            for item, score in zip(snapshot.items, scores, strict=True)
            if column != "new" or item["uri"] not in heard
        ]
        place = [is_label for _, is_label in sorted(rows)].index(True) + 1
        for metric in METRICS:
            kind, cutoff = metric.split("@")
            gain = {"recall": 1.0, "mrr": 1 / place, "ndcg": math.log(2) / math.log(place + 1)}[kind]
            sums[metric] += gain if place <= int(cutoff) else 0.0
    found = report.systems["noise"][column]
    assert {metric: found[metric].value for metric in METRICS} == pytest.approx({m: s / n for m, s in sums.items()})
    assert {found[metric].n for metric in METRICS} == {n}
