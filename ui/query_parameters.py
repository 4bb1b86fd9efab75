"""What a person gives a query on the command line: names, values by their types, texts that become vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from graphstore.connection import Graph
from graphstore.errors import QueryError
from graphstore.queries import VECTOR_OF_TEXT, ParameterDoc, Query, all_queries
from graphstore.vector_makers import maker_of, split_maker
from ui.errors import NotReadyError

__all__ = [
    "complete_names",
    "complete_parameters",
    "find",
    "for_people",
    "read_parameters",
    "signature",
    "with_vectors",
]

_TEXT = "text"  # what is encoded where a query takes a vector of a text
_INTEGERS = range(-(2**63), 2**63)


def for_people() -> list[Query]:
    """The queries that people may run, by name."""
    return [query for query in all_queries() if not query.internal]


def find(name: str) -> Query:
    """The query of that name. Raises QueryError with the names that come close."""
    by_name = {query.name: query for query in for_people()}
    if name in by_name:
        return by_name[name]
    name = name[:100]
    close = get_close_matches(name, by_name, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else "`tellgraph query --list` shows those there are."
    raise QueryError(f"There is no query {name!r}. {hint}")


def signature(query: Query) -> str:
    """The parameters in a line, defaults included."""
    return ", ".join(
        parameter.name if parameter.required else f"{parameter.name}={json.dumps(parameter.default)}"
        for parameter in query.parameters.values()
    )


def complete_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What the shell offers for NAME."""
    return [
        CompletionItem(query.name, help=query.purpose) for query in for_people() if query.name.startswith(incomplete)
    ]


def complete_parameters(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What the shell offers behind -p: the parameters of the query before it that were not given yet."""
    # A -p with nothing behind it yet ends click's parsing before NAME is one of the params.
    name = context.params.get("name") or next(iter(context.args), None)
    query = next((query for query in for_people() if query.name == name), None)
    if query is None:
        return []
    given = {pair.partition("=")[0] for pair in context.params.get("given") or ()}
    names = dict.fromkeys([*query.parameters, *([_TEXT] if _vector_of_text(query) else [])])
    return [
        CompletionItem(f"{name}=", help=query.parameters[name].type if name in query.parameters else "to be encoded")
        for name in names
        if name not in given and name.startswith(incomplete)
    ]


def read_parameters(query: Query, given: Sequence[str]) -> dict[str, Any]:
    """The values of `-p key=value`, each of its parameter's type. Raises click.UsageError, QueryError."""
    values: dict[str, Any] = {}
    for pair in given:
        key, equals, text = pair.partition("=")
        if not equals or key in values:
            raise click.UsageError(f"-p {pair}: write KEY=VALUE, each key once.")
        values[key] = _value(query.parameters.get(key, ParameterDoc(key, "string", required=True)), text)
    query.bind(_with_stand_in(query, values))  # complains of what is missing or unknown before a server is started
    return values


def with_vectors(graph: Graph, query: Query, values: Mapping[str, Any], cache: Path) -> dict[str, Any]:
    """The values, `text` encoded where the query wants the vector of a text and none was given.

    The encoder is the one whose name stands on the items' vectors.
    Raises NotReadyError when there are no vectors, or the encoder is not here.
    """
    filled = _with_stand_in(query, values)
    if filled == values:
        return dict(values)
    name = _vector_of_text(query)
    assert name is not None
    return {**filled, name: _encode(graph, values[_TEXT], cache)}


def _vector_of_text(query: Query) -> str | None:
    return next((one.name for one in query.parameters.values() if one.type == VECTOR_OF_TEXT), None)


def _with_stand_in(query: Query, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they will be when the text is a vector."""
    name = _vector_of_text(query)
    if name is None or name in values or _TEXT not in values:
        return dict(values)
    return {key: value for key, value in values.items() if key != _TEXT or key in query.parameters} | {name: []}


def _encode(graph: Graph, text: str, cache: Path) -> list[float]:
    # torch takes seconds to import, and most queries need no vector.
    from training.encoders import TextEncoder
    from training.errors import PretrainedError

    if not text.strip():
        raise click.UsageError(f"-p {_TEXT}: there is nothing in it to encode.")
    rows = graph.read("text_encoder")
    if not rows:
        raise NotReadyError("No item has a text vector yet: `tellgraph build vectors` comes first.")
    encoder, _ = split_maker(maker_of(rows[0]["hash"]))
    try:
        vector: list[float] = TextEncoder(encoder, cache).encode([text])[0].tolist()
    except PretrainedError as error:
        raise NotReadyError(
            f"The items' text vectors come from {encoder!r}, which is not here ({error}): give the vector itself."
        ) from error
    return vector


def _value(parameter: ParameterDoc, text: str) -> Any:
    try:
        value = _parsed(parameter.type, text)
        json.dumps(value, ensure_ascii=False).encode()  # an argument may hold bytes that are no UTF-8
        return value
    except (ValueError, RecursionError) as error:
        form = "" if parameter.type in ("string", "integer") else ", written as JSON"
        raise click.UsageError(f"-p {parameter.name}: {text!r} is no {parameter.type}{form}.") from error


def _parsed(kind: str, text: str) -> Any:
    if kind == "string":
        return text
    return _integer(text) if kind == "integer" else json.loads(text, parse_int=_integer)


def _integer(text: str) -> int:
    value = int(text)
    if value not in _INTEGERS:
        raise ValueError("Neo4j's integers have 64 bits")
    return value
