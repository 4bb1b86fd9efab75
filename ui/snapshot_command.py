"""`tellgraph snapshot show DIR` and `tellgraph snapshot diff A B`: what is in a snapshot, what changed in the next."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from graphstore.snapshot import Snapshot
from graphstore.snapshot_diff import Difference, compare_snapshots
from ui.snapshot_report import show_snapshot, snapshot_report

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path)


@click.group("snapshot")
def command() -> None:
    """Look at snapshot folders, which `tellgraph export` writes.

    \b
    Examples:
      tellgraph snapshot show snapshots/inspired
      tellgraph snapshot diff snapshots/monday snapshots/tuesday
    """


@command.command("show")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def show(folder: Path, as_json: bool) -> None:
    """Compare the snapshot in DIR with its checksums, and print what it holds.

    \b
    Example:
      tellgraph snapshot show snapshots/inspired
    """
    report = snapshot_report(Snapshot.open(folder))
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    show_snapshot(report)
    Console().print("Every file is as it was exported.")


@command.command("diff")
@click.argument("older", metavar="A", type=_FOLDER)
@click.argument("newer", metavar="B", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def diff(older: Path, newer: Path, as_json: bool) -> None:
    """Count what was added, removed and changed from snapshot A to snapshot B.

    A row is changed when it is in both, and its name, a property, its text or a weight is another.

    \b
    Example:
      tellgraph snapshot diff snapshots/monday snapshots/tuesday --json
    """
    found = compare_snapshots(Snapshot.open(older), Snapshot.open(newer))
    if as_json:
        click.echo(json.dumps({name: asdict(difference) for name, difference in found.items()}, indent=2))
    else:
        _show_differences(found)


def _show_differences(found: dict[str, Difference]) -> None:
    table = Table("", "Added", "Removed", "Changed", "Same")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, difference in found.items():
        table.add_row(name, *(f"{count:,}" for count in asdict(difference).values()))
    Console().print(table)
