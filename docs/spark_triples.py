"""N-Triples into Tellgraph's graph by Spark and the Neo4j connector, for files that one machine should not read alone.

    pip install 'tellgraph[spark]'
    export NEO4J_URI=neo4j://cluster:7687 NEO4J_USER=neo4j NEO4J_PASSWORD=…
    spark-submit --packages org.neo4j:neo4j-connector-apache-spark_2.12:5.0.3_for_spark_3 \\
        docs/spark_triples.py s3a://bucket/dbpedia/*.nt.gz --source dbpedia

It makes the entities, facts and relationship types that `tellgraph ingest triples` makes of the same files, and may be
run again. Lines that are no facts between resources are counted and left out; `tellgraph ingest` tells which they are.
Schema and relationship types are made through the driver before the first row is written: the connector's own
option for constraints made none, and without a constraint every row scans all entities.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as columns
from pyspark.sql.types import StringType

from graphstore import RelationType, Settings, open_graph, prepare_schema
from graphstore.connection import Graph
from graphstore.uris import is_uri, name_from_uri

_LINE = r"^\s*<([^<>]+)>\s+<([^<>]+)>\s+<([^<>]+)>\s*\.\s*(#.*)?$"
_FORMAT = "org.neo4j.spark.DataSource"
_ROWS = 10_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, write, and say how much."""
    options = argparse.ArgumentParser(description="N-Triples into the graph by Spark.")
    options.add_argument("files", nargs="+", help="What spark.read.text takes: paths, globs, gzip too.")
    options.add_argument("--source", required=True, help="Whom the graph names for these facts.")
    given = options.parse_args(arguments)
    settings = Settings.from_environment()
    if settings.neo4j_uri is None or settings.neo4j_password is None:
        options.error("set NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD: Spark's workers write to that server")
    spark = SparkSession.builder.appName("tellgraph").getOrCreate()
    try:
        with open_graph(settings) as graph:
            lines, facts = write(spark, graph, settings, given.files, given.source)
    finally:
        spark.stop()
    print(f"{lines:,} lines, {facts:,} facts between resources.")


def write(spark: SparkSession, graph: Graph, settings: Settings, files: list[str], source: str) -> tuple[int, int]:
    """Returns the lines that are not blank and the distinct facts among them."""
    prepare_schema(graph)
    build = columns.lit(graph.build_number() + 1).cast("long")
    lines = spark.read.text(files).where("trim(value) <> '' AND NOT trim(value) LIKE '#%'")
    facts = triples(lines).cache()
    ends = facts.select(columns.col("subject").alias("uri")).union(facts.select("object")).distinct()
    named = ends.withColumn("name", columns.udf(name_from_uri, StringType())("uri"))
    marks = {"sources": columns.array(columns.lit(source)), "build": build}
    save(named.withColumns(marks), settings, {"labels": ":Entity", "node.keys": "uri"})
    for relation in registered(graph, facts):
        of_type = facts.where(columns.col("predicate") == relation.uri).select("subject", "object")
        # One partition: two at once would wait for each other's nodes.
        save(of_type.withColumns(marks).coalesce(1), settings, relationship_options(relation.name))
    return lines.count(), facts.count()


def triples(lines: DataFrame) -> DataFrame:
    """Distinct subject, predicate, object of the lines that are facts between absolute URIs."""
    usable = columns.udf(lambda *uris: all(map(is_uri, uris)), "boolean")
    parts = [columns.regexp_extract("value", _LINE, n).alias(name) for n, name in enumerate(_COLUMNS, start=1)]
    return lines.select(*parts).where(usable(*_COLUMNS)).distinct()


_COLUMNS = ("subject", "predicate", "object")


def registered(graph: Graph, facts: DataFrame) -> list[RelationType]:
    """The relationship type of each predicate; one that the graph has not seen is noted there."""
    known = {row["uri"]: RelationType(row["type"], row["uri"]) for row in graph.read("relation_types")}
    for row in facts.select("predicate").distinct().sort("predicate").collect():
        uri = row["predicate"]
        if uri not in known:
            known[uri] = RelationType.from_predicate(uri, {relation.name for relation in known.values()})
            graph.write("merge_relation_type", type=known[uri].name, uri=uri)
    return list(known.values())


def relationship_options(name: str) -> dict[str, str]:
    """Between entities that are there, by their URIs, and no second time where it stands already."""
    ends = {"source": "subject:uri", "target": "object:uri"}
    options = {"relationship": name, "relationship.save.strategy": "keys", "relationship.properties": "sources,build"}
    for end, keys in ends.items():
        options[f"relationship.{end}.labels"] = ":Entity"
        options[f"relationship.{end}.node.keys"] = keys
        options[f"relationship.{end}.save.mode"] = "Match"
    return options


def save(rows: DataFrame, settings: Settings, options: dict[str, str]) -> None:
    """Merge rows into the graph."""
    connection = {
        "url": settings.neo4j_uri,
        "authentication.basic.username": settings.neo4j_user,
        "authentication.basic.password": settings.neo4j_password,
        "database": settings.neo4j_database,
        "batch.size": str(_ROWS),
    }
    rows.write.format(_FORMAT).mode("Overwrite").options(**connection, **options).save()


if __name__ == "__main__":
    main()
