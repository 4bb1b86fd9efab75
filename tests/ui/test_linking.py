"""Names in a text are found in a real graph: films, people, misspellings, years, and what is no name at all."""

from __future__ import annotations

import time

import pytest

from graphstore.graph import Graph
from tests.ui.film_world import MARKUP, uri
from ui.linking import Linker, Linking

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def linker(films: Graph) -> Linker:
    return Linker(films)


def names(linking: Linking) -> list[str]:
    return [link.entity.uri.removeprefix(uri("")) for link in linking.links]


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("I loved Inception and Arrival", ["Inception", "Arrival_(film)"]),
        ("i loved inception and arrival", ["Inception", "Arrival_(film)"]),
        ("something like Inceptoin or Interstelar", ["Inception", "Interstellar_(film)"]),
        ("anything by Cristopher Nolan", ["Christopher_Nolan"]),
        ("a film with amy adams, please", ["Amy_Adams"]),
        ("prestige was great", ["The_Prestige_(film)"]),
        ("Spiderman", ["Spider-Man_(2002_film)"]),
        ("toy story", ["Toy_Story"]),
        ("I want a good action movie", ["Action_film"]),
        ("The Mummy (1999) again", ["The_Mummy_(1999_film)"]),
        ("The Mummy (2018)", ["The_Mummy_(2017_film)"]),  # a year beside it
        ("Inception, then Inception again", ["Inception", "Inception"]),
        ("I liked Up, It and Her", ["Up_(2009_film)", "It_(2017_film)", "Her_(film)"]),
        ('have you seen "her"?', ["Her_(film)"]),
        ("have you seen it (2017)?", ["It_(2017_film)"]),
        (f"I saw {MARKUP} there", ["Markup"]),
    ],
)
def test_what_is_named_is_linked(linker: Linker, text: str, linked: list[str]) -> None:
    assert names(linker.link(text)) == linked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "it was a good movie, up until her end",
        "Good evening! It is her turn. Up to you.",
        "I WANT A GOOD ONE AND IT IS UP TO HER",
        "Toy Story 3",
        "what would you recommend tonight",
        '") OR uri:* AND NOT ("',
        "AND OR NOT && || ~ * ? : \\ / [ ] { } ^",
        "🎬🎬🎬",
    ],
)
def test_what_names_nothing_links_nothing(linker: Linker, text: str) -> None:
    found = linker.link(text)
    assert (found.links, found.ambiguous) == ((), ())


def test_an_ambiguous_name_offers_its_films_and_a_choice_settles_it(linker: Linker) -> None:
    found = linker.link("I loved the mummy")
    assert found.links == ()
    (ambiguity,) = found.ambiguous
    assert ambiguity.text == "the mummy"
    assert sorted(choice.label for choice in ambiguity.choices) == ["The Mummy (1999)", "The Mummy (2017)"]
    chosen = {ambiguity.text: uri("The_Mummy_(2017_film)")}
    settled = linker.link("I loved The Mummy", chosen)
    assert (names(settled), settled.ambiguous) == (["The_Mummy_(2017_film)"], ())


def test_a_surname_offers_everybody_of_that_name(linker: Linker) -> None:
    found = linker.link("I like everything by Nolan")
    (ambiguity,) = found.ambiguous
    assert [choice.title for choice in ambiguity.choices] == ["Christopher Nolan", "Jonathan Nolan"]
    assert linker.link("I like everything by Nolan", {"Nolan": ambiguity.choices[1].uri}).links[0].entity.title == (
        "Jonathan Nolan"
    )


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("I want something like Zorgon Blaster, or Inception", ("Zorgon Blaster",)),
        ("zorgon", ("zorgon",)),
        ("Zorgon Blaster", ("Zorgon Blaster",)),
        ("I loved Inception", ()),
        ("Something lighter, please", ()),
    ],
)
def test_a_name_that_the_graph_lacks_is_said(linker: Linker, text: str, unknown: tuple[str, ...]) -> None:
    assert linker.link(text).unknown == unknown


def test_a_link_keeps_the_words_that_were_written(linker: Linker) -> None:
    (link,) = linker.link("the PRESTIGE, I think").links
    assert (link.text, link.entity.label, link.entity.is_item) == ("the PRESTIGE", "The Prestige (2006)", True)


@pytest.mark.parametrize("text", ["x" * 1_500, "Inception " * 150, "The of and a " * 110, "(((" * 500])
def test_no_text_is_slow(linker: Linker, text: str) -> None:
    linker.link("warm up")
    started = time.perf_counter()
    linker.link(text)
    assert time.perf_counter() - started < 5
