"""What the page of runs says of them, in words, rows and HTML. Whatever comes from files goes through `escape`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from training.recipe import AnyRecipe, Recipe, SumRecipe
from ui.query_output import Rows, printable
from ui.run_charts import in_words
from ui.run_list import Figure, RunSummary

__all__ = [
    "COLUMN_WORDS",
    "SEGMENTS_IN_WORDS",
    "figures_table",
    "head",
    "how_to_evaluate",
    "overview",
    "training_in_words",
    "unlike",
]

COLUMN_WORDS = ("All labels", "New to the conversation")
SEGMENTS_IN_WORDS = (
    "How often the right item is among the first 50, by how often training mentions it: head six times or more, body "
    "two to five times, tail once or never, unseen never."
)
_UNTRAINED = "popularity"
_SHOWN = (("recall@50", "all"), ("recall@50", "new"))


def overview(run: RunSummary, of_the_chat: bool) -> dict[str, Any]:
    """A row of the table of all runs."""
    row: dict[str, Any] = {
        "run": run.name,
        "used by": "the chat" if of_the_chat else "",
        "state": run.state,
        "recipe": run.recipe.name if run.recipe else "",
        "epochs": len(run.history),
    }
    for metric, column in _SHOWN:
        best = [figure for figure in run.accuracy if (figure.metric, figure.column) == (metric, column)]
        row[f"{metric}, {column}"] = in_words(best[-1]) if best else ""
    return row


def head(run: RunSummary, of_the_chat: bool) -> str:
    """A run's name, and what it is."""
    said = [run.state]
    if run.recipe:
        said += [f"recipe {run.recipe.name}", *_reads_with(run.recipe), f"seed {run.recipe.seed}"]
    if run.dialogues:
        said.append(f"measured on {run.dialogues}")
    badge = ' <span class="tg-named">the chat uses it</span>' if of_the_chat else ""
    return (
        f'<h2 class="tg-why">{escape(printable(run.name))}{badge}</h2>'
        f'<p class="tg-small">{escape(printable(", ".join(said)))}</p>'
    )


def how_to_evaluate(run: RunSummary) -> str:
    """What makes the figures of a run that has none."""
    if not run.finished:
        return f"{run.name} has no figures, since its training is not finished."
    return f"{run.name} has no figures yet: `tellgraph evaluate --run {run.path} --dialogues FILE` makes them."


def unlike(runs: Sequence[RunSummary]) -> str:
    """Why the figures of these runs say little beside each other, or nothing where they may be compared."""
    if len({run.dialogues for run in runs}) > 1:
        return "These figures are of different dialogues, and so say little beside each other."
    untrained = [{figure for figure in run.accuracy if figure.system == _UNTRAINED} for run in runs]
    if any(figures != untrained[0] for figures in untrained):
        return (
            f"The system {_UNTRAINED!r}, which nobody trains, has other figures in each: the runs have different "
            "snapshots or the dialogues changed, and so the figures say little beside each other."
        )
    return ""


def figures_table(
    runs: Sequence[RunSummary], metrics: Sequence[str], figures_of: Callable[[RunSummary], Sequence[Figure]]
) -> tuple[tuple[str, ...], Rows]:
    """A row for each metric and column, and in it a figure for each system of each run."""
    names = {
        (run.path, figure.system): f"{run.name}: {figure.system}" if len(runs) > 1 else figure.system
        for run in runs
        for figure in figures_of(run)
    }
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for run in runs:
        for figure in figures_of(run):
            if figure.metric in metrics:
                row = rows.setdefault((figure.column, figure.metric), dict.fromkeys(names.values(), ""))
                row[names[run.path, figure.system]] = in_words(figure)
    columns = ("column", "metric", *dict.fromkeys(names.values()))
    ordered = sorted(rows.items(), key=lambda item: (item[0][0], metrics.index(item[0][1])))
    return columns, [{"column": column, "metric": metric} | row for (column, metric), row in ordered]


def training_in_words(run: RunSummary) -> str:
    """How long it took, and where it ended."""
    seconds = sum(entry["seconds"] for entry in run.history if isinstance(entry.get("seconds"), int | float))
    last = run.history[-1]
    return (
        f"{run.name}: {len(run.history)} epochs in {seconds / 60:.1f} minutes; the last loss is {last['loss']:.3f}, in "
        f"the stage {last['stage']}."
    )


def _reads_with(recipe: AnyRecipe) -> list[str]:
    mscrs = recipe.mscrs if isinstance(recipe, SumRecipe) else recipe
    return [f"reads with {mscrs.language_model}"] if isinstance(mscrs, Recipe) else []
