"""Files that somebody names with --json or another option: whether they can be written is known before the work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ui.errors import DoorError

__all__ = ["prepare_output", "write_json", "write_output"]


def prepare_output(path: Path, option: str = "--json") -> None:
    """Make the file's folder. option: what named it. Raises DoorError where the file could not be written."""
    if path.is_dir():
        raise DoorError(f"{path} is a folder: name a file with {option}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DoorError(
            f"The folder {path.parent} cannot be made ({error.strerror}): name another {option}."
        ) from error


def write_json(path: Path, figures: dict[str, Any]) -> None:
    """Write figures as `write_output` does."""
    write_output(path, json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


def write_output(path: Path, text: str, option: str = "--json") -> None:
    """Write the file, whole or not at all. option: what named it. Raises DoorError where that fails."""
    aside = path.with_name(f".{path.name}.partial")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise DoorError(f"{path} cannot be written ({error.strerror}): name another {option}.") from error
