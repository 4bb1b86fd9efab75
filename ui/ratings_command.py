"""`tellgraph study ratings`: what several people think of replies that they rated side by side."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from ui.output_file import prepare_output, write_json

__all__ = ["ratings"]


@click.command("ratings")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the sums to this file.")
def ratings(files: tuple[Path, ...], json_path: Path | None) -> None:
    """Sum what people saved as ratings.json from a page of replies, one file a person.

    Mean fluency and informativeness of each system, 0 to 2, with 95 % intervals by chat (docs/conversation-metrics.md).

    \b
    Examples:
      tellgraph study ratings ann.json ben.json
      tellgraph study ratings *.json --json sums.json
    """
    # numpy takes a moment to import; --help should not
    from ui.evaluate_tables import ratings_table
    from ui.ratings import read_ratings, sum_ratings

    if json_path is not None:
        prepare_output(json_path)
    sums = sum_ratings([read_ratings(path) for path in files])
    if json_path is not None:
        write_json(json_path, sums.as_json())
    Console().print(ratings_table(sums))
