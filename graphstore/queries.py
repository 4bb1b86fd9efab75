"""The project's Cypher, one statement per file, read from the package `cypher`.

A file opens with comment lines that say what it is for:

    // purpose: Items that share facts with one item
    // parameters: uri (string), limit (integer, default 10)
    // returns: uri, title, shared
    // mode: read

`parameters` and `returns` are left out when there are none. A default is JSON. A line `// internal: true`
keeps a file out of the list that people see. A comment line that opens with none of these words continues the
one above it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

from graphstore.errors import QueryError

__all__ = ["Mode", "ParameterDoc", "Query", "all_queries", "load_query", "parse_query"]

Mode = Literal["read", "write"]

_KEYS = ("purpose", "parameters", "returns", "mode", "internal")
_PARAMETER = re.compile(r"(\w+)\s*\(([^()]+?)(?:,\s*default\s+(.+?))?\)(?:,\s*|$)")


@dataclass(frozen=True)
class ParameterDoc:
    """A parameter of a query: its name, its type in words, and the value that stands in when it is absent."""

    name: str
    type: str
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Query:
    """A named statement. `columns` are the names that it returns; `internal` ones are not for people."""

    name: str
    text: str
    mode: Mode
    purpose: str
    parameters: dict[str, ParameterDoc]
    columns: tuple[str, ...]
    internal: bool = False

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters to send: `given` with defaults filled in.

        Raises QueryError for one that is missing or unknown.
        """
        unknown = sorted(set(given) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise QueryError(f"Query {self.name!r} has no parameter {unknown[0]!r}; it takes: {known}.")
        missing = [p.name for p in self.parameters.values() if p.required and p.name not in given]
        if missing:
            raise QueryError(f"Query {self.name!r} needs the parameter {missing[0]!r}, which was not given.")
        return {p.name: given.get(p.name, p.default) for p in self.parameters.values()}


@cache
def load_query(name: str) -> Query:
    """The query in `cypher/{name}.cypher`. Raises QueryError when there is none, or its header is wrong."""
    file = resources.files("cypher") / f"{name}.cypher"
    if not re.fullmatch(r"\w+", name) or not file.is_file():
        raise QueryError(f"There is no query named {name!r}: `tellgraph query --list` shows those there are.")
    return parse_query(name, file.read_text(encoding="utf-8"))


def all_queries() -> list[Query]:
    """Every query of the package, by name, the internal ones included."""
    files = (entry.name for entry in resources.files("cypher").iterdir())
    return [load_query(name.removesuffix(".cypher")) for name in sorted(files) if name.endswith(".cypher")]


def parse_query(name: str, source: str) -> Query:
    """The query in `source`, a file's whole content. Raises QueryError for a header that is wrong."""
    lines = source.strip().splitlines()
    length = next((n for n, line in enumerate(lines) if not line.startswith("//")), len(lines))
    header = _read_header(name, lines[:length])
    text = "\n".join(lines[length:]).strip().removesuffix(";")
    mode = header.get("mode")
    if mode not in ("read", "write"):
        raise QueryError(f"cypher/{name}.cypher: `// mode:` must be read or write, and is {mode!r}.")
    if not text or not header.get("purpose"):
        raise QueryError(f"cypher/{name}.cypher: a purpose and a statement are needed.")
    return Query(
        name=name,
        text=text,
        mode=cast(Mode, mode),
        purpose=header["purpose"],
        parameters=_read_parameters(name, header.get("parameters", "")),
        columns=tuple(re.findall(r"\w+", header.get("returns", ""))),
        internal=header.get("internal") == "true",
    )


def _read_header(name: str, lines: list[str]) -> dict[str, str]:
    header: dict[str, str] = {}
    key = ""
    for line in lines:
        content = line.removeprefix("//").strip()
        word, colon, rest = content.partition(":")
        if colon and word in _KEYS:
            key, content = word, rest.strip()
        if not key:
            raise QueryError(f"cypher/{name}.cypher: the first line must open with one of {', '.join(_KEYS)}.")
        header[key] = f"{header[key]} {content}" if key in header else content
    return header


def _read_parameters(name: str, text: str) -> dict[str, ParameterDoc]:
    parameters: dict[str, ParameterDoc] = {}
    position = 0
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            raise QueryError(f"cypher/{name}.cypher: cannot read the parameters from {text[position:]!r}.")
        word, kind, default = match.groups()
        parameters[word] = ParameterDoc(word, kind.strip(), default is None, _read_default(name, default))
        position = match.end()
    return parameters


def _read_default(name: str, text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError as error:
        raise QueryError(f"cypher/{name}.cypher: the default {text} is not JSON.") from error
