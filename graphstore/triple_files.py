"""Facts from N-Triples files (https://www.w3.org/TR/n-triples/), parsed by pyoxigraph.

A parser stops at the first bad line, and calling it anew for every line is slow. So lines are parsed by the
thousand, and only a thousand that fails is gone through line by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from graphstore.input_files import Line, Progress, fail_if_cut, in_batches, no_progress, read_lines
from graphstore.rejects import Reject
from graphstore.uris import LONGEST_URI

__all__ = ["Triple", "read_triples"]

_LINES_AT_ONCE = 1_000


class Triple(NamedTuple):
    """A fact between two resources: three URIs, and the number of its line."""

    line: int
    subject: str
    predicate: str
    object: str


def read_triples(path: Path, progress: Progress = no_progress) -> Iterator[Triple | Reject]:
    """Yields a file's facts in its order, lazily; comments are skipped.

    A Reject stands for a malformed line, and for a line whose subject or object is no URI: the graph is made
    of resources, so literals and blank nodes have no place in it.

    Raises InputFileError when the file is missing, empty, binary or cut off.
    """
    lines = (line for line in read_lines(path, progress) if not line.text.lstrip().startswith(b"#"))
    for chunk in in_batches(lines, _LINES_AT_ONCE):
        try:
            quads = list(parse(b"".join(line.text for line in chunk), RdfFormat.N_TRIPLES))
        except SyntaxError:
            yield from _parse_one_by_one(path, chunk)
        else:
            for line, quad in zip(chunk, quads, strict=True):
                yield _triple(path, line, quad)


def _parse_one_by_one(path: Path, chunk: list[Line]) -> Iterator[Triple | Reject]:
    for line in chunk:
        try:
            quad = next(parse(line.text, RdfFormat.N_TRIPLES))
        except SyntaxError as error:
            reason = f"not N-Triples: {str(error).removesuffix(' (line 1)')}"
            yield Reject(str(path), line.number, reason, line.text.decode(errors="replace"))
            begun = line.text.startswith((b"<", b"_:"))
            fail_if_cut(path, line, begun and not line.text.rstrip().endswith(b"."))
        else:
            yield _triple(path, line, quad)


def _triple(path: Path, line: Line, quad: Quad) -> Triple | Reject:
    if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode):
        place = "object" if isinstance(quad.subject, NamedNode) else "subject"
        reason = f"the {place} is no URI; only facts between resources are taken"
    elif max(len(quad.subject.value), len(quad.object.value)) > LONGEST_URI:
        reason = f"a URI is longer than {LONGEST_URI} characters"
    else:
        subject, object_ = quad.subject.value, quad.object.value
        return Triple(line.number, subject, quad.predicate.value, object_)
    return Reject(str(path), line.number, reason, line.text.decode(errors="replace"))
