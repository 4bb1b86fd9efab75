"""Logs of who used what, read as conversations."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import InputFileError
from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import Reject, RejectsFile

LOG = """user,item,time
ann,spade,2025-03-02
bob,hoe,
ann,rake,2025-03-01
cid,rake,1
ann,spade,2025-01-01
bob,spade,
ann,,2025-03-05
ann,new fork,2025-04-01
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


def turn(role: str, name: str, uri: str) -> Turn:
    return Turn("seeker" if role == "seeker" else "recommender", name, (uri,))


def test_what_a_person_had_in_the_order_of_time(log: Path) -> None:
    reject, *dialogues = read_dialogues(log, "log", "shop/a", "train", item_prefix="urn:s:")
    assert isinstance(reject, Reject)
    assert (reject.line, reject.reason) == (8, "the item is empty")
    assert dialogues == [
        Dialogue(
            "shop%2Fa/train/ann",
            "shop/a",
            "train",
            (
                turn("seeker", "spade", "urn:s:spade"),
                turn("recommender", "rake", "urn:s:rake"),
                turn("recommender", "new fork", "urn:s:new%20fork"),
            ),
        ),
        Dialogue(
            "shop%2Fa/train/bob",
            "shop/a",
            "train",
            (turn("seeker", "hoe", "urn:s:hoe"), turn("recommender", "spade", "urn:s:spade")),
        ),
    ]


def test_of_many_things_the_latest_fifty(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("user,item,time\n" + "".join(f"ann,urn:{day},{day}\n" for day in range(60)), encoding="utf-8")
    (dialogue,) = read_dialogues(path, "log")
    assert isinstance(dialogue, Dialogue)
    assert [turn.items[0] for turn in dialogue.turns] == [f"urn:{day}" for day in range(10, 60)]


def test_a_log_of_ids_needs_the_prefix(log: Path, tmp_path: Path) -> None:
    assert all(isinstance(found, Reject) for found in read_dialogues(log, "log"))
    with pytest.raises(InputFileError, match="makes no URI"):
        list(read_dialogues(log, "log", item_prefix="shop"))


@pytest.mark.database
def test_a_log_in_the_graph(graph: Graph, log: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("id\nspade\nrake\nhoe\n", encoding="utf-8")
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, items, rejects).items("urn:s:")
        ingest = FileIngest(graph, log, rejects)
        ingest.dialogues("log", "train", item_prefix="urn:s:")
    assert ingest.counts["mentions"].new == 4
    assert ingest.counts["mentions"].rejected == 1
    rows = graph.read("dialogue", id="log/train/ann")
    assert [(row["role"], row["text"]) for row in rows] == [
        ("seeker", "spade"),
        ("recommender", "rake"),
        ("recommender", "new fork"),
    ]
