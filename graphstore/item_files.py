"""Readers of item files (URIs one a line, or JSON lines) and of entity lists. They know no database.

The JSON form is described by `item.schema.json` beside this module; docs/formats.md explains both with
examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphstore.input_files import Line, Progress, no_progress, parse_json_lines, read_lines
from graphstore.json_schemas import complaint, load_schema
from graphstore.rejects import Reject
from graphstore.uris import is_uri, title_and_year_from_text

__all__ = ["Item", "read_items", "read_uris"]


@dataclass(frozen=True)
class Item:
    """Something that can be recommended.

    properties: what the file said, never a null or an empty value; keys as in docs/formats.md without `uri`.
        `images` are absolute paths of files that exist.
    unknown: names of the line's fields that mean nothing here.
    """

    uri: str
    properties: dict[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def read_uris(path: Path, progress: Progress = no_progress) -> Iterator[str | Reject]:
    """Yields the URIs of a list, one a line, angle brackets or not, lazily.

    Raises InputFileError when the file is missing, empty, binary or cut off.
    """
    for line in read_lines(path, progress):
        text = line.text.decode(errors="replace").strip()
        uri = text.removeprefix("<").removesuffix(">")
        yield uri if is_uri(uri) else Reject(str(path), line.number, "not an absolute URI", text)


def read_items(path: Path, progress: Progress = no_progress) -> Iterator[Item | Reject]:
    """Yields a file's items in its order, lazily; the first character tells JSON lines from a list of URIs.

    A Reject stands for a line that is no item, or for a picture that is not there (its item follows
    without it).

    Raises InputFileError when the file is missing, empty, binary or cut off.
    """
    first = next(read_lines(path))
    if not first.text.lstrip().startswith(b"{"):
        for uri in read_uris(path, progress):
            yield uri if isinstance(uri, Reject) else Item(uri)
        return
    for parsed in parse_json_lines(path, progress):
        if isinstance(parsed, Reject):
            yield parsed
        else:
            yield from _read_record(path, *parsed)


def _read_record(path: Path, line: Line, record: Any) -> Iterator[Item | Reject]:
    reason = complaint("item", record)
    if reason is None and not is_uri(record["uri"]):
        reason = "$.uri: not an absolute URI"
    if reason is not None:
        yield Reject(str(path), line.number, reason, line.text.decode(errors="replace"))
        return
    known = load_schema("item")["properties"]
    unknown = tuple(key for key in record if key not in known)
    given = {key: _trimmed(value) for key, value in record.items() if key in known and key != "uri"}
    given["images"], missing = _pictures(path, given.get("images") or ())
    for picture in missing:
        yield Reject(str(path), line.number, "there is no such picture", str(picture), "picture")
    title, year = title_and_year_from_text(given.get("title") or "")
    given["title"] = title
    given["year"] = given["year"] if given.get("year") is not None else year
    properties = {key: value for key, value in given.items() if value not in (None, "", [])}
    yield Item(record["uri"], properties, unknown)


def _trimmed(value: Any) -> Any:
    if isinstance(value, list):
        return [word.strip() for word in value if word.strip()]
    return value.strip() if isinstance(value, str) else value


def _pictures(path: Path, named: Iterable[str]) -> tuple[list[str], list[Path]]:
    found, missing = [], []
    for picture in (path.parent.resolve() / name for name in named):
        if picture.is_file():
            found.append(str(picture))
        else:
            missing.append(picture)
    return found, missing
