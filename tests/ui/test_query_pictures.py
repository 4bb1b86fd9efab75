"""Results that are graphs as pictures, and results that are not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from graphstore.errors import QueryError
from graphstore.graph import Graph
from graphstore.queries import load_query
from ui.errors import DoorError
from ui.graph_layout import MOST_NODES
from ui.query_command import command
from ui.query_graph import ResultGraph, check_drawable, result_graph
from ui.query_picture import write_html, write_png

NASTY = '<script>alert("1")</script> & $\\frac{1}{0}$ \u202e日本'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_a_relation_a_row() -> None:
    rows: list[dict[str, Any]] = [
        {"source": "a", "source_name": "A", "relation": "R", "target": "b", "target_name": None},
        {"source": "a", "source_name": "A", "relation": "S", "target": "b", "target_name": None},
    ]
    graph = result_graph(load_query("facts_of_relation"), {}, rows)
    assert graph == ResultGraph({"a": "A", "b": "b"}, {("a", "b"): ("R", "S")})


def test_a_way_a_row_is_drawn_in_its_relations_directions() -> None:
    rows: list[dict[str, Any]] = [{"uris": ["a", "b", "c"], "names": ["A", "B", "C"], "relations": ["R>", "<S"]}]
    graph = result_graph(load_query("shortest_paths"), {}, rows)
    assert graph == ResultGraph({"a": "A", "b": "B", "c": "C"}, {("a", "b"): ("R",), ("c", "b"): ("S",)})


def test_neighbours_stand_around_the_entity() -> None:
    rows: list[dict[str, Any]] = [
        {"uri": "b", "name": "B", "relation": "R", "direction": "out"},
        {"uri": "c", "name": None, "relation": "S", "direction": "in"},
    ]
    graph = result_graph(load_query("neighbourhood"), {"uri": "http://x/The_A"}, rows)
    assert graph.names == {"http://x/The_A": "The A", "b": "B", "c": "c"}
    assert graph.edges == {("http://x/The_A", "b"): ("R",), ("c", "http://x/The_A"): ("S",)}


@pytest.mark.parametrize("name", ["counts", "find_entity", "similar_by_text", "relation_types"])
def test_a_list_is_no_graph(name: str, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=f"The result of '{name}' is a list and no graph"):
        check_drawable(load_query(name))
    result = run(name, "--format", "html", "--out", str(tmp_path / "x.html"))
    assert isinstance(result.exception, QueryError)


@pytest.mark.parametrize("arguments", [("--format", "png"), ("--out", "x.png"), ("--format", "csv", "--out", "x.csv")])
def test_a_picture_and_its_file_go_together(arguments: tuple[str, ...]) -> None:
    result = run("counts", *arguments)
    assert (result.exit_code, "--out FILE goes with --format html or png" in result.stderr) == (2, True)


class _Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_page_holds_names_as_text_and_loads_nothing(tmp_path: Path) -> None:
    graph = ResultGraph({NASTY: NASTY, "b": "B"}, {(NASTY, "b"): (NASTY,)})
    write_html(graph, NASTY, tmp_path / "page.html")
    source = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = _Page(source)
    assert "script" not in page.tags
    assert NASTY in page.texts
    assert not page.attributes.keys() & {"src", "href", "onload", "onerror"}
    assert "default-src 'none'" in source
    assert re.findall(r"https?://\S+?(?=[\"'])", source) == ["http://www.w3.org/2000/svg"]  # a name, not an address


def test_a_png_takes_any_name(tmp_path: Path) -> None:
    graph = ResultGraph({NASTY: NASTY, "b": "B"}, {(NASTY, "b"): (NASTY,), ("b", "b"): ("SELF",)})
    write_png(graph, NASTY, tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == (1200, 900)
        assert len(picture.convert("RGB").getcolors(2**24) or ()) > 10


def test_a_graph_of_one_node_is_drawn(tmp_path: Path) -> None:
    write_html(ResultGraph({"a": "A"}, {}), "one", tmp_path / "one.html")
    assert "NaN" not in (tmp_path / "one.html").read_text(encoding="utf-8")


def test_the_same_graph_is_the_same_picture(tmp_path: Path) -> None:
    graph = ResultGraph({name: name for name in "abcde"}, {("a", "b"): ("R",), ("c", "d"): ("R",)})
    for name in ("one", "two"):
        write_html(graph, "same", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_too_many_nodes_and_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    many = ResultGraph({str(number): "x" for number in range(MOST_NODES + 1)}, {})
    with pytest.raises(DoorError, match="301 nodes"):
        write_html(many, "many", tmp_path / "many.html")
    with pytest.raises(DoorError, match=r"missing.x\.png cannot be written"):
        write_png(ResultGraph({"a": "A"}, {}), "x", tmp_path / "missing" / "x.png")


@pytest.mark.database
@pytest.mark.parametrize("format_name", ["html", "png"])
def test_why_two_films_are_alike_is_drawn(toy_films: Graph, tmp_path: Path, format_name: str) -> None:
    file = tmp_path / f"why.{format_name}"
    ends = ("-p", "first=urn:alien", "-p", "second=urn:aliens")
    result = run("why_similar", *ends, "--format", format_name, "--out", str(file))
    assert result.stdout == f"{file}: 3 nodes, 4 edges.\n"
    if format_name == "html":
        assert "Sigourney Weaver" in _Page(file.read_text(encoding="utf-8")).texts


@pytest.mark.database
def test_nothing_found_is_no_picture(toy_films: Graph, tmp_path: Path) -> None:
    file = tmp_path / "none.png"
    result = run("neighbourhood", "-p", "uri=urn:nobody", "--format", "png", "--out", str(file))
    assert (result.stdout, file.exists()) == ("No rows, and so no picture.\n", False)
