"""Facts by the importer: the same graph as online, all of it or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from graphstore import offline_import
from graphstore.errors import InputFileError, QueryError, ServerError, SettingsError
from graphstore.graph import Graph
from graphstore.import_files import ImportFiles
from graphstore.ingest import FileIngest
from graphstore.offline_import import OfflineImport
from graphstore.private_server import PrivateServer
from graphstore.rejects import RejectsFile
from graphstore.schema import prepare_schema
from graphstore.settings import Settings
from tests.whole_graph import whole_graph

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]

FIRST = """\
# films
<http://films/Alien> <http://dbpedia.org/ontology/director> <http://people/Ridley_Scott> .
<http://films/Alien> <http://dbpedia.org/ontology/director> <http://people/Ridley_Scott> .
<http://films/Alien>  <http://dbpedia.org/ontology/director>\t<http://people/Ridley\\u005FScott> .
<http://films/Alien> <http://dbpedia.org/ontology/starring> <http://people/Ren\\u00E9> .
<http://films/Alien> <https://schema.org/director> <http://people/Ridley_Scott> .
<http://films/Alien> <https://schema.org/mentions> <http://films/Alien> .
<http://films/Alien> <http://rdf/label> "Alien"@en .
<http://films/%22Aliens%22,_the%5C_2nd> <http://dbpedia.org/ontology/director> <http://people/O'Neil;_Ann> .
nonsense
<http://films/a> <http://x/___> <http://films/b> .
"""
SECOND = """\
subject,predicate,object
http://films/Alien,http://dbpedia.org/ontology/director,http://people/Ridley_Scott
http://films/Alien,http://dbpedia.org/ontology/director,http://people/Someone
http://films/Up,http://dbpedia.org/ontology/musicComposer,http://people/Ren%C3%A9
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "first.nt").write_text(FIRST, encoding="utf-8")
    second = tmp_path / os.fsdecode(b"s\xe9cond.csv")  # as no UTF-8 has it
    second.write_text(SECOND, encoding="utf-8")
    return [tmp_path / "first.nt", second]


@pytest.fixture
def rejects(tmp_path: Path) -> Iterator[RejectsFile]:
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        yield rejects


def whole(graph: Graph) -> list[Any]:
    """Nodes and facts in an order of their own, and the schema."""
    return [whole_graph(graph, frozenset({"dirty"})), graph.read("list_schema")]


def test_the_graph_is_the_one_of_the_ingest(
    graph: Graph, settings: Settings, files: list[Path], rejects: RejectsFile
) -> None:
    online = []
    for file in files:
        ingest = FileIngest(graph, file, rejects)
        ingest.triples()
        online.append((asdict(ingest.counts["facts"]), ingest.notes["new entities"]))
    expected, kept = whole(graph), rejects.path.read_text(encoding="utf-8")
    assert len(expected[0]) > 14
    assert [row["source"] for row in graph.read("sources")] == ["first", r"s\xe9cond"]
    graph.write("delete_everything")
    prepare_schema(graph)
    for left in ("facts-killed", "neo4j/importing-killed"):
        (settings.home / left).mkdir()
    with RejectsFile(rejects.path) as anew, OfflineImport(settings, anew) as job:
        for file in files:
            job.triples(file)
        offline = [(asdict(one.facts), one.entities) for one in job.finish()]
    assert offline == online
    assert rejects.path.read_text(encoding="utf-8") == kept
    with PrivateServer(settings).connect() as graph:
        assert whole(graph) == expected
    assert list(settings.home.rglob("facts-*")) == list(settings.home.rglob("importing-*")) == []


def test_only_into_an_empty_graph(graph: Graph, settings: Settings, files: list[Path], rejects: RejectsFile) -> None:
    with OfflineImport(settings, rejects) as job:
        job.triples(files[0])
        FileIngest(graph, files[1], rejects).triples()
        before = whole(graph)
        with pytest.raises(ServerError, match="not empty, and an offline import replaces it: leave out --offline"):
            job.finish()
    with pytest.raises(ServerError, match="not empty"), OfflineImport(settings, rejects):
        pass
    assert whole(graph) == before


def test_only_into_the_private_server(settings: Settings, rejects: RejectsFile) -> None:
    with pytest.raises(SettingsError, match=r"NEO4J_URI is bolt://elsewhere.*unset it, or leave out --offline"):
        OfflineImport(replace(settings, neo4j_uri="bolt://elsewhere"), rejects)


@pytest.mark.parametrize("source", ["two\nlines", "a\x1fb", "caf\udce9"])
def test_a_source_that_the_importer_cannot_take(
    graph: Graph, settings: Settings, files: list[Path], rejects: RejectsFile, source: str
) -> None:
    with (
        OfflineImport(settings, rejects) as job,
        pytest.raises(InputFileError, match=r"first\.nt cannot be '.*\\.*', .* another one with --source"),
    ):
        job.triples(files[0], source)


def test_one_at_a_time(graph: Graph, settings: Settings, rejects: RejectsFile) -> None:
    with (
        OfflineImport(settings, rejects),
        pytest.raises(ServerError, match="Another offline import"),
        OfflineImport(settings, rejects),
    ):
        pass


@pytest.mark.parametrize("content", ["", "nonsense\n", "<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn"])
def test_a_file_that_cannot_be_read_leaves_the_graph_as_it_was(
    graph: Graph, settings: Settings, tmp_path: Path, rejects: RejectsFile, content: str
) -> None:
    (tmp_path / "bad.nt").write_text(content, encoding="utf-8")
    with OfflineImport(settings, rejects) as job, pytest.raises(InputFileError, match=r"bad\.nt"):
        job.triples(tmp_path / "bad.nt")
    assert graph.read("is_empty")[0]["empty"]


def test_what_comes_too_late_to_end_well_brings_the_old_data_back(
    graph: Graph, settings: Settings, files: list[Path], rejects: RejectsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole(graph)

    def fail(_: Graph) -> None:
        raise QueryError("no room for an index")

    monkeypatch.setattr(offline_import, "prepare_schema", fail)
    with OfflineImport(settings, rejects) as job:
        job.triples(files[0])
        with pytest.raises(ServerError, match=r"your graph is as it was\. no room for an index"):
            job.finish()
    with PrivateServer(settings).connect() as graph:
        assert whole(graph) == before


def test_files_that_the_importer_refuses(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    files = ImportFiles(tmp_path)
    files.add("one", [("urn:a", "P", "urn:b")])
    files.write()
    files.entities.write_text("uri:ID\nurn:a\n", encoding="utf-8")
    before = whole(graph)
    with pytest.raises(ServerError, match="neo4j-admin database import failed"):
        PrivateServer(settings).replace_graph(files, lambda _: None, lambda _: None)
    assert whole(graph) == before
