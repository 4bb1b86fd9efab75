"""Who used what, split in advance: the JSON files that multimodal recommenders share (Amazon Baby and its like).

    train.json, val.json and a test file of the same form:  {"user id": [item id, …], …}

Ids are whole numbers that count from 0: they are rows of tables. An item that only a held-out file names is a candidate
like every other, so the catalogue is as large as the largest id of all files says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import TrainingError
from training.metrics import Integers

__all__ = ["InteractionSplit", "Interactions", "read_interactions", "read_split"]

_MOST_IDS = 10_000_000  # a stray id beyond would make tables that fit into no memory


@dataclass(frozen=True, eq=False)
class Interactions:
    """The pairs of one file, each once, sorted by user and then by item.

    name: of the file, for messages. users, items: int64 [pairs].
    """

    name: str
    users: Integers
    items: Integers

    def of_users(self, users: Integers) -> Interactions:
        """Only the pairs of some users; any order."""
        kept = np.isin(self.users, users)
        return Interactions(self.name, self.users[kept], self.items[kept])


@dataclass(frozen=True, eq=False)
class InteractionSplit:
    """The parts of one data set; no pair is in two of them.

    val, test: only of users that train knows. test is None where no file was given.
    users, items: sizes of the tables, the largest id of all files + 1.
    unknown_users: how many users of val and test were left out, since train has nothing of theirs.
    """

    train: Interactions
    val: Interactions
    test: Interactions | None
    users: int
    items: int
    unknown_users: int


def read_split(folder: Path, test: Path | None = None) -> InteractionSplit:
    """Read folder/train.json, folder/val.json and, where one is named, a test file.

    Raises TrainingError where a file is missing or malformed, two of them share a pair, or nothing is left to judge by.
    """
    for name in ("train.json", "val.json"):
        if not (folder / name).is_file():
            raise TrainingError(f"{folder} has no file {name}: name a folder with train.json and val.json with --data.")
    train = read_interactions(folder / "train.json")
    parts = [train, *(read_interactions(path, held_out=True) for path in (folder / "val.json", test) if path)]
    items = max(int(part.items.max()) for part in parts) + 1
    for position, part in enumerate(parts):
        for earlier in parts[:position]:
            _check_apart(earlier, part, items)
    if (full := np.bincount(train.users) >= items).any():
        raise TrainingError(
            f"{train.name}: user {full.argmax()} has every item, so there is none to rank: take the user out."
        )
    known = [part.of_users(train.users) for part in parts[1:]]
    for part in known:
        if not len(part.users):
            raise TrainingError(f"{part.name} holds nothing of a user of {train.name}: are they of one data set?")
    return InteractionSplit(
        train,
        known[0],
        known[1] if test else None,
        users=max(int(part.users.max()) for part in parts) + 1,
        items=items,
        unknown_users=len(np.setdiff1d(np.concatenate([part.users for part in parts]), train.users)),
    )


def read_interactions(path: Path, *, held_out: bool = False) -> Interactions:
    """Read one file. held_out: a user without an item is left out, and no error.

    Raises TrainingError with the file's name and the user's id.
    """
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=tuple)  # pairs, so that a key that repeats is seen
    except OSError as error:
        raise TrainingError(f"{path} cannot be read ({error.strerror}): name another file.") from error
    except (ValueError, RecursionError) as error:
        raise TrainingError(f'{path} is no JSON of the form {{"user id": [item id, …], …}}: {error}.') from error
    if not isinstance(content, tuple):
        raise TrainingError(f'{path} is no JSON object of the form {{"user id": [item id, …], …}}.')
    items_of: dict[int, list[int]] = {}
    for key, value in content:
        user = int(key) if key.isascii() and key.isdecimal() and len(key) < len(str(_MOST_IDS)) else -1
        where = f"{path}, user {key[:40]}"
        if user < 0:
            raise TrainingError(f"{where}: a user's id is a whole number from 0 to {_MOST_IDS - 1:,}.")
        if user in items_of:
            raise TrainingError(f"{where} stands there twice: put the items into one list.")
        items_of[user] = _items(value, where, held_out)
    users = sorted(items_of)
    interactions = Interactions(
        path.name,
        np.repeat(np.array(users, np.int64), [len(items_of[user]) for user in users]),
        np.array([item for user in users for item in items_of[user]], np.int64),
    )
    if not len(interactions.users):
        raise TrainingError(f"{path} holds no interaction.")
    return interactions


def _items(value: Any, where: str, may_be_empty: bool) -> list[int]:
    """The list of one user, sorted."""
    if not isinstance(value, list):
        raise TrainingError(f"{where}: there is no list of item ids.")
    for item in value:
        if type(item) is not int or not 0 <= item < _MOST_IDS:
            raise TrainingError(f"{where}: {str(item)[:40]} is no item id, a whole number from 0 to {_MOST_IDS - 1:,}.")
    if not value and not may_be_empty:
        raise TrainingError(f"{where} has no item: nothing can be learned of them, take the user out.")
    if len(set(value)) < len(value):
        twice = next(item for item in value if value.count(item) > 1)
        raise TrainingError(f"{where} has item {twice} twice: an interaction counts once.")
    return sorted(value)


def _check_apart(part: Interactions, other: Interactions, items: int) -> None:
    """Raise TrainingError where both hold the same pair: what is held out must not be known."""
    shared = np.intersect1d(part.users * items + part.items, other.users * items + other.items)
    if len(shared):
        user, item = divmod(int(shared[0]), items)
        raise TrainingError(f"User {user} has item {item} in {part.name} and in {other.name}: take it out of one.")
