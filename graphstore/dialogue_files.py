"""Readers of dialogue files. They know no database: evaluation reads its files by them as well.

Every format but `log` holds one dialogue a line and is described by a JSON Schema beside this module, which also
judges the lines. docs/formats.md explains them with examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import InputFileError
from graphstore.input_files import Progress, no_progress, parse_json_lines
from graphstore.json_schemas import complaint
from graphstore.log_dialogues import read_log_dialogues
from graphstore.redial_dialogues import FILM_LINKS, read_film_links, redial_turns
from graphstore.rejects import Reject
from graphstore.uris import in_an_id

__all__ = ["DIALOGUE_FORMATS", "DialogueFormat", "read_dialogues", "read_numbered_dialogues"]

DialogueFormat = Literal["inspired", "log", "redial", "tellgraph"]
DIALOGUE_FORMATS: tuple[DialogueFormat, ...] = get_args(DialogueFormat)


@dataclass(frozen=True)
class _Format:
    """How a line's JSON becomes a dialogue.

    schema: the name of the schema that judges the line.
    key: the dialogue's name within its file, from the JSON and the line's number.
    turns: the dialogue's turns, from JSON that the schema agrees to; a ValueError tells why there are none.
    """

    schema: str
    key: Callable[[Any, int], str]
    turns: Callable[[Any], tuple[Turn, ...]]


def read_dialogues(
    path: Path,
    format: DialogueFormat = "inspired",
    source: str | None = None,
    split: str | None = None,
    film_links: Path | None = None,
    item_prefix: str | None = None,
) -> Iterator[Dialogue | Reject]:
    """Yields a file's dialogues in its order, lazily, and a Reject for each line that is none.

    source: where the dialogues are from, the format's name when not given.
    split: train, valid or test. A dialogue's id is `source/split/key`, without the part that is None; the
        key is the file's own id (`tellgraph`, `redial`), the user (`log`) or the line's number from 1 (`inspired`).
    film_links: the table of `redial`'s URIs; when not given, `movies_dbpedia.tsv` beside the file.
    item_prefix: what makes URIs of a `log`'s item ids; without it they are URIs.

    Raises InputFileError when a file is missing, empty, cut off or binary, or the format is unknown.
    """
    for record in read_numbered_dialogues(path, format, source, split, no_progress, film_links, item_prefix):
        yield record if isinstance(record, Reject) else record[1]


def read_numbered_dialogues(
    path: Path,
    format: DialogueFormat,
    source: str | None,
    split: str | None,
    progress: Progress = no_progress,
    film_links: Path | None = None,
    item_prefix: str | None = None,
) -> Iterator[tuple[int, Dialogue] | Reject]:
    """As `read_dialogues`, each dialogue with the number of its line, from 1."""
    prefix = "/".join(part for part in (in_an_id(source or format), split) if part is not None)
    if format == "log":
        yield from read_log_dialogues(path, prefix, source or format, split, item_prefix, progress)
        return
    reader = _reader(path, format, film_links)
    line_of_key: dict[str, int] = {}
    for parsed in parse_json_lines(path, progress):
        if isinstance(parsed, Reject):
            yield parsed
            continue
        line, record = parsed
        try:
            key, turns = _read_record(reader, line.number, record)
            if (first := line_of_key.setdefault(key, line.number)) != line.number:
                raise ValueError(f"the id {key!r} stands on line {first} already")
        except ValueError as error:
            yield Reject(str(path), line.number, str(error), line.text.decode(errors="replace"))
        else:
            yield line.number, Dialogue(f"{prefix}/{key}", source or format, split, turns)


def _read_record(reader: _Format, number: int, record: Any) -> tuple[str, tuple[Turn, ...]]:
    reason = complaint(reader.schema, record)
    if reason is not None:
        raise ValueError(reason)
    return reader.key(record, number), reader.turns(record)


def _reader(path: Path, format: DialogueFormat, film_links: Path | None) -> _Format:
    if format == "redial":
        links = read_film_links(film_links or path.parent / FILM_LINKS)
        return _Format(
            "redial_dialogue",
            lambda record, _: str(record["conversationId"]),
            lambda record: redial_turns(record, links),
        )
    if format not in _FORMATS:
        known = ", ".join(DIALOGUE_FORMATS)
        raise InputFileError(f"There is no dialogue format {format!r}; take one of {known}.")
    return _FORMATS[format]


def _inspired_turns(record: list[dict[str, Any]]) -> tuple[Turn, ...]:
    return tuple(
        Turn(turn["role"].lower(), turn["text"], _bare(turn["movie_link"]), _bare(turn["entity_link"]))
        for turn in record
    )


def _bare(links: list[str]) -> tuple[str, ...]:
    return tuple(link.strip().removeprefix("<").removesuffix(">") for link in links)


def _tellgraph_turns(record: dict[str, Any]) -> tuple[Turn, ...]:
    return tuple(
        Turn(turn["role"], turn["text"], tuple(turn.get("items", ())), tuple(turn.get("entities", ())))
        for turn in record["turns"]
    )


_FORMATS: dict[str, _Format] = {
    "inspired": _Format("inspired_dialogue", lambda _, number: str(number), _inspired_turns),
    "tellgraph": _Format("tellgraph_dialogue", lambda record, _: record["id"], _tellgraph_turns),
}
