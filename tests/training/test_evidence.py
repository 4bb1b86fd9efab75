"""The additive ranker on worlds whose right answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from tests.training.director_world import (
    DIRECTORS,
    FILMS,
    HELD_OUT,
    TURNS,
    director_uri,
    film,
    write_director_world,
)
from training.errors import RunError, TrainingError
from training.evidence.chat_vectors import ChatVectors
from training.evidence.definitions import FEATURES
from training.evidence.ranker import EvidenceRecommender
from training.evidence.snapshot_reader import SnapshotReader
from training.evidence.words import Catalogue, words_of
from training.instances import Context
from training.loop import train
from training.models.additive import Curves
from training.recipe import EvidenceRecipe
from training.recommender import Recommender
from training.runs import RunFolder

NO_CACHE = Path("no-cache-needed")
NOTHING = ChatVectors(np.zeros(2, np.float32), np.zeros(2, np.float32))
FAST = EvidenceRecipe("test", seeds=2, negatives=40, epochs=20, batch_size=16)


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> EvidenceRecommender:
    folder = tmp_path_factory.mktemp("evidence")
    run = RunFolder.create(folder / "run", FAST, write_director_world(folder / "snapshot"))
    train(run, NO_CACHE)
    loaded = Recommender.load(run.path, NO_CACHE)
    assert isinstance(loaded, EvidenceRecommender)
    return loaded


def naming(*uris: str, text: str = "I liked it.") -> Context:
    return Context((Turn("seeker", text, items=uris),))


def test_facts_lead_to_the_masterpiece_of_a_film_that_no_dialogue_names(recommender: EvidenceRecommender) -> None:
    for director in range(DIRECTORS):
        for number in HELD_OUT:
            context = naming(film(director, number))
            (best,) = recommender.recommend(context, 1, exclude=context.mentions)
            assert best.uri == film(director, 0)


@settings(deadline=None)
@given(st.lists(TURNS, max_size=5), st.integers(0, DIRECTORS * FILMS - 1))
def test_terms_add_up_to_the_score_of_any_chat(recommender: EvidenceRecommender, turns: list[Turn], item: int) -> None:
    context = Context(tuple(turns))
    uri = recommender.snapshot.items[item]["uri"]
    explanation = recommender.explain(context, uri)
    assert explanation.score == recommender.scores([context])[0, item]
    total = sum(term.value for term in explanation.terms)
    assert abs(total - explanation.score) <= 1e-9 * max(1, abs(explanation.score))


def test_what_is_masked_is_what_is_missing(recommender: EvidenceRecommender) -> None:
    """Taking kinds of evidence away lowers the score by exactly their terms: no kind stands in another's curve."""
    context = naming(film(2, 6), director_uri(2))
    uri = film(2, 0)
    explanation = recommender.explain(context, uri)
    evidence = recommender.reader.read(context, recommender.encoder.encode(context))
    assert {term.graph for term in explanation.terms} >= {"facts", "popularity"}
    for kind in evidence.parts:
        left = replace(evidence, parts={name: parts for name, parts in evidence.parts.items() if name != kind})
        score = recommender.curves(left.table()).sum(axis=1)[recommender.item_index[uri]]
        masked = sum(term.value for term in explanation.terms if term.graph == kind)
        assert explanation.score - score == pytest.approx(masked, abs=1e-9)


def test_what_is_unlike_is_no_evidence(recommender: EvidenceRecommender, tmp_path: Path) -> None:
    """In a small catalogue the nearest neighbours may have a cosine below 0: terms add up all the same."""
    films = [film(0, number) for number in range(3)]
    snapshot = write_snapshot(
        tmp_path / "snapshot",
        entities=[],
        items=[{"uri": uri, "title": uri, "popularity": 0} for uri in films],
        facts={},
        co_mentions=[],
        text_similar=[(films[0], films[1], -0.4, 1), (films[0], films[2], 0.3, 2), (films[1], films[2], -0.29, 1)],
        image_similar=[],
        dialogues=[],
        registry={},
    )
    rising = Curves(
        np.tile(np.linspace(-1, 3, 5), (len(FEATURES), 1)), np.tile(np.linspace(-1, 3, 5), (len(FEATURES), 1))
    )
    unlike = EvidenceRecommender(snapshot, recommender.recipe, rising, recommender.encoder)
    for explanation in unlike.explain_all(naming(films[0], films[1]), films):
        assert sum(term.value for term in explanation.terms) == pytest.approx(explanation.score)
        assert all(abs(term.value) <= 1 for term in explanation.terms if term.graph == "similar_text")


def test_every_step_of_a_path_is_a_relation_of_the_snapshot(recommender: EvidenceRecommender) -> None:
    snapshot = recommender.snapshot
    edges = {
        (snapshot.uris[source], name, snapshot.uris[target])
        for name, columns in snapshot.relations().items()
        for source, target in zip(columns["source"].tolist(), columns["target"].tolist(), strict=True)
    }
    terms = recommender.explain(naming(film(2, 1), director_uri(2)), film(2, 0)).terms
    steps = [step for term in terms for step in term.path]
    assert len(steps) > 3
    for start, relation, end in steps:
        assert {(start, relation, end), (end, relation, start)} & edges, (start, relation, end)


