"""What a frozen encoder made of a set of texts, kept on disk: it never learns, so that once is enough.

    CACHE/encodings/KEY.npy    a row per text, in their order, read through a memory map

KEY is a checksum of all that the numbers depend on: the encoder with its weights, what was asked of it, and the texts.
So nothing grows stale, and another encoder or another text is another file. A file is made aside and renamed: two
processes that encode the same do it twice and keep the same. What was used longest ago goes first when there is too
much. Only data sets are kept, never what somebody says in a chat.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from training.processes import Processes

__all__ = ["Fingerprinted", "KeptEncodings"]

MOST_BYTES = 4 * 2**30  # of all files together
_VERSION = 1  # raised when the same request is to give other numbers

Rows = npt.NDArray[Any]


class Fingerprinted(Protocol):
    """An encoder that can be told from every other one; None keeps nothing of it."""

    @property
    def fingerprint(self) -> str | None:
        """Says everything that its numbers depend on, beside the text."""


class KeptEncodings:
    """The encodings of one encoder.

    cache: the cache folder of the settings. most_bytes: of all encodings in it.
    """

    def __init__(self, cache: Path, encoder: Fingerprinted, most_bytes: int = MOST_BYTES) -> None:
        self._folder = cache / "encodings"
        self._encoder = encoder
        self._most_bytes = most_bytes

    def rows(
        self, request: str, texts: Sequence[str], encode: Callable[[], Rows], advance: Callable[[int], None]
    ) -> Rows:
        """A row per text: read, or made by `encode` and kept.

        request: what is asked of the encoder; equal requests mean equal numbers. encode: tells a progress bar itself.
        advance: told of all texts at once where they are read.

        A cache that cannot be written keeps nothing, and the rows are those of `encode`. Processes that train together
        all read or all encode, since they share that work.
        """
        fingerprint = self._encoder.fingerprint
        if fingerprint is None or not texts:
            return encode()
        file = self._folder / f"{_key(fingerprint, request, texts)}.npy"
        found = _mapped(file, len(texts))
        everywhere = not Processes.current().any(found is None)
        if found is not None and everywhere:
            advance(len(texts))
            return found
        made = encode()
        self._keep(file, made)
        found = _mapped(file, len(texts))
        return made if found is None else found

    def _keep(self, file: Path, rows: Rows) -> None:
        if rows.nbytes > self._most_bytes:
            return
        with contextlib.suppress(OSError):  # read-only, or full: what is in memory does as well
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".partial", delete=False) as aside:
                try:
                    np.save(aside, rows, allow_pickle=False)
                    aside.close()
                    Path(aside.name).replace(file)
                finally:
                    Path(aside.name).unlink(missing_ok=True)
            self._forget_oldest(file)

    def _forget_oldest(self, newest: Path) -> None:
        """Delete what was used longest ago until the rest is small enough; whoever has it mapped may go on reading."""
        kept = sorted(_with_sizes(self._folder))
        total = sum(size for _, size, _ in kept)
        for _, size, file in kept:
            if total <= self._most_bytes or file == newest:
                continue
            file.unlink(missing_ok=True)
            total -= size


def _key(fingerprint: str, request: str, texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in (str(_VERSION), fingerprint, request, *texts):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()


def _mapped(file: Path, count: int) -> Rows | None:
    """The rows of a file that is there, whole, and has so many; it counts as used now."""
    try:
        rows = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):  # absent, or no longer what was written
        return None
    if rows.ndim == 0 or len(rows) != count:
        return None
    with contextlib.suppress(OSError):  # a cache that is only read
        os.utime(file)
    return np.asarray(rows)


def _with_sizes(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each file was used last, and its bytes."""
    for file in folder.iterdir():
        try:
            seen = file.stat()
        except FileNotFoundError:  # another process was faster
            continue
        if not file.is_file():
            continue
        yield seen.st_mtime, seen.st_size, file
