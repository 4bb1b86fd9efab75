"""Explanations in words: nothing left out, nothing added, nothing that a name could do to the page."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from training.recommender import Explanation, Term
from ui.drawing import draw, in_words, signed
from ui.page_parts import bars, drawing, message, scroll_to, sum_in_words, trouble
from ui.relation_words import relation_words
from ui.why import MOST_BARS, Described, Edge, Why, pairs_to_check, why

FILM, OTHER, DIRECTOR = "urn:film", "urn:other", "urn:director"
NASTY = '<script>alert("1")</script> & </svg>'


def explanation(*terms: Term) -> Explanation:
    return Explanation(FILM, sum(term.value for term in terms), terms)


def term(graph: str, step: tuple[str, str, str], value: float) -> Term:
    return Term(graph, (step,), value, step[0] if step[2] == FILM else step[2])


def film_terms() -> tuple[Term, ...]:
    return (
        term("facts", (FILM, "DIRECTOR", DIRECTOR), 0.75),
        term("facts", (OTHER, "PREVIOUS_WORK", FILM), 0.25),
        term("co_mention", (FILM, "CO_MENTIONED", OTHER), -0.5),
        term("text", (FILM, "TEXT_SIMILAR", OTHER), 0.125),
        term("own", (FILM, "SELF", FILM), 1.0),
    )


ENTITIES = {
    FILM: Described(FILM, "Film", 2001, True),
    OTHER: Described(OTHER, "Other", 1999, True),
    DIRECTOR: Described(DIRECTOR, "A Director"),
    "urn:named": Described("urn:named", "Named", 1990, True),
}
EDGES = [
    Edge(FILM, "CO_MENTIONED", OTHER, count=7),
    Edge(FILM, "TEXT_SIMILAR", OTHER, similarity=0.625),
    Edge("urn:named", "DIRECTOR", DIRECTOR),
    Edge("urn:named", "CO_MENTIONED", DIRECTOR, count=3),
]


@pytest.fixture
def reasons() -> Why:
    return why(explanation(*film_terms()), ENTITIES, EDGES, [OTHER, "urn:named"])


def test_every_term_is_counted_once(reasons: Why) -> None:
    assert [(share.graph, share.value, share.terms) for share in reasons.shares] == [
        ("facts", 1.0, 2),
        ("co_mention", -0.5, 1),
        ("text", 0.125, 1),
        ("own", 1.0, 1),
    ]
    assert (reasons.score, reasons.gap, reasons.others, reasons.others_value) == (1.625, 0, 0, 0)


def test_bars_come_strongest_first_with_names_directions_and_figures(reasons: Why) -> None:
    assert [(bar.name, bar.relation, bar.outwards, bar.value, bar.named, bar.detail) for bar in reasons.bars] == [
        ("Film (2001)", "the item itself", True, 1.0, False, ""),
        ("A Director", "directed by", True, 0.75, False, ""),
        ("Other (1999)", "mentioned together", True, -0.5, True, "in 7 conversations"),
        ("Other (1999)", "sequel to", False, 0.25, True, ""),
        ("Other (1999)", "reads alike", True, 0.125, True, "similarity 0.62"),
    ]


def test_the_small_terms_are_summed_and_what_was_named_keeps_its_bar() -> None:
    many = [term("facts", (FILM, "STARRING", f"urn:actor{n}"), 1.0 + n) for n in range(12)]
    weak = term("co_mention", (FILM, "CO_MENTIONED", OTHER), 0.5)
    reasons = why(explanation(*many, weak), {}, [], [OTHER])
    assert len(reasons.bars) == MOST_BARS
    assert reasons.bars[-1].uri == OTHER
    assert reasons.others == 13 - MOST_BARS
    shown = sum(bar.value for bar in reasons.bars)
    assert shown + reasons.others_value == pytest.approx(reasons.score)


def test_a_tie_leads_from_what_was_named_to_a_neighbour_by_its_fact(reasons: Why) -> None:
    assert [(tie.named_name, tie.other_uri, tie.relation) for tie in reasons.ties] == [
        ("Named (1990)", DIRECTOR, "directed by")
    ]


def test_no_tie_is_invented_where_the_graph_has_none() -> None:
    assert why(explanation(*film_terms()), ENTITIES, EDGES[:2], ["urn:named"]).ties == ()


def test_the_pairs_to_check_are_the_items_and_the_named_ones() -> None:
    pairs = pairs_to_check([explanation(*film_terms())], ["urn:named"])
    assert set(pairs) == {
        (DIRECTOR, FILM),
        (FILM, OTHER),
        (DIRECTOR, "urn:named"),
        ("urn:named", OTHER),
        (FILM, "urn:named"),
    }


def test_an_item_without_any_neighbour_is_explained_by_itself() -> None:
    reasons = why(explanation(term("own", (FILM, "SELF", FILM), 0.5)), ENTITIES, [], [])
    assert [bar.name for bar in reasons.bars] == ["Film (2001)"]
    assert "none" in in_words(reasons)
    ElementTree.fromstring(draw(reasons))


def test_the_drawing_shows_names_values_and_what_was_named(reasons: Why) -> None:
    root = ElementTree.fromstring(draw(reasons))
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for expected in ("A Director", "directed by +0.750", "Named (1990)", "you named it", "Film (2001)", "score 1.62"):
        assert expected in words
    assert "A Director (directed by, +0.750)" in in_words(reasons)


@pytest.mark.parametrize("name", [NASTY, '"><img src=x onerror=alert(1)>', "x" * 500, "", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ‮ evil"])
def test_no_name_becomes_markup(name: str) -> None:
    entities = {uri: Described(uri, name, None, True, (name,)) for uri in (FILM, OTHER, DIRECTOR, "urn:named")}
    reasons = why(explanation(*film_terms()), entities, EDGES, [OTHER, "urn:named"])
    ElementTree.fromstring(draw(reasons))
    for html in (bars(reasons, simulated=True), drawing(reasons), message(0, name), trouble("Title", name)):
        assert "<script" not in html
        assert "onerror=alert(1)>" not in html.replace("&gt;", "")


def test_bars_say_the_sum_and_what_is_simulated(reasons: Why) -> None:
    assert sum_in_words(reasons).startswith(
        "+1.000 (facts) −0.500 (mentioned together) +0.125 (reads alike) +1.000 (the item itself) = 1.625: all 5 terms"
    )
    assert "simulated conversations" in bars(reasons, simulated=True)
    assert "simulated" not in bars(reasons, simulated=False)
    assert bars(reasons, simulated=False).count("you named it") == 3


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "+1.000"), (-0.5, "−0.500"), (0.0, "0.000"), (-0.0001, "0.000"), (12.3456, "+12.346")]
)
def test_figures_have_a_sign_unless_they_are_nought(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("relation", "words"),
    [("MUSIC_COMPOSER", "music by"), ("SHOP_AISLE", "shop aisle"), ("CO_MENTIONED", "mentioned together")],
)
def test_relations_are_said_in_words(relation: str, words: str) -> None:
    assert relation_words(relation) == words


def test_a_script_can_hold_nothing_but_a_number() -> None:
    assert 'getElementById("tg-message-3")' in scroll_to(3)
    with pytest.raises(ValueError, match="format code"):
        scroll_to("3);alert(1")  # type: ignore[arg-type]
