"""What a URI says by itself."""

from __future__ import annotations

import pytest

from graphstore.uris import is_uri, name_from_uri, title_and_year_from_text, title_and_year_from_uri

RESOURCE = "http://dbpedia.org/resource/"


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (RESOURCE + "Joker_(2019_film)", "Joker (2019 film)"),
        (RESOURCE + "%22Weird_Al%22_Yankovic", '"Weird Al" Yankovic'),
        (RESOURCE + "Am%C3%A9lie", "Amélie"),
        (RESOURCE + "AC/DC", "AC/DC"),
        (RESOURCE + "Alien:_Covenant", "Alien: Covenant"),
        ("https://shop.example/products/42/", "42"),
        ("https://shop.example/ontology#red_wine", "red wine"),
        ("urn:isbn:0451450523", "0451450523"),
        (RESOURCE + "bell%07%1B%5B31m", "bell [31m"),
        (RESOURCE, RESOURCE),
    ],
)
def test_name(uri: str, name: str) -> None:
    assert name_from_uri(uri) == name


@pytest.mark.parametrize(
    ("local", "title", "year"),
    [
        ("Joker_(2019_film)", "Joker", 2019),
        ("Star_Wars_(film)", "Star Wars", None),
        ("The_Thing_(1982_American_film)", "The Thing", 1982),
        ("127_Hours", "127 Hours", None),
        ("(500)_Days_of_Summer", "(500) Days of Summer", None),
        ("Blade_Runner_2049", "Blade Runner 2049", None),
        ("Star_Trek_(season_1)", "Star Trek", None),
    ],
)
def test_title_and_year_from_uri(local: str, title: str, year: int | None) -> None:
    assert title_and_year_from_uri(RESOURCE + local) == (title, year)


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("10 Cloverfield Lane (2016)", "10 Cloverfield Lane", 2016),
        ("Doctor Who", "Doctor Who", None),
        ("2012 (2009)", "2012", 2009),
        ("1917", "1917", None),
        ("(2016)", "(2016)", None),
        ("Numbers (12345)", "Numbers (12345)", None),
        ("  Up (2009) ", "Up", 2009),
        ("", "", None),
    ],
)
def test_title_and_year_from_text(text: str, title: str, year: int | None) -> None:
    assert title_and_year_from_text(text) == (title, year)


def test_what_counts_as_a_uri() -> None:
    assert all(map(is_uri, [RESOURCE + "Amélie", "urn:shop:1", "https://a.example/?q=1#x"]))
    no_uris = ["Joker", "<http://a.example/x>", "http://a.example/a b", "http:", "", "urn:" + "x" * 2_000]
    assert not any(map(is_uri, no_uris))
