"""The difference of two snapshots: whatever was done to one, its counts say it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot_diff import Difference, compare_snapshots
from graphstore.snapshot_writer import write_snapshot
from tests.graphstore.test_snapshot import TOY


def compared(tmp_path: Path, older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Difference]:
    return compare_snapshots(write_snapshot(tmp_path / "a", **older), write_snapshot(tmp_path / "b", **newer))


def test_the_same_twice(tmp_path: Path) -> None:
    found = compared(tmp_path, TOY, TOY)
    assert {name: difference.same for name, difference in found.items()} == {
        "entities": 5,
        "items": 2,
        "dialogues": 2,
        "text vectors": 2,
        "image vectors": 0,
        "contexts": 1,
        "CO_INTERACTED": 1,
        "CO_MENTIONED": 1,
        "GENRE": 1,
        "IMAGE_SIMILAR": 0,
        "STARRING": 3,
        "TEXT_SIMILAR": 2,
    }
    assert all(replace(difference, same=0) == Difference(0, 0, 0, 0) for difference in found.values())


def test_every_kind_of_change(tmp_path: Path) -> None:
    newer = {
        # A new entity that is sorted first moves every id.
        "entities": [("a:first", "First"), ("u:ann", "Ann"), ("u:drama", "Drama"), ("u:alien", "Alien!")],
        "items": [{**TOY["items"][0], "year": 1996}, TOY["items"][1]],
        "facts": {"STARRING": [("u:heat", "u:ann"), ("u:alien", "u:ann"), ("a:first", "u:ann")], "WRITER": []},
        "co_mentions": [("u:alien", "u:heat", 3)],
        "text_similar": [("u:heat", "u:alien", 0.5, 1), ("u:alien", "u:heat", 0.5, 2)],
        "text_vectors": {"u:heat": [1.0, 0.0, 0.5], "u:alien": [0.0, 1.0, 0.5]},
        "contexts": [("toy/train/1", 1, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0])],
        "dialogues": [
            TOY["dialogues"][1],
            Dialogue("toy/valid/1", "toy", "valid", (Turn("seeker", "another text"),)),
            Dialogue("toy/valid/2", "toy", "valid", ()),
        ],
    }
    found = compared(tmp_path, TOY, newer)
    assert found == {
        "entities": Difference(added=1, removed=1, changed=1, same=3),
        "items": Difference(added=0, removed=0, changed=1, same=1),
        "dialogues": Difference(added=1, removed=0, changed=1, same=1),
        "text vectors": Difference(added=0, removed=0, changed=1, same=1),
        "image vectors": Difference(0, 0, 0, 0),
        "contexts": Difference(added=0, removed=0, changed=1, same=0),
        "CO_INTERACTED": Difference(added=0, removed=1, changed=0, same=0),
        "CO_MENTIONED": Difference(added=0, removed=0, changed=1, same=0),
        "GENRE": Difference(added=0, removed=1, changed=0, same=0),
        "IMAGE_SIMILAR": Difference(0, 0, 0, 0),
        "STARRING": Difference(added=1, removed=1, changed=0, same=2),
        "TEXT_SIMILAR": Difference(added=0, removed=0, changed=1, same=1),
        "WRITER": Difference(0, 0, 0, 0),
    }


URIS = [f"urn:{number}" for number in range(5)]
EDGES = st.dictionaries(st.tuples(st.sampled_from(URIS), st.sampled_from(URIS)), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(old=EDGES, new=EDGES, extra=st.lists(st.integers(0, 9), unique=True))
def test_counts_agree_with_a_dictionary(old: dict[Any, int], new: dict[Any, int], extra: list[int]) -> None:
    both = old.keys() & new.keys()
    changed = sum(old[pair] != new[pair] for pair in both)
    with tempfile.TemporaryDirectory() as folder:
        sides = [
            write_snapshot(
                Path(folder) / name,
                entities=[(uri, uri) for uri in [*URIS, *more]],
                co_mentions=[(*pair, count) for pair, count in edges.items()],
            )
            for name, edges, more in (("a", old, []), ("b", new, [f"a:{number}" for number in extra]))
        ]
        found = compare_snapshots(*sides)
    added, removed = len(new) - len(both), len(old) - len(both)
    assert found["CO_MENTIONED"] == Difference(added, removed, changed, len(both) - changed)
    assert found["entities"] == Difference(len(extra), 0, 0, len(URIS))
