"""Items and sources out of the graph again, and replaced by newer files."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from graphstore.removal import Kind, Replacement, remove_entities, remove_source
from tests.whole_graph import whole_graph
from training.pipeline import EdgeOptions, build_edges

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]

ITEMS = [{"uri": f"urn:item:{name}", "title": name.upper(), "plot": f"About {name}."} for name in "abcd"]
FACTS = [
    ("urn:item:a", "by", "urn:person:1"),
    ("urn:item:b", "by", "urn:person:1"),
    ("urn:item:c", "by", "urn:person:2"),
]


class Shop:
    """Writes files and takes them in."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph = graph
        self.folder = folder

    def items(self, records: list[dict[str, Any]], source: str) -> None:
        self._ingest("items.jsonl", "".join(json.dumps(record) + "\n" for record in records), source).items()

    def entities(self, uris: list[str], source: str) -> None:
        self._ingest("entities.txt", "\n".join(uris), source).entities()

    def facts(self, facts: list[tuple[str, str, str]], source: str) -> None:
        lines = (f"<{subject}> <urn:p:{predicate}> <{object_}> .\n" for subject, predicate, object_ in facts)
        self._ingest("facts.nt", "".join(lines), source).triples()

    def talk(self, name: str, items: list[str], source: str, split: str = "train") -> None:
        turn = {"role": "seeker", "text": "hm", "items": [f"urn:item:{item}" for item in items]}
        line = json.dumps({"id": name, "turns": [turn]})
        self._ingest("talks.jsonl", line, source).dialogues("tellgraph", split)

    def log(self, rows: list[str], source: str) -> None:
        self._ingest("log.csv", "user,item,time\n" + "\n".join(rows), source).interactions()

    def entity(self, uri: str) -> dict[str, Any] | None:
        rows = self.graph.read("entity", uri=uri)
        return {key: value for key, value in rows[0].items() if value is not None} if rows else None

    def _ingest(self, name: str, text: str, source: str) -> FileIngest:
        path = self.folder / name
        path.write_text(text)
        with RejectsFile(self.folder / "rejects.jsonl") as rejects:
            return FileIngest(self.graph, path, rejects, source)


@pytest.fixture
def shop(graph: Graph, tmp_path: Path) -> Shop:
    return Shop(graph, tmp_path)


def test_a_source_that_goes_leaves_what_was_there_before_it_came(shop: Shop) -> None:
    shop.facts(FACTS, "world")
    shop.items(ITEMS[:2], "shop")
    shop.talk("1", ["a", "b"], "shop")
    shop.log(["u,urn:item:a,1"], "orders")
    before = whole_graph(shop.graph, frozenset({"build"}))
    shop.facts([*FACTS[:1], ("urn:item:a", "about", "urn:topic:x")], "guest")
    shop.items([{"uri": "urn:item:a", "genres": ["guest"]}, {"uri": "urn:item:z"}], "guest")
    shop.talk("2", ["a", "z"], "guest")
    shop.log(["v,urn:item:a,2"], "guest")
    assert whole_graph(shop.graph, frozenset({"build"})) != before
    remove_source(shop.graph, "guest")
    relation = [line for line in whole_graph(shop.graph) if "RelationType" in line and "ABOUT" in line]
    after = whole_graph(shop.graph, frozenset({"build"}))
    assert [line for line in after if line not in relation] == before
    remove_source(shop.graph, "guest")  # twice is once


def test_an_item_that_one_source_described_and_another_listed_keeps_its_place_and_loses_its_words(shop: Shop) -> None:
    shop.items([{"uri": "urn:item:a"}], "list")
    shop.items(ITEMS[:1], "words")
    remove_source(shop.graph, "words")
    assert shop.entity("urn:item:a") == {
        "uri": "urn:item:a", "name": "a", "title": "a", "is_item": True, "sources": ["list"],
    }  # fmt: skip
    remove_source(shop.graph, "list")
    assert shop.entity("urn:item:a") is None


def test_what_is_an_entity_of_another_source_stops_being_an_item(shop: Shop) -> None:
    shop.facts(FACTS, "world")
    shop.items(ITEMS[:1], "shop")
    remove_source(shop.graph, "shop")
    assert shop.entity("urn:item:a") == {"uri": "urn:item:a", "name": "a", "is_item": False, "sources": ["world"]}


