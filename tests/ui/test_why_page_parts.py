"""The pieces of the page Why and of the cards' chips: nothing left out, nothing twice, nothing read as markup."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from tests.ui.test_why import DIRECTOR, EDGES, ENTITIES, FILM, NASTY, OTHER, explanation, film_terms, term
from training.instances import Context
from training.recommender import Recommender, Silence, Term
from ui.chat_session import Situation
from ui.chips import MOST_CHIPS, chips, in_short, less_in_words, silence_of
from ui.described import Described
from ui.drawing import draw, in_words
from ui.explore_parts import ways
from ui.reranking import Place, Reranking, rerank
from ui.waterfall import steps, waterfall, waterfall_in_words
from ui.why import Bar, Why, why
from ui.why_parts import rankings, table


@pytest.fixture
def reasons() -> Why:
    return why(explanation(*film_terms()), ENTITIES, EDGES, [OTHER, "urn:named"])


def test_chips_are_the_strongest_that_help_in_short_words(reasons: Why) -> None:
    assert [words for words, _ in chips(reasons)] == [
        "the item itself",
        "directed by A Director",
        "Other (1999): sequel to",
    ]
    assert all(bar.value > 0 for _, bar in chips(reasons))


def test_chips_that_would_say_the_same_are_one() -> None:
    talks = [Term("similar_chats", ((f"d#{n}", "MENTIONS", FILM),), 1.0 + n, f"d#{n}") for n in range(4)]
    found = chips(why(explanation(*talks, *film_terms()), ENTITIES, EDGES, []))
    assert [words for words, _ in found][:2] == ["a similar conversation", "the item itself"]
    assert len(found) <= MOST_CHIPS


@pytest.mark.parametrize(
    ("bar", "words", "silence"),
    [
        (("co_mention", "mentioned together", True, OTHER), "mentioned with Other", ("co_mention", OTHER)),
        (("image", "looks alike", True, OTHER), "looks like Other", ("image", OTHER)),
        (("facts", "directed by", None, OTHER), "directed by detail, like Other", ("facts", OTHER)),
        (("words", "words of the chat", None, FILM), "words of the chat detail", ("words", "")),
        (("similar_chats", "mentioned it", None, "d#1"), "a similar conversation", ("similar_chats", "d#1")),
    ],
)
def test_a_chip_has_its_words_and_its_silence(
    bar: tuple[str, str, bool | None, str], words: str, silence: tuple[str, str]
) -> None:
    full = Bar(*bar, name="Other", value=1.0, named=False, detail="detail")
    assert in_short(full, FILM) == words
    assert silence_of(full, FILM) == Silence(*silence)


def test_a_silence_in_words_names_kind_and_source() -> None:
    assert less_in_words(Silence("facts", OTHER), "Other (1999)") == "Facts – Other (1999)"
    assert less_in_words(Silence("facts")) == "Facts"
    assert less_in_words(Silence(source=OTHER), "a\u202eb") == "a b"


def test_a_chosen_reason_stands_out_in_the_drawing_with_its_way(reasons: Why) -> None:
    bar = next(bar for bar in reasons.bars if bar.uri == DIRECTOR)
    drawn = ElementTree.fromstring(draw(reasons, bar))
    group = "{http://www.w3.org/2000/svg}g"
    pale = "".join(text for faded in drawn.iter(group) for text in faded.itertext())
    whole = "".join(drawn.itertext())
    for name, faded in (("A Director", False), ("Named (1990)", False), ("Other (1999)", True), ("Film (2001)", False)):
        assert name in whole
        assert (name in pale) == faded
    assert in_words(reasons, bar).endswith("Highlighted: A Director, directed by.")
    assert not list(ElementTree.fromstring(draw(reasons)).iter(group))


def test_a_chosen_reason_is_drawn_even_where_there_are_stronger_ones() -> None:
    many = [term("facts", (FILM, "STARRING", f"urn:actor{n}"), -1.0 - n) for n in range(6)]
    reasons = why(explanation(*many, term("co_mention", (FILM, "CO_MENTIONED", OTHER), 0.5)), ENTITIES, EDGES, [])
    ((_, chip),) = chips(reasons)
    assert "Other (1999)" not in draw(reasons)
    assert "Other (1999)" in draw(reasons, chip)


def test_the_waterfall_goes_from_nought_to_the_score_without_a_gap() -> None:
    many = [term("facts", (FILM, "STARRING", f"urn:actor{n}"), 1.0 + n) for n in range(12)]
    twins = [Term("similar_chats", ((f"d#{n}", "MENTIONS", FILM),), 20.0 - n, f"d#{n}") for n in range(2)]
    reasons = why(explanation(*many, *twins, *film_terms()), ENTITIES, EDGES, [])
    rows = waterfall(reasons)["data"]["values"]
    assert rows[0]["from"] == 0
    assert [row["to"] for row in rows[:-2]] == [row["from"] for row in rows[1:-1]]
    assert rows[-2]["to"] == pytest.approx(reasons.score)
    assert (rows[-1]["from"], rows[-1]["to"], rows[-1]["name"]) == (0, reasons.score, "score")
    names = [name for name, _, _ in steps(reasons)]
    assert len(set(names)) == len(names)
    assert f"others ({reasons.others})" in names
    assert "a similar conversation (2)" in names
    assert waterfall_in_words(reasons).startswith(f"From 0 to the score {reasons.score:.3f} of Film (2001): ")


def test_rankings_side_by_side_say_what_rose_and_what_fell() -> None:
    items = {FILM: Described(FILM, "Film"), OTHER: Described(OTHER, NASTY)}
    found = Reranking(
        before=(Place(OTHER, 2.0, 1, 2), Place(FILM, 1.0, 2, 1)),
        after=(Place(FILM, 1.0, 1, 2), Place(OTHER, 0.5, 2, 1)),
    )
    html = rankings(found, items, FILM)
    assert "<script" not in html
    assert "<b>Film</b>" in html
    assert "up by</span> 1" in html
    assert "down by</span> 1" in html
    assert "<script" not in table([NASTY], [[NASTY, NASTY]]) + ways([NASTY])


@pytest.mark.database
def test_a_ranking_without_some_terms_is_that_of_the_lowered_scores(recommender: Recommender) -> None:
    items = [item["uri"] for item in recommender.snapshot.items]
    situation = Situation(Context(()), frozenset(items[:2]), ())
    silence = Silence(graph="facts")
    found = rerank(recommender, situation, [silence], count=4)
    lowered = {one.item: one.score for one in recommender.explain_all(situation.context, items, [silence])}
    best = sorted(items[2:], key=lambda uri: -lowered[uri])
    assert [place.uri for place in found.after] == best[:4]
    assert [place.score for place in found.after] == pytest.approx([lowered[uri] for uri in best[:4]])
    assert [place.rank for place in found.before] == [1, 2, 3, 4]
    for place in found.before:
        assert place.rank_in_other == best.index(place.uri) + 1
    kept = rerank(recommender, Situation(situation.context, situation.excluded, (silence,)), [])
    assert kept.before == kept.after
    assert [place.uri for place in kept.before][:4] == best[:4]
