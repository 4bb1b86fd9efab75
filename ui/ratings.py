"""Ratings that people saved from a page of replies (ui/reply_page.py): read, judged and summed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.bootstrap import Bootstrap, Estimate
from ui.errors import DoorError
from ui.reply_page import MARKS, QUALITIES

__all__ = ["RatingFile", "RatingSums", "read_ratings", "sum_ratings"]


@dataclass(frozen=True)
class RatingFile:
    """One person's marks. ratings: (chat, system, quality, mark), each (chat, system, quality) once at most."""

    path: Path
    page: str
    rater: str
    ratings: tuple[tuple[int, str, str, int], ...]


@dataclass(frozen=True)
class RatingSums:
    """What several people think of the systems of one page.

    page: which. raters: number of files. chats: number of chats with a mark.
    systems: system → quality → mean mark, 0 to 2, its interval by chat, and the number of marks; the system with the
        best sum of both means first.
    """

    page: str
    raters: int
    chats: int
    systems: dict[str, dict[str, Estimate]]

    def as_json(self) -> dict[str, Any]:
        """The sums as JSON values; a quality without a mark is null."""
        return asdict(self)


def read_ratings(path: Path) -> RatingFile:
    """Read a file that a page saved. Raises DoorError when it is missing or is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DoorError(
            f"{path} cannot be read ({error.strerror}): name files that a page of replies saved."
        ) from error
    except ValueError as error:
        raise DoorError(f"{path} is no JSON ({error}): name files that a page of replies saved.") from error
    try:
        return RatingFile(path, _text(content["page"]), _text(content["rater"]), tuple(_marks(content["ratings"])))
    except (KeyError, TypeError, ValueError) as error:
        raise DoorError(
            f"{path} holds no ratings of a page of replies ({error}): save them from the page again."
        ) from error


def sum_ratings(files: Sequence[RatingFile], *, resamples: int = 2_000, seed: int = 0) -> RatingSums:
    """Mean marks of each system over all files, with intervals from resampling whole chats.

    Raises DoorError when there is no mark, when files are of different pages, and when one person's stand there twice.
    """
    for place, file in enumerate(files):
        for other in files[:place]:
            if file.page != other.page:
                raise DoorError(f"{file.path} and {other.path} rate different pages: sum each page by itself.")
            if file.ratings == other.ratings or (file.rater and file.rater == other.rater):
                whose = f"are both by {file.rater}" if file.rater == other.rater != "" else "hold the same marks"
                raise DoorError(f"{file.path} and {other.path} {whose}: leave one of them out.")
    marks = [mark for file in files for mark in file.ratings]
    if not marks:
        raise DoorError("There is no mark in these files: rate some replies and save them again.")
    systems = {
        system: {quality: _estimate(marks, system, quality, resamples, seed) for quality in QUALITIES}
        for system in sorted({system for _, system, _, _ in marks})
    }
    best_first = sorted(systems, key=lambda system: -sum(one.value or 0 for one in systems[system].values()))
    return RatingSums(
        page=files[0].page,
        raters=len(files),
        chats=len({chat for chat, *_ in marks}),
        systems={system: systems[system] for system in best_first},
    )


def _marks(ratings: Any) -> Iterable[tuple[int, str, str, int]]:
    seen = set()
    for rating in ratings:
        chat, system = rating["chat"], _text(rating["system"])
        if type(chat) is not int or (chat, system) in seen:
            raise ValueError(f"chat {chat!r} of {system!r} is no number or stands there twice")
        seen.add((chat, system))
        for quality in QUALITIES:
            if quality in rating:
                if type(rating[quality]) is not int or rating[quality] not in MARKS:
                    raise ValueError(f"a mark of {quality} is {rating[quality]!r}")
                yield chat, system, quality, rating[quality]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _estimate(
    marks: Sequence[tuple[int, str, str, int]], system: str, quality: str, resamples: int, seed: int
) -> Estimate:
    given = [(chat, mark) for chat, of, kind, mark in marks if (of, kind) == (system, quality)]
    chats, values = np.array(given, dtype=np.int64).reshape(-1, 2).T
    return Bootstrap(chats, resamples, seed).estimate(values.astype(np.float64))
