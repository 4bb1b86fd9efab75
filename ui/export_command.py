"""`tellgraph export DIR`: the graph as a folder of plain files that training reads."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from graphstore.export import Progress as Report
from graphstore.export import export_snapshot
from graphstore.graph import open_graph
from graphstore.settings import Settings
from graphstore.snapshot import Snapshot

__all__ = ["command"]


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the closing report as one JSON object.")
def command(folder: Path, as_json: bool) -> None:
    """Write the graph to the snapshot folder DIR, which training reads without a database.

    The same graph gives the same bytes. A snapshot that is in DIR already is replaced once the new one is
    whole; a folder with anything else in it is left alone.

    \b
    Examples:
      tellgraph export snapshots/inspired
      tellgraph export snapshots/inspired --json
    """
    started = time.monotonic()
    with open_graph(Settings.from_environment()) as graph, _lines() as progress:
        snapshot = export_snapshot(graph, folder, progress)
    report = _report(snapshot, time.monotonic() - started)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _show(report)


@contextmanager
def _lines() -> Iterator[Report]:
    """A line on stderr per table, counting its rows. How many there will be, the server is not asked."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(table: str, rows: int) -> None:
            if table not in tasks:
                for task in tasks.values():
                    bars.update(task, total=bars.tasks[task].completed)
                tasks[table] = bars.add_task(table, total=None)
            bars.update(tasks[table], completed=rows)

        yield show


def _report(snapshot: Snapshot, seconds: float) -> dict[str, Any]:
    manifest = snapshot.manifest
    return {
        "folder": str(snapshot.folder),
        "server_version": manifest["server_version"],
        "counts": manifest["counts"],
        "relations": {name: relation["edges"] for name, relation in manifest["relations"].items()},
        "vectors": {name: vectors["items"] for name, vectors in manifest["vectors"].items()},
        "encoders": manifest["encoders"],
        "bytes": sum(file["bytes"] for file in manifest["files"].values()),
        "seconds": round(seconds, 2),
    }


def _show(report: dict[str, Any]) -> None:
    table = Table("Snapshot", "Rows")
    table.columns[1].justify = "right"
    for name, count in report["counts"].items():
        table.add_row(name, f"{count:,}")
    for name, count in report["vectors"].items():
        encoder = report["encoders"].get(name)
        table.add_row(escape(f"{name} vectors ({encoder})" if encoder else f"{name} vectors"), f"{count:,}")
    table.add_section()
    for name, count in report["relations"].items():
        table.add_row(name, f"{count:,}")
    console = Console()
    console.print(table)
    size, seconds = decimal(report["bytes"]), report["seconds"]
    console.print(f"{escape(report['folder'])}: {size} in {seconds} s", soft_wrap=True, highlight=False)
    if report["counts"]["items"] == 0:
        console.print("No items, so nothing can be recommended: `tellgraph ingest items FILE` adds them.")
    elif sum(report["relations"][name] for name in ("CO_MENTIONED", "TEXT_SIMILAR", "IMAGE_SIMILAR")) == 0:
        console.print("Facts alone: `tellgraph build vectors` and `tellgraph build edges` add the rest.")
