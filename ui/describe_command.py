"""`tellgraph describe`: a language model writes the items' descriptions."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from graphstore.connection import Graph
from graphstore.graph import open_graph
from graphstore.settings import Settings
from ui.progress_bars import progress_bars

if TYPE_CHECKING:
    from training.pipeline import DescriptionReport

__all__ = ["command"]

REASONS_SHOWN = 5


@click.command("describe")
@click.option("--endpoint", required=True, metavar="URL", help="Of an OpenAI-compatible API; it ends in /v1 mostly.")
@click.option("--model", required=True, metavar="NAME", help="As the endpoint calls it.")
@click.option("--at-once", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests under way.")
@click.option("--timeout", type=click.FloatRange(min=1), default=120, show_default=True, help="Seconds for an answer.")
@click.option("--limit", type=click.IntRange(min=1), help="Describe so many items, by URI, and leave the rest.")
@click.option("--dry-run", is_flag=True, help="Send nothing, and say how many would be described, and how it is asked.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(
    endpoint: str, model: str, at_once: int, timeout: float, limit: int | None, dry_run: bool, as_json: bool
) -> None:
    """Have a language model describe the items that it has not described yet, or that changed since.

    The endpoint is sent each item's title, plot and facts. TELLGRAPH_DESCRIBE_KEY is the key, where it wants one.
    Ctrl-C keeps what was described, and the same command goes on. `tellgraph build vectors --descriptions NAME` then
    encodes the descriptions.

    \b
    Examples:
      tellgraph describe --endpoint http://127.0.0.1:8000/v1 --model qwen2.5-7b-instruct --dry-run
      tellgraph describe --endpoint http://127.0.0.1:8000/v1 --model qwen2.5-7b-instruct --limit 20
    """
    from training.endpoint import ChatEndpoint
    from training.pipeline import describe_items  # torch takes seconds to import; --help should not

    settings = Settings.from_environment()
    asked = ChatEndpoint(endpoint, model, settings.describe_key, timeout)
    with open_graph(settings) as graph:
        if dry_run:
            _preview(graph, model, limit, as_json)
            return
        with progress_bars() as progress:
            report = describe_items(graph, asked, at_once, limit, progress)
    click.echo(json.dumps(asdict(report), indent=2) if as_json else _told(report))


def _preview(graph: Graph, model: str, limit: int | None, as_json: bool) -> None:
    from training.pipeline import items_to_describe

    items = items_to_describe(graph, model)
    wanted = [item for item in items if item.missing][:limit]
    signs = sum(len(message["content"]) for item in wanted for message in item.messages)
    if as_json:
        example = wanted[0].messages if wanted else []
        figures = {"model": model, "items": len(items), "to_describe": len(wanted), "characters": signs}
        click.echo(json.dumps(figures | {"example": example}, indent=2, ensure_ascii=False))
        return
    click.echo(f"{model} would describe {len(wanted):,} of {len(items):,} items, told {signs:,} characters in all.")
    for message in wanted[0].messages if wanted else []:
        click.echo(f"\n[{message['role']}]\n{message['content']}")
    click.echo("\nNothing was sent." if wanted else "Nothing was sent.")


def _told(report: DescriptionReport) -> str:
    lines = [f"{report.model} described {report.described:,} items; {report.already:,} were described already."]
    if report.without:
        lines.append(f"Of {report.without:,} items nothing but a name is known, and so nothing is said.")
    if report.failed:
        lines.append(f"Not described, and left for the next run: {report.failed:,} items.")
        reasons = list(report.reasons.items())
        lines += [f"  {count:,} × {reason}" for reason, count in reasons[:REASONS_SHOWN]]
        if len(reasons) > REASONS_SHOWN:
            lines.append(f"  … and {len(reasons) - REASONS_SHOWN:,} other reasons.")
    if report.left:
        lines.append(f"Left by --limit: {report.left:,} items.")
    if not report.failed and not report.left and report.described + report.already:
        lines.append(f"`tellgraph build vectors --descriptions {report.model}` encodes them.")
    return "\n".join(lines)
