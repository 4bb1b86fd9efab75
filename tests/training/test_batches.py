"""Batches: each example once, the same ones for the same seed, and little padding where lengths are sorted."""

from __future__ import annotations

import pytest

from training.batches import epoch_batches


def _length(row: int) -> int:
    return 1 if row % 2 else 100


def _padding(batches: list[list[int]]) -> int:
    """Places that hold no token."""
    return sum(max(map(_length, batch)) - _length(row) for batch in batches for row in batch)


@pytest.mark.parametrize("window", [0, 1, 3, 100])
@pytest.mark.parametrize("count", [1, 8, 61])
def test_every_example_comes_once_in_as_many_batches_as_without_windows(count: int, window: int) -> None:
    batches = epoch_batches(count, 8, 5, window, _length)
    assert sorted(row for batch in batches for row in batch) == list(range(count))
    assert len(batches) == -(-count // 8)
    assert all(1 <= len(batch) <= 8 for batch in batches)


@pytest.mark.parametrize("window", [0, 4])
def test_the_seed_decides(window: int) -> None:
    first = epoch_batches(64, 8, 5, window, _length)
    assert first == epoch_batches(64, 8, 5, window, _length)
    assert first != epoch_batches(64, 8, 6, window, _length)


def test_one_window_over_all_pads_nothing_where_two_lengths_fill_whole_batches() -> None:
    """32 chats of 1 token and 32 of 100: eight batches of eight, each of one length."""
    assert _padding(epoch_batches(64, 8, 5, 8, _length)) == 0
    assert _padding(epoch_batches(64, 8, 5, 0, _length)) > 1000


def test_batches_do_not_go_from_short_to_long() -> None:
    longest = [max(map(_length, batch)) for batch in epoch_batches(256, 8, 5, 32, _length)]
    assert longest != sorted(longest)
