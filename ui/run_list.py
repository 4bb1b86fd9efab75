"""The runs in a folder: what each is, how its training went, and what `tellgraph evaluate` measured of it.

A run that is damaged, unfinished or of another version is one of the list all the same, with a sentence that says so.
Knows no Streamlit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.errors import TrainingError
from training.recipe import AnyRecipe
from training.runs import RunFolder
from ui.evaluate_command import EVALUATION

__all__ = ["Figure", "RunSummary", "find_runs", "summarize"]

_MOST_RUNS = 200
_SMALL = 8_000_000  # bytes: a file of figures that is larger is none


@dataclass(frozen=True)
class Figure:
    """One measured value with its 95 % interval.

    low, high: None where there is no interval. n: how many instances or lists it is the mean of.
    """

    system: str
    column: str
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int | None


@dataclass(frozen=True)
class RunSummary:
    """A run folder, as far as it can be read.

    recipe: None where it cannot be read. finished: training went to its end.
    history: a line per epoch. dialogues: the file that the figures are of; None where there are none yet.
    accuracy, beyond: figures of the ladder, and those of coverage and the long tail.
    troubles: sentences about what could not be read.
    """

    path: Path
    recipe: AnyRecipe | None = None
    finished: bool = False
    history: tuple[dict[str, Any], ...] = ()
    dialogues: str | None = None
    accuracy: tuple[Figure, ...] = ()
    beyond: tuple[Figure, ...] = ()
    troubles: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def state(self) -> str:
        """In a word."""
        if self.recipe is None:
            return "cannot be read"
        return ("evaluated" if self.accuracy else "trained") if self.finished else "not finished"


def find_runs(folder: Path, chosen: Path) -> list[RunSummary]:
    """The runs in a folder by name, and `chosen` first, wherever it lies."""
    try:
        inside = sorted(path for path in folder.iterdir() if (path / "recipe.yaml").exists())
    except OSError:
        inside = []
    paths = dict.fromkeys(path.resolve() for path in (chosen, *inside[:_MOST_RUNS]))
    return [summarize(path) for path in paths]


def summarize(path: Path) -> RunSummary:
    """Read what is there; whatever cannot be read is said in `troubles`."""
    run = RunFolder(path)
    troubles: list[str] = []
    try:
        recipe = RunFolder.open(path).recipe
    except (TrainingError, OSError, ValueError, TypeError) as error:
        recipe = None
        troubles.append(str(error))
    if recipe and not run.finished:
        troubles.append(f"The training is not finished. Go on with `tellgraph train --run {path} --resume`.")
    if run.finished and not (path / "snapshot" / "manifest.json").is_file():
        troubles.append(
            "Its snapshot folder is gone or not whole, so that it can be neither evaluated nor chatted with."
        )
    history = _history(run, troubles)
    figures = _evaluation(path, troubles)
    return RunSummary(
        path,
        recipe,
        run.finished,
        history,
        dialogues=figures.get("dialogues", "dialogues that it does not name") if figures else None,
        accuracy=tuple(_figures(figures.get("systems"))) if figures else (),
        beyond=tuple(_figures(figures.get("beyond_accuracy"))) if figures else (),
        troubles=tuple(troubles),
    )


def _history(run: RunFolder, troubles: list[str]) -> tuple[dict[str, Any], ...]:
    try:
        entries = run.history()
        return tuple(entry for entry in entries if {"stage", "epoch", "loss"} <= entry.keys())
    except (OSError, ValueError, AttributeError):
        troubles.append("history.jsonl cannot be read, so that there are no curves.")
        return ()


def _evaluation(path: Path, troubles: list[str]) -> dict[str, Any] | None:
    """The file of figures, checked as far as charts need it."""
    file = path / EVALUATION
    if not file.is_file():
        return None
    try:
        if file.stat().st_size > _SMALL:
            raise ValueError("too large")
        values = json.loads(file.read_text(encoding="utf-8"))
        for key in ("systems", "beyond_accuracy"):
            list(_figures(values[key]))
        if not isinstance(values.get("dialogues", ""), str):
            raise TypeError("dialogues")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        troubles.append(
            f"{EVALUATION} cannot be read, or is of another version of Tellgraph: `tellgraph evaluate --run {path} "
            "--dialogues FILE` writes it anew."
        )
        return None
    return dict(values)


def _figures(systems: Any) -> Iterator[Figure]:
    """Every figure that has a value. Raises TypeError, KeyError, AttributeError for what are no figures."""
    for system, columns in systems.items():
        for column, metrics in columns.items():
            for metric, one in metrics.items():
                if one["value"] is not None:
                    low, high = one["low"], one["high"]
                    yield Figure(
                        str(system),
                        str(column),
                        str(metric),
                        float(one["value"]),
                        None if low is None else float(low),
                        None if high is None else float(high),
                        one.get("n"),
                    )
