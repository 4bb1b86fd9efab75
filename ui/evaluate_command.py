"""`tellgraph evaluate`: a run and the untrained ladder on a dialogue file, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click
from rich.console import Console
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
    read_lines,
    reference_table,
)
from ui.output_file import prepare_output, write_json
from ui.progress_bars import progress_bars

if TYPE_CHECKING:
    from training.evaluation_input import DialogueInput
    from training.recommender import Recommender

__all__ = ["EVALUATION", "REPLY_EVALUATION", "command"]

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
    from training.evaluation_input import read_dialogue_input
    from training.recommender import Recommender

    if page is not None and not replies:
        raise DoorError("--page shows replies: add --replies.")
    for output, option in ((json_path, "--json"), (page, "--page")):
        if output is not None:
            prepare_output(output, option)
    recommender = Recommender.load(run, Settings.from_environment().cache, device)
    read = read_dialogue_input(
        dialogues, format_name, recommender.snapshot, film_links=film_links, item_prefix=item_prefix
    )
    for line in read_lines(read):
        Console().print(line, highlight=False, markup=False)
    if replies:
        account, scored = _replies(run, recommender, read, Decoding(decoding), page, reference)
    else:
        account, scored = _rankings(recommender, read, reference)
    figures = {"run": run.resolve().name, "dialogues": read.file, "format": read.format, "read": account} | scored
    if json_path is not None:
        write_json(json_path, figures)
    _keep(run, REPLY_EVALUATION if replies else EVALUATION, figures)


_Figures = tuple[dict[str, Any], dict[str, Any]]
"""The account of what was read, and the figures."""


def _rankings(recommender: Recommender, read: DialogueInput, reference: bool) -> _Figures:
    """Score what is recommended, and show it."""
    from training.evaluation import evaluate_systems
    from training.evaluation_input import evaluation_input
    from training.ladder import ladder

    found = evaluation_input(read, recommender.snapshot)
    with progress_bars(transient=True) as on_batch:
        report = evaluate_systems(ladder(recommender), found.instances, recommender.snapshot, on_batch=on_batch)
    for line in input_lines(found, report):
        Console().print(line, highlight=False, markup=False)
    _show(report, [accuracy_table, *([reference_table] if reference else []), paired_table, beyond_accuracy_table])
    return read.account() | found.account(), report.as_json()


def _replies(
    run: Path, recommender: Recommender, read: DialogueInput, decoding: Decoding, page: Path | None, reference: bool
) -> _Figures:
    """Score what is said, and show it."""
    from ui.evaluate_replies import score_replies

    with progress_bars(transient=True) as on_batch:
        report = score_replies(run, recommender, read, decoding, page, on_batch)
    references = [conversation_reference_table] if reference else []
    _show(report, [conversation_table, *references, conversation_paired_table])
    return read.account(), {"decoding": asdict(decoding)} | report.as_json()


def _show(report: _Report, tables: Sequence[Callable[[_Report], Table]]) -> None:
    console = Console()
    for table in tables:
        console.print(table(report))


def _keep(run: Path, name: str, figures: dict[str, Any]) -> None:
    """Into the run's folder, unless that is somebody else's: the figures are shown in any case."""
    from training.runs import RunFolder

    try:
        RunFolder(run).write_json(name, figures)
    except OSError:
        click.echo(f"{run} cannot be written to, so `tellgraph app` will not find these figures.", err=True)
