"""Files into a real Neo4j: counted, idempotent, and nothing lost without a word."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from graphstore.errors import InputFileError
from graphstore.graph import Graph
from graphstore.ingest import Count, FileIngest
from graphstore.rejects import RejectsFile

pytestmark = pytest.mark.database

ALIEN = "http://dbpedia.org/resource/Alien_(film)"
SCOTT = "http://dbpedia.org/resource/Ridley_Scott"
ONTOLOGY = "http://dbpedia.org/ontology"
NT = f"""\
<{ALIEN}> <{ONTOLOGY}/director> <{SCOTT}> .
<{ALIEN}> <{ONTOLOGY}/musicComposer> <urn:goldsmith> .
<{ALIEN}> <{ONTOLOGY}/director> <{SCOTT}> .
"""


class Files:
    """A folder to write files into, and one method to take one into the graph."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph = graph
        self.folder = folder
        self.rejects = folder / "rejects.jsonl"

    def write(self, name: str, content: str | bytes | Iterable[Any]) -> Path:
        path = self.folder / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text("".join(json.dumps(one) + "\n" for one in content), encoding="utf-8")
        return path

    def ingest(self, kind: str, path: Path, *options: Any, source: str | None = None) -> FileIngest:
        with RejectsFile(self.rejects) as rejects:
            ingest = FileIngest(self.graph, path, rejects, source)
            getattr(ingest, kind)(*options)
        return ingest

    def rejected(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.rejects.read_text(encoding="utf-8").splitlines()]

    def counts(self) -> dict[str, int]:
        return {row["name"]: row["count"] for row in self.graph.read("counts")}

    def entity(self, uri: str) -> dict[str, Any]:
        (row,) = self.graph.read("entity", uri=uri)
        return {key: value for key, value in row.items() if value is not None}


@pytest.fixture
def files(graph: Graph, tmp_path: Path) -> Files:
    return Files(graph, tmp_path)


def test_facts_become_typed_relationships_between_named_entities(files: Files) -> None:
    ingest = files.ingest("triples", files.write("films.nt", NT))
    assert ingest.counts == {"facts": Count(read=3, new=2)}
    assert ingest.counts["facts"].already_there == 1
    assert ingest.notes["new entities"] == 3
    assert files.entity(ALIEN) == {"uri": ALIEN, "name": "Alien (film)", "is_item": False, "sources": ["films"]}
    assert files.entity(SCOTT)["name"] == "Ridley Scott"
    assert [
        (row["relation"], row["direction"], row["uri"]) for row in files.graph.read("neighbourhood", uri=ALIEN)
    ] == [("DIRECTOR", "out", SCOTT), ("MUSIC_COMPOSER", "out", "urn:goldsmith")]
    assert files.graph.read("relation_types") == [
        {"type": "DIRECTOR", "uri": "http://dbpedia.org/ontology/director"},
        {"type": "MUSIC_COMPOSER", "uri": "http://dbpedia.org/ontology/musicComposer"},
    ]
    assert files.rejected() == []


def test_twice_is_the_same_graph(files: Files) -> None:
    path = files.write("films.nt", NT)
    files.ingest("triples", path)
    before = files.counts()
    again = files.ingest("triples", path, source="another")
    assert again.counts == {"facts": Count(read=3, new=0)}
    assert again.notes["new entities"] == 0
    assert files.counts() == before == {"Entity": 3, "RelationType": 2, "DIRECTOR": 1, "MUSIC_COMPOSER": 1}
    assert files.entity(ALIEN)["sources"] == ["films", "another"]


