"""`tellgraph query NAME -p key=value`: the Cypher library from the command line.

NAME, -p ── query_parameters ── Graph.ask ──┬── query_output                   table, json, csv
                                            └── query_graph ── query_picture   html, png
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from graphstore.connection import ReadLimits
from graphstore.graph import open_graph
from graphstore.queries import Query
from graphstore.settings import Settings
from ui.query_graph import ResultGraph, check_drawable, result_graph
from ui.query_output import show
from ui.query_parameters import (
    complete_names,
    complete_parameters,
    find,
    for_people,
    read_parameters,
    signature,
    with_vectors,
)

__all__ = ["command"]

_PICTURES = ("html", "png")


@click.command("query")
@click.argument("name", required=False, shell_complete=complete_names)
@click.option(
    "-p",
    "--parameter",
    "given",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_parameters,
    help="May be repeated.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["table", "json", "csv", *_PICTURES]),
    default="table",
    show_default=True,
    help="html and png draw a result that is a graph, and need --out.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The picture's file.")
@click.option(
    "--timeout",
    type=float,
    default=ReadLimits.seconds,
    show_default=True,
    help="Seconds that the server may work on it.",
)
@click.option("--rows", type=int, default=ReadLimits.rows, show_default=True, help="The most rows to take.")
@click.option("--list", "as_list", is_flag=True, help="List the queries with their parameters.")
def command(
    name: str | None,
    given: tuple[str, ...],
    format_name: str,
    out: Path | None,
    timeout: float,
    rows: int,
    as_list: bool,
) -> None:
    """Ask the graph by one of the library's queries; docs/cypher.md explains each.

    They only read. A list or a null is written as JSON. Where a query takes a vector of a text, give it
    -p text=… and the vector is made by the encoder of the items' vectors.

    \b
    Examples:
      tellgraph query --list
      tellgraph query find_entity -p text="jocker 2019"
      tellgraph query neighbourhood -p uri=http://dbpedia.org/resource/Joker_(2019_film) -p modality=facts
      tellgraph query items_near_text -p text="a heist in a dream"
      tellgraph query counts --format csv
      tellgraph query why_similar -p first=… -p second=… --format html --out why.html
    """
    if (format_name in _PICTURES) != (out is not None) and not as_list:
        raise click.UsageError("--out FILE goes with --format html or png, and they need it.")
    if as_list:
        _list(format_name)
        return
    if name is None:
        raise click.UsageError("Which query? `tellgraph query --list` shows those there are.")
    try:
        limits = ReadLimits(timeout, rows)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _answer(find(name), given, limits, format_name, out)


def _answer(query: Query, given: Sequence[str], limits: ReadLimits, format_name: str, out: Path | None) -> None:
    """Ask, and show or draw what comes."""
    if out is not None:
        check_drawable(query)
    values = read_parameters(query, given)
    settings = Settings.from_environment()
    with open_graph(settings) as graph:
        values = with_vectors(graph, query, values, settings.cache)
        answer = graph.steady(lambda: graph.ask(query.name, values, limits))
    if out is None:
        show(query.columns, answer.rows, format_name)
    elif answer.rows:
        _draw(result_graph(query, values, answer.rows), query.name, format_name, out)
    else:
        click.echo("No rows, and so no picture.")
    if answer.cut:
        click.echo(f"Cut after {limits.rows:,} rows: --rows N takes more, and a query's own limit fewer.", err=True)


def _list(format_name: str) -> None:
    if format_name in _PICTURES:
        raise click.UsageError("--list is a list and no graph: take --format table, json or csv.")
    rows = [{"query": query.name, "parameters": signature(query), "purpose": query.purpose} for query in for_people()]
    show(("query", "parameters", "purpose"), rows, format_name)


def _draw(graph: ResultGraph, title: str, format_name: str, out: Path) -> None:
    from ui.query_picture import write_html, write_png  # matplotlib takes a second to import

    (write_html if format_name == "html" else write_png)(graph, title, out)
    click.echo(f"{out}: {len(graph.names)} nodes, {len(graph.edges)} edges.")
