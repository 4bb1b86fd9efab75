"""Edges that are deleted for real: the counts that are left, and what it does to the item that they led to."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from tests.training.director_world import director_uri, film
from training.edited_snapshot import EditedSnapshot, edge_of
from training.errors import EvaluationError
from training.evidence.ranker import EvidenceRecommender
from training.faithfulness import DELETIONS, measure_faithfulness, others_of_same_kinds
from training.instances import Context, Instance, split_instances
from training.models.additive import Curves
from training.mscrs_recommender import MSCRSRecommender
from training.recommender import Recommender


def uri(name: str) -> str:
    return f"http://toy.example/{name}"


def said(number: int, *turns: tuple[str, ...]) -> Dialogue:
    spoken = (
        Turn("recommender" if place % 2 else "seeker", "So.", tuple(map(uri, names)))
        for place, names in enumerate(turns)
    )
    return Dialogue(f"toy/{number}", "toy", "train", tuple(spoken))


@pytest.fixture
def talks(tmp_path: Path) -> Snapshot:
    """Four films in four dialogues; `b` stands twice in the first one, and the counts are those of the dialogues."""
    dialogues = [
        said(0, ("a",), ("b", "c"), ("b",)),
        said(1, ("b",), ("c", "d")),
        said(2, ("c",), ("d",)),
        said(3, ("a",)),
    ]
    return write_snapshot(
        tmp_path / "snapshot",
        entities=[],
        items=[{"uri": uri(name), "title": name, "popularity": 0} for name in "abcd"],
        facts={"SEQUEL": [(uri("a"), uri("b")), (uri("c"), uri("d"))]},
        co_mentions=[(*pair, count) for pair, count in sorted(counted(dialogues).items())],
        text_similar=[(uri("a"), uri("b"), 0.9, 1), (uri("b"), uri("a"), 0.9, 1), (uri("c"), uri("a"), 0.5, 1)],
        image_similar=[],
        dialogues=dialogues,
        registry={"SEQUEL": uri("sequel")},
    )


def counted(dialogues: list[Dialogue]) -> Counter[tuple[str, str]]:
    named = [{one for turn in dialogue.turns for one in turn.mentions} for dialogue in dialogues]
    return Counter(pair for uris in named for pair in combinations(sorted(uris), 2))


def co_mentions(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    columns = snapshot.edges("CO_MENTIONED")
    rows = zip(*(columns[name].tolist() for name in ("source", "target", "count")), strict=True)
    return {(snapshot.uris[source], snapshot.uris[target]): count for source, target, count in rows}


@pytest.mark.parametrize(
    "mentions",
    [
        [("toy/0#1", "b")],  # said again in the next turn: nothing is lost
        [("toy/0#1", "b"), ("toy/0#2", "b")],
        [("toy/1#0", "b"), ("toy/1#1", "d"), ("toy/2#0", "c")],
        [("toy/1#0", "b"), ("toy/1#1", "c"), ("toy/1#1", "d")],
    ],
)
def test_what_is_no_longer_mentioned_counts_for_no_pair(talks: Snapshot, mentions: list[tuple[str, str]]) -> None:
    edited = EditedSnapshot.of(talks).without([edge_of((turn, "MENTIONS", uri(name))) for turn, name in mentions])
    left = list(edited.dialogues("train"))
    gone = [(f"{dialogue.id}#{index}", one) for dialogue in left for index, turn in enumerate(dialogue.turns)
            for one in turn.mentions]  # fmt: skip
    assert not {(turn, uri(name)) for turn, name in mentions} & set(gone)
    assert co_mentions(edited) == counted(left)
    assert co_mentions(EditedSnapshot.of(talks)) == co_mentions(talks)


def test_an_edge_is_gone_both_ways_and_no_other_is(talks: Snapshot) -> None:
    whole = EditedSnapshot.of(talks)
    steps = [(uri("b"), "TEXT_SIMILAR", uri("a")), (uri("c"), "SEQUEL", uri("d")), (uri("a"), "CO_MENTIONED", uri("c"))]
    edited = whole.without([edge_of(step) for step in steps])
    assert edited.edges("TEXT_SIMILAR")["source"].tolist() == [talks.entity_id[uri("c")]]
    assert edited.facts()["SEQUEL"]["source"].tolist() == [talks.entity_id[uri("a")]]
    assert co_mentions(edited) == {pair: n for pair, n in co_mentions(talks).items() if pair != (uri("a"), uri("c"))}
    assert len(whole.edges("TEXT_SIMILAR")["source"]) == 3


def test_the_edges_of_an_item_are_found_whichever_way_they_run(talks: Snapshot) -> None:
    found = EditedSnapshot.of(talks).edges_of(uri("b"), ["SEQUEL", "TEXT_SIMILAR", "MENTIONS", "CO_MENTIONED"])
    assert found == sorted(
        [
            edge_of((uri("a"), "SEQUEL", uri("b"))),
            edge_of((uri("a"), "TEXT_SIMILAR", uri("b"))),
            *(edge_of((turn, "MENTIONS", uri("b"))) for turn in ("toy/0#1", "toy/0#2", "toy/1#0")),
            *(edge_of((uri("b"), "CO_MENTIONED", uri(other))) for other in "acd"),
        ]
    )


def test_without_a_deletion_nothing_changes(any_recommender: Recommender) -> None:
    chats = [Context((Turn("seeker", "Film 3-2?", (film(3, 2), director_uri(3))),)), Context(())]
    again = any_recommender.on_snapshot(EditedSnapshot.of(any_recommender.snapshot))
    np.testing.assert_allclose(again.scores(chats), any_recommender.scores(chats), rtol=1e-6)


def test_a_deleted_edge_leads_nowhere(any_recommender: Recommender) -> None:
    chat = Context((Turn("seeker", "Film 3-2?", (film(3, 2), director_uri(3))),))
    step = (film(3, 1), "DIRECTOR", director_uri(3))
    if isinstance(any_recommender, EvidenceRecommender):  # its curves have learned next to nothing: let all count
        rising = Curves(any_recommender.curves.knots, any_recommender.curves.knots).from_nought()
        any_recommender = EvidenceRecommender(
            any_recommender.snapshot, any_recommender.recipe, rising, any_recommender.encoder
        )
    assert step in {step for term in any_recommender.explain(chat, film(3, 1)).terms for step in term.path}
    edited = EditedSnapshot.of(any_recommender.snapshot).without([edge_of(step)])
    after = any_recommender.on_snapshot(edited).explain(chat, film(3, 1))
    assert step not in {step for term in after.terms for step in term.path}


def test_the_strongest_edges_are_what_a_trained_model_rests_on(director_recommender: MSCRSRecommender) -> None:
    """Who directed a film is all that this world's model can go by."""
    instances = split_instances(director_recommender.snapshot, "valid")
    found = measure_faithfulness(director_recommender, instances, chats=8, top=2, resamples=200)
    assert found.chats == 8
    assert 1 <= found.edges["top"] <= 2
    figures = {name: {key: one.value for key, one in found.figures[name].items()} for name in DELETIONS}
    for of_deletion in figures.values():
        assert all(value is not None for value in of_deletion.values())
    assert (figures["top"]["drop"] or 0) > (figures["random"]["drop"] or 0)
    assert (figures["top"]["told"] or 0) > 0


