"""Readers of item files (URIs one a line, JSON lines, tables) and of entity lists. They know no database.

The JSON form is described by `item.schema.json` beside this module, and a table's row becomes such a record;
docs/formats.md explains them with examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphstore.errors import InputFileError
from graphstore.input_files import Line, Progress, first_line, no_progress, parse_json_lines, read_lines
from graphstore.json_schemas import complaint, load_schema
from graphstore.rejects import Reject
from graphstore.table_files import is_table, read_columns, read_table
from graphstore.uris import is_uri, title_and_year_from_text, uri_from_id

__all__ = ["Item", "check_item_prefix", "read_items", "read_uris"]

_KINDS = ("genres", "category", "categories", "tags")  # of an item, as films, shops and web sites call them
_LISTS = frozenset({*_KINDS, "directors", "writers", "stars", "images"})


@dataclass(frozen=True)
class Item:
    """Something that can be recommended.

    properties: what the file said, never a null or an empty value; keys as in docs/formats.md without `uri`;
        what shops call `name`, `description`, `category` and so on is `title`, `plot` and `genres` here. `images` are
        absolute paths of files that exist.
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
        # A byte that is no UTF-8 would be part of the URI as the sign that stands for it.
        taken = is_uri(uri) and ("\ufffd" not in uri or uri.encode() in line.text)
        yield uri if taken else Reject(str(path), line.number, "not an absolute URI in UTF-8", text)


def read_items(path: Path, progress: Progress = no_progress, item_prefix: str | None = None) -> Iterator[Item | Reject]:
    """Yields a file's items in its order, lazily; its first line tells the form.

    item_prefix: what makes URIs of ids (`uri_from_id`), for records that have `id` and no `uri`.

    A Reject stands for a line that is no item, or for a picture that is not there (its item follows
    without it).

    Raises InputFileError when the file is missing, empty, binary or cut off, when a table has neither column, or
    `id` without a prefix, and when the prefix makes no URIs.
    """
    if item_prefix is not None:
        check_item_prefix(item_prefix)
    if first_line(path).lstrip().startswith(b"{"):
        records = parse_json_lines(path, progress)
    elif is_table(path, ["uri"]) or is_table(path, ["id"]):
        records = _table_records(path, progress, item_prefix)
    else:
        yield from (uri if isinstance(uri, Reject) else Item(uri) for uri in read_uris(path, progress))
        return
    for record in records:
        if isinstance(record, Reject):
            yield record
        else:
            line, value = record
            yield from _read_record(path, line, _with_uri(value, item_prefix))


def check_item_prefix(prefix: str) -> None:
    """Raises InputFileError when a prefix makes no URIs."""
    if not is_uri(f"{prefix}1"):
        raise InputFileError(
            f"{prefix!r} in front of an id makes no URI: name a prefix like urn:myshop: or https://myshop.example/item/."
        )


def _table_records(path: Path, progress: Progress, item_prefix: str | None) -> Iterator[tuple[Line, Any] | Reject]:
    """Rows as records of the JSON form; an empty cell says nothing."""
    only_ids = "uri" not in read_columns(path)
    if only_ids and item_prefix is None:
        raise InputFileError(f"{path} has no column uri; with --item-prefix URIs can be made of a column id.")
    for row in read_table(path, ["id"] if only_ids else ["uri"], progress):
        if isinstance(row, Reject):
            yield row
            continue
        record: dict[str, Any] = {column: cell.strip() for column, cell in row.cells.items() if cell.strip()}
        for column in _LISTS & record.keys():
            record[column] = record[column].split("|")
        if len(year := record.get("year", "")) <= 4 and year.isdecimal():
            record["year"] = int(year)
        yield row.line, record


def _with_uri(record: Any, item_prefix: str | None) -> Any:
    """The record with its id as URI, where it has an id and no URI."""
    if item_prefix is None or not isinstance(record, dict) or "uri" in record:
        return record
    id = record.get("id")
    if not isinstance(id, str | int) or not str(id).strip():
        return record
    return {key: value for key, value in record.items() if key != "id"} | {
        "uri": uri_from_id(item_prefix, str(id).strip())
    }


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
    description, name = given.pop("description", None), given.pop("name", None)
    given["plot"] = given.get("plot") or description
    given["genres"] = list(dict.fromkeys(kind for name in _KINDS for kind in given.pop(name, None) or ()))
    given["images"], missing = _pictures(path, given.get("images") or ())
    for picture in missing:
        yield Reject(str(path), line.number, "there is no such picture", str(picture), "picture")
    title, year = title_and_year_from_text(given.get("title") or name or "")
    given["title"] = title
    # JSON Schema takes 1979.0 for a whole number as well.
    given["year"] = int(given["year"]) if given.get("year") is not None else year
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
