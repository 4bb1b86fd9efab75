"""JSON files of users and items: what is read, and a sentence for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.errors import TrainingError
from training.interactions import read_interactions, read_split


def write(folder: Path, **parts: Any) -> Path:
    for name, content in parts.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def test_tables_are_as_large_as_the_largest_id_of_all_files(tmp_path: Path) -> None:
    folder = write(tmp_path, train={"10": [3, 1], "2": [1]}, val={"2": [7]}, test={"10": [12]})
    split = read_split(folder)
    assert (split.users, split.items, split.test, split.unknown_users) == (11, 8, None, 0)
    assert (split.train.users.tolist(), split.train.items.tolist()) == ([2, 10, 10], [1, 1, 3])
    tested = read_split(folder, folder / "test.json")
    assert tested.items == 13
    assert tested.test is not None
    assert tested.test.items.tolist() == [12]


def test_users_that_train_does_not_know_are_left_out_and_counted(tmp_path: Path) -> None:
    folder = write(tmp_path, train={"0": [0], "1": [1]}, val={"0": [1], "1": [], "5": [0]}, test={"5": [1], "1": [2]})
    split = read_split(folder, folder / "test.json")
    assert (split.val.users.tolist(), split.unknown_users) == ([0], 1)
    assert split.test is not None
    assert split.test.users.tolist() == [1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no JSON of the form"),
        ("{", "is no JSON of the form"),
        ("\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), "is no JSON"),
        ("[" * 100_000, "is no JSON of the form"),
        ("[[1, 2]]", "is no JSON object of the form"),
        ("{}", "holds no interaction"),
        ({"a": [1]}, "user a: a user's id is a whole number"),
        ({"-1": [1]}, "user -1: a user's id is a whole number"),
        ({"²": [1]}, "user ²: a user's id is a whole number"),
        ({"9" * 5_000: [1]}, "a user's id is a whole number from 0 to 9,999,999"),
        ({"3": [1.5]}, "user 3: 1.5 is no item id"),
        ({"3": ["1"]}, "user 3: 1 is no item id"),
        ({"3": [True]}, "user 3: True is no item id"),
        ({"3": [-1]}, "user 3: -1 is no item id"),
        ({"3": [10_000_000]}, "user 3: 10000000 is no item id"),
        ({"3": {"1": 2}}, "user 3: there is no list"),
        ({"3": 1}, "user 3: there is no list"),
        ({"3": []}, "user 3 has no item"),
        ({"3": [1, 2, 1]}, "user 3 has item 1 twice"),
        ('{"3": [1], "03": [2]}', "user 03 stands there twice"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, content: Any, words: str) -> None:
    folder = write(tmp_path, train=content)
    with pytest.raises(TrainingError) as error:
        read_interactions(folder / "train.json")
    assert words in str(error.value)
    assert "train.json" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_held_out_list_may_be_empty(tmp_path: Path) -> None:
    folder = write(tmp_path, val={"3": [], "4": [1]})
    assert read_interactions(folder / "val.json", held_out=True).users.tolist() == [4]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"val": {"0": [1]}}, "has no file train.json"),
        ({"train": {"0": [1]}}, "has no file val.json"),
        ({"train": {"0": [1]}, "val": {"0": [2, 1]}}, "User 0 has item 1 in train.json and in val.json"),
        ({"train": {"0": [0, 1], "1": [0]}, "val": {"1": [1]}}, "user 0 has every item"),
        ({"train": {"0": [1]}, "val": {"1": [1]}}, "val.json holds nothing of a user of train.json"),
    ],
)
def test_what_is_wrong_with_a_split(tmp_path: Path, parts: dict[str, Any], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        read_split(write(tmp_path, **parts))


def test_a_test_file_that_shares_pairs_or_is_not_there(tmp_path: Path) -> None:
    folder = write(tmp_path, train={"0": [0]}, val={"0": [1]}, leak={"0": [1]})
    with pytest.raises(TrainingError, match=r"User 0 has item 1 in val\.json and in leak\.json"):
        read_split(folder, folder / "leak.json")
    with pytest.raises(TrainingError, match=r"no\.json cannot be read \(No such file"):
        read_split(folder, folder / "no.json")


def test_amazon_baby_as_it_is_shared(data_folder: Path) -> None:
    split = read_split(data_folder / "amazon-baby")
    assert (split.users, split.items, split.unknown_users) == (19_445, 7_050, 0)
    assert (len(split.train.users), len(split.val.users)) == (119_674, 20_559)