def test_a_removed_item_is_missed_by_no_dialogue_and_no_count(shop: Shop) -> None:
    shop.items(ITEMS, "shop")
    for name, items in (("1", ["a", "b", "c"]), ("2", ["a", "b"])):
        shop.talk(name, items, "talks")
    build_edges(shop.graph)
    assert remove_entities(shop.graph, ["urn:item:b", "urn:nobody"]) == 1
    build_edges(shop.graph)
    numbers = frozenset({"build", "counted_build", "counted_before"})
    incremental = whole_graph(shop.graph, numbers)
    build_edges(shop.graph, EdgeOptions(full=True))
    assert whole_graph(shop.graph, numbers) == incremental
    edges = [line for line in incremental if "CO_MENTIONED" in line]
    assert len(edges) == 1
    assert "urn:item:c" in edges[0]
    shop.items(ITEMS[1:2], "shop")  # back again
    for name, items in (("1", ["a", "b", "c"]), ("2", ["a", "b"])):
        shop.talk(name, items, "talks")
    build_edges(shop.graph)
    found = {row["uri"]: row["count"] for row in shop.graph.read("mentioned_together", uri="urn:item:a")}
    assert found == {"urn:item:b": 2, "urn:item:c": 1}


@pytest.mark.parametrize("kind", ["items", "triples"])
def test_a_replacement_keeps_the_mentions_of_what_stands_in_both(shop: Shop, kind: Kind) -> None:
    shop.facts(FACTS, "world")
    shop.items(ITEMS, "shop")
    shop.talk("1", ["a", "d"], "talks")
    source = "shop" if kind == "items" else "world"
    replacement = Replacement(shop.graph, source, kind)
    replacement.begin()
    if kind == "items":
        shop.items([{"uri": "urn:item:a", "title": "A+"}, {"uri": "urn:item:e"}], replacement.name)
    else:
        shop.facts([FACTS[0], ("urn:item:a", "by", "urn:person:3")], replacement.name)
    replacement.finish()
    names = {row["source"] for row in shop.graph.read("sources")}
    assert names == {"world", "shop", "talks"}
    mentions = shop.graph.read("dialogue", id="talks/train/1")[0]["mentions"]
    if kind == "items":
        assert shop.entity("urn:item:a") == {
            "uri": "urn:item:a", "name": "a", "title": "A+", "is_item": True, "sources": ["world", "shop"],
        }  # fmt: skip
        assert shop.entity("urn:item:d") is None
        assert mentions == ["A+"]
        assert shop.entity("urn:item:b") == {"uri": "urn:item:b", "name": "b", "is_item": False, "sources": ["world"]}
    else:
        facts = {(row["relation"], row["uri"]) for row in shop.graph.read("neighbourhood", uri="urn:item:a")}
        assert facts == {("BY", "urn:person:1"), ("BY", "urn:person:3")}
        assert shop.entity("urn:person:2") is None
        assert mentions == ["A", "D"]


def test_replaced_dialogues_are_counted_as_they_are_now(shop: Shop) -> None:
    shop.items(ITEMS, "shop")
    shop.talk("1", ["a", "b"], "talks")
    shop.talk("2", ["a", "b"], "talks")
    shop.talk("3", ["c", "d"], "talks", split="valid")
    build_edges(shop.graph)
    replacement = Replacement(shop.graph, "talks", "dialogues", "train")
    replacement.begin()
    shop.talk("1", ["a", "c"], "talks")
    assert len(shop.graph.read("dialogues_of_source", source="talks")) == 3
    replacement.dialogue_ids.add("talks/train/1")
    replacement.finish()
    reports = build_edges(shop.graph)
    assert (reports[0].edges, reports[0].written, reports[0].removed) == (1, 1, 1)
    assert [row["id"] for row in shop.graph.read("dialogues_of_source", source="talks")] == [
        "talks/train/1",
        "talks/valid/3",
    ]
    popularity = {row["uri"]: row["popularity"] for row in shop.graph.read("item_popularity")}
    assert popularity == {"urn:item:a": 1, "urn:item:b": 0, "urn:item:c": 1, "urn:item:d": 0}


