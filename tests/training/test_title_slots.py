"""Titles as people write them become slots, and nothing else does."""

from __future__ import annotations

import pytest

from training.title_slots import with_slots


@pytest.mark.parametrize(
    ("title", "text", "slotted"),
    [
        ("Full Metal Jacket", "Full Metal Jacket", "<movie>"),
        ("Full Metal Jacket", "See full metal jacket!", "See <movie>!"),
        ("Full Metal Jacket", "See Full Metal Jacket (1987).", "See <movie>."),
        ("Full Metal Jacket", "'Full Metal Jacket' it is", "'<movie>' it is"),
        ("Amélie", "try amelie", "try <movie>"),
        ("Avengers: Endgame", "Avengers End Game", "<movie>"),
        ("Spider-Man", "the Spiderman movies", "the <movie> movies"),
        ("Frozen II", "I just saw Frozen 2", "I just saw <movie>"),
        ("Frozen II", "the new Frozen", "the new <movie>"),
        ("Paranormal Activity 3", "you would love paranormal activity", "you would love <movie>"),
        ("The Shawshank Redemption", "Shawshank Redemption is great", "<movie> is great"),
        ("The Shawshank Redemption", "See The Shawshank Redemption", "See <movie>"),
        ("Doctor Sleep", "the new Dr. Sleep movie", "the new <movie> movie"),
        ("Jumanji: The Next Level", "the Jumanji series", "the <movie> series"),
        ("How to Lose a Guy in 10 Days", "How To Lose a Guy In Ten Days.", "<movie>."),
        ("Inglourious Basterds", "like Inglorious Basterds", "like <movie>"),
        ("Fast & Furious", "Fast and Furious", "<movie>"),
        ("The Secret Life of Pets 2", "Secret Life of Pets 2", "<movie>"),
        ("Guardians of the Galaxy Vol. 2", "See Guardians of the Galaxy 2", "See <movie>"),
        ("The Hangover", "like Hangover?", "like <movie>?"),
        ("31", "have you seen 31?", "have you seen <movie>?"),
    ],
)
def test_a_title_is_found_as_people_write_it(title: str, text: str, slotted: str) -> None:
    assert with_slots(text, [title]) == (slotted, 1)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("It", "it stars Dwayne Johnson"),
        ("LOL", "other than kid movies? lol"),
        ("Marriage Story", "It's a coming of age story"),
        ("Cast Away", "A pivot away"),
        ("Her", "There is another"),
        ("The Help", "I am here to help"),
        ("You & I", "just the movie for you and the boys"),
        ("Rated X", "Rated R"),
        ("I Stand Alone", "they are stand alone films"),
        ("Joker", ""),
        ("", "nothing"),
        ("!", "nothing!"),
    ],
)
def test_what_is_not_the_title_stays(title: str, text: str) -> None:
    assert with_slots(text, [title]) == (text, 0)


def test_a_capital_in_the_sentence_is_rather_the_title_than_one_at_its_start() -> None:
    assert with_slots("It is like It", ["It"]) == ("It is like <movie>", 1)


def test_a_year_tells_the_title() -> None:
    assert with_slots("Home Alone or Home (2015)", ["Home"]) == ("Home Alone or <movie>", 1)


def test_a_longer_title_keeps_its_place() -> None:
    assert with_slots("Frozen 2 is as good as Frozen", ["Frozen", "Frozen II"]) == ("<movie> is as good as <movie>", 2)


def test_a_link_takes_one_place() -> None:
    text = "See Joker, and Joker again"
    assert with_slots(text, ["Joker"]) == ("See <movie>, and Joker again", 1)
    assert with_slots(text, ["Joker", "Joker"]) == ("See <movie>, and <movie> again", 2)
