"""`tellgraph upgrade`: a graph that an older Tellgraph made."""

from __future__ import annotations

import click
from rich.console import Console

from graphstore.graph import connect
from graphstore.schema import SCHEMA, upgrade_schema

__all__ = ["command"]


@click.command("upgrade")
def command() -> None:
    """Bring a graph of an older Tellgraph to this one's schema.

    Nothing is lost, and an older Tellgraph should not write to it any more; `tellgraph neo4j dump FILE` keeps it as
    it was. Interrupted and run again it goes on.

    \b
    Example:
      tellgraph upgrade
    """
    with connect() as graph, Console(stderr=True).status("Upgrading …") as status:
        found = upgrade_schema(graph, lambda what, done: status.update(f"Upgrading: {done:,} {what}"))
    if found == SCHEMA:
        click.echo(f"The graph has schema {SCHEMA} already.")
    else:
        click.echo(f"The graph came from schema {found} to {SCHEMA}: `tellgraph build edges` counts everything anew.")
