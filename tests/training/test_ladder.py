"""The untrained systems: worked out on a toy world, and with the published figures on INSPIRED."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.dialogues import Turn
from graphstore.snapshot import Snapshot
from tests.training.talks import catalogue, dialogue, inspired_dialogues, inspired_snapshot, recommender, seeker
from training.evaluation import evaluate_systems
from training.evaluation_report import Report
from training.instances import Context, recommendation_instances
from training.ladder import LAST_MENTIONED, POPULARITY, LastMentionedCoMention, Popularity
from training.ranking import System

ITEMS = ("a", "b", "c", "d")


@pytest.fixture
def world(tmp_path: Path) -> Snapshot:
    """a is mentioned in three training dialogues, b and the genre in two, c in one, d in none."""
    dialogues = [
        dialogue("1", seeker("a", "a", entities=("genre",)), recommender("b")),
        dialogue("2", seeker("a"), recommender("c")),
        dialogue("3", seeker("b", entities=("genre",)), recommender("a")),
        dialogue("4", seeker("d"), recommender("d"), split="valid"),
    ]
    return catalogue(tmp_path / "snapshot", ITEMS, dialogues, entities=("genre",))


def scores(system: Popularity | LastMentionedCoMention, *turns: Turn) -> dict[str, float]:
    return dict(zip(ITEMS, system.scores([Context(turns)])[0].tolist(), strict=True))


def test_popularity_counts_training_dialogues_once_each(world: Snapshot) -> None:
    assert scores(Popularity(world), seeker("d")) == {"a": 3, "b": 2, "c": 1, "d": 0}


def test_co_mention_is_shared_dialogues_over_smoothed_mentions(world: Snapshot) -> None:
    """n_genre = 2, and both of its dialogues mention a and b."""
    found = scores(LastMentionedCoMention(world), seeker(entities=("genre",)))
    assert found == pytest.approx({"a": 2 / 5 + 3e-4, "b": 2 / 5 + 2e-4, "c": 1e-4, "d": 0})


def test_an_entity_counts_once_however_often_it_was_mentioned(world: Snapshot) -> None:
    system = LastMentionedCoMention(world)
    once = scores(system, seeker(entities=("genre",)))
    assert scores(system, seeker(entities=("genre", "genre")), seeker(entities=("genre",))) == once


def test_context_items_come_first_and_the_newest_leads(world: Snapshot) -> None:
    found = scores(LastMentionedCoMention(world), seeker("c", "d"), recommender("b"), seeker("d", "c"))
    assert sorted(ITEMS, key=lambda item: -found[item]) == ["c", "d", "b", "a"]


def test_nothing_known_leaves_popularity(world: Snapshot) -> None:
    found = scores(LastMentionedCoMention(world), seeker("never heard of"))
    assert found == pytest.approx({"a": 3e-4, "b": 2e-4, "c": 1e-4, "d": 0})


def test_equal_evidence_ties_though_its_float_sums_differ(tmp_path: Path) -> None:
    """Each entity stands in seven dialogues; with x they share 1, 2 and 3 of them, with y 3, 2 and 1."""
    together = {"p": "xyyy", "q": "xxyy", "r": "xxxy"}
    dialogues = [
        dialogue(f"{entity}{n}", seeker(entities=(entity,)), recommender(*items))
        for entity, companions in together.items()
        for n, items in enumerate([*companions, (), (), ()])
    ]
    system = LastMentionedCoMention(catalogue(tmp_path / "s", ("x", "y"), dialogues, entities=together))
    x, y = system.scores([Context((seeker(entities=("p", "q", "r")),))])[0].tolist()
    assert x == y == pytest.approx(0.6 + 6e-4)
    assert 6e-4 + 0.1 + 0.2 + 0.3 != 6e-4 + 0.3 + 0.2 + 0.1, "nothing would be shown"


@pytest.fixture(scope="module")
def on_inspired(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    snapshot = inspired_snapshot(data_folder, tmp_path_factory.mktemp("inspired") / "snapshot")
    items = {item["uri"] for item in snapshot.items}
    instances = recommendation_instances(inspired_dialogues(data_folder, "valid"), snapshot.entity_id, items)
    systems: list[System] = [Popularity(snapshot), LastMentionedCoMention(snapshot)]
    return evaluate_systems(systems, instances, snapshot, resamples=0)


@pytest.mark.parametrize(
    ("system", "column", "n", "expected"),
    [
        (POPULARITY, "all", 273, (0.055, 0.139, 0.304)),
        (POPULARITY, "new", 207, (0.039, 0.101, 0.246)),
        (LAST_MENTIONED, "all", 273, (0.176, 0.352, 0.476)),
        (LAST_MENTIONED, "new", 207, (0.072, 0.159, 0.319)),
    ],
)
def test_the_ladder_has_its_figures_on_inspired_valid(
    on_inspired: Report, system: str, column: str, n: int, expected: tuple[float, ...]
) -> None:
    found = [on_inspired.systems[system][column][f"recall@{cutoff}"] for cutoff in (1, 10, 50)]
    assert [estimate.n for estimate in found] == [n] * 3
    assert [round(estimate.value or 0, 3) for estimate in found] == list(expected)
