"""`tellgraph ingest triples | items | entities | dialogues | interactions`: files into the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import wraps
from operator import methodcaller
from pathlib import Path
from typing import Any

import click

from graphstore.connection import Graph
from graphstore.dialogue_files import DIALOGUE_FORMATS, DialogueFormat
from graphstore.errors import InputFileError
from graphstore.graph import open_graph
from graphstore.ingest import FileIngest, source_of
from graphstore.input_files import first_line
from graphstore.offline_import import OfflineImport
from graphstore.rejects import RejectsFile
from graphstore.removal import Kind, Replacement
from graphstore.schema import prepare_schema
from graphstore.settings import Settings
from ui.ingest_report import FileReport, bar, reported, status, timed

__all__ = ["command"]

Work = Callable[[FileIngest], None]


@dataclass(frozen=True)
class _MostRejects:
    """How many lines may be rejected: a number, which ends the reading, or a share of a file, known at its end."""

    number: int | None = None
    share: float | None = None


class _MostRejectsType(click.ParamType[_MostRejects]):
    """`--max-rejects 100` or `--max-rejects 5%`."""

    name = "N|P%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> _MostRejects:
        if isinstance(value, _MostRejects):
            return value
        try:
            if value.endswith("%"):
                share = float(value[:-1]) / 100
                if not 0 <= share <= 1:
                    raise ValueError
                return _MostRejects(share=share)
            number = int(value)
            if number < 0:
                raise ValueError
            return _MostRejects(number)
        except ValueError:
            self.fail(f"{value!r} is neither a number of lines, like 100, nor a share of them, like 5%.", param, ctx)


@dataclass(frozen=True)
class _Job:
    """What every kind of ingest is told."""

    files: tuple[Path, ...]
    source: str | None
    rejects: Path | None
    max_rejects: _MostRejects
    replace: bool
    dry_run: bool
    as_json: bool


def _shared_options(function: Callable[..., None]) -> Callable[..., None]:
    """FILE… and the options that every kind of file has, handed over as one `_Job`."""

    @wraps(function)
    def with_job(**options: Any) -> None:
        job = _Job(**{name.name: options.pop(name.name) for name in fields(_Job)})
        if job.replace and job.dry_run:
            raise click.UsageError("--dry-run cannot tell what --replace would remove: name one of them.")
        function(job, **options)

    decorated: Callable[..., None] = with_job
    for decorate in (
        click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.option("--source", help="Where this is from; the file's name or the format when not given."),
        click.option("--replace", is_flag=True, help="Afterwards the source holds what the files say, and no more."),
        click.option("--dry-run", is_flag=True, help="Write nothing, and say what would be written."),
        click.option("--rejects", type=click.Path(path_type=Path), help="Keep what could not be taken in this file."),
        click.option(
            "--max-rejects",
            type=_MostRejectsType(),
            default=_MostRejects(),
            help="End with an error beyond so many rejects: a number of them, or a share of the lines, like 5%.",
        ),
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

    \b
    Before and after:
      tellgraph ingest items new.csv --dry-run
      tellgraph ingest items new.csv --source shop --replace --max-rejects 1%
      tellgraph delete source shop
    """


@command.command()
@click.option(
    "--offline",
    is_flag=True,
    help="Write the files of the private Neo4j instead of asking it: for millions of facts, into an empty graph.",
)
@_shared_options
def triples(job: _Job, offline: bool) -> None:
    """Facts as N-Triples, Turtle, RDF/XML, or a table of subject, predicate and object.

    \b
    Examples:
      tellgraph ingest triples dbpedia.nt.gz --source dbpedia
      tellgraph ingest triples facts.csv
      tellgraph ingest triples wikidata.nt.gz --offline
    """
    if offline:
        _run_offline(job)
    else:
        _run("triples", job, FileIngest.triples)


@command.command()
@click.option("--item-prefix", help="What makes URIs of the ids of records without a URI: urn:myshop: say.")
@_shared_options
def items(job: _Job, item_prefix: str | None) -> None:
    """What can be recommended: a list of URIs, or JSON lines or a table that add to it.

    \b
    Examples:
      tellgraph ingest items items.txt item_info.jsonl
      tellgraph ingest items articles.csv --item-prefix urn:myshop: --source shop
    """
    _run("items", job, lambda ingest: ingest.items(item_prefix))


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
@click.option(
    "--film-links",
    type=click.Path(path_type=Path),
    help="ReDial's table of films and URIs; movies_dbpedia.tsv beside the file when not given.",
)
@click.option("--quotable/--not-quotable", help="Whether their words may be shown to others; not, unless said.")
@click.option("--item-prefix", help="With --format log, what makes URIs of its item ids: urn:myshop: say.")
@_shared_options
def dialogues(
    job: _Job, format_name: DialogueFormat, split: str, film_links: Path | None, item_prefix: str | None, quotable: bool
) -> None:
    """Dialogues; whatever they mention has to be in the graph already. With --format log, orders in place of chats.

    \b
    Examples:
      tellgraph ingest dialogues train_data.jsonl --format redial --split train --quotable
      tellgraph ingest dialogues talks.jsonl.gz --format tellgraph --split train --source myshop
      tellgraph ingest dialogues orders.csv --format log --item-prefix urn:myshop: --split train
    """
    if item_prefix and format_name != "log":
        raise click.UsageError("--item-prefix is for --format log: the other formats name items by their URIs.")
    work = methodcaller("dialogues", format_name, split, film_links, item_prefix, quotable=quotable)
    _run("dialogues", replace(job, source=job.source or format_name), work, split)


