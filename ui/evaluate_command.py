"""`tellgraph evaluate`: a run and the untrained ladder on a dialogue file, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from graphstore.dialogue_files import DIALOGUE_FORMATS, DialogueFormat
from graphstore.settings import Settings
from training.decoding import Decoding, Method
from ui.errors import DoorError
from ui.evaluate_tables import (
    accuracy_table,
    beyond_accuracy_table,
    conversation_paired_table,
    conversation_reference_table,
    conversation_table,
    input_lines,
    paired_table,
    reference_table,
)
from ui.json_file import prepare_output, write_json

if TYPE_CHECKING:
    from training.evaluation_input import EvaluationInput
    from training.evaluation_report import Report
    from training.recommender import Recommender

__all__ = ["EVALUATION", "command"]

EVALUATION = "evaluation.json"
"""The file in a run's folder that holds the figures of its last evaluation."""
REPLY_EVALUATION = "replies.json"
"""The same of what it says."""

_Report = TypeVar("_Report")


@click.command("evaluate")
@click.option("--run", type=click.Path(path_type=Path), required=True, help="A finished run's folder.")
@click.option("--dialogues", type=click.Path(path_type=Path), required=True, help="Any dialogue file.")
@click.option("--format", "format_name", type=click.Choice(DIALOGUE_FORMATS), default="inspired", show_default=True)
@click.option("--item-prefix", help="With --format log, what makes URIs of its item ids, as they were ingested.")
@click.option(
    "--film-links",
    type=click.Path(path_type=Path),
    help="ReDial's table of films and URIs; movies_dbpedia.tsv beside the file when not given.",
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure to this file as well.")
@click.option("--replies", is_flag=True, help="Score what the run says instead of what it recommends.")
@click.option("--page", type=click.Path(path_type=Path), help="With --replies: fifty of them as HTML, to rate.")
@click.option(
    "--decoding",
    type=click.Choice(get_args(Method)),
    default="greedy",
    show_default=True,
    help="With --replies: how their words are chosen.",
)
@click.option("--reference", is_flag=True, help="Show what papers print for INSPIRED's test split beside it.")
@click.option("--device", default="auto", show_default=True, help="auto (a GPU when there is one), cpu, cuda …")
def command(
    run: Path,
    dialogues: Path,
    format_name: DialogueFormat,
    item_prefix: str | None,
    film_links: Path | None,
    json_path: Path | None,
    replies: bool,
    page: Path | None,
    decoding: Method,
    reference: bool,
    device: str,
) -> None:
    """Score a run on dialogues, beside the two untrained systems that it has to beat, and its parts where it is a sum.

    Recall, NDCG and MRR for all instances, for repeated labels, and for new ones (without the context's items),
    with 95 % intervals by dialogue. docs/evaluation.md says what every figure means. No database is needed.
    The figures are kept as evaluation.json in the run's folder, where `tellgraph app` finds them.

    \b
    Examples:
      tellgraph evaluate --run runs/demo --dialogues valid.jsonl --json figures.json
      tellgraph evaluate --run runs/shop --dialogues talks.jsonl --format tellgraph
      tellgraph evaluate --run runs/shop --dialogues newer.csv --format log --item-prefix urn:myshop:
      tellgraph evaluate --run runs/small --dialogues valid.jsonl --replies --page replies.html
    """
    # torch takes seconds to import; --help should not
    from training.recommender import Recommender

    if page is not None and not replies:
        raise DoorError("--page shows replies: add --replies.")
    for output, option in ((json_path, "--json"), (page, "--page")):
        if output is not None:
            prepare_output(output, option)
    recommender = Recommender.load(run, Settings.from_environment().cache, device)
    asked = _Asked(run, recommender, dialogues, format_name, film_links, item_prefix)
    figures = _replies(asked, Decoding(decoding), page, reference) if replies else _rankings(asked, reference)
    if json_path is not None:
        write_json(json_path, figures)
    _keep(run, REPLY_EVALUATION if replies else EVALUATION, figures)


@dataclass(frozen=True)
class _Asked:
    """A run, and the dialogues that it is scored on."""

    run: Path
    recommender: Recommender
    file: Path
    format: DialogueFormat
    film_links: Path | None
    item_prefix: str | None


def _rankings(asked: _Asked, reference: bool) -> dict[str, Any]:
    """Score what is recommended, show it, and return the figures."""
    from training.evaluation import evaluate_systems
    from training.evaluation_input import read_evaluation_input
    from training.ladder import ladder

    snapshot = asked.recommender.snapshot
    found = read_evaluation_input(
        asked.file, asked.format, snapshot, film_links=asked.film_links, item_prefix=asked.item_prefix
    )
    with _bars() as on_batch:
        report = evaluate_systems(ladder(asked.recommender), found.instances, snapshot, on_batch=on_batch)
    for line in input_lines(found, report):
        Console().print(line, highlight=False, markup=False)
    _show(report, [accuracy_table, *([reference_table] if reference else []), paired_table, beyond_accuracy_table])
    return _figures(asked.run, asked.format, found, report)


def _replies(asked: _Asked, decoding: Decoding, page: Path | None, reference: bool) -> dict[str, Any]:
    """Score what is said, show it, and return the figures."""
    from ui.evaluate_replies import score_replies

    with _bars() as on_batch:
        report, figures = score_replies(
            asked.run,
            asked.recommender,
            asked.file,
            asked.format,
            decoding=decoding,
            page=page,
            on_batch=on_batch,
            film_links=asked.film_links,
            item_prefix=asked.item_prefix,
        )
    read = figures["read"]
    click.echo(f"{asked.file.name}: {read['dialogues']:,} dialogues, {len(read['rejected']):,} lines rejected.")
    if read["seen_in_training"]:
        click.echo(f"{read['seen_in_training']:,} of them the run was trained on: their figures say nothing.")
    references = [conversation_reference_table] if reference else []
    _show(report, [conversation_table, *references, conversation_paired_table])
    return figures


def _show(report: _Report, tables: Sequence[Callable[[_Report], Table]]) -> None:
    console = Console()
    for table in tables:
        console.print(table(report))


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error for each system."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def show(system: str, done: int, total: int) -> None:
            if system not in tasks:
                tasks[system] = bars.add_task(system)
            bars.update(tasks[system], completed=done, total=total)

        yield show


def _figures(run: Path, format_name: str, found: EvaluationInput, report: Report) -> dict[str, Any]:
    return {
        "run": run.resolve().name,
        "dialogues": found.file,
        "format": format_name,
        "read": {
            "dialogues": found.dialogues,
            "rejected": [asdict(reject) for reject in found.rejected],
            "unknown_links": found.unknown_links,
            "labels_outside_catalogue": found.labels_outside_catalogue,
            "seen_in_training": found.seen_in_training,
        },
    } | report.as_json()


def _keep(run: Path, name: str, figures: dict[str, Any]) -> None:
    """Into the run's folder, unless that is somebody else's: the figures are shown in any case."""
    from training.runs import RunFolder

    try:
        RunFolder(run).write_json(name, figures)
    except OSError:
        click.echo(f"{run} cannot be written to, so `tellgraph app` will not find these figures.", err=True)
