"""`tellgraph report`: the figures of evaluated runs as a Markdown page."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.errors import DoorError
from ui.evaluate_command import EVALUATION, REPLY_EVALUATION
from ui.output_file import prepare_output, write_output

if TYPE_CHECKING:
    from training.runs import RunFolder
    from ui.report_page import ReportedRun

__all__ = ["command"]


@click.command("report")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of the screen.")
@click.option("--title", default="Results", show_default=True, help="The page's heading.")
@click.option("--reference", is_flag=True, help="With what papers print for INSPIRED's test split.")
def command(runs: tuple[Path, ...], out: Path | None, title: str, reference: bool) -> None:
    """Write what `tellgraph evaluate` measured of runs as one Markdown page: both tasks, with intervals.

    Figures on one dialogue file stand in one table. A run that was evaluated on another file gets a table of its own.

    \b
    Examples:
      tellgraph report runs/both
      tellgraph report runs/both runs/small --title "INSPIRED, valid" --reference --out docs/results/inspired.md
    """
    from ui.report_page import report_page

    if out is not None:
        prepare_output(out, "--out")
    called = shlex.join(["tellgraph", "report", *map(str, runs), *(["--reference"] if reference else [])])
    read = [_read(path, name) for path, name in zip(runs, _names(runs), strict=True)]
    page = report_page(title, read, date.today(), called, reference)
    if out is None:
        click.echo(page, nl=False)
    else:
        write_output(out, page, "--out")
        click.echo(f"Written: {out}")


def _names(runs: Sequence[Path]) -> list[str]:
    """What each run is called: the end of its path, as long as it takes to tell them apart."""
    paths = [path.absolute() for path in runs]
    longest = max(len(path.parts) for path in paths)
    for length in range(1, longest + 1):
        names = ["/".join(path.parts[-length:]) for path in paths]
        if len(set(names)) == len(set(paths)):
            break
    return names


def _read(path: Path, name: str) -> ReportedRun:
    from training.runs import RunFolder
    from ui.report_page import ReportedRun

    run = RunFolder.open(path)
    recommendation, replies = _figures(path / EVALUATION), _figures(path / REPLY_EVALUATION)
    if recommendation is None and replies is None:
        raise DoorError(f"{path} has no figures yet: tellgraph evaluate --run {path} --dialogues FILE [--replies]")
    return ReportedRun(name, _about(run), recommendation, replies)


def _figures(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    try:
        figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not {"instances", "resampled_dialogues", "systems", "paired"} <= figures.keys():
            raise ValueError("it lacks figures")
        if not isinstance(figures["dialogues"], str):
            raise ValueError("it does not name its file")
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise DoorError(
            f"{file} cannot be read, or is of another version of Tellgraph ({error}): evaluate the run again."
        ) from error
    return figures


def _about(run: RunFolder) -> list[str]:
    """Recipe, seed, and what each stage took."""
    recipe = run.recipe
    lines = [f"recipe `{recipe.name}`, seed {recipe.seed}"]
    whole = run.part("mscrs") if (run.path / "mscrs").is_dir() else run
    history = whole.history()
    for stage in dict.fromkeys(entry["stage"] for entry in history):
        entries = [entry for entry in history if entry["stage"] == stage]
        minutes = sum(entry["seconds"] for entry in entries) / 60
        epochs = entries[-1]["epoch"]  # the evidence's fit writes its last one alone
        lines.append(f"{stage}: {epochs} epoch{'s'[: epochs > 1]}, {minutes:.1f} min")
    return lines
