"""A fact, and the one way from what an RDF parser found to it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from graphstore.input_files import Line
from graphstore.rejects import Reject
from graphstore.uris import LONGEST_URI

__all__ = ["Triple", "triple_of"]


class Triple(NamedTuple):
    """A fact between two resources: three URIs, and the number of the line that it ends on."""

    line: int
    subject: str
    predicate: str
    object: str


def triple_of(path: Path, line: Line, quad: Quad) -> Triple | Reject:
    """The fact, or why the graph has no place for it."""
    if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode):
        place = "object" if isinstance(quad.subject, NamedNode) else "subject"
        reason = f"the {place} is no URI; only facts between resources are taken"
    elif max(len(quad.subject.value), len(quad.object.value)) > LONGEST_URI:
        reason = f"a URI is longer than {LONGEST_URI} characters"
    else:
        return Triple(line.number, quad.subject.value, quad.predicate.value, quad.object.value)
    return Reject(str(path), line.number, reason, line.text.decode(errors="replace"))
