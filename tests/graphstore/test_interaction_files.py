"""Interaction logs in their three forms."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from graphstore.errors import InputFileError
from graphstore.interaction_files import Interaction, read_interactions
from graphstore.rejects import Reject


def read(folder: Path, content: str, item_prefix: str | None = "urn:shop:") -> list[Interaction | Reject]:
    path = folder / "log"
    path.write_text(content, encoding="utf-8")
    return list(read_interactions(path, item_prefix))


def rejected(found: list[Interaction | Reject]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in found if isinstance(one, Reject)]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_table(tmp_path: Path, separator: str) -> None:
    content = "item,rating,User,time\n7,5,ann,1370044800\n8/b,1,ann,\n7,,bob,2013-06-01\n".replace(",", separator)
    assert read(tmp_path, content) == [
        Interaction(2, "ann", "urn:shop:7", 1_370_044_800),
        Interaction(3, "ann", "urn:shop:8%2Fb", None),
        Interaction(4, "bob", "urn:shop:7", 1_370_044_800),
    ]


def test_without_times_and_prefix(tmp_path: Path) -> None:
    found = read(tmp_path, "user,item\n1,urn:a\n2,b\n", item_prefix=None)
    assert found[0] == Interaction(2, "1", "urn:a", None)
    assert rejected(found) == [(3, "the item 'b' is no absolute URI")]


def test_json_lines(tmp_path: Path) -> None:
    found = read(tmp_path, '{"user": 1, "item": 7, "time": 12.9}\n{"item": "x", "user": "u", "more": []}\n')
    assert found == [Interaction(1, "1", "urn:shop:7", 12), Interaction(2, "u", "urn:shop:x", None)]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_map(tmp_path: Path, indent: int | None) -> None:
    found = read(tmp_path, json.dumps({"0": [58, "é"], "1": [], "2": [58]}, indent=indent))
    assert [one[1:] for one in found if isinstance(one, Interaction)] == [
        ("0", "urn:shop:58", None),
        ("0", "urn:shop:%C3%A9", None),
        ("2", "urn:shop:58", None),
    ]
    assert [one[0] for one in found if isinstance(one, Interaction)] == ([1, 1, 1] if indent is None else [5, 5, 9])


def test_a_map_with_bad_entries(tmp_path: Path) -> None:
    found = read(tmp_path, '{"0": [58, null, true, {}],\n "1": 7,\n "0": [1], "": [1], "\\ud800": [2], "2": [""]}')
    assert [one[1:3] for one in found if isinstance(one, Interaction)] == [("0", "urn:shop:58"), ("0", "urn:shop:1")]
    assert rejected(found) == [
        (1, "the item is missing"),
        (1, "the item is no text or whole number"),
        (1, "the item is no text or whole number"),
        (2, "the items of '1' are no list"),
        (3, "the user is empty"),
        (3, "the user holds a control character or is no UTF-8"),
        (3, "the item is empty"),
    ]


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("", "it ends"),
        (', "b": [1', "Expecting"),
        (" x", "unexpected ' x'"),
        ("} x", "stands behind"),
        (", 1: 2}", "1 is"),
    ],
)
def test_a_map_that_is_cut_or_broken(tmp_path: Path, rest: str, reason: str) -> None:
    path = tmp_path / "log.json"
    path.write_text('{\n"a": [1, 2]' + rest, encoding="utf-8")
    found: list[Interaction | Reject] = []
    with pytest.raises(InputFileError, match=rf"log\.json is cut off or no map .* behind line 2 \(.*{reason}"):
        found.extend(read_interactions(path, "urn:shop:"))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("0", 0),
        ("-1.5", -2),
        ("1e9", 1_000_000_000),
        ("2013-06-01T00:00:01Z", 1_370_044_801),
        ("2013-06-01 02:00:00+02:00", 1_370_044_800),
        ("1969-12-31T23:59:59", -1),
    ],
)
def test_times(tmp_path: Path, time: str, seconds: int) -> None:
    assert read(tmp_path, f"user,item,time\nu,i,{time}\n") == [Interaction(2, "u", "urn:shop:i", seconds)]


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ('"yesterday"', "the time 'yesterday' is neither"),
        ("true", "the time is neither"),
        ("[1]", "the time is neither"),
        ("NaN", "the time 'nan' is beyond the year 9999"),
        ('"inf"', "the time 'inf' is beyond"),
        ("1370044800000", "the time '1370044800000' is beyond the year 9999: is it in milliseconds?"),
        ("1" * 400, "the time '1111"),
    ],
)
def test_times_that_are_none(tmp_path: Path, time: str, reason: str) -> None:
    ((line, found),) = rejected(read(tmp_path, f'{{"user": 1, "item": 2, "time": {time}}}'))
    assert line == 1
    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "no object with user and item"),
        ('{"item": 1}', "the user is missing"),
        ('{"user": 1}', "the item is missing"),
        ('{"user": 1.5, "item": 1}', "the user is no text or whole number"),
        ('{"user": "a\\u0000", "item": 1}', "the user holds a control character"),
        ('{"user": "' + "x" * 501 + '", "item": 1}', "the user is longer than 500 characters"),
        ('{"user": "x", "item": "' + "x" * 2_001 + '"}', "the item's id is too long"),
    ],
)
def test_what_is_no_interaction_is_rejected(tmp_path: Path, line: str, reason: str) -> None:
    found = read(tmp_path, f'{{"user": 1, "item": 2}}\n{line}\n{{"user": 1, "item": 3}}\n')
    assert [one.line for one in found] == [1, 2, 3]
    assert [(number, why.startswith(reason)) for number, why in rejected(found)] == [(2, True)]


def test_another_header_and_another_prefix(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="has to name the columns, each once: user, item"):
        read(tmp_path, "who,what\n1,2\n")
    with pytest.raises(InputFileError, match="makes no URI"):
        read(tmp_path, "user,item\n1,2\n", item_prefix="shop/")


def test_amazon_baby_is_read_whole(data_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "train.json.gz"
    path.write_bytes(gzip.compress((data_folder / "amazon-baby" / "train.json").read_bytes()))
    found = [one for one in read_interactions(path, "urn:baby:") if isinstance(one, Interaction)]
    expected = json.loads((data_folder / "amazon-baby" / "train.json").read_text(encoding="utf-8"))
    assert [(one.user, one.item) for one in found] == [
        (user, f"urn:baby:{item}") for user, items in expected.items() for item in items
    ]
    assert len({one.user for one in found}) == 19_445
