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

_FACTS = """\
<http://dbpedia.org/resource/Alien> <http://dbpedia.org/ontology/director> <http://dbpedia.org/resource/Ridley_Scott> .
<http://dbpedia.org/resource/Alien> <http://dbpedia.org/ontology/director> <http://dbpedia.org/resource/Ridley_Scott> .
# a remark
<urn:a> <urn:p:musicComposer> <urn:b> . # another

<urn:b> <urn:p:likes> "a literal" .
nonsense
<relative> <urn:p:likes> <urn:b> .
<urn:b> <urn:p:likes> <urn:b> .
"""


def test_spark_makes_the_graph_that_the_ingest_makes(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "facts.nt"
    file.write_text(_FACTS, encoding="utf-8")
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, file, rejects, "films").triples()
    expected = whole_graph(graph)
    graph.write("delete_everything")
    for _ in range(2):  # twice is the same graph
        done = spark_triples(file, graph, settings, "films")
        assert done.returncode == 0, done.stderr[-3_000:]
        assert "7 lines, 3 facts between resources." in done.stdout
        assert whole_graph(graph) == expected
