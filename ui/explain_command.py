"""`tellgraph explain`: why an item is recommended, which mention mattered, and why another one is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphstore.graph import open_graph
from graphstore.settings import Settings
from training.what_if import Counterfactual, ItemTerm
from ui.chat_setup import open_run
from ui.described import label_of
from ui.drawing import signed
from ui.explaining import Explained, Reasons, explain_chat
from ui.output_file import prepare_output, write_json
from ui.query_output import printable
from ui.term_words import command_of, cypher_of, term_as_json
from ui.what_if_words import WhatIfWords

__all__ = ["command"]

_MOST_DIFFERENCES = 6
_MOST_PATHS = 5


@click.command(
    "explain",
    epilog="\b\nExamples:\n  tellgraph explain --run runs/evidence --message 'I loved Inception'\n"
    "  tellgraph explain --run runs/evidence --message 'I loved Inception' --item Arrival --not 'Toy Story' --cypher",
)
@click.option("--run", type=click.Path(path_type=Path), required=True, help="Folder of a trained run.")
@click.option("--message", "messages", multiple=True, required=True, help="What the person says; may be repeated.")
@click.option("--item", help="Title or URI of the item to explain.  [default: the best]")
@click.option("--not", "rejected", metavar="ITEM", help="Say as well why it is not this one.")
@click.option("--cypher", "with_cypher", is_flag=True, help="Print the Cypher that shows each reason.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write every term into this file as well.")
def command(
    run: Path,
    messages: tuple[str, ...],
    item: str | None,
    rejected: str | None,
    with_cypher: bool,
    json_file: Path | None,
) -> None:
    """Say in sentences why an item has its score, with values that add up to it."""
    if json_file is not None:
        prepare_output(json_file)
    settings = Settings.from_environment()
    trained = open_run(run, settings)
    with open_graph(settings) as graph:
        found = explain_chat(trained, graph, messages, item, rejected)
    _show(found, with_cypher)
    if json_file is not None:
        write_json(json_file, _as_json(found))


def _show(found: Explained, with_cypher: bool) -> None:
    console = Console(soft_wrap=False)
    for notice in found.notices:
        console.print(_plain(notice), style="yellow")
    if found.understood:
        names = ", ".join(label_of(uri, found.names) for uri in found.understood)
        console.print(_plain(f"understood: {names}"), style="dim")
    _show_reasons(found.why, console, with_cypher)
    _show_mentions(found, console)
    if found.rejected and found.why_not:
        _show_why_not(found, found.rejected, found.why_not, console)
        _show_reasons(found.rejected, console, with_cypher)


def _show_reasons(why: Reasons, console: Console, with_cypher: bool) -> None:
    console.print(_plain(f"\nWhy {why.item.label}? Score {why.score:.3f}, place {why.rank:,} of {why.of:,}."))
    _print_values([(reason.value, reason.sentence) for reason in why.shown], console)
    summed = f"all {len(why.terms)} terms add up to the score" if len(why.terms) > 1 else "its one term is the score"
    console.print(_plain(f"  {why.score:7.3f}  in sum: {summed}"), style="dim")
    for reason in why.shown if with_cypher else ():
        if reason.term is not None:
            run = command_of(reason.term, why.item.uri)
            click.echo(f"\n// {printable(reason.sentence)}\n// {run}\n{cypher_of(reason.term, why.item.uri)}")


def _show_mentions(found: Explained, console: Console) -> None:
    if not found.mentions:
        return
    console.print("\nWhich mention mattered? Each left out, and everything run again:")
    table = Table(box=None, header_style="dim")
    table.add_column("left out")
    for column in ("its terms", "score falls by", "place"):
        table.add_column(column, justify="right")
    for effect in found.mentions:
        place = f"{effect.rank_before} → {effect.rank_after}"
        table.add_row(_plain(label_of(effect.uri, found.names)), signed(effect.terms), signed(effect.score_drop), place)
    console.print(table)


def _show_why_not(found: Explained, rejected: Reasons, instead: Counterfactual, console: Console) -> None:
    words = WhatIfWords(instead, found.names)
    console.print(_plain(f"\nWhy not {words.item}? {words.gap()}"))
    if instead.gap < 0:
        return
    table = Table(box=None, header_style="dim")
    table.add_column("what differs most")
    for name in (words.item, words.other):
        table.add_column(_plain(name), justify="right")
    for one in instead.largest(_MOST_DIFFERENCES):
        table.add_row(_plain(words.difference(one)), signed(one.item), signed(one.other))
    console.print(table)
    console.print(_plain(f"{words.mentions()}\n{words.paths()}"))
    _show_paths(found.why, rejected, instead.paths or (), console)


def _show_paths(why: Reasons, rejected: Reasons, paths: Sequence[ItemTerm], console: Console) -> None:
    told = {(of.item.uri, reason.term): (of, reason) for of in (why, rejected) for reason in of.terms}
    reasons = [told[one.item, one.term] for one in paths[:_MOST_PATHS]]
    _print_values([(reason.value, f"{of.item.label}: {reason.sentence}") for of, reason in reasons], console)
    if len(paths) > _MOST_PATHS:
        console.print(f"           and {len(paths) - _MOST_PATHS} more", style="dim")


def _print_values(lines: Iterable[tuple[float, str]], console: Console) -> None:
    table = Table(box=None, show_header=False)
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for value, text in lines:
        table.add_row(signed(value), _plain(text))
    console.print(table)


def _plain(text: str) -> Text:
    """Text that is no markup, and that cannot steer the terminal; line breaks are the command's own."""
    return Text("\n".join(map(printable, text.split("\n"))))


def _as_json(found: Explained) -> dict[str, Any]:
    return {
        "notices": list(found.notices),
        "understood": list(found.understood),
        "item": _reasons_as_json(found.why),
        "mentions": [asdict(effect) for effect in found.mentions],
        "not": found.rejected and _reasons_as_json(found.rejected),
        "why_not": found.why_not and _why_not_as_json(found.why_not),
    }


def _reasons_as_json(why: Reasons) -> dict[str, Any]:
    terms = [term_as_json(one.term, why.item.uri, one.sentence) for one in why.terms if one.term is not None]
    head = {"uri": why.item.uri, "title": why.item.title, "score": why.score, "rank": why.rank, "of": why.of}
    return {**head, "terms": terms}


def _why_not_as_json(instead: Counterfactual) -> dict[str, Any]:
    return {**asdict(instead), "gap": instead.gap}
