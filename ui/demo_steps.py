"""Steps that are done once: what is finished is remembered in a file, and the next run goes on from there.

run_steps ── for each step ──┬── finished before: say so
                             └── work ── remember ──► later steps count as not done
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

__all__ = ["Progress", "Step", "StepRecord", "in_background", "run_steps"]

Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
"""Is told (what, done, total) as the work goes on."""


@dataclass(frozen=True)
class Step:
    """A piece of work that need not be done twice.

    title: what a person reads. work: does it; an interrupted one is done again from its start.
    output: what it leaves on disk; where that is gone, the step is not done.
    """

    name: str
    title: str
    work: Callable[[Progress], None]
    output: Path | None = None


class StepRecord:
    """Names of finished steps, in a JSON file.

    made_of: a fingerprint of everything that the steps depend on; a record of another one is empty.
    """

    def __init__(self, path: Path, made_of: str) -> None:
        self._path, self._made_of = path, made_of

    def finished(self) -> list[str]:
        """Names in the order in which they were finished; a file that is missing or damaged names none."""
        try:
            record = json.loads(self._path.read_text(encoding="utf-8"))
            return list(record["finished"]) if record["made_of"] == self._made_of else []
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def remember(self, names: Sequence[str]) -> None:
        """Replace the record, all at once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".part")
        record = {"made_of": self._made_of, "finished": list(names)}
        unfinished.write_text(json.dumps(record, indent=1), encoding="utf-8")
        unfinished.replace(self._path)


def run_steps(steps: Sequence[Step], record: StepRecord, console: Console) -> None:
    """Do what is not done, in order, and say how long it took. Who redoes a step redoes those after it."""
    known = record.finished()
    finished: list[str] = []
    for number, step in enumerate(steps, start=1):
        place = f"[dim]{number}/{len(steps)}[/dim]"
        if step.name in known and (step.output is None or step.output.exists()):
            console.print(f"{place} {step.title}: done before")
        else:
            known = []
            record.remember(finished)
            started = time.monotonic()
            if not console.is_terminal:
                console.print(f"{place} {step.title} …")
            with _bars(console) as progress:
                step.work(progress)
            console.print(f"{place} {step.title}: [bold]{time.monotonic() - started:.1f} s[/bold]")
        finished.append(step.name)
        if not known:
            record.remember(finished)


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """Start `work` on a thread that dies with the program, so that Ctrl-C need not wait for it."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whatever it is, it is raised where the result is asked for
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


@contextmanager
def _bars(console: Console) -> Iterator[Progress]:
    """A bar for each thing that is reported, gone when the step ends; nothing where nobody watches."""
    columns = (TextColumn("    {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars = Bars(*columns, console=console, transient=True, disable=not console.is_terminal)
    tasks: dict[str, TaskID] = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what)
        bars.update(tasks[what], completed=done, total=total)
        # Not before: a step may draw bars of its own, and only one can be drawn at a time.
        bars.start()

    try:
        yield show
    finally:
        bars.stop()
