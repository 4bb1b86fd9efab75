"""Item files in both forms, and lists of URIs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphstore.errors import InputFileError
from graphstore.item_files import Item, read_items, read_uris
from graphstore.rejects import Reject


def read_records(folder: Path, *records: Any) -> list[Item | Reject]:
    path = folder / "items.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return list(read_items(path))


def test_a_list_of_uris(tmp_path: Path) -> None:
    path = tmp_path / "items.txt"
    path.write_text("urn:a\n<urn:b>\n\nnot a uri\nurn:c", encoding="utf-8")
    reject = Reject(str(path), 4, "not an absolute URI in UTF-8", "not a uri")
    assert list(read_uris(path)) == ["urn:a", "urn:b", reject, "urn:c"]
    assert list(read_items(path)) == [Item("urn:a"), Item("urn:b"), reject, Item("urn:c")]


def test_a_whole_record(tmp_path: Path) -> None:
    (tmp_path / "posters").mkdir()
    picture = tmp_path / "posters" / "lane.jpg"
    picture.touch()
    record = {
        "uri": "urn:lane",
        "title": " 10 Cloverfield Lane (2016) ",
        "genres": ["drama", " "],
        "plot": "A woman is held underground. ",
        "directors": ["Dan Trachtenberg"],
        "writers": [],
        "stars": None,
        "images": ["posters/lane.jpg"],
        "imdb_id": "tt1179933",
    }
    properties = {
        "title": "10 Cloverfield Lane",
        "year": 2016,
        "genres": ["drama"],
        "plot": "A woman is held underground.",
        "directors": ["Dan Trachtenberg"],
        "images": [str(picture)],
    }
    assert read_records(tmp_path, record) == [Item("urn:lane", properties, ("imdb_id",))]


def test_a_shop_has_descriptions_categories_and_tags(tmp_path: Path) -> None:
    spade = {
        "uri": "urn:a",
        "name": "Spade",
        "description": " It digs. ",
        "categories": ["tools"],
        "tags": ["tools", "steel "],
    }
    film = {
        "uri": "urn:b",
        "description": "A trailer's words.",
        "plot": "A ship lands.",
        "genres": ["sf"],
        "tags": ["80s"],
    }
    assert read_records(tmp_path, spade, film) == [
        Item("urn:a", {"title": "Spade", "plot": "It digs.", "genres": ["tools", "steel"]}),
        Item("urn:b", {"plot": "A ship lands.", "genres": ["sf", "80s"]}),
    ]


def test_a_spreadsheets_table(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes("\ufeffUri;Name;Description;Category\r\nurn:a;Spade;It digs, and cuts.;steel|ash\r\n".encode())
    assert list(read_items(path)) == [
        Item("urn:a", {"title": "Spade", "plot": "It digs, and cuts.", "genres": ["steel", "ash"]})
    ]


def test_a_years_own_field_wins(tmp_path: Path) -> None:
    (item,) = read_records(tmp_path, {"uri": "urn:a", "title": "Up (2009)", "year": 2010.0})
    assert isinstance(item, Item)
    assert repr(item.properties) == "{'title': 'Up', 'year': 2010}"


def test_nothing_is_made_up(tmp_path: Path) -> None:
    assert read_records(tmp_path, {"uri": "urn:a", "title": "", "plot": " "}) == [Item("urn:a")]


def test_a_picture_that_is_not_there(tmp_path: Path) -> None:
    reject, item = read_records(tmp_path, {"uri": "urn:a", "images": ["gone.jpg"]})
    assert item == Item("urn:a")
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.part) == ("there is no such picture", "picture")
    assert reject.text == str(tmp_path / "gone.jpg")


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"title": "No key"}, "$: 'uri'"),
        ({"uri": "Joker"}, "$.uri: not an absolute URI"),
        ({"uri": "urn:a", "genres": "drama"}, "$.genres"),
        ({"uri": "urn:a", "genres": [1]}, "$.genres[0]"),
        ({"uri": "urn:a", "title": 1917}, "$.title"),
        ({"uri": "urn:a", "year": "1917"}, "$.year"),
        ({"uri": "urn:a", "year": 10**30}, "$.year"),
        ({"uri": "urn:a", "title": "x" * 1_001}, "$.title"),
    ],
)
def test_a_wrong_type_is_rejected_with_its_place(tmp_path: Path, record: Any, place: str) -> None:
    reject, item = read_records(tmp_path, record, {"uri": "urn:b"})
    assert item == Item("urn:b")
    assert isinstance(reject, Reject)
    assert reject.reason.startswith(place)


TABLE = """\
Year,uri,title,genres,shop,stars,plot,images
1979,urn:alien,"Alien, the first",horror|sci-fi,x,,"A ship
answers a call.",
,urn:up,Up (2009),,, , ,gone.jpg|
old,urn:bad,,,,,,
,,no key,,,,,
2010,urn:last,,|,,A|B,,
"""


def test_a_table(tmp_path: Path) -> None:
    path = tmp_path / "items"
    path.write_text(TABLE, encoding="utf-8")
    alien = {
        "title": "Alien, the first",
        "year": 1979,
        "genres": ["horror", "sci-fi"],
        "plot": "A ship\nanswers a call.",
    }
    found = list(read_items(path))
    assert [one for one in found if isinstance(one, Item)] == [
        Item("urn:alien", alien, ("shop",)),
        Item("urn:up", {"title": "Up", "year": 2009}),
        Item("urn:last", {"year": 2010, "stars": ["A", "B"]}),
    ]
    assert [(one.line, one.reason.split(": ")[0]) for one in found if isinstance(one, Reject)] == [
        (4, "there is no such picture"),
        (5, "$.year"),
        (6, "$"),
    ]


@pytest.mark.parametrize("name", ["items.tsv", "items.jsonl"])
def test_a_shop_without_uris(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "items.tsv":
        path.write_text("id\ttitle\n4711\tSoap\né/1\tTea\n\tNothing\n", encoding="utf-8")
    else:
        records = [{"id": 4711, "title": "Soap"}, {"id": "é/1", "title": "Tea"}, {"id": " ", "title": "Nothing"}]
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    soap, tea, nothing = read_items(path, item_prefix="urn:shop:")
    assert soap == Item("urn:shop:4711", {"title": "Soap"})
    assert tea == Item("urn:shop:%C3%A9%2F1", {"title": "Tea"})
    assert isinstance(nothing, Reject)


def test_ids_need_a_prefix_that_makes_uris(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,title\n1,Soap\n", encoding="utf-8")
    with pytest.raises(InputFileError, match=r"items\.csv has no column uri; with --item-prefix"):
        list(read_items(path))
    with pytest.raises(InputFileError, match="'shop' in front of an id makes no URI"):
        list(read_items(path, item_prefix="shop"))


def test_inspired_is_read_whole(data_folder: Path) -> None:
    listed = list(read_items(data_folder / "inspired" / "items.txt"))
    described = list(read_items(data_folder / "inspired" / "item_info.jsonl"))
    items = [item for item in described if isinstance(item, Item)]
    assert (len(listed), len(described), len(items)) == (1_123, 638, 638)
    assert sum("year" in item.properties for item in items) == 611
    assert sum("plot" in item.properties for item in items) == 635
