"""The tool shop of docs/catalogue: what is written by hand hangs together, and the simulation repeats itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue
from graphstore.interaction_files import Interaction, read_interactions
from graphstore.item_files import Item, read_items
from graphstore.triple_files import Triple, read_triples

_ROOT = Path(__file__).parents[2]
_PREFIX = "urn:thornby:item:"


def simulate(folder: Path) -> dict[str, bytes]:
    command = [sys.executable, str(_ROOT / "docs" / "catalogue" / "simulate.py"), str(folder)]
    subprocess.run(command, cwd=_ROOT, env={"PYTHONPATH": str(_ROOT)}, check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert simulate(tmp_path / "one") == simulate(tmp_path / "two")


def test_everything_that_is_named_is_there(tmp_path: Path) -> None:
    simulate(tmp_path)
    items = [one for one in read_items(tmp_path / "items.csv", item_prefix=_PREFIX) if isinstance(one, Item)]
    facts = list(read_triples(tmp_path / "facts.ttl"))
    uris = {item.uri for item in items}
    assert all({"title", "plot", "genres"} <= item.properties.keys() for item in items)
    assert len({item.properties["title"] for item in items}) == len(uris) == 131
    assert len(facts) == 1_122
    known = set(uris)
    for fact in facts:
        assert isinstance(fact, Triple)
        assert fact.subject in uris
        assert fact.object in uris or not fact.object.startswith(_PREFIX)
        known.add(fact.object)
    for name, count in (("train", 240), ("valid", 60)):
        chats = list(read_dialogues(tmp_path / f"{name}.jsonl", "tellgraph"))
        assert len(chats) == count
        for chat in chats:
            assert isinstance(chat, Dialogue)
            assert any(turn.role == "recommender" and turn.items for turn in chat.turns)
            assert {uri for turn in chat.turns for uri in turn.items} <= uris
            assert {uri for turn in chat.turns for uri in turn.entities} <= known
    orders = list(read_interactions(tmp_path / "orders.csv", _PREFIX))
    assert len(orders) == 940
    assert all(isinstance(order, Interaction) and order.item in uris and order.time for order in orders)


def test_what_is_said_names_what_is_linked(tmp_path: Path) -> None:
    simulate(tmp_path)
    titles = {
        item.uri: item.properties["title"]
        for item in read_items(tmp_path / "items.csv", item_prefix=_PREFIX)
        if isinstance(item, Item)
    }
    for chat in read_dialogues(tmp_path / "train.jsonl", "tellgraph"):
        assert isinstance(chat, Dialogue)
        for turn in chat.turns:
            assert all(titles[uri] in turn.text for uri in turn.items), turn
