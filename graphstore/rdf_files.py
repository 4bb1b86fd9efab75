"""Facts from Turtle (https://www.w3.org/TR/turtle/) and RDF/XML (https://www.w3.org/TR/rdf-syntax-grammar/)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from pyoxigraph import RdfFormat, parse

from graphstore.errors import InputFileError
from graphstore.input_files import Line, Progress, read_blocks
from graphstore.rejects import Reject
from graphstore.triples import Triple, triple_of

__all__ = ["rdf_format", "read_rdf"]

_BEGINNINGS = {
    RdfFormat.RDF_XML: re.compile(rb"\s*<(\?xml|!--|!DOCTYPE|rdf:)"),
    RdfFormat.TURTLE: re.compile(rb"\s*(@prefix|@base|prefix|base)\s", re.I),
}
_SUFFIXES = {
    ".ttl": RdfFormat.TURTLE,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}


def rdf_format(path: Path, first: bytes) -> RdfFormat | None:
    """Turtle or RDF/XML, told from a file's first line or else from its name; None when it is neither."""
    for format, beginning in _BEGINNINGS.items():
        if beginning.match(first):
            return format
    return _SUFFIXES.get(Path(path.name.lower().removesuffix(".gz")).suffix)


def read_rdf(path: Path, format: RdfFormat, progress: Progress) -> Iterator[Triple | Reject]:
    """As `read_triples`, in bounded memory."""
    stream = _LineByLine(path, progress)
    try:
        # Of all that a file can do, the parser calls `read` alone.
        for quad in parse(cast(IO[bytes], stream), format):
            yield triple_of(path, stream.line, quad)
    except SyntaxError as error:
        # The parser's own line numbers, where it has any, are these.
        message = re.sub(r"^Parser error at line \d+ (.*) \(line \d+\)$", r"\1", str(error))
        raise InputFileError(
            f"{path}, line {stream.line.number}: not {format.name}: {message}. What stands before was read; mend the "
            "file and repeat the command, nothing will be doubled."
        ) from error


class _LineByLine:
    """A file that hands out at most a line at a time, so that a fact's line is the one handed out last."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self.line = Line(0, b"")
        self._lines = (line for block in read_blocks(path, progress) for line in block.lines())
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none only at the end."""
        if not self._rest:
            line = next(self._lines, None)
            if line is None:
                return b""
            self.line, self._rest = line, line.text
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece
