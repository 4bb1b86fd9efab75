"""What the shell offers for `tellgraph query`, and texts that become vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete
from click.testing import CliRunner, Result

from graphstore.graph import Graph
from graphstore.settings import Settings
from training.encoders import RANDOM_TINY, TextEncoder
from training.pipeline import build_vectors
from training.pretrained import VectorModels
from ui.cli import group
from ui.errors import NotReadyError
from ui.query_command import command
from ui.query_parameters import for_people


def offered(arguments: list[str], incomplete: str, shell: type[ShellComplete] = BashComplete) -> list[str]:
    completion = shell(group, {}, "tellgraph", "_TELLGRAPH_COMPLETE")
    return [item.value for item in completion.get_completions(arguments, incomplete)]


@pytest.mark.parametrize("shell", [BashComplete, ZshComplete, FishComplete])
def test_names_are_completed(shell: type[ShellComplete]) -> None:
    assert offered(["query"], "find_", shell) == ["find_entity", "find_items"]
    assert offered(["query"], "", shell) == [query.name for query in for_people()]
    assert offered(["query"], "merge_", shell) == []


def test_parameters_of_the_query_are_completed_once_each() -> None:
    assert offered(["query", "neighbourhood", "-p"], "") == ["uri=", "modality=", "relation=", "limit="]
    assert offered(["query", "neighbourhood", "-p", "uri=urn:alien", "-p"], "") == ["modality=", "relation=", "limit="]
    assert offered(["query", "neighbourhood", "-p"], "mo") == ["modality="]
    assert offered(["query", "items_near_text", "-p"], "") == ["vector=", "limit=", "text="]
    assert offered(["query", "hybrid_search", "-p"], "t") == ["text="]
    assert offered(["query", "nothing_like_it", "-p"], "") == []


def test_formats_are_completed() -> None:
    assert offered(["query", "--format"], "") == ["table", "json", "csv", "html", "png"]


def test_a_name_comes_with_its_purpose() -> None:
    completion = ZshComplete(group, {}, "tellgraph", "_TELLGRAPH_COMPLETE")
    (item,) = completion.get_completions(["query"], "find_entity")
    assert item.help is not None
    assert item.help.startswith("Entities by the words")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--format", "json"])


@pytest.fixture
def encoded(toy_films: Graph, settings: Settings) -> Graph:
    """The toy films with vectors of their descriptions by the encoder that needs no download."""
    build_vectors(toy_films, VectorModels(text=RANDOM_TINY), settings.cache)
    return toy_films


@pytest.mark.database
def test_a_text_is_encoded_by_the_encoder_of_the_items(encoded: Graph, settings: Settings, tmp_path: Path) -> None:
    text = "A ship answers a call."
    by_text = json.loads(run("items_near_text", "-p", f"text={text}", "-p", "limit=2").stdout)
    vector = TextEncoder(RANDOM_TINY, settings.cache).encode([text])[0].tolist()
    assert by_text == json.loads(run("items_near_text", "-p", f"vector={vector}", "-p", "limit=2").stdout)
    assert len(by_text) == 2
    hybrid = json.loads(run("hybrid_search", "-p", "text=Amélie").stdout)
    assert hybrid[0]["meaning_rank"] is not None
    assert [row["words_rank"] for row in hybrid if row["uri"] == "urn:amelie"] == [1]


@pytest.mark.database
def test_a_text_with_nothing_in_it_is_refused(encoded: Graph) -> None:
    result = run("items_near_text", "-p", "text= ")
    assert (result.exit_code, "nothing in it to encode" in result.stderr) == (2, True)


@pytest.mark.database
def test_without_vectors_it_is_said_what_comes_first(graph: Graph) -> None:
    assert isinstance(run("items_near_text", "-p", "text=ship").exception, NotReadyError)


def test_neither_text_nor_vector() -> None:
    assert "needs the parameter 'vector'" in str(run("items_near_text").exception)
    assert "needs the parameter 'text'" in str(run("hybrid_search", "-p", "vector=[1.0]").exception)
