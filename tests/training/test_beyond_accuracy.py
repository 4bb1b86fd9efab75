"""Coverage, diversity and popularity of lists, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from graphstore.snapshot import Snapshot
from tests.training.talks import catalogue, dialogue, recommender, seeker
from training.beyond_accuracy import SEGMENTS, CatalogueFacts, coverage, intra_list_distance, popularity_share
from training.evaluation import evaluate_systems
from training.instances import Context, recommendation_instances
from training.metrics import Floats

MENTIONS = {"a": 6, "b": 5, "c": 2, "d": 1, "e": 0}
VECTORS = {"a": (3.0, 0.0), "b": (0.0, 2.0), "d": (-1.0, 0.0), "e": (1.0, 1.0)}


@pytest.fixture
def world(tmp_path: Path) -> Snapshot:
    """Repeats count as mentions; the valid dialogue and the entity do not count."""
    spoken = [item for item, count in MENTIONS.items() for _ in range(count)]
    dialogues = [
        dialogue("1", seeker(*spoken[:8], entities=("genre",)), recommender(*spoken[8:])),
        dialogue("2", seeker("a"), recommender("a", "b", "d", "e"), split="valid"),
    ]
    return catalogue(tmp_path / "snapshot", MENTIONS, dialogues, entities=("genre",), text_vectors=VECTORS)


def test_segments_follow_training_mentions(world: Snapshot) -> None:
    facts = CatalogueFacts.of(world)
    found = {name: "".join(np.array(list(MENTIONS))[facts.in_segment(name)]) for name in SEGMENTS}
    assert found == {"head": "a", "body": "bc", "tail": "de", "unseen": "e"}


def test_coverage_counts_items_of_any_list_once() -> None:
    assert coverage(np.array([[0, 1], [1, 2], [1, -1]]), items=5) == 3 / 5


def test_popularity_is_the_mean_share_of_the_listed(world: Snapshot) -> None:
    facts = CatalogueFacts.of(world)
    found = popularity_share(np.array([[0, 1], [4, 3], [3, -1]]), facts.share)
    assert found == pytest.approx([(6 + 5) / 14 / 2, 1 / 14 / 2, 1 / 14])
    assert np.isnan(popularity_share(np.array([[-1, -1]]), facts.share)).all()


def test_distance_is_the_mean_over_pairs_that_have_vectors(world: Snapshot) -> None:
    """a and b are at a right angle, a and d opposite, e halfway between a and b; c has no vector."""
    directions = CatalogueFacts.of(world).directions
    half = np.sqrt(0.5)
    lists = np.array([[0, 1, 2], [0, 3, -1], [0, 1, 4], [0, 0, 2]])
    expected = [1.0, 2.0, 1 - (0 + half + half) / 3, 0.0]
    assert intra_list_distance(lists, directions) == pytest.approx(expected)
    assert np.isnan(intra_list_distance(np.array([[0, 2, -1], [2, 2, 2]]), directions)).all()


def test_distance_agrees_with_all_pairs() -> None:
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(30, 8))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    lists = np.stack([generator.permutation(30)[:10] for _ in range(5)])
    expected = [
        np.mean([1 - directions[i] @ directions[j] for place, i in enumerate(row) for j in row[:place]])
        for row in lists
    ]
    assert intra_list_distance(lists, directions) == pytest.approx(expected)


def test_a_catalogue_without_vectors_has_no_distance(tmp_path: Path) -> None:
    facts = CatalogueFacts.of(catalogue(tmp_path / "snapshot", MENTIONS))
    assert np.isnan(intra_list_distance(np.array([[0, 1]]), facts.directions)).all()


class Alphabet:
    """Likes the items in their order."""

    name = "alphabet"

    def scores(self, contexts: Sequence[Context]) -> Floats:
        return np.tile(np.arange(5.0, 0, -1), (len(contexts), 1))


def test_the_report_counts_hits_by_segment_and_a_list_once_a_context(world: Snapshot) -> None:
    instances = recommendation_instances(world.dialogues("valid"), world.entity_id, MENTIONS)
    found = evaluate_systems([Alphabet()], instances, world, resamples=20).beyond_accuracy["alphabet"]
    assert {name: found["all"][f"{name}_recall@10"].n for name in SEGMENTS} == {
        "head": 1, "body": 1, "tail": 2, "unseen": 1,
    }  # fmt: skip
    assert found["all"]["tail_recall@10"].value == 1.0
    assert found["new"]["head_recall@10"].n == 0
    assert found["all"]["pwp@10"].n == 1
    assert found["all"]["pwp@10"].value == pytest.approx(1 / 5)
    assert found["new"]["pwp@10"].value == pytest.approx(8 / 14 / 4), "a, in the context, is not in the list"
    assert found["new"]["coverage@10"].value == 4 / 5
