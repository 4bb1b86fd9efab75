"""Text files, plain or gzip, as numbered lines; whatever is wrong with a file is told in one sentence."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BufferedReader, BytesIO
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from graphstore.errors import InputFileError
from graphstore.rejects import Reject

__all__ = [
    "Block",
    "Line",
    "Progress",
    "fail_if_cut",
    "first_line",
    "in_batches",
    "no_progress",
    "parse_json_lines",
    "read_blocks",
    "read_lines",
]

Record = TypeVar("Record")

Progress = Callable[[int], None]
"""Told how many bytes of the file on disk have been read so far."""

_HEAD = 1 << 16
_PIECE = 1 << 18
_LONGEST_LINE = 1 << 24
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a file. number: from 1. text: with its line end, so that a cut last line can be told."""

    number: int
    text: bytes


class Block(NamedTuple):
    """Some whole lines of a file. number: of the first one. text: with line ends, which the file's last may lack."""

    number: int
    text: bytes

    def lines(self) -> Iterator[Line]:
        """The lines, blank ones as well."""
        return map(Line, count(self.number), BytesIO(self.text))


def no_progress(*_: object) -> None:
    """The progress of somebody who does not watch."""


def first_line(path: Path) -> bytes:
    """The first line that is not blank, or the beginning of a very long one.

    Raises InputFileError when the file is missing, unreadable, a pipe or binary.
    """
    with _open(path) as (_, stream):
        head = b""
        while len(head) < _PIECE and b"\n" not in head and (piece := _next_piece(path, stream, 0)):
            head = (head + piece).removeprefix(_BYTE_ORDER_MARK).lstrip()
    return head.partition(b"\n")[0]


def read_lines(path: Path, progress: Progress = no_progress) -> Iterator[Line]:
    """Yields the lines that are not blank, lazily. Raises InputFileError as `read_blocks` does."""
    for block in read_blocks(path, progress):
        yield from (line for line in block.lines() if line.text.strip())


def read_blocks(path: Path, progress: Progress = no_progress, longest: int = _LONGEST_LINE) -> Iterator[Block]:
    """Yields all lines, lazily, some hundred kilobytes of them at a time.

    longest: bytes that a line may have, since it is held in memory whole.

    A file that is written to in the meantime is read to the end that it then has. Its last line is whole only when
    it has a line end.

    Raises InputFileError when the file is missing, unreadable, a pipe, empty, binary, ends in a line that is being
    written, has a longer line, or is a gzip file that ends early or is damaged; in the last four cases every line
    before has been yielded.
    """
    found = False
    for block in _blocks(path, progress, longest):
        found = found or bool(block.text.strip())
        yield block
    if not found:
        raise InputFileError(f"{path} is empty: there is nothing to read in it.")


def _blocks(path: Path, progress: Progress, longest: int) -> Iterator[Block]:
    with _open(path) as (raw, stream):
        size = os.fstat(raw.fileno()).st_size
        number, begun = 1, bytearray()
        while piece := _next_piece(path, stream, number - 1):
            progress(raw.tell())
            whole, end, rest = piece.rpartition(b"\n")
            if not end:
                begun += piece
            else:
                yield _block(number, bytes(begun + whole + end))
                number, begun = number + whole.count(b"\n") + 1, bytearray(rest)
            if len(begun) > longest:
                raise InputFileError(f"{path}, line {number} is longer than {longest >> 20} MB: is it a file of lines?")
        progress(raw.tell())
        if begun and os.fstat(raw.fileno()).st_size != size:
            raise InputFileError(
                f"{path} is being written: line {number} has no end yet. What stands before was read; repeat the "
                "command when the file is whole, nothing will be doubled."
            )
        if begun:
            yield _block(number, bytes(begun))


def _block(number: int, text: bytes) -> Block:
    return Block(number, text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text)


def parse_json_lines(path: Path, progress: Progress = no_progress) -> Iterator[tuple[Line, Any] | Reject]:
    """Yields each line with its JSON value, or the reject of a line that is none.

    Raises InputFileError as `read_lines` does, and for a last line that stops in the middle.
    """
    for line in read_lines(path, progress):
        try:
            yield line, _json_value(line.text)
        except (ValueError, RecursionError) as error:
            yield Reject(str(path), line.number, f"not JSON: {error}", line.text.decode(errors="replace"))
            at_end = isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc.rstrip())
            whole = not line.text.startswith((b"{", b"[")) or line.text.rstrip().endswith((b"}", b"]"))
            fail_if_cut(path, line, at_end or not whole)


def fail_if_cut(path: Path, line: Line, looks_cut: bool) -> None:
    """Raises InputFileError when a malformed line that looks like a good one's beginning ends the file."""
    if looks_cut and not line.text.endswith(b"\n"):
        raise InputFileError(_cut_off(path, f"in the middle of line {line.number}"))


def in_batches(records: Iterable[Record], size: int, first: int | None = None) -> Iterator[list[Record]]:
    """Lists of `size` records, the first one of `first`, which is `size` unless told.

    What came before an InputFileError makes a list of its own, and only then the error goes on its way.
    """
    batch: list[Record] = []
    wanted = first or size
    try:
        for record in records:
            batch.append(record)
            if len(batch) == wanted:
                yield batch
                batch, wanted = [], size
    except InputFileError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _json_value(text: bytes) -> Any:
    value = json.loads(text)
    if rb"\u" in text:
        # Half of a surrogate pair is legal in JSON, but no UTF-8 file and no database can hold it.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _cut_off(path: Path, where: str) -> str:
    return (
        f"{path} is cut off: it ends {where}. What stands before was read; "
        "fetch the file again and repeat the command, nothing will be doubled."
    )


def _next_piece(path: Path, stream: BufferedIOBase, number: int) -> bytes:
    try:
        return stream.read1(_PIECE)
    except EOFError as error:
        raise InputFileError(_cut_off(path, f"inside its gzip data after line {number}")) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputFileError(
            f"{path} is damaged: its gzip data cannot be unpacked after line {number} ({error}); fetch the file again."
        ) from error


@contextmanager
def _open(path: Path) -> Iterator[tuple[BufferedReader, BufferedIOBase]]:
    """The file on disk, whose position shows progress, and the stream to read, unpacked where it is gzip."""
    try:
        if path.is_fifo() or path.is_char_device():
            raise InputFileError(
                f"{path} is a pipe or a device, and what is ingested is read more than once: name a file."
            )
        raw = path.open("rb")
    except FileNotFoundError as error:
        raise InputFileError(f"There is no file {path}.") from error
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}.") from error
    with raw:
        # The first bytes decide, not the name: a download may have been unpacked on the way and kept its .gz.
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: BufferedIOBase = gzip.GzipFile(fileobj=raw) if packed else raw
        _refuse_binary(path, stream)
        yield raw, stream


def _refuse_binary(path: Path, stream: BufferedIOBase) -> None:
    try:
        head = stream.peek(_HEAD)[:_HEAD]  # type: ignore[attr-defined]
    except (EOFError, OSError, zlib.error):
        return  # damage is told with its line number when the reading gets there
    strange = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    undecodable = head.decode("utf-8", errors="replace").count("\ufffd")
    # A text file may have a stray zero byte somewhere; an archive of text files has some before its first line end.
    if b"\x00" in head.partition(b"\n")[0] or strange + undecodable > len(head) / 10:
        raise InputFileError(f"{path} is not a text file (UTF-8, plain or gzip); if it is an archive, unpack it first.")
