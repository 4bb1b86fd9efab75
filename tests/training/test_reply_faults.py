"""Slots and faults of replies."""

from __future__ import annotations

import numpy as np
import pytest

from training.reply_faults import SLOT_FIGURES, is_empty, is_unfilled, repeats, slot_counts


def test_slots_are_hit_as_often_as_both_have_them() -> None:
    counts = slot_counts(
        ["See <movie> or <movie>.", "Hello.", "<movie>!", "Bye."], ["<movie>", "<movie> and <movie>", "Hi", "Bye"]
    )
    figures = {name: figure(counts.sum(axis=0)[None])[0] for name, figure in SLOT_FIGURES.items()}
    # 1 hit of 3 given and 3 wanted; of 2 targets with a slot 1 has a reply with one
    assert figures == pytest.approx({"slot_precision": 1 / 3, "slot_recall": 1 / 3, "slot_f": 1 / 3, "slot_reply": 0.5})


def test_without_any_slot_there_is_nothing_to_say() -> None:
    counts = slot_counts(["Hello."], ["Hi."])
    assert all(np.isnan(figure(counts.sum(axis=0)[None])[0]) for figure in SLOT_FIGURES.values())


def test_slots_that_nobody_wanted_have_no_recall() -> None:
    counts = slot_counts(["<movie>"], ["Hi."])
    assert SLOT_FIGURES["slot_precision"](counts)[0] == 0
    assert np.isnan(SLOT_FIGURES["slot_recall"](counts)[0])


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("no no no no", True),
        ("no no no", False),
        ("I like it very much. I like it very well, I like it very", True),
        ("I like it very much. I like it very well", False),
        ("it is it is it is it is", True),
        ("", False),
        ("Good. Good. Good. good.", False),
    ],
)
def test_endless_repetition(reply: str, found: bool) -> None:
    assert repeats(reply) is found


def test_empty_and_unfilled() -> None:
    assert (is_empty(" \n"), is_empty("."), is_unfilled("See <movie>!"), is_unfilled("See It!")) == (
        True,
        False,
        True,
        False,
    )
