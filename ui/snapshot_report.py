"""What a snapshot holds, as a report and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from graphstore.snapshot import Snapshot
from graphstore.vector_makers import name_maker

__all__ = ["folder_bytes", "show_snapshot", "snapshot_report"]


def folder_bytes(folder: Path) -> int:
    """The size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def snapshot_report(snapshot: Snapshot) -> dict[str, Any]:
    """The figures of the manifest."""
    manifest = snapshot.manifest
    return {
        "folder": str(snapshot.folder),
        "version": manifest["version"],
        "server_version": manifest["server_version"],
        "build": manifest.get("build"),
        "filters": manifest.get("filters", {}),
        "counts": manifest["counts"],
        "relations": {name: relation["edges"] for name, relation in manifest["relations"].items()},
        "vectors": {name: vectors["items"] for name, vectors in manifest["vectors"].items()},
        "contexts": manifest.get("contexts", {"turns": 0})["turns"],
        "encoders": manifest["encoders"],
        "descriptions": manifest.get("descriptions"),
        "bytes": folder_bytes(snapshot.folder),
    }


def show_snapshot(report: dict[str, Any]) -> None:
    """Draw the report, and close with its folder, size and, where an export measured them, seconds."""
    table = Table("Snapshot", "Rows")
    table.columns[1].justify = "right"
    for name, count in report["counts"].items():
        table.add_row(name, f"{count:,}")
    for name, count in report["vectors"].items():
        encoder = report["encoders"].get(name)
        if encoder and name == "text":
            encoder = name_maker(encoder, report["descriptions"])
        table.add_row(escape(f"{name} vectors ({encoder})" if encoder else f"{name} vectors"), f"{count:,}")
    table.add_row("contexts of dialogues", f"{report['contexts']:,}")
    table.add_section()
    for name, count in report["relations"].items():
        table.add_row(name, f"{count:,}")
    console = Console()
    console.print(table)
    seconds = f" in {report['seconds']} s" if "seconds" in report else ""
    line = f"{escape(report['folder'])}: {decimal(report['bytes'])}{seconds}"
    console.print(line, soft_wrap=True, highlight=False)
    if report["build"] is not None:
        console.print(f"Edges of build {report['build']}.", highlight=False)
    if report["filters"]:
        chosen = ", ".join(f"{name} {value}" for name, value in report["filters"].items())
        console.print(escape(f"A part of the graph: {chosen}"), soft_wrap=True, highlight=False)