def test_what_is_deleted_at_random_is_of_the_same_kinds(talks: Snapshot) -> None:
    snapshot = EditedSnapshot.of(talks)
    strongest = [
        edge_of((uri("b"), "CO_MENTIONED", uri("c"))),
        edge_of((uri("b"), "CO_MENTIONED", uri("d"))),
        edge_of(("toy/0#1", "MENTIONS", uri("b"))),
    ]
    drawn = others_of_same_kinds(uri("b"), strongest, snapshot, np.random.default_rng(0))
    assert sorted(relation for _, relation, _ in drawn) == ["CO_MENTIONED", "MENTIONS"]  # of co-mentions one is left
    assert not set(drawn) & set(strongest)


def test_a_chat_that_names_everything_is_passed_over(director_recommender: MSCRSRecommender) -> None:
    everything = tuple(director_recommender.item_index)
    chat = Context((Turn("seeker", "All of them.", everything),))
    instances = [Instance("toy", 1, chat, everything[0])]
    with pytest.raises(EvaluationError, match="none to delete"):
        measure_faithfulness(director_recommender, instances)


def test_without_a_chat_there_is_nothing_to_measure(any_recommender: Recommender) -> None:
    with pytest.raises(EvaluationError, match="none to delete"):
        measure_faithfulness(any_recommender, [])
