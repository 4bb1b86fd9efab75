"""N-Triples into Tellgraph's graph by Spark and the Neo4j connector, for files that one machine should not read alone.

    pip install 'tellgraph[spark]'
    export NEO4J_URI=neo4j://cluster:7687 NEO4J_USER=neo4j NEO4J_PASSWORD=…
    spark-submit --packages org.neo4j:neo4j-connector-apache-spark_2.12:5.0.3_for_spark_3 \\
        docs/spark_triples.py s3a://bucket/dbpedia/*.nt.gz --source dbpedia

It makes the entities, facts and relationship types that `tellgraph ingest triples` makes of the same files; only where
two predicates claim one type, the first in the alphabet has it, and not the first in the file. Lines that are no facts
between resources are counted and left out; `tellgraph ingest` tells which they are.
It may be run again, and with more files of the same source. The connector writes over what an entity or a fact says of
its sources and build, so a graph that has anything of another source, or a finished build of edges, is refused.
Schema and relationship types are made through the driver before the first row is written: the connector's own
option for constraints made none, and without a constraint every row scans all entities.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as columns
from pyspark.sql.types import StringType

from graphstore import RelationType, Settings, open_graph, prepare_schema
from graphstore.connection import Graph
from graphstore.input_files import Block
from graphstore.triple_files import Triple, read_block
from graphstore.uris import name_from_uri

# Neither blank nor a comment.
_SAYS_SOMETHING = r"value RLIKE '^[ \\t\\r]*+[^ \\t\\r#]'"
_FORMAT = "org.neo4j.spark.DataSource"
_ROWS = 10_000
_LINES_AT_ONCE = 1_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, write, and say how much."""
    options = argparse.ArgumentParser(description="N-Triples into the graph by Spark.")
    options.add_argument("files", nargs="+", help="What spark.read.text takes: paths, globs, gzip too.")
    options.add_argument("--source", required=True, help="Whom the graph names for these facts.")
    given = options.parse_args(arguments)
    settings = Settings.from_environment()
    if settings.neo4j_uri is None or settings.neo4j_password is None:
        options.error("set NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD: Spark's workers write to that server")
    with open_graph(settings) as graph:
        if (reason := refusal(graph, given.source)) is not None:
            options.error(reason)
        spark = SparkSession.builder.appName("tellgraph").getOrCreate()
        try:
            lines, facts = write(spark, graph, settings, given.files, given.source)
        finally:
            spark.stop()
    print(f"{lines:,} lines, {facts:,} facts between resources.")


def refusal(graph: Graph, source: str) -> str | None:
    """Why the connector, which writes over the properties of what is there, may not write into this graph."""
    others = [row["source"] for row in graph.read("sources") if row["source"] != source]
    if others:
        found = f"has what others brought ({', '.join(others)})"
    elif graph.build_number() > 0:
        found = "has a build of edges"
    else:
        return None
    return f"the graph {found}, which Spark would write over: take an empty graph, or `tellgraph ingest triples`"


def write(spark: SparkSession, graph: Graph, settings: Settings, files: list[str], source: str) -> tuple[int, int]:
    """Returns the lines that are not blank and the distinct facts among them."""
    prepare_schema(graph)
    build = columns.lit(graph.build_number() + 1).cast("long")
    lines = spark.read.text(files, lineSep="\n").where(_SAYS_SOMETHING)
    found = triples(spark, lines).cache()
    relations = registered(graph, found)
    facts = found.where(columns.col("predicate").isin([relation.uri for relation in relations]))
    ends = facts.select(columns.col("subject").alias("uri")).union(facts.select("object")).distinct()
    named = ends.withColumn("name", columns.udf(name_from_uri, StringType())("uri"))
    marks = {"sources": columns.array(columns.lit(source)), "build": build}
    save(named.withColumns(marks), settings, {"labels": ":Entity", "node.keys": "uri"})
    for relation in relations:
        of_type = facts.where(columns.col("predicate") == relation.uri).select("subject", "object")
        # One partition: two at once would wait for each other's nodes.
        save(of_type.withColumns(marks).coalesce(1), settings, relationship_options(relation.name))
    return lines.count(), facts.count()


def triples(spark: SparkSession, lines: DataFrame) -> DataFrame:
    """Distinct subject, predicate, object of the lines that the ingest takes for facts, by its own reader."""
    # Bytes, since Spark would mend what is no UTF-8, and the reader rejects it.
    rows = lines.select(columns.col("value").cast("binary")).rdd.mapPartitions(facts_of)
    schema = "subject string, predicate string, object string"
    return spark.createDataFrame(rows, schema, verifySchema=False).distinct()


def facts_of(rows: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    """Subject, predicate, object of every fact in some lines."""
    lines = (bytes(row.value) + b"\n" for row in rows)
    while some := b"".join(islice(lines, _LINES_AT_ONCE)):
        for fact in read_block(Path("lines"), Block(1, some)):
            if isinstance(fact, Triple):
                yield fact.subject, fact.predicate, fact.object


def registered(graph: Graph, facts: DataFrame) -> list[RelationType]:
    """The relationship types of the predicates that give one; what the graph has not seen is noted there."""
    known = {row["uri"]: RelationType(row["type"], row["uri"]) for row in graph.read("relation_types")}
    found = []
    for row in facts.select("predicate").distinct().sort("predicate").collect():
        uri = row["predicate"]
        if uri not in known:
            try:
                known[uri] = RelationType.from_predicate(uri, {relation.name for relation in known.values()})
            except ValueError:
                continue
            graph.write("merge_relation_type", type=known[uri].name, uri=uri)
        found.append(known[uri])
    return found


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
