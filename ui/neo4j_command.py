"""`tellgraph neo4j`: the private server, for people who want to start, stop, look into or carry it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from graphstore.graph import open_graph
from graphstore.private_server import PrivateServer, ServerStatus
from graphstore.settings import Settings
from ui.errors import DoorError

__all__ = ["command"]


@click.group(name="neo4j")
def command() -> None:
    """The private Neo4j: start, stop, status, dump and load.

    Every command that needs a graph starts it when NEO4J_URI is not set, so `start` is seldom needed. It
    runs on until `stop`. Its data live in TELLGRAPH_HOME.

    \b
    Examples:
      tellgraph neo4j status
      tellgraph neo4j dump films.dump
      tellgraph neo4j load films.dump
      tellgraph neo4j stop
    """


@command.command()
def start() -> None:
    """Start the private server, or find it running, and print its address."""
    server = _private_server()
    server.connect().close()
    status = server.status()
    click.echo(f"Neo4j {status.version} runs at {status.uri}, data in {status.data}.")


@command.command()
def stop() -> None:
    """Stop the private server and wait for its end; by force when it does not obey in half a minute."""
    stopped = _private_server().stop()
    click.echo("The private Neo4j is stopped." if stopped else "The private Neo4j was not running.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--show-password", is_flag=True, help="Print the password too, for a tool of your own.")
def status(as_json: bool, show_password: bool) -> None:
    """Say whether the server runs, where, and how much it holds. Starts nothing.

    With NEO4J_URI set it is about that server, and fails when it does not answer.

    \b
    Examples:
      tellgraph neo4j status --json
      tellgraph neo4j status --show-password
    """
    settings = Settings.from_environment()
    if settings.neo4j_uri is not None:
        with open_graph(settings) as graph:
            facts: dict[str, object] = {"running": True, "uri": graph.uri, "version": graph.server_version}
    else:
        server = PrivateServer(settings)
        facts = _facts(server.status())
        if show_password:
            facts["password"] = server.password()
    if as_json:
        click.echo(json.dumps(facts))
    else:
        _print_table(facts)


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it exists.")
def dump(file: Path, force: bool) -> None:
    """Write the whole graph into FILE. A running server pauses for it.

    \b
    Example:
      tellgraph neo4j dump films.dump
    """
    _private_server().dump(file, force)
    click.echo(f"The graph is in {file}, {decimal(file.stat().st_size)}.")


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Replace the graph by the one in FILE, a dump. A running server pauses for it.

    A file that is no dump, or whose graph does not start, leaves the present graph as it is.

    \b
    Example:
      tellgraph neo4j load films.dump
    """
    _private_server().load(file)
    click.echo(f"The graph is now the one of {file}.")


def _private_server() -> PrivateServer:
    settings = Settings.from_environment()
    if settings.neo4j_uri is not None:
        raise DoorError(
            f"NEO4J_URI is set to {settings.neo4j_uri}: that server is run by whoever set it up. Unset "
            "NEO4J_URI to use the private one."
        )
    return PrivateServer(settings)


def _facts(status: ServerStatus) -> dict[str, object]:
    facts = asdict(status)
    return {key: str(value) if isinstance(value, Path) else value for key, value in facts.items()}


def _print_table(facts: dict[str, object]) -> None:
    table = Table(show_header=False, box=None)
    for key, value in facts.items():
        shown = decimal(value) if key == "size" and isinstance(value, int) else value
        table.add_row(key.replace("_", " "), "–" if shown is None else str(shown))
    Console(soft_wrap=True).print(table)
