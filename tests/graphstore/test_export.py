"""The export, on a real Neo4j: everything arrives, the same graph gives the same bytes, nothing is half-written."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pytest

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.export import export_snapshot
from graphstore.export_relations import read_graph
from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from graphstore.snapshot import Snapshot

pytestmark = pytest.mark.database

Thing = TypeVar("Thing")

ODD = "Amélie \u2028 \x85 \"quoted\" 'single' \\ \r\n\t 电影 \U0001f3ac </script> `b` $(c)"
ENTITIES = {"urn:ann": "Ann", "urn:drama": "Drama", 'urn:odd/"é': ODD}
ITEMS: dict[str, dict[str, Any]] = {
    "urn:heat": {"title": "Heat", "year": 1995, "genres": ["Drama", "Crime"], "plot": ODD},
    "urn:alien": {"title": "Alien", "stars": ["Ann"], "images": ["/home/ann/alien.png"]},
    "urn:bare": {},
}
FACTS = {
    "STARRING": [["urn:heat", "urn:ann"], ["urn:alien", "urn:ann"], ["urn:ann", 'urn:odd/"é'], ["urn:ann", "urn:ann"]],
    "GENRE": [["urn:heat", "urn:drama"]],
    "UNUSED": [],
}
EDGES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "CO_MENTIONED": [("urn:alien", "urn:heat", {"count": 2}), ("urn:ann", "urn:heat", {"count": 1})],
    "TEXT_SIMILAR": [
        ("urn:heat", "urn:alien", {"score": 0.6, "rank": 1, "encoder": "toy"}),
        ("urn:alien", "urn:heat", {"score": 0.6, "rank": 1, "encoder": "toy"}),
    ],
}
VECTORS = {"urn:heat": [0.6, 0.8], "urn:alien": [1.0, 0.0]}
DIALOGUES = [
    Dialogue("toy/train/1", "toy", "train", ()),
    Dialogue(
        "toy/train/2",
        "toy",
        "train",
        (
            Turn("seeker", ODD, (), ("urn:ann", "urn:drama", "urn:ann")),
            *(Turn("recommender", f"turn {number}") for number in range(1, 11)),
            Turn("recommender", "", ("urn:heat", "urn:alien", "urn:heat"), ("urn:ann",)),
        ),
    ),
    Dialogue("toy/valid/1", "toy", "valid", (Turn("seeker", "hello"),)),
]


def fill(graph: Graph, seed: int | None = None) -> None:
    """The toy graph; with a seed, made in another order."""

    def ordered(things: list[Thing]) -> list[Thing]:
        return things if seed is None else random.Random(seed).sample(things, len(things))

    for uri, name in ordered(list(ENTITIES.items())):
        graph.write("merge_entities", entities=[[uri, name]], source="toy")
    for uri, properties in ordered(list(ITEMS.items())):
        row = {"uri": uri, "name": uri[4:], "title": uri[4:], "year": None, "properties": properties}
        graph.write("merge_items", items=[row], source="toy")
    for type_, pairs in ordered(list(FACTS.items())):
        graph.write("merge_relation_type", type=type_, uri=f"urn:predicate/{type_.lower()}")
        graph.write("merge_facts", facts=[[one, type_, other] for one, other in ordered(pairs)], source="toy")
    graph.write("begin_build", builder="toy")
    for type_, edges in ordered(list(EDGES.items())):
        for source, target, properties in ordered(edges):
            rows = [{"uri": source, "ended": [], "edges": [{"uri": target, "properties": properties}]}]
            graph.write("stage_edges", builder="toy", type=type_, rows=rows)
    graph.write("finish_build", builder="toy", change=0, neighbours=2, half_life=None, popularity=[])
    write_vectors(graph, "toy", dict(ordered(list(VECTORS.items()))))
    graph.write("merge_dialogues", dialogues=[dialogue_row(one) for one in ordered(DIALOGUES)])


def write_vectors(graph: Graph, encoder: str, vectors: dict[str, list[float]]) -> None:
    rows = [{"uri": uri, "vector": vector, "hash": f"{encoder} 0a1b"} for uri, vector in vectors.items()]
    graph.write("write_vectors", vector="text_vector", hash="text_hash", change="text_change", rows=rows)


def dialogue_row(dialogue: Dialogue) -> dict[str, Any]:
    return {
        "id": dialogue.id,
        "source": dialogue.source,
        "split": dialogue.split,
        "turns": [{"index": index, "role": turn.role, "text": turn.text} for index, turn in enumerate(dialogue.turns)],
        "mentions": [
            [index, position, "item" if position < len(turn.items) else "entity", uri, None, None, None]
            for index, turn in enumerate(dialogue.turns)
            for position, uri in enumerate(turn.mentions)
        ],
    }


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pairs(snapshot: Snapshot, columns: dict[str, Any]) -> list[list[str]]:
    ends = zip(columns["source"].tolist(), columns["target"].tolist(), strict=True)
    return [[snapshot.uris[source], snapshot.uris[target]] for source, target in ends]


def test_everything_in_the_graph_arrives(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    export_snapshot(graph, tmp_path / "s")
    snapshot = Snapshot.open(tmp_path / "s")
    names = ENTITIES | {uri: uri[4:] for uri in ITEMS}
    assert dict(zip(snapshot.uris, snapshot.names, strict=True)) == names
    assert snapshot.uris == sorted(names)
    assert [snapshot.uris[place] for place in snapshot.item_ids] == sorted(ITEMS)
    alien, bare, heat = snapshot.items
    assert (heat["title"], heat["year"], heat["genres"], heat["plot"]) == ("Heat", 1995, ["Drama", "Crime"], ODD)
    assert (alien["stars"], alien["year"], "images" in alien) == (["Ann"], None, False)
    assert (bare["title"], bare["genres"], bare["plot"], bare["popularity"]) == ("bare", [], None, None)
    facts = snapshot.facts()
    assert {name: pairs(snapshot, columns) for name, columns in facts.items()} == {
        name: sorted(made) for name, made in FACTS.items() if made
    }
    assert snapshot.manifest["relations"]["GENRE"]["predicate"] == "urn:predicate/genre"
    assert list(snapshot.dialogues()) == DIALOGUES
    assert snapshot.manifest["server_version"] == graph.server_version


def test_computed_edges_and_vectors_arrive(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    snapshot = export_snapshot(graph, tmp_path / "s")
    co_mentions = snapshot.edges("CO_MENTIONED")
    assert pairs(snapshot, co_mentions) == [["urn:alien", "urn:heat"], ["urn:ann", "urn:heat"]]
    assert co_mentions["count"].tolist() == [2, 1]
    similar = snapshot.edges("TEXT_SIMILAR")
    assert pairs(snapshot, similar) == [["urn:alien", "urn:heat"], ["urn:heat", "urn:alien"]]
    assert similar["score"].tolist() == [np.float32(0.6)] * 2
    assert similar["rank"].tolist() == [1, 1]
    assert len(snapshot.edges("IMAGE_SIMILAR")["rank"]) == 0
    ids, vectors = snapshot.vectors("text")
    assert [snapshot.uris[place] for place in ids] == ["urn:alien", "urn:heat"]
    assert np.array_equal(vectors, np.array([[1.0, 0.0], [0.6, 0.8]], dtype=np.float32))
    assert snapshot.manifest["encoders"] == {"text": "toy"}
    assert len(snapshot.vectors("image")[0]) == 0


def test_the_same_graph_gives_the_same_bytes(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    export_snapshot(graph, tmp_path / "first")
    export_snapshot(graph, tmp_path / "again")
    graph.write("delete_everything")
    fill(graph, seed=3)
    export_snapshot(graph, tmp_path / "other order")
    first = content(tmp_path / "first")
    assert "relations/STARRING.safetensors" in first
    assert content(tmp_path / "again") == first
    assert content(tmp_path / "other order") == first


def test_more_rows_than_one_list_holds(graph: Graph, tmp_path: Path) -> None:
    uris = [f"urn:{number}" for number in range(10_007)]
    ring = [[uri, uris[(number + 1) % len(uris)]] for number, uri in enumerate(uris)]
    file = tmp_path / "ring.nt"
    file.write_text("".join(f"<{source}> <urn:next> <{target}> .\n" for source, target in ring))
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, file, rejects).triples()
    seen: list[tuple[str, int]] = []
    snapshot = export_snapshot(graph, tmp_path / "s", lambda table, rows: seen.append((table, rows)))
    assert snapshot.uris == sorted(uris)
    assert sorted(pairs(snapshot, snapshot.facts()["NEXT"])) == sorted(ring)
    assert seen[:2] == [("entities", 10_000), ("entities", 10_007)]
    assert {table for table, _ in seen[2:]} == {"NEXT"}
    counts = [rows for _, rows in seen[2:]]
    assert (counts, counts[-1]) == (sorted(set(counts)), 10_007)


def test_an_empty_graph_says_what_comes_first(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"graph is empty: `tellgraph ingest triples FILE` comes first"):
        export_snapshot(graph, tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused_before_anything_is_read(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    (tmp_path / "thesis.tex").write_text("years of work")
    seen: list[str] = []
    with pytest.raises(SnapshotError, match="is no snapshot, so it is left alone"):
        export_snapshot(graph, tmp_path, lambda table, rows: seen.append(table))
    assert seen == []
    assert content(tmp_path) == {"thesis.tex": b"years of work"}


def test_vectors_of_two_encoders_are_refused(graph: Graph, tmp_path: Path) -> None:
    fill(graph)
    write_vectors(graph, "another", {"urn:bare": [0.0, 0.0, 1.0]})
    with pytest.raises(SnapshotError, match=r"several encoders \(another, toy\): run `tellgraph build vectors`"):
        export_snapshot(graph, tmp_path / "s")


@pytest.mark.parametrize("moment", ["entities", "STARRING", "TEXT_SIMILAR", "items", "text vectors", "dialogues"])
def test_ctrl_c_leaves_the_old_snapshot(graph: Graph, tmp_path: Path, moment: str) -> None:
    fill(graph)
    export_snapshot(graph, tmp_path / "s")
    before = content(tmp_path / "s")
    graph.write("merge_entities", entities=[["urn:new", "New"]], source="toy")

    def interrupt(table: str, rows: int) -> None:
        if table == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_snapshot(graph, tmp_path / "s", interrupt)
    assert content(tmp_path / "s") == before
    assert list(tmp_path.iterdir()) == [tmp_path / "s"]


def test_what_is_written_meanwhile_is_left_to_the_next_export(graph: Graph, tmp_path: Path) -> None:
    fill(graph)

    def write_meanwhile(table: str, rows: int) -> None:
        if table == "entities":
            late = {"uri": "urn:late", "name": "Late", "title": "Late", "year": 2026, "properties": {}}
            graph.write("merge_items", items=[late], source="toy")
            write_vectors(graph, "toy", {"urn:late": [0.0, 1.0]})
            turn = Turn("recommender", "Late, or Heat", ("urn:late", "urn:heat"))
            row = dialogue_row(Dialogue("toy/train/3", "toy", "train", (turn,)))
            graph.write("merge_dialogues", dialogues=[row])

    export_snapshot(graph, tmp_path / "s", write_meanwhile)
    snapshot = Snapshot.open(tmp_path / "s")
    assert "urn:late" not in snapshot.entity_id
    assert len(snapshot.items) == len(ITEMS)
    assert len(snapshot.vectors("text")[0]) == len(VECTORS)
    late = [dialogue for dialogue in snapshot.dialogues() if dialogue.id == "toy/train/3"]
    assert [dialogue.turns[0].items for dialogue in late] == [("urn:heat",)]
    assert "urn:late" in export_snapshot(graph, tmp_path / "next").entity_id


def test_an_edge_to_an_entity_that_came_later_is_left_out() -> None:
    class Answers:
        def build_number(self) -> int:
            return 3

        def stream(self, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
            if name == "export_entities":
                yield {"columns": [[17, 4], ["urn:b", "urn:a"], ["B", "A"], [1, 0]]}
                return
            assert parameters["keys"] == [4, 17]
            yield {"table": "KNOWS", "columns": [[17, 17, 4], [4, 99, 99]]}
            yield {"table": "CO_MENTIONED", "columns": [[4, 17], [17, 99], [5, 6], [], [], []]}

    content = read_graph(cast(Graph, Answers()), ["KNOWS"])
    assert (content.build, content.entities) == (3, [("urn:a", "A"), ("urn:b", "B")])
    assert content.builds.tolist() == [0, 1]
    found = {
        table: {name: values.tolist() for name, values in columns.items()}
        for table, columns in content.relations.items()
    }
    assert found == {
        "KNOWS": {"source": [1], "target": [0]},
        "CO_MENTIONED": {"source": [0], "target": [1], "count": [5]},
    }


@pytest.mark.slow
def test_inspired_arrives_whole(graph: Graph, tmp_path: Path, data_folder: Path) -> None:
    inspired = data_folder / "inspired"
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, inspired / "dbpedia.nt.gz", rejects).triples()
        FileIngest(graph, inspired / "items.txt", rejects).items()
        FileIngest(graph, inspired / "item_info.jsonl", rejects).items()
        FileIngest(graph, inspired / "valid.jsonl", rejects).dialogues("inspired", "valid")
    export_snapshot(graph, tmp_path / "s")
    snapshot = Snapshot.open(tmp_path / "s")
    assert sum(len(columns["source"]) for columns in snapshot.facts().values()) == 30_360
    assert len(snapshot.facts()) == 12
    assert len(snapshot.items) == 1_123
    assert sum(1 for item in snapshot.items if item["plot"]) > 0
    assert len(list(snapshot.dialogues("valid"))) == 99
