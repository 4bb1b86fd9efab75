"""What holds for every scorer: its terms add up to its score, and silenced terms are gone by exactly their sum."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphstore.dialogues import Turn
from tests.training.director_world import DIRECTORS, FILMS, NODES, TURNS, director_uri, film
from training.instances import Context
from training.recommender import Recommender, Silence

SILENCES = st.one_of(
    st.builds(Silence, graph=st.sampled_from(["facts", "co_mention", "text", "own", "popularity", "none-such"])),
    st.builds(Silence, source=st.sampled_from(NODES)),
    st.builds(Silence, graph=st.sampled_from(["named", "words", "similar_text", "description"])),
    st.builds(Silence, graph=st.sampled_from(["facts", "co_mention"]), source=st.sampled_from(NODES)),
)
ITEMS = [film(d, n) for d in range(DIRECTORS) for n in range(FILMS)]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURNS, max_size=4), silenced=st.lists(SILENCES, max_size=3))
def test_terms_add_up_and_silence_takes_exactly_them(
    any_recommender: Recommender, turns: list[Turn], silenced: list[Silence]
) -> None:
    context = Context(tuple(turns))
    scores = any_recommender.scores([context])[0]
    whole = any_recommender.explain_all(context, ITEMS)
    heard = {one.item: one for one in any_recommender.explain_all(context, ITEMS, silenced)}
    for one in whole:
        assert one.score == pytest.approx(scores[any_recommender.item_index[one.item]], rel=1e-9)
        assert sum(term.value for term in one.terms) == pytest.approx(one.score, rel=1e-9, abs=1e-9)
        hidden = [term for term in one.terms if any(each.hides(term, one.item) for each in silenced)]
        left = heard[one.item]
        assert one.score - left.score == pytest.approx(sum(term.value for term in hidden), rel=1e-9, abs=1e-9)
        assert not set(hidden) & set(left.terms)
    ranked = any_recommender.recommend(context, len(ITEMS), silenced=silenced)
    for found in ranked:
        assert found.score == pytest.approx(heard[found.uri].score, rel=1e-9, abs=1e-9)


def test_paths_are_named_once(any_recommender: Recommender) -> None:
    context = Context((Turn("seeker", "Film 3-2, or 3-5?", (film(3, 2), director_uri(3))),))
    for explanation in any_recommender.explain_all(context, ITEMS):
        keys = [(term.graph, term.path, term.source, term.words) for term in explanation.terms]
        assert len(set(keys)) == len(keys)


def test_silencing_a_neighbour_leaves_its_own_score_alone(any_recommender: Recommender) -> None:
    context = Context((Turn("seeker", "Film 3-2, or 3-5?", (film(3, 2), film(3, 5))),))
    for explanation in any_recommender.explain_all(context, [film(3, 2)]):
        own = [term for term in explanation.terms if term.source == film(3, 2)]
        (left,) = any_recommender.explain_all(context, [film(3, 2)], [Silence(source=film(3, 2))])
        assert set(own) <= set(left.terms)


def test_a_silence_says_what_it_is_of() -> None:
    with pytest.raises(ValueError, match="graph or a source"):
        Silence()