def _with_dialogues(folder: Path, dialogues: list[Dialogue]) -> Snapshot:
    """Five items; the co-mentions are those of the dialogues."""
    items = [f"urn:{letter}" for letter in "abcde"]
    counts: dict[tuple[str, str], int] = {}
    for dialogue in dialogues:
        named = sorted({uri for turn in dialogue.turns for uri in turn.mentions})
        for place, one in enumerate(named):
            for other in named[place + 1 :]:
                counts[one, other] = counts.get((one, other), 0) + 1
    return write_snapshot(
        folder,
        entities=[],
        items=[{"uri": uri, "title": f"Title {uri[-1]}", "genres": ["drama"]} for uri in items],
        co_mentions=[(one, other, count) for (one, other), count in counts.items()],
        text_vectors={uri: [float(place), 1.0] for place, uri in enumerate(items)},
        encoders={"text": "random-tiny"},
        dialogues=dialogues,
        contexts=[(dialogue.id, 1, [1.0, 0.0], [0.6, 0.8]) for dialogue in dialogues],
    )


def _talk(name: str, asked: str, answered: str, text: str = "I liked it") -> Dialogue:
    turns = (Turn("seeker", text, items=(asked,)), Turn("recommender", "See this", items=(answered,)))
    return Dialogue(name, "test", "train", turns)


OWN = _talk("own", "urn:a", "urn:b", "Something like title a or title b, an odd wish")
OTHERS = [_talk("other", "urn:a", "urn:c"), _talk("third", "urn:b", "urn:a"), _talk("fourth", "urn:d", "urn:b")]
ASKED = Context(OWN.turns[:1])
VECTORS = ChatVectors(np.array([1.0, 0.0], np.float32), np.array([0.6, 0.8], np.float32))


def test_a_training_dialogue_leaves_itself_out_of_every_count(tmp_path: Path) -> None:
    """Its evidence is what it would be if the dialogue had never been held."""
    with_own = SnapshotReader(_with_dialogues(tmp_path / "with", [OWN, *OTHERS]))
    without = SnapshotReader(_with_dialogues(tmp_path / "without", OTHERS))
    left_out = with_own.read(ASKED, VECTORS, dialogue="own").table()
    assert left_out == pytest.approx(without.read(ASKED, VECTORS).table())


def test_without_that_the_answer_leaks(tmp_path: Path) -> None:
    reader = SnapshotReader(_with_dialogues(tmp_path / "with", [OWN, *OTHERS]))
    label = reader.catalogue.position["urn:b"]
    honest = reader.read(ASKED, VECTORS, dialogue="own").table()[label]
    leaking = reader.read(ASKED, VECTORS).table()[label]
    names = [feature.name for feature, one, other in zip(FEATURES, honest, leaking, strict=True) if other > one + 1e-9]
    assert {"co_mentions", "co_mention_share", "similar_chats", "mentioned", "recommended"} <= set(names)


def test_an_empty_chat_and_a_catalogue_without_vectors_have_scores(recommender: EvidenceRecommender) -> None:
    scores = recommender.scores([Context(()), naming("urn:nobody-knows")])
    assert np.isfinite(scores).all()
    assert scores[0] == pytest.approx(scores[1])


def test_a_snapshot_without_dialogues_is_refused(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", FAST, write_director_world(tmp_path / "snapshot", dialogues=False))
    with pytest.raises(TrainingError, match="no training turn"):
        train(run, NO_CACHE)


def test_curves_of_other_features_are_refused(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", FAST, write_director_world(tmp_path / "snapshot"))
    train(run, NO_CACHE)
    weights = run.load_model()
    weights.pop("named")
    run.save_model(weights)
    with pytest.raises(RunError, match="train the run again"):
        Recommender.load(run.path, NO_CACHE)


def test_a_run_shows_its_curves(recommender: EvidenceRecommender, tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", FAST, recommender.snapshot)
    train(run, NO_CACHE)
    assert (run.path / "curves.png").stat().st_size > 10_000
    card = (run.path / "README.md").read_text(encoding="utf-8")
    assert all(feature.name in card for feature in FEATURES)
    assert run.history()[0]["valid"]["new"]["recall@1"] == 1


def test_words_have_no_case_and_no_accents() -> None:
    assert words_of("Amélie, THE Film… x2") == ("amelie", "the", "film", "x2")


def test_rare_words_of_a_title_and_genres_as_people_say_them_are_found() -> None:
    items = [
        {"uri": "urn:a", "title": "The Matrix (1999)", "genres": ["sci-fi"]},
        {"uri": "urn:b", "title": "The Wind", "genres": ["Kitchen tools"]},
        {"uri": "urn:c", "title": "The Sea", "genres": ["sci-fi"]},
        {"uri": "urn:d", "title": "The Hill", "genres": []},
    ]
    talks = [(Turn("seeker", "the end"),)] * 20
    catalogue = Catalogue.of(items, talks)
    turns = (Turn("seeker", "that science fiction one, the MATRIX"), Turn("recommender", "kitchen tools?"))
    found = {hit.words: (hit.items.tolist(), sorted(hit.amounts)) for hit in catalogue.hits(turns, own=False)}
    assert found == {
        "matrix": ([0], ["title", "title_now", "title_share", "title_share_now"]),
        "sci-fi": ([0, 2], ["genres", "genres_seeker"]),
        "Kitchen tools": ([1], ["genres"]),
    }