def test_more_facts_than_one_batch(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphstore.ingest._FACTS_PER_STATEMENT", 700)
    monkeypatch.setattr("graphstore.graph_writer.ROWS_PER_STATEMENT", 90)
    lines = [f"<urn:{n % 70}> <urn:p:{'abc'[n % 3]}> <urn:{n // 70 % 30}> .\n" for n in range(3_000)]
    ingest = files.ingest("triples", files.write("many.nt.gz", gzip.compress("".join(lines).encode())))
    assert ingest.counts == {"facts": Count(read=3_000, new=len(set(lines)))}
    counts = files.counts()
    assert counts["A"] + counts["B"] + counts["C"] == len(set(lines)) < 3_000
    assert (counts["Entity"], ingest.notes["new entities"]) == (70, 70)


def test_two_predicates_of_one_name_stay_apart(files: Files) -> None:
    lines = (f"<urn:a> <http://dbpedia.org/{place}/starring> <urn:b> .\n" for place in ("ontology", "property"))
    path = files.write("two.nt", "".join(lines))
    files.ingest("triples", path)
    files.ingest("triples", path)
    assert [row["type"] for row in files.graph.read("relation_types")] == ["PROPERTY_STARRING", "STARRING"]
    assert files.counts()["STARRING"] == files.counts()["PROPERTY_STARRING"] == 1


def test_bad_lines_and_unusable_predicates_are_rejected_alone(files: Files) -> None:
    path = files.write("bad.nt", NT + 'nonsense\n<urn:a> <urn:p> "words" .\n<urn:a> <http://x.org/1> <urn:b> .\n')
    ingest = files.ingest("triples", path)
    assert ingest.counts == {"facts": Count(read=6, new=2, rejected=3)}
    assert [(row["file"], row["line"]) for row in files.rejected()] == [(str(path), n) for n in (4, 5, 6)]
    assert [row["reason"].split(":")[0] for row in files.rejected()] == [
        "not N-Triples",
        "the object is no URI; only facts between resources are taken",
        "the predicate http",
    ]


def test_what_stands_before_a_cut_is_written(files: Files) -> None:
    lines = "".join(f"<urn:{number:x}> <urn:p> <urn:o> .\n" for number in range(0, 2**31, 2**17 + 1))
    packed = gzip.compress(lines.encode())
    path = files.write("cut.nt.gz", packed[: len(packed) // 2])
    with RejectsFile(files.rejects) as rejects:
        ingest = FileIngest(files.graph, path, rejects)
        with pytest.raises(InputFileError, match="cut off"):
            ingest.triples()
    assert ingest.counts["facts"].read == ingest.counts["facts"].new == files.counts()["P"] > 1_000


def test_a_file_of_another_kind(files: Files) -> None:
    path = files.write("items.jsonl", [{"uri": "urn:a"}, {"uri": "urn:b"}])
    with pytest.raises(InputFileError, match=r"Not one line of .*items\.jsonl could be taken"):
        files.ingest("triples", path)
    assert len(files.rejected()) == 2


def test_entities(files: Files) -> None:
    files.ingest("triples", files.write("films.nt", NT))
    ingest = files.ingest("entities", files.write("all.txt", f"{ALIEN}\nurn:new\nurn:new\nno uri\n"))
    assert ingest.counts == {"entities": Count(read=4, new=1, rejected=1)}
    assert files.entity("urn:new") == {"uri": "urn:new", "name": "new", "is_item": False, "sources": ["all"]}


JOKER = "http://dbpedia.org/resource/Joker_(2019_film)"


def test_items_from_a_list_have_what_their_uri_says(files: Files) -> None:
    files.ingest("triples", files.write("films.nt", NT))
    ingest = files.ingest("items", files.write("items.txt", f"{ALIEN}\n{JOKER}\n"))
    assert ingest.counts == {"items": Count(read=2, new=2)}
    assert files.entity(JOKER) == {
        "uri": JOKER,
        "name": "Joker (2019 film)",
        "title": "Joker",
        "year": 2019,
        "is_item": True,
        "sources": ["items"],
    }
    assert files.entity(ALIEN)["sources"] == ["films", "items"]
    assert files.counts()["Item"] == 2


RECORD = {"uri": JOKER, "title": "JOKER", "genres": ["drama"], "plot": "A clown falls.", "stars": [], "imdb": 1}


@pytest.mark.parametrize("order", [["list", "records"], ["records", "list"], ["records", "list", "records"]])
def test_both_forms_in_any_order_give_the_same_item(files: Files, order: list[str]) -> None:
    paths = {"list": files.write("films.txt", JOKER), "records": files.write("films.jsonl", [RECORD])}
    done = {form: files.ingest("items", paths[form]) for form in order}
    assert files.entity(JOKER) == {
        "uri": JOKER,
        "name": "Joker (2019 film)",
        "title": "JOKER",
        "year": 2019,
        "is_item": True,
        "genres": ["drama"],
        "plot": "A clown falls.",
        "sources": ["films"],
    }
    assert done["records"].notes == {"descriptions (plot or genres)": 1, "fields 'imdb' ignored": 1}


def test_an_item_that_stands_twice_is_one(files: Files) -> None:
    records = [{"uri": "urn:a", "title": "A"}, {"uri": "urn:a", "plot": "About a."}, {"uri": 7}]
    ingest = files.ingest("items", files.write("items.jsonl", records))
    assert ingest.counts == {"items": Count(read=3, new=1, rejected=1)}
    assert files.entity("urn:a")["title"] == "A"
    assert files.entity("urn:a")["plot"] == "About a."


def test_a_missing_picture_is_left_out_alone(files: Files) -> None:
    (files.folder / "here.png").touch()
    record = {"uri": "urn:a", "images": ["here.png", "gone.png"]}
    ingest = files.ingest("items", files.write("items.jsonl", [record]))
    assert ingest.counts == {"items": Count(read=1, new=1)}
    assert ingest.notes["pictures left out"] == 1
    assert files.entity("urn:a")["images"] == [str(files.folder / "here.png")]
    assert [row["part"] for row in files.rejected()] == ["picture"]


def dialogue(*texts: str, items: tuple[str, ...] = (ALIEN,)) -> dict[str, Any]:
    turns = [{"role": "seeker", "text": text, "items": list(items), "entities": [SCOTT]} for text in texts]
    return {"id": "d", "turns": turns}


def mentions(files: Files) -> list[tuple[int, str, list[str]]]:
    rows = files.graph.read("dialogue", id="shop/train/d")
    return [(row["turn"], row["text"], row["mentions"]) for row in rows]


@pytest.fixture
def known(files: Files) -> Files:
    files.ingest("triples", files.write("films.nt", NT))
    return files


def test_dialogues_and_their_mentions(known: Files) -> None:
    record = dialogue("Hello", "And?", items=(ALIEN, "urn:nobody", ALIEN))
    path = known.write("d.jsonl", [record, {"id": 7}])
    ingest = known.ingest("dialogues", path, "tellgraph", "train", source="shop")
    assert ingest.counts == {
        "dialogues": Count(read=2, new=1, rejected=1),
        "mentions": Count(read=8, new=6, rejected=2),
    }
    alien_twice = ["Alien (film)", "Alien (film)", "Ridley Scott"]
    assert mentions(known) == [(0, "Hello", alien_twice), (1, "And?", alien_twice)]
    unknown = [row for row in known.rejected() if row.get("part") == "mention"]
    assert unknown == [
        {
            "file": str(path),
            "line": 1,
            "reason": "the graph has no such entity",
            "text": "urn:nobody",
            "part": "mention",
            "turn": turn,
        }
        for turn in (0, 1)
    ]


def test_the_same_dialogue_again_changes_nothing(known: Files) -> None:
    path = known.write("d.jsonl", [dialogue("Hello", "And?")])
    known.ingest("dialogues", path, "tellgraph", "train", source="shop")
    before = known.counts()
    again = known.ingest("dialogues", path, "tellgraph", "train", source="shop")
    assert again.counts == {"dialogues": Count(read=1, new=0), "mentions": Count(read=4, new=0)}
    assert known.counts() == before
    assert (before["Turn"], before["MENTIONS"]) == (2, 4)


def test_a_changed_dialogue_replaces_its_turns(known: Files) -> None:
    for record in (dialogue("Hello", "And?", "Bye"), dialogue("Hello!", "And?", items=("urn:goldsmith", ALIEN))):
        path = known.write("d.jsonl", [record])
        ingest = known.ingest("dialogues", path, "tellgraph", "train", source="shop")
    names = ["goldsmith", "Alien (film)", "Ridley Scott"]
    assert mentions(known) == [(0, "Hello!", names), (1, "And?", names)]
    assert (known.counts()["Turn"], known.counts()["MENTIONS"]) == (2, 6)
    # All three places of each turn have another entity now.
    assert ingest.counts["mentions"] == Count(read=6, new=6)


def test_an_entity_that_came_later_is_linked_the_next_time(known: Files) -> None:
    path = known.write("d.jsonl", [dialogue("Hello", items=("urn:late",))])
    first = known.ingest("dialogues", path, "tellgraph", "train", source="shop")
    known.ingest("entities", known.write("late.txt", "urn:late"))
    second = known.ingest("dialogues", path, "tellgraph", "train", source="shop")
    assert first.counts["mentions"] == Count(read=2, new=1, rejected=1)
    assert second.counts["mentions"] == Count(read=2, new=1)
    assert mentions(known) == [(0, "Hello", ["late", "Ridley Scott"])]


def test_two_ingests_at_once_make_one_graph(files: Files, tmp_path: Path) -> None:
    lines = "".join(f"<urn:{n % 50}> <urn:p:likes> <urn:{n // 50}> .\n" for n in range(2_000))
    path = files.write("facts.nt", lines)
    new: list[int] = []

    def run(number: int) -> None:
        with RejectsFile(tmp_path / f"rejects{number}.jsonl") as rejects:
            ingest = FileIngest(files.graph, path, rejects)
            ingest.triples()
            new.append(ingest.counts["facts"].new)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(new) == 2
    assert files.counts() == {"Entity": 50, "RelationType": 1, "LIKES": 2_000}


@pytest.mark.slow
def test_inspired_goes_in_whole(files: Files, data_folder: Path) -> None:
    inspired = data_folder / "inspired"
    for kind, name, options in [
        ("entities", "entities.txt", ()),
        ("triples", "dbpedia.nt.gz", ()),
        ("items", "items.txt", ()),
        ("items", "item_info.jsonl", ()),
        ("dialogues", "valid.jsonl", ("inspired", "valid")),
    ]:
        ingest = files.ingest(kind, inspired / name, *options)
        assert files.rejected() == []
    assert ingest.counts == {"dialogues": Count(read=99, new=99), "mentions": Count(read=1_407, new=1_407)}
    counts = files.counts()
    assert (counts["Entity"], counts["Item"], counts["RelationType"]) == (17_320, 1_123, 12)
    assert (counts["STARRING"], counts["Turn"]) == (7_778, 2_053)
