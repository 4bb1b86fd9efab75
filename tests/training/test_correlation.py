"""Correlation semantic mapping against sets of Python, and what it must never look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from tests.training.director_world import NODES, director_uri, film, write_director_world
from training.correlation import CorrelationMapping, Integers, Rows, Widening
from training.graphs import CoMentions
from training.recipe import load_recipe

RECIPE = load_recipe("tiny")
CHATS = st.lists(
    st.tuples(st.integers(0, 3).map("dialogue {}".format), st.lists(st.integers(0, len(NODES) - 1), max_size=4)),
    max_size=12,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write_director_world(tmp_path_factory.mktemp("correlation") / "snapshot")


@pytest.fixture(scope="module")
def widening(world: Snapshot) -> Widening:
    return Widening(world, RECIPE, CoMentions.of(world, RECIPE))


def uris(world: Snapshot, ids: Integers) -> set[str]:
    return {world.uris[entity] for entity in ids.tolist()}


def test_a_set_is_widened_by_one_hop_in_each_of_the_four_graphs(world: Snapshot, widening: Widening) -> None:
    found = uris(world, widening.widen([world.entity_id[film(2, 3)]]))
    # its director, the works before and after it, both pictures' and both texts' neighbours, and the masterpiece
    assert found == {film(2, 3), director_uri(2), film(2, 2), film(2, 4), film(2, 0)}
    assert uris(world, widening.widen([])) == set()


def test_a_dialogue_does_not_widen_its_own_chats(world: Snapshot, widening: Widening) -> None:
    """Film 3 and the masterpiece are mentioned together by one dialogue, whose reply is the masterpiece."""
    own = widening.widen([world.entity_id[film(2, 3)]], without="toy/train/2-3")
    assert film(2, 0) not in uris(world, own)
    other = widening.widen([world.entity_id[film(2, 3)]], without="toy/train/2-4")
    assert film(2, 0) in uris(world, other)


def test_validation_dialogues_widen_nothing(world: Snapshot, widening: Widening) -> None:
    """One of them names film 6 and the masterpiece."""
    assert any(film(2, 6) in turn.mentions for one in world.dialogues("valid") for turn in one.turns)
    assert film(2, 0) not in uris(world, widening.widen([world.entity_id[film(2, 6)]]))


@pytest.mark.parametrize("graph", ["facts", "co-mention", "text", "image"])
def test_each_graph_widens_in_either_direction(tmp_path: Path, graph: str) -> None:
    one, other = film(0, 1), film(3, 2)
    small = write_snapshot(
        tmp_path / graph,
        entities=[],
        items=[{"uri": uri, "title": uri, "popularity": 0} for uri in (one, other, film(5, 5))],
        facts={"PREVIOUS_WORK": [(one, other)]} if graph == "facts" else {},
        co_mentions=[(one, other, 1)] if graph == "co-mention" else [],
        text_similar=[(one, other, 0.9, 1)] if graph == "text" else [],
        image_similar=[(one, other, 0.9, 1)] if graph == "image" else [],
        dialogues=[],
        registry={"PREVIOUS_WORK": "http://toy.example/previousWork"} if graph == "facts" else {},
    )
    widening = Widening(small, RECIPE, CoMentions.of(small, RECIPE))
    for end in (one, other):
        assert uris(small, widening.widen([small.entity_id[end]])) == {one, other}
    switch = {f"{graph.replace('-', '_')}_graph": False}
    if graph != "facts":
        silent = replace(RECIPE, **switch)  # type: ignore[arg-type]
        switched_off = Widening(small, silent, CoMentions.of(small, silent))
        assert uris(small, switched_off.widen([small.entity_id[one]])) == {one}


@settings(max_examples=60, deadline=None)
@given(chats=CHATS, k=st.integers(1, 5))
def test_neighbours_are_the_chats_of_other_dialogues_with_the_most_in_common(
    widening: Widening, chats: list[tuple[str, list[int]]], k: int
) -> None:
    dialogues = [dialogue for dialogue, _ in chats]
    mapping = CorrelationMapping.of_chats(widening, [entities for _, entities in chats], dialogues)
    sets = [set(widening.widen(entities, dialogue).tolist()) for dialogue, entities in chats]
    found = mapping.neighbours(k)
    assert found.shape == (len(chats), k)
    for row, (own, dialogue) in enumerate(zip(sets, dialogues, strict=True)):
        others = [
            (-len(own & other), len(other), at)
            for at, other in enumerate(sets)
            if dialogues[at] != dialogue and own & other
        ]
        expected = [at for *_, at in sorted(others)[:k]]
        assert [at for at in found[row].tolist() if at >= 0] == expected
        assert mapping.nearest(chats[row][1], k, dialogue).tolist() == expected


def test_lists_are_turned_block_by_block() -> None:
    """Row r holds r % 7 and r % 11; some rows hold nothing, and no row holds 11."""
    lists = [[] if row % 5 == 0 else sorted({row % 7, row % 11}) for row in range(1300)]
    starts = np.cumsum([0, *map(len, lists)])
    turned = Rows(starts, np.array([value for one in lists for value in one], np.int32)).turned(12)
    for value in range(12):
        held = turned.gather(np.array([value]))
        assert held.tolist() == [row for row, one in enumerate(lists) if value in one]
    assert turned.values.dtype == np.int32


def test_a_chat_that_goes_on_finds_training_chats(world: Snapshot, widening: Widening) -> None:
    ids = [world.entity_id[film(director, 1)] for director in range(3)]
    mapping = CorrelationMapping.of_chats(widening, [[one] for one in ids], ["a", "b", "c"])
    assert mapping.nearest([world.entity_id[film(1, 7)]], 5).tolist() == [1]
    assert mapping.nearest([], 5).tolist() == []
