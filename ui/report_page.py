"""What `tellgraph report` writes: the figures of several runs as one Markdown page, each beside its interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from training.conversation_report import PUBLISHED_REPLIES_ON_INSPIRED_TEST
from training.evaluation_report import PUBLISHED_ON_INSPIRED_TEST

__all__ = ["ReportedRun", "report_page"]

_RECALLS = ("recall@1", "recall@10", "recall@50", "mrr@50")
_REPLIES = ("rouge@l", "rouge@2", "bleu@2", "sacrebleu", "slot_precision", "slot_recall", "dist@2")
_FAULTS = ("empty", "repeating", "unfilled")
_TRAINED = ("evidence", "mscrs", "evidence+mscrs")  # the others are the same whatever the run is
_PAIRED = (("all", "recall@10"), ("all", "mrr@50"), ("new", "recall@10"), ("new", "recall@50"))


@dataclass(frozen=True)
class ReportedRun:
    """A run's figures as its folder holds them; None where it was not evaluated so.

    about: recipe, models and time, a line each.
    """

    name: str
    about: Sequence[str]
    recommendation: Mapping[str, Any] | None
    replies: Mapping[str, Any] | None


def report_page(title: str, runs: Sequence[ReportedRun], today: date, command: str, published: bool) -> str:
    """The page. published: with what papers print for INSPIRED's test split."""
    lines = [f"# {_cell(title)}", "", f"Written on {today} by `{command}`; nothing in it was typed.", ""]
    lines += [f"- **{_cell(run.name)}**: {'; '.join(run.about)}" for run in runs]
    ranked = [(run.name, run.recommendation) for run in runs if run.recommendation is not None]
    said = [(run.name, run.replies) for run in runs if run.replies is not None]
    for of_file in _by_file(ranked):
        lines += ["", *_recommendation(of_file, published)]
    for of_file in _by_file(said):
        lines += ["", *_replies(of_file, published)]
    return "\n".join(lines) + "\n"


_Measured = list[tuple[str, Mapping[str, Any]]]
"""Runs' names and the figures of one of their files."""


def _by_file(measured: _Measured) -> Iterator[_Measured]:
    """Figures on one dialogue file stand in one table, and no others: of one name and size are one file."""

    def file(figures: Mapping[str, Any]) -> str:
        return repr([figures[key] for key in ("dialogues", "instances", "resampled_dialogues")])

    for one in dict.fromkeys(file(figures) for _, figures in measured):
        yield [run for run in measured if file(run[1]) == one]


def _recommendation(runs: _Measured, published: bool) -> Iterator[str]:
    figures = runs[0][1]
    yield f"## Recommendation: {_cell(figures['dialogues'])}"
    yield ""
    sizes = figures["instances"]
    yield f"{sizes['all']:,} instances, {sizes['new']:,} of them new. In brackets: 95 % intervals by dialogue."
    for column in ("all", "new"):
        yield ""
        yield from _head([f"system, {column}", *_RECALLS])
        for name, columns in _systems(runs).items():
            yield _row([name, *(_estimate(columns[column][metric]) for metric in _RECALLS)])
        if published and column == "all":
            yield from _published(PUBLISHED_ON_INSPIRED_TEST, _RECALLS)
    yield ""
    yield "Paired differences, on the same resampled dialogues:"
    yield ""
    yield from _head(["system − system", *(f"{column} {metric}" for column, metric in _PAIRED)])
    for name, lower in _systems(runs, "paired").items():
        for below, columns in lower.items():
            yield _row([f"{name} − {below}", *(_difference(columns[column][metric]) for column, metric in _PAIRED)])


def _replies(runs: _Measured, published: bool) -> Iterator[str]:
    figures = runs[0][1]
    yield f"## Replies: {_cell(figures['dialogues'])}"
    yield ""
    yield (
        f"{figures['instances']:,} replies in {figures['resampled_dialogues']:,} dialogues, {figures['with_slot']:,} "
        f"with a title. sacreBLEU {figures['sacrebleu']}. The last columns count replies with a fault."
    )
    yield ""
    yield from _head(["system", *_REPLIES, *_FAULTS])
    faults = _systems(runs, "faults")
    for name, values in _systems(runs).items():
        counts = (faults[name][fault] for fault in _FAULTS)
        measured = (_estimate(values[metric], 2 if metric == "sacrebleu" else 3) for metric in _REPLIES)
        yield _row([name, *measured, *("–" if count is None else f"{count:,}" for count in counts)])
    if published:
        yield from _published(PUBLISHED_REPLIES_ON_INSPIRED_TEST, [*_REPLIES, *_FAULTS])


def _systems(runs: _Measured, key: str = "systems") -> dict[str, Any]:
    """System → its figures; called by its run as well where it differs between several."""
    found: dict[str, Any] = {}
    for run, figures in runs:
        for system, values in figures[key].items():
            alike = all(other["systems"].get(system) == figures["systems"][system] for _, other in runs)
            alone = len(runs) == 1 or run == system or (alike and system not in _TRAINED)
            found[system if alone else f"{run}: {system}"] = values
    return found


def _published(rows: Mapping[str, Mapping[str, float]], metrics: Sequence[str]) -> Iterator[str]:
    for name, figures in rows.items():
        shown = (f"{figures[metric]:.3f}" if metric in figures else "" for metric in metrics)
        yield _row([f"{name}, as published (test split)", *shown])


def _estimate(one: Mapping[str, float | None], digits: int = 3) -> str:
    if one["value"] is None:
        return "–"
    interval = "" if one["low"] is None else f" [{one['low']:.{digits}f}, {one['high']:.{digits}f}]"
    return f"{one['value']:.{digits}f}{interval}"


def _difference(one: Mapping[str, float | None]) -> str:
    if one["difference"] is None or one["low"] is None:
        return "–"
    return f"{one['difference']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}]"


def _head(cells: Iterable[str]) -> Iterator[str]:
    named = list(cells)
    yield _row(named)
    yield _row(["---"] * len(named))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text that ends neither a cell nor a line."""
    return " ".join(text.split()).replace("|", "\\|")
