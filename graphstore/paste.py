"""A query of the library with its parameters, as text for Neo4j Browser and cypher-shell.

:param uri => 'urn:alien'
MATCH (entity:Entity {uri: $uri})
…;
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphstore.queries import Query

__all__ = ["literal", "paste"]

# One `:param` is one line in both programs.
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def paste(query: Query, given: Mapping[str, Any]) -> str:
    """The statement under its parameters, defaults filled in.

    Raises QueryError for a parameter that is missing or unknown.
    """
    parameters = [f":param {name} => {literal(value)}" for name, value in query.bind(given).items()]
    return "\n".join([*parameters, f"{query.text};"])


def literal(value: str | float | list[Any] | None) -> str:
    """A value as Cypher writes it, on one line. Raises TypeError for one that no query takes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{''.join(map(_escaped, value))}'"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    raise TypeError(f"{type(value).__name__} is no parameter of a query")


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    units = letter.encode("utf-16-be", "surrogatepass")
    return letter if letter.isprintable() else "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
