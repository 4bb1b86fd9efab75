"""Logs of who had to do with what: tables, JSON lines, and maps of user to items. They know no database.

docs/formats.md explains them with examples.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from graphstore.errors import InputFileError
from graphstore.input_files import Progress, first_line, no_progress, parse_json_lines, read_blocks
from graphstore.item_files import check_item_prefix
from graphstore.rejects import Reject
from graphstore.table_files import read_table
from graphstore.uris import is_uri, uri_from_id

__all__ = ["Interaction", "read_interactions"]

_LONGEST_USER = 500
_LONGEST_MAP = 1 << 30
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
# A map begins with a user and a list; an object a line begins with one of its own keys and a word or a number.
_MAP = re.compile(rb'\s*\{\s*("([^"\\]|\\.)*"\s*:\s*\[|\}?\s*$)')
_OPEN = re.compile(r"\s*\{\s*(\}?)\s*")
_COLON = re.compile(r"\s*:\s*")
_NEXT = re.compile(r"\s*([,}])\s*")


class Interaction(NamedTuple):
    """A user had to do with an item.

    line: of the file; user: as the file names them; item: a URI; time: seconds since 1970, or None.
    """

    line: int
    user: str
    item: str
    time: int | None


def read_interactions(
    path: Path, item_prefix: str | None = None, progress: Progress = no_progress
) -> Iterator[Interaction | Reject]:
    """Yields a log's interactions in its order, lazily; its beginning tells the form.

    item_prefix: what makes URIs of the log's item ids (`uri_from_id`); without it they are URIs.

    A map of user to items is held in memory whole; the other forms are not.

    Raises InputFileError when the file is missing, empty, binary or cut off, when a table lacks the columns user and
    item, and when the prefix makes no URIs.
    """
    if item_prefix is not None:
        check_item_prefix(item_prefix)
    first = first_line(path)
    if not first.lstrip().startswith(b"{"):
        records = _rows(path, progress)
    elif _MAP.match(first):
        records = _pairs(path, progress)
    else:
        records = _objects(path, progress)
    for record in records:
        yield record if isinstance(record, Reject) else _interaction(path, item_prefix, *record)


# In each form a record is: line, user, item, time as they stand, and what to show of it.
_Record = tuple[int, Any, Any, Any, str]


def _rows(path: Path, progress: Progress) -> Iterator[_Record | Reject]:
    for row in read_table(path, ["user", "item"], progress):
        if isinstance(row, Reject):
            yield row
        else:
            text = row.line.text.decode(errors="replace")
            yield row.line.number, row.cells["user"], row.cells["item"], row.cells.get("time"), text


def _objects(path: Path, progress: Progress) -> Iterator[_Record | Reject]:
    for parsed in parse_json_lines(path, progress):
        if isinstance(parsed, Reject):
            yield parsed
            continue
        line, value = parsed
        text = line.text.decode(errors="replace")
        if isinstance(value, dict):
            yield line.number, value.get("user"), value.get("item"), value.get("time"), text
        else:
            yield Reject(str(path), line.number, "no object with user and item", text)


def _pairs(path: Path, progress: Progress) -> Iterator[_Record | Reject]:
    """The entries of a map one by one, so that each has its line and none hides another of the same user."""
    blocks = read_blocks(path, progress, longest=_LONGEST_MAP)
    text = b"".join(block.text for block in blocks).decode(errors="surrogateescape")
    line, place = 1, 0
    try:
        for user, items, end in _entries(text):
            line, place = line + text.count("\n", place, end), end
            shown = json.dumps({user: items})
            if not isinstance(items, list):
                yield Reject(str(path), line, f"the items of {user!r} are no list", shown)
                continue
            for item in items:
                yield line, user, item, None, shown
    except (ValueError, RecursionError) as error:
        raise InputFileError(
            f"{path} is cut off or no map of users to lists of items behind line {line} ({error}). What stands before "
            "was read; mend the file and repeat the command, nothing will be doubled."
        ) from error


def _entries(text: str) -> Iterator[tuple[str, Any, int]]:
    """A JSON object's keys and values, and the place where each value ends. Raises ValueError where it is none."""
    decode = json.JSONDecoder().raw_decode
    sign = _expected(_OPEN, text, 0)
    while sign[1] != "}":
        key, place = decode(text, sign.end())
        if not isinstance(key, str):
            raise ValueError(f"{key!r} is no name of a user")
        value, place = decode(text, _expected(_COLON, text, place).end())
        yield key, value, place
        sign = _expected(_NEXT, text, place)
    if sign.end() < len(text):
        raise ValueError("something stands behind its end")


def _expected(sign: re.Pattern[str], text: str, place: int) -> re.Match[str]:
    match = sign.match(text, place)
    if match is None:
        raise ValueError(f"unexpected {text[place : place + 20]!r}" if text[place:].strip() else "it ends")
    return match


def _interaction(
    path: Path, item_prefix: str | None, line: int, user: Any, item: Any, time: Any, shown: str
) -> Interaction | Reject:
    try:
        item = _name("item", item)
        uri = item if item_prefix is None else uri_from_id(item_prefix, item)
        if not is_uri(uri):
            raise ValueError(
                f"the item {item[:100]!r} is no absolute URI" if item_prefix is None else "the item's id is too long"
            )
        return Interaction(line, _name("user", user), uri, _seconds(time))
    except ValueError as error:
        return Reject(str(path), line, str(error), shown)


def _name(kind: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"the {kind} is {'missing' if value is None else 'no text or whole number'}")
    name = str(value).strip()
    if not name:
        raise ValueError(f"the {kind} is empty")
    if _UNUSABLE.search(name):
        raise ValueError(f"the {kind} holds a control character or is no UTF-8")
    if kind == "user" and len(name) > _LONGEST_USER:
        raise ValueError(f"the user is longer than {_LONGEST_USER} characters")
    return name


def _seconds(time: Any) -> int | None:
    """Seconds since 1970 of a number or of ISO 8601, which is UTC where it does not say."""
    if time is None or (isinstance(time, str) and not time.strip()):
        return None
    seconds = time
    if isinstance(time, str):
        try:
            seconds = float(time)
        except ValueError:
            with suppress(ValueError):
                moment = datetime.fromisoformat(time.strip())
                seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        shown = f"{time[:50]!r} " if isinstance(time, str) else ""
        raise ValueError(f"the time {shown}is neither a number of seconds since 1970 nor ISO 8601")
    if not -_LATEST <= seconds <= _LATEST:  # neither is NaN
        raise ValueError(f"the time {str(time)[:50]!r} is beyond the year 9999: is it in milliseconds?")
    return math.floor(seconds)
