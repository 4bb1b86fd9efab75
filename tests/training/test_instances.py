"""Which turns give instances, what they know, and the published counts on INSPIRED."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.dialogues import Dialogue, Opinion, Turn
from tests.training.talks import dialogue, inspired_dialogues, recommender, seeker
from training.instances import (
    Context,
    Instance,
    count_unknown_links,
    recommendation_instances,
    without_unknown_links,
)

KNOWN = {"a", "b", "c", "drama", "person"}
ITEMS = {"a", "b", "c"}


def instances(*dialogues: Dialogue) -> list[Instance]:
    return recommendation_instances(dialogues, KNOWN, ITEMS)


def labels(*dialogues: Dialogue) -> list[tuple[int, str]]:
    return [(instance.turn_index, instance.label) for instance in instances(*dialogues)]


def test_only_recommender_turns_after_an_utterance_give_instances() -> None:
    assert labels(dialogue("d", recommender("a"), seeker("b"), recommender("c"))) == [(2, "c")]


def test_an_earlier_utterance_without_a_mention_is_a_context() -> None:
    (only,) = instances(dialogue("d", seeker(), recommender("a")))
    assert (only.context.turns, only.context.mentions) == ((seeker(),), ())


def test_a_link_that_stands_twice_counts_twice() -> None:
    assert labels(dialogue("d", seeker(), recommender("a", "b", "a"))) == [(1, "a"), (1, "b"), (1, "a")]


def test_a_label_in_the_context_counts_and_is_repeated() -> None:
    found = instances(dialogue("d", seeker("a"), recommender("a", "b")))
    assert [(instance.label, instance.repeated) for instance in found] == [("a", True), ("b", False)]


def test_a_mention_in_the_labels_own_turn_is_not_in_its_context() -> None:
    found = instances(dialogue("d", seeker(), recommender("a", "a", entities=("person",))))
    assert [instance.repeated for instance in found] == [False, False]


def test_entity_links_and_items_outside_the_catalogue_are_no_labels() -> None:
    assert labels(dialogue("d", seeker(), recommender("drama", entities=("a",)))) == []


def test_unknown_links_are_dropped_from_contexts_and_labels_and_counted() -> None:
    spoken = dialogue("d", seeker("x", "a", entities=("y", "drama")), recommender("x", "b"))
    (only,) = instances(spoken)
    assert only.label == "b"
    assert only.context == Context((seeker("a", entities=("drama",)),))
    assert count_unknown_links([spoken], KNOWN) == 3


def test_mentions_stand_oldest_first_items_before_entities_with_repeats() -> None:
    spoken = dialogue("d", seeker("b", entities=("drama",)), recommender("b"), seeker(entities=("person",)))
    assert Context(spoken.turns).mentions == ("b", "drama", "b", "person")


def test_instances_keep_the_order_of_dialogues_and_name_them() -> None:
    found = instances(dialogue("y", seeker(), recommender("a")), dialogue("x", seeker(), recommender("b")))
    assert [(instance.dialogue_id, instance.label) for instance in found] == [("y", "a"), ("x", "b")]


@pytest.mark.parametrize(
    ("split", "all_", "repeated", "turns", "spoken_pairs", "spoken_turns"),
    [("train", 2_094, 370, 7_806, 10_746, 6_788), ("valid", 273, 66, 940, 1_373, 871)],
)
def test_the_published_counts_come_out_on_inspired(
    data_folder: Path, split: str, all_: int, repeated: int, turns: int, spoken_pairs: int, spoken_turns: int
) -> None:
    """Conversation and pre-training instances are counted here: they share the readings of roles and links."""
    known, items = (
        {line.strip("<>") for line in (data_folder / "inspired" / name).read_text("utf-8").split()}
        for name in ("entities.txt", "items.txt")
    )
    dialogues = inspired_dialogues(data_folder, split)
    found = recommendation_instances(dialogues, known, items)
    assert (len(found), sum(instance.repeated for instance in found)) == (all_, repeated)
    assert sum(turn.role == "recommender" for spoken in dialogues for turn in spoken.turns[1:]) == turns
    mentioning = [
        {uri for uri in turn.mentions if uri in known} for spoken in dialogues for turn in spoken.turns if turn.mentions
    ]
    assert (sum(map(len, mentioning)), len(mentioning)) == (spoken_pairs, spoken_turns)


def test_an_unknown_item_goes_with_its_opinion() -> None:
    liked, disliked = Opinion(liked=True), Opinion(liked=False)
    turn = Turn("seeker", "Both.", ("urn:unknown", "urn:known"), ("urn:unknown",), opinions=(liked, disliked))
    (kept,) = without_unknown_links(Dialogue("d", "redial", "train", (turn,)), {"urn:known"}).turns
    assert (kept.items, kept.entities, kept.opinions) == (("urn:known",), (), (disliked,))
