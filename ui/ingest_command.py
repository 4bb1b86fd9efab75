"""`tellgraph ingest triples | items | entities | dialogues`: files into the graph."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from graphstore.dialogue_files import DIALOGUE_FORMATS, DialogueFormat
from graphstore.errors import InputFileError
from graphstore.graph import open_graph
from graphstore.ingest import FileIngest
from graphstore.input_files import read_lines
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings

__all__ = ["command"]

Work = Callable[[FileIngest], None]


@dataclass(frozen=True)
class _Job:
    """What every kind of ingest is told."""

    files: tuple[Path, ...]
    source: str | None
    rejects: Path | None
    as_json: bool


def _shared_options(function: Callable[..., None]) -> Callable[..., None]:
    """FILE…, --source, --rejects and --json, handed over as one `_Job`."""

    @wraps(function)
    def with_job(
        files: tuple[Path, ...], source: str | None, rejects: Path | None, as_json: bool, **others: Any
    ) -> None:
        function(_Job(files, source, rejects, as_json), **others)

    decorated: Callable[..., None] = with_job
    for decorate in (
        click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.option("--source", help="Where this is from; the file's name or the format when not given."),
        click.option("--rejects", type=click.Path(path_type=Path), help="Keep what could not be taken in this file."),
        click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON."),
    ):
        decorated = decorate(decorated)
    return decorated


@click.group("ingest")
def command() -> None:
    """Facts, items and dialogues from files into the graph; twice is the same graph.

    Files may be gzip. A line that cannot be taken goes to a rejects file with its reason, and the rest goes on.
    docs/formats.md describes every format.

    \b
    Examples, in the order that INSPIRED takes:
      tellgraph ingest entities entities.txt
      tellgraph ingest triples dbpedia.nt.gz
      tellgraph ingest items items.txt item_info.jsonl
      tellgraph ingest dialogues train.jsonl --format inspired --split train
    """


@command.command()
@_shared_options
def triples(job: _Job) -> None:
    """Facts as N-Triples.

    \b
    Example:
      tellgraph ingest triples dbpedia.nt.gz --source dbpedia
    """
    _run("triples", job, FileIngest.triples)


@command.command()
@_shared_options
def items(job: _Job) -> None:
    """What can be recommended: a list of URIs, or JSON lines that add to it.

    \b
    Example:
      tellgraph ingest items items.txt item_info.jsonl
    """
    _run("items", job, FileIngest.items)


@command.command()
@_shared_options
def entities(job: _Job) -> None:
    """Entities that stand in no fact: a list of URIs.

    \b
    Example:
      tellgraph ingest entities entities.txt
    """
    _run("entities", job, FileIngest.entities)


@command.command()
@click.option("--format", "format_name", type=click.Choice(DIALOGUE_FORMATS), required=True, help="Of the files.")
@click.option(
    "--split",
    type=click.Choice(["train", "valid", "test"]),
    required=True,
    help="What the dialogues are for; only train ones make co-mention edges.",
)
@_shared_options
def dialogues(job: _Job, format_name: DialogueFormat, split: str) -> None:
    """Dialogues; whatever they mention has to be in the graph already.

    \b
    Examples:
      tellgraph ingest dialogues train.jsonl --format inspired --split train
      tellgraph ingest dialogues talks.jsonl.gz --format tellgraph --split train --source myshop
    """
    _run("dialogues", job, lambda ingest: ingest.dialogues(format_name, split))


def _run(kind: str, job: _Job, work: Work) -> None:
    settings = Settings.from_environment()
    for file in job.files:
        next(read_lines(file))  # what is wrong with a file is better known before a server is started for it
    name = f"{kind}-{job.files[0].name.split('.', 1)[0]}.jsonl"
    rejects_path = job.rejects or settings.home / "rejects" / name
    if rejects_path.resolve() in {file.resolve() for file in job.files}:
        raise InputFileError(f"{rejects_path} is to be read: name another file with --rejects.")
    done: list[tuple[FileIngest, float]] = []
    try:
        with open_graph(settings) as graph, RejectsFile(rejects_path) as rejects:
            for file in job.files:
                with _bar(file) as progress:
                    ingest = FileIngest(graph, file, rejects, job.source, progress)
                    start = time.perf_counter()
                    try:
                        work(ingest)
                    finally:
                        done.append((ingest, time.perf_counter() - start))
    finally:
        # Also for what was finished before a file turned out to be cut off, or before Ctrl-C.
        if done:
            show = _print_json if job.as_json else _print_table
            show(done, rejects_path)


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, in bytes of the file on disk."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(file.name, total=file.stat().st_size)
        yield lambda done: bars.update(task, completed=done)


def _print_json(done: list[tuple[FileIngest, float]], rejects: Path) -> None:
    files = [
        {
            "file": str(ingest.path),
            "counts": {
                kind: {**asdict(count), "already_there": count.already_there} for kind, count in ingest.counts.items()
            },
            "notes": dict(+ingest.notes),
            "seconds": round(seconds, 3),
        }
        for ingest, seconds in done
    ]
    click.echo(json.dumps({"files": files, "rejects": str(rejects)}, indent=2, ensure_ascii=False))


def _print_table(done: list[tuple[FileIngest, float]], rejects: Path) -> None:
    figures = ("Read", "New", "Already there", "Rejected", "Seconds")
    table = Table("File", "What", *(Column(name, justify="right") for name in figures))
    for ingest, seconds in done:
        for kind, count in ingest.counts.items():
            cells = [f"{figure:,}" for figure in (count.read, count.new, count.already_there, count.rejected)]
            table.add_row(escape(ingest.path.name), kind, *cells, f"{seconds:,.1f}")
    Console().print(table)
    for ingest, _ in done:
        for note, number in (+ingest.notes).items():
            click.echo(f"{ingest.path.name}: {number:,} {note}")
    if rejects.stat().st_size:
        click.echo(f"What was rejected, and why: {rejects}")
