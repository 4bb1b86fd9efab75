"""Users and items in blocks: everybody uses items of the own block only, so the right ranking is known.

Block b is users b, b + 4, … and items b, b + 4, …; a user has six of the block's twelve items in train, one in val and
one in test. Who has learned the blocks ranks a held-out item among the six that are left, so Recall@10 is 1; whoever
knows popularity alone picks ten of 42.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

__all__ = ["ITEMS", "USERS", "write_block_world"]

_BLOCKS, USERS, ITEMS = 4, 80, 48


def write_block_world(folder: Path) -> Path:
    """Write train.json, val.json and test.json; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    drawing = random.Random(0)
    parts: dict[str, dict[str, list[int]]] = {"train": {}, "val": {}, "test": {}}
    for user in range(USERS):
        own = drawing.sample(range(user % _BLOCKS, ITEMS, _BLOCKS), 8)
        for name, items in (("train", own[:6]), ("val", own[6:7]), ("test", own[7:])):
            parts[name][str(user)] = items
    for name, content in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder
