"""The tables that `tellgraph evaluate` and `study` print, drawn from a report; all fit into 80 columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from training.conversation_report import DISTINCT_FIGURES, PUBLISHED_REPLIES_ON_INSPIRED_TEST
from training.evaluation_report import COLUMNS, PUBLISHED_ON_INSPIRED_TEST
from training.metrics import METRICS
from training.study_report import STUDY_COLUMNS, STUDY_METRICS

if TYPE_CHECKING:
    from training.bootstrap import Difference, Estimate
    from training.conversation_report import ConversationReport
    from training.evaluation_input import DialogueInput, EvaluationInput
    from training.evaluation_report import Report
    from training.faithfulness import Faithfulness
    from training.study_report import StudyReport
    from ui.ratings import RatingSums

__all__ = [
    "accuracy_table",
    "beyond_accuracy_table",
    "conversation_paired_table",
    "conversation_reference_table",
    "conversation_table",
    "faithfulness_table",
    "input_lines",
    "paired_table",
    "ratings_table",
    "read_lines",
    "reference_table",
    "study_paired_table",
    "study_table",
]

_PAIRED_METRICS = ("recall@10", "recall@50", "mrr@50")  # the JSON has all seven
_REPLY_FIGURES = (
    ("bleu@2", "bleu@3", "bleu@4", "rouge@2", "rouge@l", "rouge@l_bare", "sacrebleu"),
    ("slot_precision", "slot_recall", "slot_f", "slot_reply"),
    ("tokens", *DISTINCT_FIGURES),
)
_PAIRED_REPLY_FIGURES = ("rouge@l", "sacrebleu", "slot_f")
_DIGITS = {"sacrebleu": 2, "tokens": 1}  # of figures that are no shares
_SIDE_BY_SIDE = 3  # systems whose intervals stand beside their figures
_UNKNOWN = "–"
_STUDY_HEADINGS = {metric: metric.replace("recall", "R").replace("mrr", "MRR") for metric in STUDY_METRICS}


def read_lines(read: DialogueInput) -> Iterator[str]:
    """What was read, and a sentence for everything that a reader of the figures should know about it."""
    yield f"{read.file}: {len(read.dialogues):,} dialogues"
    if read.rejected:
        first = read.rejected[0]
        yield f"Rejected lines: {len(read.rejected):,}; the first is line {first.line}: {first.reason}"
    if read.seen_in_training:
        yield (
            f"Dialogues that the run was trained on: {read.seen_in_training:,}. "
            "Figures on them say nothing about new dialogues."
        )


def input_lines(found: EvaluationInput, report: Report) -> Iterator[str]:
    """The same of the instances."""
    every, repeated, new = (report.columns[column].instances for column in COLUMNS)
    yield f"Instances: {every:,} ({repeated:,} repeated, {new:,} new)"
    if found.unknown_links:
        yield f"Links that the run does not know, left out as the protocol says: {found.unknown_links:,}"
    if found.labels_outside_catalogue:
        yield f"Recommended items that are not in the run's catalogue, left out: {found.labels_outside_catalogue:,}"


def accuracy_table(report: Report) -> Table:
    """Every metric of every column and system."""
    table = _table("Accuracy [95 % interval by dialogue]", "", *map(_heading, report.systems))
    for column in COLUMNS:
        size = report.columns[column]
        table.add_row(f"[bold]{column}[/bold]", f"n = {size.instances:,}", f"{size.dialogues:,} dialogues")
        for metric in METRICS:
            table.add_row(metric, *_estimates(system[column][metric] for system in report.systems.values()))
        table.add_section()
    table.caption = "repeated: the label is in the context; new: it is not, and the context's items do not compete"
    return table


def reference_table(report: Report) -> Table:
    """Column all beside what the papers print."""
    measured = {name: columns["all"] for name, columns in report.systems.items()}
    return _beside_published("Column all, and published figures", measured, PUBLISHED_ON_INSPIRED_TEST, METRICS)


def paired_table(report: Report) -> Table:
    """Each system minus each one that stands before it, on the same resampled dialogues."""
    table = _table("Paired differences", "", "", "difference [95 % interval]", "p")
    for name, lower in report.paired.items():
        for baseline, columns in lower.items():
            table.add_row(f"[bold]{escape(name)} − {escape(baseline)}[/bold]")
            for column in ("all", "new"):
                for metric in _PAIRED_METRICS:
                    table.add_row(f"  {column}", metric, *_difference(columns[column][metric]))
            table.add_section()
    table.caption = "p: two-sided, by resampling dialogues; it is not corrected for the number of comparisons"
    return table


def beyond_accuracy_table(report: Report) -> Table:
    """Hits by training frequency, coverage, diversity and popularity of the lists of ten."""
    table = _table("Beyond accuracy", "", *map(_heading, report.beyond_accuracy))
    for column in ("all", "new"):
        table.add_row(f"[bold]{column}[/bold]")
        figures = next(iter(report.beyond_accuracy.values()))[column]
        for figure in (name for name in figures if name.endswith("@10")):
            table.add_row(figure, *_estimates(system[column][figure] for system in report.beyond_accuracy.values()))
        table.add_section()
    table.caption = "hits by mentions of the label in training; coverage, ild, pwp: of the lists shown"
    return table


def faithfulness_table(found: Faithfulness) -> Table:
    """What deleting edges did to the best items, and what their terms had said."""
    title = f"{found.recommender}: edges of the best item deleted, after {found.chats:,} chats"
    headings = {
        "top": f"the {found.top} strongest" if found.top > 1 else "the strongest",
        "random": "as many at random",
        "rest": "all but these",
    }
    rows = {
        "drop": "score falls by",
        "told": "terms said",
        "gap": "apart by",
        "rank": "places lost",
        "first": "stays first",
    }
    table = _table(title, "", *headings.values())
    table.add_row("edges", *(f"{found.edges[name]:.1f}" for name in headings))
    for figure, row in rows.items():
        table.add_row(row, *_estimates(found.figures[name][figure] for name in headings))
    table.caption = (
        f"means and 95 % intervals by dialogue; the score was {found.score:.2f} before. apart by: |falls by − said|"
    )
    return table


def study_table(report: StudyReport) -> Table:
    """Each variant's figures over its seeds."""
    title = f"{report.study.name}, recipe {report.study.recipe.name}, validation dialogues"
    losses = any(one.token_loss for one in report.variants.values())
    table = _table(escape(title), "", *(_STUDY_HEADINGS[metric] for metric in STUDY_METRICS))
    if losses:
        table.add_column("token\nloss")
    for column in STUDY_COLUMNS:
        table.add_row(f"[bold]{column}[/bold]", f"n = {report.instances[column]:,}")
        for name, variant in report.variants.items():
            said = f"{mean(variant.token_loss):.3f}" if variant.token_loss and column == "all" else ""
            estimates = _estimates(variant.figures[column][metric] for metric in STUDY_METRICS)
            table.add_row(name, *estimates, *([said] if losses else []))
        table.add_section()
    table.caption = f"means over {len(report.seeds)} seeds; below: 95 % interval by dialogue"
    return table


def study_paired_table(report: StudyReport) -> Table:
    """Each variant minus the baseline."""
    metrics = STUDY_METRICS[1:]
    table = _table(
        f"Less {report.study.baseline}, paired by dialogue", "", *(_STUDY_HEADINGS[metric] for metric in metrics)
    )
    for column in STUDY_COLUMNS:
        table.add_row(f"[bold]{column}[/bold]")
        for name, variant in report.variants.items():
            if variant.against:
                cells = [_difference(variant.against[column][metric])[0] for metric in metrics]
                table.add_row(name, *(cell.replace(" ", "\n", 1) for cell in cells))
        table.add_section()
    table.caption = "below: 95 % interval; not corrected for the number of comparisons"
    return table


def conversation_table(report: ConversationReport) -> Table:
    """Every figure of every system's replies."""
    title = f"Replies: {report.instances:,} of {report.dialogues:,} dialogues [95 % interval by dialogue]"
    table = _table(title, "", *map(_heading, report.systems))
    for figures in _REPLY_FIGURES:
        for figure in figures:
            estimates = _estimates((system[figure] for system in report.systems.values()), _DIGITS.get(figure, 3))
            table.add_row(figure.replace("_", " "), *estimates)
        table.add_section()
    for fault in ("empty", "repeating", "unfilled"):
        counts = [getattr(faults, fault) for faults in report.faults.values()]
        table.add_row(fault, *(_UNKNOWN if count is None else f"{count:,}" for count in counts))
    table.caption = (
        f"slots: of <movie>, which {report.with_slot:,} targets have; the last rows count replies with a fault.\n"
        f"bleu and rouge with `System:` before both, as published. sacreBLEU {report.sacrebleu}"
    )
    return table


