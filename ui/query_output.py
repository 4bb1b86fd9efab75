"""A query's rows as a table, JSON or CSV, with nothing in them that a terminal would obey."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

__all__ = ["Rows", "as_csv", "in_a_line", "printable", "show"]

Rows = list[dict[str, Any]]

_LONGEST_CELL = 200
_WIDEST = 10_000  # columns
# Control characters and marks that turn the direction of writing: a title must not command somebody's terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def show(columns: Iterable[str], rows: Rows, format_name: str) -> None:
    """Print the rows as table, json or csv."""
    names = tuple(columns)
    if format_name == "json":
        lines = json.dumps(rows, ensure_ascii=False, indent=2).split("\n")
        # JSON lets some control characters through; escaped they are the same text, and harmless.
        click.echo("\n".join(_UNPRINTABLE.sub(lambda one: f"\\u{ord(one[0]):04x}", line) for line in lines))
    elif format_name == "csv":
        click.echo(as_csv(names, rows), nl=False)
    elif rows:
        _print_table(names, rows)
    else:
        click.echo("No rows.")


def printable(text: str) -> str:
    """The text without control characters and marks that turn the direction of writing."""
    return _UNPRINTABLE.sub(" ", text)


def as_csv(columns: Iterable[str], rows: Rows) -> str:
    """The rows as CSV with a heading; lists are JSON."""
    columns = tuple(columns)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([in_a_line(row[column]) for column in columns])
    return stream.getvalue()


def _print_table(columns: tuple[str, ...], rows: Rows) -> None:
    # Folded and not cut: a URI without its end is of no use.
    table = Table(*(Column(column, overflow="fold") for column in columns))
    for row in rows:
        cells = (in_a_line(row[column]) for column in columns)
        table.add_row(
            *(Text(cell if len(cell) <= _LONGEST_CELL else cell[: _LONGEST_CELL - 1] + "…") for cell in cells)
        )
    # Where nobody looks, in a pipe, a URI that is broken in the middle is of no use.
    Console(width=None if sys.stdout.isatty() else _WIDEST).print(table)


def in_a_line(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text)
