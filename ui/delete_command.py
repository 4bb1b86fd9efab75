"""`tellgraph delete item | source | visitors`: out of the graph again."""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import click
from rich.console import Console

from graphstore.connection import Graph
from graphstore.errors import QueryError
from graphstore.graph import open_graph
from graphstore.removal import remove_entities, remove_source
from graphstore.visitors import silent_visitors

__all__ = ["command"]

_COUNTED_ANEW = "`tellgraph build edges` counts anew what that changes."


def _shared_options(function: Callable[..., None]) -> Callable[..., None]:
    for decorate in (
        click.option("--dry-run", is_flag=True, help="Delete nothing, and say what would go."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON; asks for --yes or --dry-run."),
    ):
        function = decorate(function)
    return function


@click.group("delete")
def command() -> None:
    """Items or a whole source out of the graph, with their vectors, edges and mentions; or what visitors said.

    What several sources brought stays until the last of them is gone. Interrupted and given again it goes on.

    \b
    Examples:
      tellgraph query sources
      tellgraph delete source myshop --dry-run
      tellgraph delete item urn:myshop:4711
      tellgraph delete visitors --days 30
    """


@command.command()
@click.argument("uris", metavar="URI...", nargs=-1, required=True)
@_shared_options
def item(uris: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool) -> None:
    """Entities by their URIs, items or not; dialogues keep their text and lose the mention.

    \b
    Example:
      tellgraph delete item urn:myshop:4711 urn:myshop:4712
    """
    with open_graph() as graph:
        known = graph.read("known_entities", uris=list(uris))[0]["uris"]
        for uri in dict.fromkeys(uris):
            if uri not in known:
                raise QueryError(
                    f"The graph has no {uri}, so nothing was deleted: `tellgraph query find_entity` finds URIs."
                )
        figures = {"entities": len(known)}
        if _agreed(figures, f"{len(known):,} entities", dry_run, yes, as_json):
            remove_entities(graph, known)
            click.echo(_COUNTED_ANEW, err=True)


@command.command()
@click.argument("name")
@_shared_options
def source(name: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Everything that only this source brought: facts, items, entities, dialogues, interactions.

    \b
    Example:
      tellgraph delete source myshop --dry-run
    """
    with open_graph() as graph:
        figures = _brought_by(name, graph)
        words = ", ".join(f"{count:,} {kind}" for kind, count in figures.items() if count)
        if _agreed(figures, f"what only {name} brought ({words})", dry_run, yes, as_json):
            with Console(stderr=True).status("Deleting …") as status:
                remove_source(graph, name, lambda what, done: status.update(f"Deleting: {done:,} {what}"))
            click.echo(_COUNTED_ANEW, err=True)


@command.command()
@click.option("--days", type=click.FloatRange(0), default=30, show_default=True, help="Only those silent for so long.")
@_shared_options
def visitors(days: float, dry_run: bool, yes: bool, as_json: bool) -> None:
    """What visitors of the chat said with buttons, who have said nothing for a while and forgot to be forgotten.

    \b
    Example:
      tellgraph delete visitors --days 30 --yes
    """
    with open_graph() as graph:
        silent = silent_visitors(graph, days)
        words = f"{len(silent):,} visitors and all that they said"
        if _agreed({"visitors": len(silent)}, words, dry_run, yes, as_json):
            for visitor in silent:
                visitor.forget(graph)


def _brought_by(name: str, graph: Graph) -> dict[str, int]:
    rows = {row.pop("source"): row for row in graph.read("sources")}
    if name not in rows:
        close = get_close_matches(name, rows, n=3, cutoff=0.5) or sorted(rows)[:10]
        hint = f"Sources are: {', '.join(close)}." if close else "The graph is empty."
        raise QueryError(f"The graph has nothing of a source {name!r}. {hint}")
    return rows[name]


def _agreed(figures: dict[str, Any], words: str, dry_run: bool, yes: bool, as_json: bool) -> bool:
    """Whether to delete; says what, and asks where nobody has answered yet."""
    if as_json and not (yes or dry_run):
        raise click.UsageError("With --json nobody is asked: add --yes or --dry-run.")
    go_on = not dry_run and (yes or click.confirm(f"Delete {words}?"))
    if as_json:
        click.echo(json.dumps({"deleted": go_on, **figures}))
    elif dry_run:
        click.echo(f"Would delete {words}. Nothing was deleted.")
    elif go_on:
        click.echo(f"Deleting {words}.")
    else:
        click.echo("Nothing was deleted.")
    return go_on