def conversation_reference_table(report: ConversationReport) -> Table:
    """The figures that papers print, beside theirs."""
    published = PUBLISHED_REPLIES_ON_INSPIRED_TEST
    metrics = list(next(iter(published.values())))
    return _beside_published("Replies, and published figures", report.systems, published, metrics)


def conversation_paired_table(report: ConversationReport) -> Table:
    """Each system's replies minus those of each one that stands before it, on the same resampled dialogues."""
    table = _table("Paired differences of replies", "", "", "difference [95 % interval]", "p")
    for name, lower in report.paired.items():
        for baseline, figures in lower.items():
            for figure in _PAIRED_REPLY_FIGURES:
                pair = f"[bold]{escape(name)} − {escape(baseline)}[/bold]" if figure == _PAIRED_REPLY_FIGURES[0] else ""
                table.add_row(pair, figure, *_difference(figures[figure]))
    table.caption = "p: two-sided, by resampling dialogues; it is not corrected for the number of comparisons"
    return table


def ratings_table(sums: RatingSums) -> Table:
    """What people think of each system."""
    qualities = next(iter(sums.systems.values()))
    title = f"Marks of 0 to 2 for replies to {sums.chats:,} chats; files: {sums.raters:,}"
    table = _table(title, "", *(column for quality in qualities for column in (f"{quality} [95 %]", "marks")))
    for name, figures in sums.systems.items():
        cells = [(*_estimates([figure]), f"{figure.n:,}") for figure in figures.values()]
        table.add_row(_heading(name), *(cell for pair in cells for cell in pair))
    table.caption = f"intervals by chat; page {escape(sums.page)}"
    return table


def _table(title: str, *columns: str) -> Table:
    padding = (0, 1) if len(columns) <= 2 + _SIDE_BY_SIDE else (0, 0)  # so that five systems fit
    return Table(*columns, title=title, box=box.SIMPLE_HEAD, padding=padding, pad_edge=False, caption_justify="left")


def _beside_published(
    title: str,
    measured: Mapping[str, Mapping[str, Estimate]],
    published: Mapping[str, Mapping[str, float]],
    metrics: Sequence[str],
) -> Table:
    table = _table(title, "", *(metric.replace("@", "\n@") for metric in metrics))
    for name, estimates in measured.items():
        table.add_row(_heading(name), *(_figure(estimates[metric].value) for metric in metrics))
    table.add_section()
    for name, printed in published.items():
        table.add_row(f"{name} *", *(_figure(printed[metric]) for metric in metrics))
    table.caption = "* as published, on INSPIRED's test split: other dialogues than these, and without intervals"
    return table


def _heading(system: str) -> str:
    return escape(re.sub(r" \+|\+|(?<!\+) ", lambda gap: "\n" + gap[0].strip(), system))


def _estimates(estimates: Iterable[Estimate], digits: int = 3) -> list[str]:
    """One system's after another's; of many, the interval stands below the figure."""
    row = list(estimates)
    shape = "{} [{}, {}]" if len(row) <= _SIDE_BY_SIDE else "{}\n{}–{}"
    return [
        _figure(one.value, digits)
        if one.low is None or one.high is None
        else escape(shape.format(*(_figure(value, digits) for value in (one.value, one.low, one.high))))
        for one in row
    ]


def _difference(difference: Difference) -> tuple[str, str]:
    if difference.difference is None or difference.low is None or difference.high is None:
        return _UNKNOWN, _UNKNOWN
    interval = f"[{difference.low:+.3f}, {difference.high:+.3f}]"
    return escape(f"{difference.difference:+.3f} {interval}"), _figure(difference.p)


def _figure(value: float | None, digits: int = 3) -> str:
    """Three decimals, without the zero before the point, as the field prints them."""
    return _UNKNOWN if value is None else f"{value:.{digits}f}".removeprefix("0")
