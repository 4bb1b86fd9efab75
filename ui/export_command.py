"""`tellgraph export DIR`: the graph as a folder of plain files that training reads."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from graphstore.export import ExportFilters, export_snapshot
from graphstore.export import Progress as Report
from graphstore.graph import Graph, open_graph
from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from graphstore.snapshot_manifest import EDGE_COLUMNS
from ui.snapshot_report import folder_bytes, show_snapshot, snapshot_report

__all__ = ["command"]


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["snapshot", "parquet"]),
    default="snapshot",
    show_default=True,
    help="Parquet is for other tools; training reads snapshots.",
)
@click.option("--relations", metavar="A,B", default="", help="Only these relations.")
@click.option("--since", metavar="BUILD", type=int, help="Only what came after this build of edges, with its ends.")
@click.option("--sample", metavar="N", type=int, help="Only N items, drawn at random, and what touches them.")
@click.option("--seed", type=int, default=7, show_default=True, help="Of --sample.")
@click.option("--json", "as_json", is_flag=True, help="Print the closing report as one JSON object.")
def command(
    folder: Path, format_: str, relations: str, since: int | None, sample: int | None, seed: int, as_json: bool
) -> None:
    """Write the graph to the snapshot folder DIR, which training reads without a database.

    The same graph gives the same bytes. A snapshot that is in DIR already is replaced once the new one is
    whole; a folder with anything else in it is left alone.

    \b
    Examples:
      tellgraph export snapshots/inspired
      tellgraph export snapshots/facts --relations STARRING,GENRE
      tellgraph export snapshots/small --sample 100 --seed 1
      tellgraph export tables --format parquet
    """
    started = time.monotonic()
    names = tuple(name.strip() for name in relations.split(",") if name.strip())
    filters = ExportFilters(names, since, sample, seed)
    with open_graph(Settings.from_environment()) as graph, _lines() as progress:
        write = export_snapshot if format_ == "snapshot" else _export_tables
        report = snapshot_report(write(graph, folder, progress, filters))
    report |= {"folder": str(folder), "bytes": folder_bytes(folder), "seconds": round(time.monotonic() - started, 2)}
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    show_snapshot(report)
    if report["counts"]["items"] == 0:
        Console().print("No items, so nothing can be recommended: `tellgraph ingest items FILE` adds them.")
    elif not filters.as_manifest() and not _has_computed(report):
        Console().print("Facts alone: `tellgraph build vectors` and `tellgraph build edges` add the rest.")


def _export_tables(graph: Graph, folder: Path, progress: Report, filters: ExportFilters) -> Snapshot:
    """A snapshot for the time being, and tables of it."""
    from graphstore.parquet_tables import PARQUET_FORMAT, write_parquet
    from graphstore.snapshot_folder import check_target

    check_target(folder, PARQUET_FORMAT)
    with tempfile.TemporaryDirectory(prefix="tellgraph-export-") as aside:
        snapshot = export_snapshot(graph, Path(aside) / "snapshot", progress, filters)
        write_parquet(snapshot, folder)
        return snapshot


def _has_computed(report: dict[str, Any]) -> bool:
    return any(report["relations"].get(name) for name in EDGE_COLUMNS)


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
                tasks[table] = bars.add_task(table, total=None)
            bars.update(tasks[table], completed=rows)

        yield show
        for task in bars.tasks:
            bars.update(task.id, total=task.completed)
