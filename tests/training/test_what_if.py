"""What would be otherwise: smallest sets against trying all of them, and mentions that are really left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphstore.dialogues import Turn
from graphstore.snapshot import Snapshot
from tests.training.director_world import director_uri, film, write_director_world
from training.instances import Context
from training.loop import train
from training.recipe import EvidenceRecipe
from training.recommender import Explanation, Recommender, Silence, Term
from training.runs import RunFolder
from training.what_if import smallest_set, why_not, without_each_mention, without_mentions

NO_CACHE = Path("no-cache-needed")
WEIGHTS = st.integers(-8, 8).map(float)


def all_subsets(count: int) -> list[tuple[int, ...]]:
    return list(chain.from_iterable(combinations(range(count), size) for size in range(count + 1)))


@given(st.lists(WEIGHTS, max_size=8), st.integers(-20, 40).map(float))
def test_the_smallest_set_is_as_small_as_any(effects: list[float], gap: float) -> None:
    reaching = [subset for subset in all_subsets(len(effects)) if sum(effects[place] for place in subset) > gap]
    found = smallest_set(effects, gap)
    if found is None:
        assert not reaching
    else:
        assert sum(effects[place] for place in found) > gap
        assert len(found) == min(map(len, reaching))


class Additive(Recommender):
    """score(item) = what each mention gives to it: a world in which terms say all there is."""

    name = "additive"
    language_model = None

    def __init__(self, snapshot: Snapshot, given: Mapping[str, Sequence[float]]) -> None:
        super().__init__(snapshot)
        self.given = {uri: np.array(values) for uri, values in given.items()}

    def warm_up(self) -> None:
        pass

    def on_snapshot(self, snapshot: Snapshot) -> Recommender:
        return Additive(snapshot, {uri: values.tolist() for uri, values in self.given.items()})

    def scores(self, contexts: Sequence[Context]) -> npt.NDArray[np.float64]:
        return np.stack([self._scores(context) for context in contexts])

    def _scores(self, context: Context) -> npt.NDArray[np.float64]:
        return sum((self.given[uri] for uri in context.newest_first), np.zeros(len(self.item_index)))

    def _explanations(self, context: Context, items: Sequence[str]) -> list[Explanation]:
        scores = self._scores(context)
        return [
            Explanation.of(
                item,
                float(scores[self.item_index[item]]),
                [
                    Term("facts", ((item, "DIRECTOR", uri),), float(self.given[uri][self.item_index[item]]), uri)
                    for uri in context.newest_first
                ],
            )
            for item in items
        ]

    def _silenced(self, context: Context, silenced: Collection[Silence]) -> npt.NDArray[np.float64]:
        raise NotImplementedError


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write_director_world(tmp_path_factory.mktemp("world") / "snapshot")


MENTIONS = [director_uri(number) for number in range(6)]


@given(st.lists(st.tuples(WEIGHTS, WEIGHTS), min_size=1, max_size=6))
def test_where_terms_add_up_the_set_is_the_smallest_of_all_that_really_do_it(
    snapshot: Snapshot, weights: list[tuple[float, float]]
) -> None:
    items = [item["uri"] for item in snapshot.items]
    given = {uri: [pair[0], pair[1], *[-99.0] * (len(items) - 2)] for uri, pair in zip(MENTIONS, weights, strict=False)}
    recommender = Additive(snapshot, given)
    context = Context((Turn("seeker", "", entities=tuple(given)),))
    found = why_not(recommender, context, items[1], items[0])
    assert found.gap == sum(one - other for one, other in weights)

    def wins_without(uris: Collection[str]) -> bool:
        scores = recommender._scores(without_mentions(context, uris))
        return bool(scores[1] > scores[0])

    sets = [[list(given)[place] for place in subset] for subset in all_subsets(len(given))]
    winning = [len(uris) for uris in sets if wins_without(uris)]
    if found.mentions is None:
        assert (winning, found.confirmed) == ([], False)
    else:
        assert found.confirmed
        assert wins_without(found.mentions)
        assert len(found.mentions) == min(winning)


def test_each_mention_is_left_out_and_its_rank_is_counted_among_what_the_chat_does_not_mention(
    snapshot: Snapshot,
) -> None:
    items = [item["uri"] for item in snapshot.items]
    nothing = [0.0] * (len(items) - 3)
    one, other = director_uri(0), director_uri(1)
    recommender = Additive(
        snapshot, {one: [5, 1, 0, *nothing], other: [1, 2, 0, *nothing], items[2]: [0.0] * len(items)}
    )
    context = Context((Turn("seeker", "", items=(items[2],), entities=(one, other)),))
    effects = without_each_mention(recommender, context, items[0])
    assert [(effect.uri, effect.terms, effect.score_drop) for effect in effects] == [
        (one, 5.0, 5.0),
        (other, 1.0, 1.0),
        (items[2], 0.0, 0.0),
    ]
    assert [(effect.rank_before, effect.rank_after) for effect in effects] == [(1, 2), (1, 1), (1, 1)]


def test_paths_of_both_items_count(snapshot: Snapshot) -> None:
    items = [item["uri"] for item in snapshot.items]
    rest = [-9.0] * (len(items) - 2)
    good, bad = director_uri(0), director_uri(1)
    recommender = Additive(snapshot, {good: [2, 1, *rest], bad: [0, -3, *rest]})
    found = why_not(recommender, Context((Turn("seeker", "", entities=(good, bad)),)), items[1])
    assert found.other == items[0]
    assert found.paths is not None
    assert [(one.item, one.term.source, one.term.value) for one in found.paths] == [
        (items[1], bad, -3.0),
        (items[0], good, 2.0),
    ]
    assert [(one.source, one.item, one.other) for one in found.differences] == [(bad, -3.0, 0.0), (good, 1.0, 2.0)]


def test_an_item_that_comes_first_already_needs_nothing_to_go(snapshot: Snapshot) -> None:
    items = [item["uri"] for item in snapshot.items]
    recommender = Additive(snapshot, {director_uri(0): [2.0, 1.0, *[0.0] * (len(items) - 2)]})
    found = why_not(recommender, Context((Turn("seeker", "", entities=(director_uri(0),)),)), items[0])
    assert (found.gap, found.mentions, found.paths, found.confirmed) == (-1.0, (), (), True)


def test_an_item_is_not_compared_with_itself(snapshot: Snapshot) -> None:
    uri = snapshot.items[0]["uri"]
    with pytest.raises(ValueError, match="another item"):
        why_not(Additive(snapshot, {}), Context(()), uri, uri)
    with pytest.raises(KeyError):
        why_not(Additive(snapshot, {}), Context(()), "urn:nothing", uri)


@pytest.fixture(scope="module")
def evidence(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    recipe = EvidenceRecipe("test", seeds=2, negatives=40, epochs=20, batch_size=16)
    run = RunFolder.create(tmp_path_factory.mktemp("evidence") / "run", recipe, snapshot)
    return train(run, NO_CACHE)


@pytest.mark.parametrize("system", ["evidence", "director_recommender"])
def test_a_director_brings_its_masterpiece(system: str, request: pytest.FixtureRequest) -> None:
    """Real runs: a mention that leads to the item helps it, and what stands before another item is found."""
    recommender: Recommender = request.getfixturevalue(system)
    turns = (Turn("seeker", "I liked these.", items=(film(1, 1), film(1, 2))), Turn("seeker", "", items=(film(3, 4),)))
    context = Context(turns)
    better, worse = film(1, 0), film(3, 0)
    effects = {effect.uri: effect for effect in without_each_mention(recommender, context, better)}
    assert (
        effects[film(1, 1)].score_drop > 0 or system != "evidence"
    )  # what a mention does to MSCRS's r_s, nobody knows
    for uri, effect in effects.items():
        alone = recommender.scores([context, without_mentions(context, {uri})])[:, recommender.item_index[better]]
        assert effect.score_drop == pytest.approx(alone[0] - alone[1], abs=1e-5)
        terms = [term.value for term in recommender.explain(context, better).terms if term.source == uri]
        assert effect.terms == pytest.approx(sum(terms))
    found = why_not(recommender, context, worse, better)
    assert found.gap > 0 or system != "evidence"
    if found.mentions is not None:
        (row,) = recommender.scores([without_mentions(context, found.mentions)])
        index = recommender.item_index
        assert found.confirmed == (row[index[worse]] > row[index[better]])
    assert found.paths is not None
    gone = sum(one.term.value if one.item == better else -one.term.value for one in found.paths)
    assert gone > found.gap
    total = sum(one.other - one.item for one in found.differences)
    assert total == pytest.approx(found.gap, abs=1e-4 * max(1, abs(found.gap)))
