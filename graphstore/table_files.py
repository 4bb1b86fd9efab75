"""Tables: CSV and TSV files whose first line names the columns (https://www.rfc-editor.org/rfc/rfc4180).

Spreadsheets write semicolons for commas where a comma is the decimal point: these are read as well.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from graphstore.errors import InputFileError
from graphstore.input_files import Line, Progress, fail_if_cut, first_line, no_progress, read_blocks
from graphstore.rejects import Reject

__all__ = ["Row", "is_table", "read_columns", "read_table"]

# A quote that is never closed would make one row of the rest of the file.
_LONGEST_ROW = 200
_LONGEST_CELL = csv.field_size_limit()


class Row(NamedTuple):
    """A row. line: the first of its lines. cells: by column, as they stand."""

    line: Line
    cells: dict[str, str]


class _MalformedRow(Exception):
    """Why some text is no row; `unfinished` when it looks like the beginning of one."""

    def __init__(self, reason: str, unfinished: bool) -> None:
        super().__init__(reason)
        self.unfinished = unfinished


@dataclass(frozen=True)
class _Layout:
    """delimiter: what stands between two cells. columns: the header's names in their order."""

    delimiter: str
    columns: tuple[str, ...]

    @classmethod
    def of(cls, header: bytes) -> _Layout:
        delimiter = next((sign for sign in ("\t", ",", ";") if sign.encode() in header), ",")
        return cls(delimiter, tuple(name.strip().lower() for name in _fields(header, delimiter)))

    def cells(self, text: bytes) -> dict[str, str]:
        fields = _fields(text, self.delimiter)
        if len(fields) != len(self.columns):
            reason = f"{len(fields)} columns where the header has {len(self.columns)}"
            raise _MalformedRow(reason, len(fields) < len(self.columns))
        return dict(zip(self.columns, fields, strict=True))


class _Lines(Iterator[Line]):
    """A file's lines, some of which may be given back."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._lines = (line for block in read_blocks(path, progress) for line in block.lines())
        self._given_back: list[Line] = []

    def __next__(self) -> Line:
        return self._given_back.pop() if self._given_back else next(self._lines)

    def give_back(self, lines: list[Line]) -> None:
        self._given_back.extend(reversed(lines))


def is_table(path: Path, columns: Collection[str]) -> bool:
    """True when the file's name says so, or when its first line names all of `columns`."""
    named = Path(path.name.lower().removesuffix(".gz")).suffix in (".csv", ".tsv")
    return named or set(columns) <= set(read_columns(path))


def read_columns(path: Path) -> tuple[str, ...]:
    """The names in a file's first line, in small letters; none when it is no line of a table."""
    try:
        return _Layout.of(first_line(path)).columns
    except _MalformedRow:
        return ()


def read_table(path: Path, columns: Collection[str], progress: Progress = no_progress) -> Iterator[Row | Reject]:
    """Yields a table's rows in its order, lazily; its first line tells what parts them: tab, comma, semicolon.

    A Reject stands for a line that begins no row: it is not UTF-8, has a quote too many or too few, or other cells
    than the header. The lines behind it stand for themselves.

    Raises InputFileError when the file is missing, empty, binary or cut off, and when its first line does not name
    each of `columns`, or names one twice.
    """
    header = read_columns(path)
    if not set(columns) <= set(header) or len(set(header)) < len(header):
        raise InputFileError(
            f"{path} begins with {', '.join(header)[:200]!r}; its first line has to name the columns, each once: "
            f"{', '.join(columns)}."
        )
    lines = _Lines(path, progress)
    layout = _Layout.of(next(line.text for line in lines if line.text.strip()))
    for line in lines:
        if not line.text.strip():
            continue
        try:
            row = Row(line, layout.cells(line.text))
        except _MalformedRow as error:
            yield from _row_of_more_lines(path, lines, layout, line, error)
        else:
            yield row


def _row_of_more_lines(
    path: Path, lines: _Lines, layout: _Layout, line: Line, problem: _MalformedRow
) -> Iterator[Row | Reject]:
    """The row that begins on a line which alone is none, if one does."""
    if problem.unfinished and line.text.count(b'"') % 2:
        more = list(_to_closing_quote(lines))
        try:
            yield Row(line, layout.cells(b"".join(one.text for one in (line, *more))))
            return
        except _MalformedRow:
            lines.give_back(more)
    yield Reject(str(path), line.number, str(problem), line.text.decode(errors="replace"))
    fail_if_cut(path, line, problem.unfinished)


def _to_closing_quote(lines: _Lines) -> Iterator[Line]:
    for _ in range(_LONGEST_ROW):
        line = next(lines, None)
        if line is None:
            return
        yield line
        if line.text.count(b'"') % 2:
            return


def _fields(text: bytes, delimiter: str) -> list[str]:
    try:
        line = text.decode()
        bare = line.removesuffix("\n").removesuffix("\r")
        if '"' not in bare and "\r" not in bare and len(bare) < _LONGEST_CELL:
            return bare.split(delimiter)  # as csv does, four times as fast
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except UnicodeDecodeError as error:
        raise _MalformedRow(f"not UTF-8: {error.reason}", error.end == len(text)) from error
    except csv.Error as error:
        open_quote = str(error) == "unexpected end of data"
        raise _MalformedRow("a quote is not closed" if open_quote else f"not CSV: {error}", open_quote) from error
    if len(rows) != 1:
        raise _MalformedRow("not one row", False)
    return rows[0]
