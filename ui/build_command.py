"""`tellgraph build vectors | edges`: what the models add to the facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from graphstore.graph import open_graph
from graphstore.settings import Settings
from training.descriptions import COMPOSED
from training.pretrained import VectorModels
from ui.progress_bars import progress_bars

if TYPE_CHECKING:
    from training.pipeline import ContextReport, EdgeReport, VectorReport

__all__ = ["command"]

UNREADABLE_SHOWN = 10


@click.group("build")
def command() -> None:
    """Vectors and computed edges onto the graph, once it holds items and dialogues.

    \b
    Examples:
      tellgraph build vectors
      tellgraph build edges
    """


@command.command()
@click.option("--text-model", default=VectorModels.text, show_default=True, help="Reads descriptions and dialogues.")
@click.option("--image-model", default=VectorModels.image, show_default=True, help="Looks at the pictures.")
@click.option(
    "--descriptions",
    default=COMPOSED,
    show_default=True,
    metavar="composed|MODEL",
    help="What is read of items: what the graph knows, put together, or what this model wrote (`tellgraph describe`).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def vectors(text_model: str, image_model: str, descriptions: str, as_json: bool) -> None:
    """Encode the items' descriptions and pictures, and what is said in training dialogues; only what changed is.

    Of dialogues that is what was said before each turn that mentions an item.

    A model is a published name (see `tellgraph fetch`), a folder, or a Hugging Face hub name. The text model
    `random-tiny` needs no download and means nothing.

    \b
    Examples:
      tellgraph build vectors
      tellgraph build vectors --text-model roberta-base --json
      tellgraph build vectors --descriptions qwen2.5-7b-instruct
    """
    from training.pipeline import build_vectors  # torch takes seconds to import; --help should not

    settings = Settings.from_environment()
    models = VectorModels(text_model, image_model)
    with open_graph(settings) as graph, progress_bars() as progress:
        *reports, contexts = build_vectors(graph, models, settings.cache, progress, descriptions)
    for report in reports:
        _list_unreadable(report)
    if as_json:
        figures = {report.modality: asdict(report) for report in reports} | {"contexts": asdict(contexts)}
        click.echo(json.dumps(figures, indent=2))
    else:
        _show_vectors(reports, contexts)


@command.command()
@click.option(
    "--neighbours",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many similar items each item keeps: 10 suits INSPIRED, 20 ReDial.",
)
@click.option(
    "--half-life",
    type=click.FloatRange(min=0, min_open=True),
    help="Days after which an interaction weighs half in CO_INTERACTED; not given, age does not matter.",
)
@click.option(
    "--largest-basket",
    type=click.IntRange(min=2),
    default=500,
    show_default=True,
    help="How many things of one person count for CO_INTERACTED, the latest.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Compute all edges anew, not only what changed; up to 100,000 items the result is the same.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def edges(neighbours: int, half_life: float | None, largest_basket: int, full: bool, as_json: bool) -> None:
    """Connect what is mentioned together in training dialogues, what people used, and items whose vectors are alike.

    Only what changed since the last build is computed. Readers see the old edges until all new ones are there.

    \b
    Examples:
      tellgraph build edges
      tellgraph build edges --neighbours 20 --json
    """
    from training.pipeline import EdgeOptions, build_edges

    options = EdgeOptions(neighbours, half_life, largest_basket, full)
    with open_graph(Settings.from_environment()) as graph, progress_bars() as progress:
        reports = build_edges(graph, options, progress)
    if as_json:
        click.echo(json.dumps({report.type: asdict(report) for report in reports}, indent=2))
    else:
        _show_edges(reports)


def _list_unreadable(report: VectorReport) -> None:
    for line in report.unreadable[:UNREADABLE_SHOWN]:
        click.echo(f"Left out, not readable as a picture: {line}", err=True)
    if len(report.unreadable) > UNREADABLE_SHOWN:
        click.echo(f"… and {len(report.unreadable) - UNREADABLE_SHOWN} more.", err=True)


def _show_vectors(reports: Sequence[VectorReport], contexts: ContextReport) -> None:
    table = _table("Vectors", "Encoder", numbers=("Items, turns", "Encoded", "Unchanged", "Without"))
    of_items = [(report.modality, report.items, report) for report in reports]
    rows: list[tuple[str, int, VectorReport | ContextReport]] = [*of_items, ("contexts", contexts.turns, contexts)]
    for name, count, one in rows:
        numbers = (count, one.encoded, one.unchanged, one.without)
        table.add_row(name, escape(one.encoder or "not needed"), *(f"{number:,}" for number in numbers))
    console = Console()
    console.print(table)
    text, image = reports
    if text.items == 0:
        console.print("The graph holds no items yet: `tellgraph ingest items FILE` comes first.")
    elif image.without == image.items:
        console.print("No item has a picture: the image graph will be empty, and text alone counts (λ = 1).")
    if text.without:
        console.print(f"{text.without:,} of {text.items:,} items have no description, and so no text vector.")
    if contexts.removed:
        console.print(f"Turns that lost their vectors, since nothing is to be encoded there: {contexts.removed:,}.")


def _show_edges(reports: Sequence[EdgeReport]) -> None:
    table = _table("Edges", numbers=("Now", "Written", "Removed", "Items without"))
    for report in reports:
        numbers = (report.edges, report.written, report.removed, report.without)
        table.add_row(report.type, *(f"{number:,}" for number in numbers))
    console = Console()
    console.print(table)
    *_, text, image = reports
    if text.edges == 0:
        console.print("No text edges: `tellgraph build vectors` comes first, and items need descriptions.")
    if image.edges == 0:
        console.print("The image graph is empty, since no two items have pictures: text alone counts (λ = 1).")


def _table(*names: str, numbers: Sequence[str]) -> Table:
    return Table(*names, *(Column(name, justify="right") for name in numbers))
