"""Facts from tables with the columns subject, predicate and object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphstore.input_files import Progress
from graphstore.rejects import Reject
from graphstore.table_files import is_table, read_table
from graphstore.triples import Triple
from graphstore.uris import is_uri

__all__ = ["is_fact_table", "read_fact_table"]

_COLUMNS = ("subject", "predicate", "object")


def is_fact_table(path: Path) -> bool:
    """True for a table by its name or its first line."""
    return is_table(path, _COLUMNS)


def read_fact_table(path: Path, progress: Progress) -> Iterator[Triple | Reject]:
    """As `read_triples`; a cell is a URI, angle brackets or not, and further columns are not looked at."""
    for row in read_table(path, _COLUMNS, progress):
        if isinstance(row, Reject):
            yield row
            continue
        uris = [row.cells[column].strip().removeprefix("<").removesuffix(">") for column in _COLUMNS]
        wrong = [column for column, uri in zip(_COLUMNS, uris, strict=True) if not is_uri(uri)]
        if wrong:
            reason = f"the {wrong[0]} is no absolute URI; only facts between resources are taken"
            yield Reject(str(path), row.line.number, reason, row.line.text.decode(errors="replace"))
        else:
            yield Triple(row.line.number, *uris)
