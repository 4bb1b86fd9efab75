"""Figures into a file that somebody names with --json: whether that can work is known before the work begins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ui.errors import DoorError

__all__ = ["prepare_output", "write_json"]


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
    """Write the file, whole or not at all. Raises DoorError where that fails."""
    aside = path.with_name(f".{path.name}.partial")
    try:
        aside.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise DoorError(f"{path} cannot be written ({error.strerror}): name another --json.") from error
