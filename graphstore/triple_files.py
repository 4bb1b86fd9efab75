"""Facts from files: N-Triples (https://www.w3.org/TR/n-triples/) here, other forms by their own modules.

read_triples ─┬─ read_block              N-Triples: one regular expression for the common line, pyoxigraph for the rest
              ├─ read_rdf                Turtle, RDF/XML
              └─ read_fact_table         CSV, TSV
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from graphstore.fact_tables import is_fact_table, read_fact_table
from graphstore.input_files import Block, Line, Progress, fail_if_cut, first_line, no_progress, read_blocks
from graphstore.rdf_files import rdf_format, read_rdf
from graphstore.rejects import Reject
from graphstore.triples import Triple, triple_of

__all__ = ["Triple", "read_block", "read_triples"]

# What every RDF parser takes for an absolute URI and never changes, within LONGEST_URI characters: a plain host or a
# urn, and of what may follow only letters, digits and punctuation without a meaning of its own.
_CHARACTERS = r"[A-Za-z0-9_.~/:@!$&'()*+,;=\-]{0,500}+"
_PATH = rf"{_CHARACTERS}(?:%[0-9A-Fa-f]{{2}}{_CHARACTERS}){{0,2}}+"
_URI = rf"(?:https?://[A-Za-z0-9.\-]{{1,100}}+/|urn:[A-Za-z0-9]){_PATH}(?:#{_CHARACTERS})?+"
_LINE = re.compile(rf"<({_URI})> <({_URI})> <({_URI})> \.\r?\n|([^\n]*+\n|[^\n]++)")


def read_triples(path: Path, progress: Progress = no_progress) -> Iterator[Triple | Reject]:
    """Yields a file's facts in its order, lazily; comments are skipped.

    Its beginning tells the form, and where that does not, its name: `.ttl` is Turtle, `.rdf`, `.owl` and `.xml` are
    RDF/XML, `.csv` and `.tsv` tables; everything else is N-Triples.

    A Reject stands for a malformed line, and for a fact whose subject or object is no URI: the graph is made
    of resources, so literals and blank nodes have no place in it.

    Raises InputFileError when the file is missing, empty, binary or cut off, when a table has another header, and for
    a syntax error in Turtle or RDF/XML, which has no lines to go on with.
    """
    first = first_line(path)
    format = rdf_format(path, first)
    if format is not None:
        return read_rdf(path, format, progress)
    if is_fact_table(path):
        return read_fact_table(path, progress)
    return chain.from_iterable(read_block(path, block) for block in read_blocks(path, progress))


def read_block(path: Path, block: Block) -> Iterator[Triple | Reject]:
    """As `read_triples`, of some lines of N-Triples. path: what a Reject calls their file."""
    # Latin-1 gives every byte a character, so what the expression does not take goes back to the same bytes.
    rows = _LINE.findall(block.text.decode("latin-1"))
    parsed = _parse(path, _other_lines(block, rows))
    for number, (subject, predicate, object_, other) in enumerate(rows, block.number):
        if not other:
            yield Triple(number, subject, predicate, object_)
        elif _says_something(other):
            yield next(parsed)
    yield from parsed


def _other_lines(block: Block, rows: list[tuple[str, str, str, str]]) -> list[Line]:
    return [
        Line(number, other.encode("latin-1"))
        for number, (_, _, _, other) in enumerate(rows, block.number)
        if other and _says_something(other)
    ]


def _says_something(line: str) -> bool:
    begun = line.lstrip(" \t\r\n")
    return bool(begun) and not begun.startswith("#")


def _parse(path: Path, lines: list[Line]) -> Iterator[Triple | Reject]:
    """One result a line. The parser stops at the first bad line, and only then the lines are parsed one by one."""
    try:
        quads = list(parse(b"".join(line.text for line in lines), RdfFormat.N_TRIPLES))
    except SyntaxError:
        quads = []
    if len(quads) == len(lines):
        yield from (triple_of(path, line, quad) for line, quad in zip(lines, quads, strict=True))
    else:
        yield from (result for line in lines for result in _parse_one(path, line))


def _parse_one(path: Path, line: Line) -> Iterator[Triple | Reject]:
    try:
        # A carriage return ends a line as well for N-Triples, but not for whoever counts them.
        (quad,) = parse(line.text, RdfFormat.N_TRIPLES)
    except ValueError:
        yield _reject(path, line, "not one fact: a line holds one, and ends in a line feed")
    except SyntaxError as error:
        yield _reject(path, line, f"not N-Triples: {str(error).removesuffix(' (line 1)')}")
        begun = line.text.startswith((b"<", b"_:"))
        fail_if_cut(path, line, begun and not line.text.rstrip().endswith(b"."))
    else:
        yield triple_of(path, line, quad)


def _reject(path: Path, line: Line, reason: str) -> Reject:
    return Reject(str(path), line.number, reason, line.text.decode(errors="replace"))
