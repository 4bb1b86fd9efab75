"""A folder that appears whole or not at all: filled aside, in a hidden folder, then renamed into place.

.NAME.*.partial    what is being written; left over by a process that was killed, it may be deleted
.NAME.*.replaced   the older folder while the new one takes its place
"""

from __future__ import annotations

import glob
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphstore.errors import SnapshotError

__all__ = ["check_target", "fresh_folder", "set_aside"]


@contextmanager
def fresh_folder(target: Path, format_: str) -> Iterator[Path]:
    """Gives an empty folder; what is written into it stands in `target` when the block ends well.

    format_: what `format` says in the manifest.json of a folder that may be replaced.
    Raises SnapshotError when anything else is in `target`, which stays untouched, or when it cannot be written.
    """
    target = target.resolve()
    fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        with _writing(target):
            check_target(target, format_)
            fresh.mkdir(parents=True)
            yield fresh
            check_target(target, format_)
            _replace(target, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def check_target(folder: Path, format_: str) -> None:
    """Raise SnapshotError unless `folder` is new, empty, or holds that format (which may be replaced)."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir() or not _is_of(folder, format_):
        what = "snapshot" if format_ == "tellgraph-snapshot" else f"{format_} folder"
        raise SnapshotError(f"{folder} is there and is no {what}, so it is left alone: name another folder.")


def set_aside(target: Path) -> Path | None:
    """The older folder that a killed process left beside `target`, where nothing took its place; None otherwise."""
    if target.exists():
        return None
    return next(iter(sorted(target.absolute().parent.glob(f".{glob.escape(target.name)}.*.replaced"))), None)


def _replace(target: Path, fresh: Path) -> None:
    """Put `fresh` at `target`; after an exception `target` is the old folder or the new one.

    Killed between its two renames, the process leaves neither: the old folder is the one that `set_aside` finds.
    """
    if not target.exists():
        fresh.rename(target)
        return
    aside = fresh.with_suffix(".replaced")
    try:
        target.rename(aside)
        fresh.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """A full disk or a folder without permission is the user's to mend, so it gets a sentence."""
    try:
        yield
    except OSError as error:
        raise SnapshotError(
            f"The snapshot {target} cannot be written ({error.strerror}): see to the disk, or name another folder."
        ) from error


def _is_of(folder: Path, format_: str) -> bool:
    """True for the format in any version, readable or damaged: replacing one is how it is repaired."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == format_
