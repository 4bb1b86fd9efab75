"""ReDial's published form (Li et al., NeurIPS 2018): messages with `@id` for films, and both workers' forms.

The films' URIs stand in a table of their own, which whoever linked the films publishes: two columns, `movieId`
and `dbpedia`, parted by tabs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from graphstore.dialogues import Opinion, Role, Turn
from graphstore.errors import InputFileError
from graphstore.input_files import read_lines
from graphstore.uris import is_uri, name_from_uri

__all__ = ["FILM_LINKS", "read_film_links", "redial_turns"]

FILM_LINKS = "movies_dbpedia.tsv"
"""The name of the table, which is looked for beside the dialogues."""

_FILM = re.compile(r"@([0-9]+)")


def read_film_links(path: Path) -> dict[str, str]:
    """The URI of each film that has one, by its id.

    Raises InputFileError when the file is missing, unreadable or no such table.
    """
    if not path.exists():
        raise InputFileError(
            f"There is no file {path}: the films of ReDial's dialogues get their URIs from it; "
            "put it beside the dialogues or name it."
        )
    links: dict[str, str] = {}
    for line in read_lines(path):
        columns = line.text.decode(errors="replace").rstrip("\r\n").split("\t")
        film, uri = (column.strip() for column in (*columns, "")[:2])
        if line.number == 1 and not film.isdigit():
            continue
        if not film.isdigit() or len(columns) > 2 or (uri and not is_uri(uri)):
            raise InputFileError(f"{path}, line {line.number}: expected a film's id, a tab and its URI or nothing.")
        if uri:
            links[film] = uri
    return links


def redial_turns(record: dict[str, Any], links: Mapping[str, str]) -> tuple[Turn, ...]:
    """The turns of a line that the schema agrees to; one turn is all that a worker wrote in one go.

    Raises ValueError when the line does not tell who is the seeker.
    """
    initiator, respondent = record["initiatorWorkerId"], record["respondentWorkerId"]
    senders = {message["senderWorkerId"] for message in record["messages"]}
    if initiator == respondent or not senders <= {initiator, respondent}:
        raise ValueError("it takes two workers, one of whom sent each message, to tell seeker from recommender")
    return tuple(
        _turn(record, "seeker" if sender == initiator else "recommender", list(messages), links)
        for sender, messages in groupby(record["messages"], key=lambda message: message["senderWorkerId"])
    )


def _turn(record: dict[str, Any], role: Role, messages: list[dict[str, Any]], links: Mapping[str, str]) -> Turn:
    text = "\n".join(message["text"] for message in messages)
    names = record.get("movieMentions") or {}

    def name(film: str) -> str:
        return " ".join((names.get(film) or "").split()) or (
            name_from_uri(links[film]) if film in links else f"@{film}"
        )

    films = _FILM.findall(text)
    linked = [film for film in films if film in links]
    return Turn(
        role,
        _FILM.sub(lambda match: name(match[1]), text),
        tuple(links[film] for film in linked),
        unlinked=tuple(name(film) for film in films if film not in links),
        opinions=tuple(_opinion(record, film) for film in linked),
    )


def _opinion(record: dict[str, Any], film: str) -> Opinion:
    forms = [(record.get(f"{worker}Questions") or {}).get(film, {}) for worker in ("initiator", "respondent")]

    def answer(question: str) -> bool | None:
        """The seeker knows best; the recommender's answer stands in where the seeker has none."""
        given = [form.get(question) for form in forms]
        return next((code == 1 for code in given if code in (0, 1)), None)

    return Opinion(answer("liked"), answer("seen"), answer("suggested"))
