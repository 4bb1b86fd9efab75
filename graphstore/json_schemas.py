"""The JSON Schemas that ship beside this module: who reads a file by one, judges it by that one."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

__all__ = ["complaint", "load_schema"]

_LONGEST_MESSAGE = 200


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The content of `graphstore/{name}.schema.json`."""
    file = resources.files("graphstore").joinpath(f"{name}.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def complaint(name: str, value: object) -> str | None:
    """What a schema finds most wrong with a JSON value, with the place where; None when nothing is."""
    try:
        error = best_match(_validator(name).iter_errors(value))
    except RecursionError:  # a complaint quotes what it is about
        return "$: nested too deeply"
    if error is None:
        return None
    message = error.message
    # A message quotes the value, which may be a dialogue of many pages.
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:100]} … {message[-100:]}"
    return f"{error.json_path}: {message}"


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(load_schema(name))
