"""A world whose right answer can be proved: who names a film is recommended its director's masterpiece.

The films that the validation dialogues name stand in no training dialogue: only the facts tell who directed them.
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot

DIRECTORS = 6
FILMS = 8  # per director; film 0 is the masterpiece
HELD_OUT = (6, 7)  # named in validation dialogues only


def film(director: int, number: int) -> str:
    """URI of a film."""
    return f"http://toy.example/film_{director}_{number}"


def director_uri(director: int) -> str:
    """URI of a director."""
    return f"http://toy.example/director_{director}"


NODES = [film(d, n) for d in range(DIRECTORS) for n in range(FILMS)] + [director_uri(d) for d in range(DIRECTORS)]
TURNS = st.builds(
    lambda role, text, items: Turn(role, text, tuple(items)),
    st.sampled_from(["seeker", "recommender"]),
    st.sampled_from(["", "Film 3-2, or 3-5?", "A comedy, with love 😀", "مرحبا <b>Film</b>"]),
    st.lists(st.sampled_from([*NODES, "urn:nobody-knows"]), max_size=5),
)
"""Turns of any chat in this world: known and unknown mentions, words with and without a meaning."""


def _dialogue(director: int, number: int, split: str) -> Dialogue:
    turns = (
        Turn("seeker", f"I liked Film {director}-{number}. What else is there?", items=(film(director, number),)),
        Turn("recommender", "Then see this one.", items=(film(director, 0),)),
    )
    return Dialogue(f"toy/{split}/{director}-{number}", "toy", split, turns)


def write_director_world(folder: Path, *, dialogues: bool = True, validated: bool = True) -> Snapshot:
    """Write the world as a snapshot, with every kind of edge in it, with or without validation dialogues."""
    pairs = [(director, number) for director in range(DIRECTORS) for number in range(FILMS)]
    spoken = [
        _dialogue(director, number, "valid" if number in HELD_OUT else "train")
        for director, number in pairs
        if number and dialogues and (validated or number not in HELD_OUT)
    ]
    trained = [(director, number) for director, number in pairs if number and number not in HELD_OUT]
    following = [(film(d, n), film(d, (n + 1) % FILMS), 0.9, 1) for d, n in pairs if n < FILMS - 1]
    return write_snapshot(
        folder,
        entities=[(director_uri(director), f"Director {director}") for director in range(DIRECTORS)],
        items=[{"uri": film(d, n), "title": f"Film {d}-{n}", "popularity": 0} for d, n in pairs],
        facts={
            "DIRECTOR": [(film(d, n), director_uri(d)) for d, n in pairs],
            "PREVIOUS_WORK": [(film(d, n), film(d, n - 1)) for d, n in pairs if n],
        },
        co_mentions=[(film(d, 0), film(d, n), 1) for d, n in trained] if dialogues else [],
        text_similar=following,
        image_similar=[(target, source, score, rank) for source, target, score, rank in following],
        dialogues=spoken,
        registry={"DIRECTOR": "http://toy.example/director", "PREVIOUS_WORK": "http://toy.example/previousWork"},
    )