@command.command()
@click.option("--item-prefix", help="What makes URIs of the log's item ids: urn:myshop: say.")
@_shared_options
def interactions(job: _Job, item_prefix: str | None) -> None:
    """Who used or bought which item, and when: a table, JSON lines, or a map of users to items.

    The items have to be in the graph already. `tellgraph build edges` connects what the same people used.

    \b
    Example:
      tellgraph ingest interactions orders.csv --item-prefix urn:myshop: --source orders
    """
    _run("interactions", job, lambda ingest: ingest.interactions(item_prefix))


def _run(kind: Kind, job: _Job, work: Work, split: str | None = None) -> None:
    settings = Settings.from_environment()
    done: list[FileReport] = []
    with (
        reported(done, job.dry_run, job.as_json),
        _rejects(settings, kind, job) as rejects,
        open_graph(settings) as graph,
    ):
        replacements = _begun_replacements(graph, kind, job, split)
        for file in job.files:
            replacement = replacements.get(job.source or source_of(file))
            source = replacement.name if replacement else job.source
            with bar(file) as progress:
                ingest = FileIngest(graph, file, rejects, source, progress, job.dry_run)
                with timed(FileReport(file, rejects, ingest.counts, ingest.notes), done):
                    work(ingest)
            _refuse_share(job, done[-1])
            if replacement:
                replacement.dialogue_ids |= ingest.dialogue_ids
        for replacement in replacements.values():
            replacement.finish()


def _run_offline(job: _Job) -> None:
    if job.replace or job.dry_run:
        raise click.UsageError("--offline fills an empty graph: there is nothing to replace, and no dry run.")
    settings = Settings.from_environment()
    done: list[FileReport] = []
    with (
        reported(done, job.dry_run, job.as_json),
        _rejects(settings, "triples", job) as rejects,
        OfflineImport(settings, rejects) as imported,
    ):
        for file in job.files:
            with bar(file) as progress, timed(FileReport(file, rejects), done):
                imported.triples(file, job.source, progress)
        with status("Neo4j's importer is writing the graph …"), timed(done[-1], []):
            files = imported.finish()
        for report, made in zip(done, files, strict=True):
            report.counts["facts"] = made.facts
            report.notes["new entities"] = made.entities
            _refuse_share(job, report)


@contextmanager
def _rejects(settings: Settings, kind: Kind, job: _Job) -> Iterator[RejectsFile]:
    """The rejects file, once the files to be read are known to be readable: a server is not started for less."""
    for file in job.files:
        first_line(file)
    name = f"{kind}-{job.files[0].name.split('.', 1)[0]}.jsonl"
    path = job.rejects or settings.home / "rejects" / name
    if path.resolve() in {file.resolve() for file in job.files}:
        raise InputFileError(f"{path} is to be read: name another file with --rejects.")
    with RejectsFile(path, job.max_rejects.number) as rejects:
        yield rejects


def _begun_replacements(graph: Graph, kind: Kind, job: _Job, split: str | None) -> dict[str, Replacement]:
    """By source; none unless something is to be replaced."""
    if not job.replace:
        return {}
    prepare_schema(graph)
    sources = {job.source or source_of(file) for file in job.files}
    replacements = {source: Replacement(graph, source, kind, split) for source in sorted(sources)}
    for replacement in replacements.values():
        replacement.begin()
    return replacements


def _refuse_share(job: _Job, report: FileReport) -> None:
    """Raise InputFileError when more of a file's lines were rejected than may be."""
    read, rejected = (sum(getattr(count, name) for count in report.counts.values()) for name in ("read", "rejected"))
    most = job.max_rejects.share
    if most is not None and rejected > most * read:
        others = "" if job.replace or job.dry_run else " The others are in the graph."
        raise InputFileError(
            f"{rejected:,} of {read:,} things in {report.path} were rejected, {rejected / read:.1%} and more than "
            f"{most:.1%}; {report.rejects.path} gives the reason for each.{others}"
        )