def test_replaced_users_are_those_of_the_new_log_and_another_source_of_a_like_name_keeps_its_own(shop: Shop) -> None:
    shop.items(ITEMS, "shop")
    shop.log(["b/c,urn:item:a,1"], "a")
    shop.log(["c,urn:item:b,1"], "a/b")  # the ids of both begin with a/b/c
    replacement = Replacement(shop.graph, "a", "interactions")
    replacement.begin()
    shop.log(["d,urn:item:a,1", "d,urn:item:b,2"], replacement.name)
    assert brought(shop, "users") == {"a": 1, "a (replacing)": 1, "a/b": 1}
    replacement.finish()
    assert brought(shop, "users") == {"a": 1, "a/b": 1}
    shop.log(["d,urn:item:a,1"], "a")  # there already
    assert brought(shop, "users") == {"a": 1, "a/b": 1}
    assert len([line for line in whole_graph(shop.graph) if "INTERACTED" in line]) == 3


def test_whatever_the_kind_that_is_replaced_a_list_of_entities_keeps_its_own(shop: Shop) -> None:
    shop.entities(["urn:item:p", "urn:item:q"], "shop")
    shop.items(ITEMS[:2], "shop")
    shop.facts(FACTS[:1], "shop")
    shop.talk("1", ["p", "a"], "talks")
    replace(shop, "items", lambda name: shop.items(ITEMS[:1], name))
    replace(shop, "triples", lambda name: shop.facts(FACTS, name))
    assert shop.graph.read("dialogue", id="talks/train/1")[0]["mentions"] == ["p", "A"]
    replace(shop, "entities", lambda name: shop.entities(["urn:item:q"], name))
    assert shop.entity("urn:item:p") is None
    assert shop.entity("urn:item:q") is not None
    assert shop.entity("urn:person:2") is not None
    assert brought(shop, "facts") == {"shop": 3}
    remove_source(shop.graph, "shop")
    assert brought(shop, "entities") == {}


def test_what_a_failed_replacement_brought_is_no_part_of_the_next_one(shop: Shop) -> None:
    shop.facts(FACTS, "world")
    failed = Replacement(shop.graph, "world", "triples")
    failed.begin()
    shop.facts([("urn:item:a", "by", "urn:person:wrong")], failed.name)
    replace(shop, "triples", lambda name: shop.facts([("urn:item:a", "by", "urn:person:right")], name), "world")
    assert {row["uri"] for row in shop.graph.read("neighbourhood", uri="urn:item:a")} == {"urn:person:right"}
    assert shop.entity("urn:person:wrong") is None


@pytest.mark.parametrize("kind", ["items", "triples", "interactions"])
def test_a_replacement_that_ends_at_any_write_of_its_finish_is_gone_on_with(
    shop: Shop, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def old() -> None:
        shop.graph.write("delete_everything")
        shop.items(ITEMS, "shop")
        shop.facts(FACTS, "shop")
        shop.log(["u,urn:item:a,1"], "shop")
        shop.talk("1", ["a", "b"], "talks")

    def new(name: str) -> None:
        if kind == "items":
            shop.items(ITEMS[1:], name)
        elif kind == "triples":
            shop.facts(FACTS[1:], name)
        else:
            shop.log(["v,urn:item:a,1"], name)

    old()
    replace(shop, kind, new)
    expected = whole_graph(shop.graph)
    write, ended, fatal = Graph.write, True, 0
    while ended:
        old()
        replacement = Replacement(shop.graph, "shop", kind)
        replacement.begin()
        new(replacement.name)
        left, ended, fatal = fatal, False, fatal + 1

        def counted(graph: Graph, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
            nonlocal left, ended
            if left == 0:
                ended = True
                raise KeyboardInterrupt
            left -= 1
            return write(graph, name, **parameters)

        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(Graph, "write", counted)
            replacement.finish()
        replace(shop, kind, new)
        assert whole_graph(shop.graph) == expected, f"ended at write {fatal}"
    assert fatal > 4


def replace(shop: Shop, kind: Kind, ingest: Callable[[str], None], source: str = "shop") -> None:
    replacement = Replacement(shop.graph, source, kind)
    replacement.begin()
    ingest(replacement.name)
    replacement.finish()


def brought(shop: Shop, kind: str) -> dict[str, int]:
    return {row["source"]: row[kind] for row in shop.graph.read("sources") if row[kind]}
