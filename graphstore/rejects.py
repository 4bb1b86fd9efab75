"""What an ingest could not take: one record per rejected thing, kept in a JSONL file."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

from graphstore.errors import InputFileError

__all__ = ["Reject", "RejectsFile"]

_LONGEST_TEXT = 300


@dataclass(frozen=True)
class Reject:
    """One thing that was not taken, and why.

    file: the path as it was given.
    line: counted from 1.
    reason: one sentence for a person.
    text: the line, or the URI, in question; long ones are cut to 300 characters.
    part: what of the line was left out while the rest was taken; None: the whole line was.
    turn: the turn of a mention, counted from 0.
    """

    file: str
    line: int
    reason: str
    text: str
    part: Literal["picture", "mention"] | None = None
    turn: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.rstrip("\r\n")[:_LONGEST_TEXT])


class RejectsFile:
    """Writes rejects as JSON lines and counts them; an earlier run's file of the same path is replaced.

    Every line reaches the disk before the next batch is read, so an interrupted run leaves what it had found.
    most: how many there may be; None: any number. Raises InputFileError beyond, and when the path cannot be written.
    """

    def __init__(self, path: Path, most: int | None = None) -> None:
        self.path = path
        self._most = most
        self.count = 0
        self._stream: TextIO | None = None

    def __enter__(self) -> RejectsFile:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # A file's name may be no Unicode: what is no UTF-8 stands in the JSON as an escape.
            self._stream = self.path.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            with suppress(OSError):  # on a full disk; `add` has said so
                self._stream.close()

    def add(self, reject: Reject) -> None:
        """Keeps one reject."""
        assert self._stream is not None, "used outside of its with block"
        record = {key: value for key, value in asdict(reject).items() if value is not None}
        try:
            self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError as error:
            raise self._unwritable(error) from error
        self.count += 1
        if self._most is not None and self.count > self._most:
            raise InputFileError(
                f"More than {self._most:,} rejects, so this ends here; {self.path} gives the reason for each."
            )

    def _unwritable(self, error: OSError) -> InputFileError:
        return InputFileError(
            f"The rejects file {self.path} cannot be written ({error.strerror}); name another one with --rejects."
        )
