"""`tellgraph query NAME -p key=value`: the Cypher library from the command line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from graphstore.errors import QueryError
from graphstore.graph import open_graph
from graphstore.queries import ParameterDoc, Query, all_queries

__all__ = ["command"]

Rows = list[dict[str, Any]]

_LONGEST_CELL = 200
# Control characters and marks that turn the direction of writing: a title must not command somebody's terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INTEGERS = range(-(2**63), 2**63)


@click.command("query")
@click.argument("name", required=False)
@click.option("-p", "--parameter", "given", multiple=True, metavar="KEY=VALUE", help="May be repeated.")
@click.option(
    "--format", "format_name", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.option("--list", "as_list", is_flag=True, help="List the queries with their parameters.")
def command(name: str | None, given: tuple[str, ...], format_name: str, as_list: bool) -> None:
    """Ask the graph by one of the library's queries; docs/cypher.md explains each.

    They only read. A list or a null is written as JSON.

    \b
    Examples:
      tellgraph query --list
      tellgraph query find_entity -p text="jocker 2019"
      tellgraph query neighbourhood -p uri=http://dbpedia.org/resource/Joker_(2019_film) -p modality=facts
      tellgraph query counts --format csv
    """
    library = [query for query in all_queries() if not query.internal]
    if as_list:
        rows: Rows = [
            {"query": query.name, "parameters": _signature(query), "purpose": query.purpose} for query in library
        ]
        _show(("query", "parameters", "purpose"), rows, format_name)
        return
    if name is None:
        raise click.UsageError("Which query? `tellgraph query --list` shows those there are.")
    query = _find(name, library)
    parameters = _parameters(query, given)
    with open_graph() as graph:
        rows = graph.read(query.name, **parameters)
    _show(query.columns, rows, format_name)


def _find(name: str, library: Sequence[Query]) -> Query:
    by_name = {query.name: query for query in library}
    if name in by_name:
        return by_name[name]
    close = get_close_matches(name, by_name, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else "`tellgraph query --list` shows those there are."
    raise QueryError(f"There is no query {name!r}. {hint}")


def _signature(query: Query) -> str:
    return ", ".join(
        parameter.name if parameter.required else f"{parameter.name}={json.dumps(parameter.default)}"
        for parameter in query.parameters.values()
    )


def _parameters(query: Query, given: Sequence[str]) -> dict[str, Any]:
    """The values of `-p key=value`, each of its parameter's type. Raises click.UsageError, QueryError."""
    values: dict[str, Any] = {}
    for pair in given:
        key, equals, text = pair.partition("=")
        if not equals or key in values:
            raise click.UsageError(f"-p {pair}: write KEY=VALUE, each key once.")
        parameter = query.parameters.get(key)
        values[key] = text if parameter is None else _value(parameter, text)
    query.bind(values)  # complains of what is missing or unknown before a server is started
    return values


def _value(parameter: ParameterDoc, text: str) -> Any:
    try:
        value = _parsed(parameter.type, text)
        json.dumps(value, ensure_ascii=False).encode()  # an argument may hold bytes that are no UTF-8
        return value
    except ValueError as error:
        form = "" if parameter.type in ("string", "integer") else ", written as JSON"
        raise click.UsageError(f"-p {parameter.name}: {text!r} is no {parameter.type}{form}.") from error


def _parsed(kind: str, text: str) -> Any:
    if kind == "string":
        return text
    return _integer(text) if kind == "integer" else json.loads(text, parse_int=_integer)


def _integer(text: str) -> int:
    value = int(text)
    if value not in _INTEGERS:
        raise ValueError("Neo4j's integers have 64 bits")
    return value


def _show(columns: Sequence[str], rows: Rows, format_name: str) -> None:
    if format_name == "json":
        lines = json.dumps(rows, ensure_ascii=False, indent=2).split("\n")
        # JSON lets some control characters through; escaped they are the same text, and harmless.
        click.echo("\n".join(_UNPRINTABLE.sub(lambda one: f"\\u{ord(one[0]):04x}", line) for line in lines))
    elif format_name == "csv":
        click.echo(_csv(columns, rows), nl=False)
    elif rows:
        _print_table(columns, rows)
    else:
        click.echo("No rows.")


def _csv(columns: Sequence[str], rows: Rows) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_text(row[column]) for column in columns])
    return stream.getvalue()


def _print_table(columns: Sequence[str], rows: Rows) -> None:
    # Folded and not cut: a URI without its end is of no use.
    table = Table(*(Column(column, overflow="fold") for column in columns))
    for row in rows:
        cells = (_text(row[column]) for column in columns)
        table.add_row(
            *(Text(cell if len(cell) <= _LONGEST_CELL else cell[: _LONGEST_CELL - 1] + "…") for cell in cells)
        )
    Console().print(table)


def _text(value: Any) -> str:
    """A value on one line, with nothing in it that a terminal would obey."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(" ", text)
