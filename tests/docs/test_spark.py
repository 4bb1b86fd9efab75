"""docs/spark_triples.py on Spark, the connector and a real Neo4j: the graph that the ingest makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings
from tests.spark import spark_triples
from tests.whole_graph import whole_graph

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("probes")]

_WITHOUT = frozenset({"dirty"})  # is there once a graph was emptied
_FACTS = (
    b"\xef\xbb\xbf<http://dbpedia.org/resource/Alien> <http://dbpedia.org/ontology/director> <urn:Ridley_Scott> .\n"
    b"<http://dbpedia.org/resource/Alien> <http://dbpedia.org/ontology/director> <urn:Ridley_Scott> .\r\n"
    b"# a remark\n"
    b"\t # another\n"
    b"<urn:a> <urn:p:musicComposer> <urn:b> . # another\n"
    b"\n\t\r\n"
    b'<urn:b> <urn:p:likes> "a literal" .\n'
    b"nonsense\n"
    b"<relative> <urn:p:likes> <urn:b> .\n"
    b"<urn:b> <urn:p:likes> <urn:b> .\n"
    b"<urn:Ren\\u00E9> <urn:p:likes> <http://films/\\U0001F600> .\n"
    b"<urn:Ren\xc3\xa9> <urn:p:likes> <http://films/\xf0\x9f\x98\x80> .\n"
    b"<urn:no_surrogate> <urn:p:likes> <urn:\\uD83D\\uDE00> .\n"
    b"<urn:no_space> <urn:p:likes> <urn:a\\u0020b> .\n"
    b"<urn:no_backslash> <urn:p:likes> <urn:\\u005Cu00E9> .\n"
    b"<urn:no_utf8> <urn:p:likes> <urn:\xe9> .\n"
    b"<urn:two> <urn:p:likes> <urn:facts> .\r<urn:on> <urn:p:likes> <urn:a_line> .\n"
    b"<urn:no_type> <http://x/___> <urn:c> .\n"
    b"<http://h/%4> <urn:p:likes> <urn:no_percent> .\n"
    b"<urn:last> <urn:p:likes> <urn:without_a_line_end> ."
)


def test_spark_makes_the_graph_that_the_ingest_makes(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "facts.nt"
    file.write_bytes(_FACTS)
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        ingest = FileIngest(graph, file, rejects, "films")
        ingest.triples()
    count = ingest.counts["facts"]
    assert (count.read, count.new) == (17, 5)
    expected = whole_graph(graph, _WITHOUT)
    graph.write("delete_everything")
    for _ in range(2):  # twice is the same graph
        done = spark_triples(file, graph, settings, "films")
        assert done.returncode == 0, done.stderr[-3_000:]
        assert "17 lines, 5 facts between resources." in done.stdout
        assert whole_graph(graph, _WITHOUT) == expected


def test_spark_writes_over_nothing_of_others(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "facts.nt"
    file.write_text("<urn:a> <urn:p:likes> <urn:b> .\n", encoding="utf-8")
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, file, rejects, "films").triples()
    before = whole_graph(graph)
    refused = spark_triples(file, graph, settings, "books")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "error: the graph has what others brought (films), which Spark would write over" in refused.stderr
    assert whole_graph(graph) == before
    graph.write("begin_build", builder="test")
    graph.write("finish_build", builder="test", change=0, neighbours=2, half_life=None, popularity=[])
    before = whole_graph(graph)
    refused = spark_triples(file, graph, settings, "films")
    assert "error: the graph has a build of edges, which Spark would write over" in refused.stderr
    assert whole_graph(graph) == before
