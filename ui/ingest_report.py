"""What `tellgraph ingest` shows: a bar while it reads, and a table or JSON of what became of each file."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from graphstore.ingest import Count
from graphstore.rejects import RejectsFile

__all__ = ["FileReport", "bar", "reported", "status", "timed"]


@dataclass
class FileReport:
    """What became of one file. counts: by kind of thing; notes: whatever else is worth a line; seconds: so far."""

    path: Path
    rejects: RejectsFile
    counts: dict[str, Count] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@contextmanager
def reported(done: list[FileReport], dry_run: bool, as_json: bool) -> Iterator[None]:
    """Show the reports at the end, also of what was finished before a file proved cut off or before Ctrl-C."""
    try:
        yield
    finally:
        if done:
            show = _print_json if as_json else _print_table
            show(done, dry_run)


@contextmanager
def timed(report: FileReport, done: list[FileReport]) -> Iterator[None]:
    """Add to a report the time that something took, and the report to those that are done."""
    start = time.perf_counter()
    try:
        yield
    finally:
        report.seconds += time.perf_counter() - start
        done.append(report)


@contextmanager
def bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, in bytes of the file on disk."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(file.name, total=file.stat().st_size)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def status(words: str) -> Iterator[None]:
    """A sentence on standard error while something works that does not say how far it is."""
    with Console(stderr=True).status(words):
        yield


def _print_json(done: list[FileReport], dry_run: bool) -> None:
    files = [
        {
            "file": str(report.path),
            "counts": {
                kind: {**asdict(count), "already_there": count.already_there} for kind, count in report.counts.items()
            },
            "notes": dict(+report.notes),
            "seconds": round(report.seconds, 3),
        }
        for report in done
    ]
    rejects = str(done[0].rejects.path)
    click.echo(json.dumps({"dry_run": dry_run, "files": files, "rejects": rejects}, indent=2, ensure_ascii=False))


def _print_table(done: list[FileReport], dry_run: bool) -> None:
    figures = ("Read", "New", "Already there", "Rejected", "Seconds")
    table = Table("File", "What", *(Column(name, justify="right") for name in figures))
    for report in done:
        for kind, count in report.counts.items():
            cells = [f"{figure:,}" for figure in (count.read, count.new, count.already_there, count.rejected)]
            table.add_row(escape(report.path.name), kind, *cells, f"{report.seconds:,.1f}")
    Console().print(table)
    for report in done:
        for note, number in (+report.notes).items():
            click.echo(f"{report.path.name}: {number:,} {note}")
    if dry_run:
        click.echo("Nothing was written: this is what the same command does without --dry-run.")
    if done[0].rejects.count:
        click.echo(f"What was rejected, and why: {done[0].rejects.path}")
