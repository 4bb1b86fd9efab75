"""The project's Cypher, one statement per file, read from the package `cypher`.

A file opens with comment lines that say what it is for:

    // purpose: Items that share facts with one item
    // about: What more there is to know, in sentences.
    //   What continues a line is indented.
    // parameters: uri (string), limit (integer, default 10)
    // returns: uri, title, shared (how many facts both have)
    // mode: read

`about`, `parameters` and `returns` are left out when there are none. A default is JSON. What stands in brackets
behind a column explains it. A line `// internal: true` keeps a file out of the list that people see; the parameters
of all others are of the types in `PARAMETER_TYPES`. A value of the type `VECTOR_OF_TEXT` comes from the encoder of
the items' text vectors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

from graphstore.errors import QueryError

__all__ = [
    "PARAMETER_TYPES",
    "VECTOR_OF_TEXT",
    "Mode",
    "ParameterDoc",
    "Query",
    "all_queries",
    "load_query",
    "parse_query",
]

Mode = Literal["read", "write"]

VECTOR_OF_TEXT = "vector of a text"
PARAMETER_TYPES = ("string", "integer", "list of strings", "list of numbers", VECTOR_OF_TEXT)

_KEYS = ("purpose", "about", "parameters", "returns", "mode", "internal")
_PARAMETER = re.compile(r"(\w+)\s*\(([^()]+?)(?:,\s*default\s+(.+?))?\)(?:,\s*|$)")
_COLUMN = re.compile(r"(\w+)(?:\s*\(([^()]+)\))?(?:,\s*|$)")


@dataclass(frozen=True)
class ParameterDoc:
    """A parameter of a query: its name, its type in words, and the value that stands in when it is absent."""

    name: str
    type: str
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Query:
    """A named statement.

    columns: what it returns, each name with its explanation, empty where the name says it all.
    internal: it is not for people.
    """

    name: str
    text: str
    mode: Mode
    purpose: str
    parameters: dict[str, ParameterDoc]
    columns: dict[str, str]
    internal: bool = False
    about: str = ""

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
    if not re.fullmatch(r"\w{1,100}", name) or not file.is_file():
        raise QueryError(f"There is no query named {name[:100]!r}: `tellgraph query --list` shows those there are.")
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
    if header.get("internal") not in (None, "true"):
        raise QueryError(f"cypher/{name}.cypher: `// internal:` is true or left out, and is {header['internal']!r}.")
    if not text or not header.get("purpose"):
        raise QueryError(f"cypher/{name}.cypher: a purpose and a statement are needed.")
    internal = "internal" in header
    return Query(
        name=name,
        text=text,
        mode=cast(Mode, mode),
        purpose=header["purpose"],
        parameters=_read_parameters(name, header.get("parameters", ""), internal),
        columns=_read_columns(name, header.get("returns", "")),
        internal=internal,
        about=header.get("about", ""),
    )


def _read_header(name: str, lines: list[str]) -> dict[str, str]:
    header: dict[str, str] = {}
    key = ""
    for line in lines:
        content = line.removeprefix("//")
        word, colon, rest = content.strip().partition(":")
        if not key or not content.startswith("   "):
            if not colon or word not in _KEYS or word in header:
                fault = f"`// {word}:` stands there twice" if word in header else f"`{line}` opens with another word"
                raise QueryError(
                    f"cypher/{name}.cypher: {fault}; a header has each of {', '.join(_KEYS)} once at most, and what "
                    "continues a line is indented."
                )
            key, header[word] = word, rest.strip()
        else:
            header[key] += f" {content.strip()}"
    return header


def _read_parameters(name: str, text: str, internal: bool) -> dict[str, ParameterDoc]:
    parameters: dict[str, ParameterDoc] = {}
    for word, kind, default in _entries(name, "parameters", _PARAMETER, text):
        if not internal and kind not in PARAMETER_TYPES:
            raise QueryError(
                f"cypher/{name}.cypher: the parameter {word!r} is a {kind!r}; for people there are "
                f"{', '.join(PARAMETER_TYPES)}."
            )
        parameters[word] = ParameterDoc(word, kind, default is None, _read_default(name, default))
    return parameters


def _read_columns(name: str, text: str) -> dict[str, str]:
    return {word: explanation or "" for word, explanation in _entries(name, "columns", _COLUMN, text)}


def _entries(name: str, what: str, pattern: re.Pattern[str], text: str) -> Iterator[tuple[Any, ...]]:
    """The groups of each entry of a list that `pattern` matches without a gap."""
    position, seen = 0, set()
    while position < len(text):
        match = pattern.match(text, position)
        if match is None or match[1] in seen:
            raise QueryError(f"cypher/{name}.cypher: cannot read the {what} from {text[position:]!r}.")
        seen.add(match[1])
        yield match.groups()
        position = match.end()


def _read_default(name: str, text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError as error:
        raise QueryError(f"cypher/{name}.cypher: the default {text} is not JSON.") from error
