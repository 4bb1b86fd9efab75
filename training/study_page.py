"""What a study leaves in its folder: results.json, figures.png, and README.md with the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.bootstrap import Difference, Estimate
from training.study_report import STUDY_COLUMNS, STUDY_METRICS, StudyReport, VariantFigures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["write_study_page"]

_DRAWN = ("recall@10", "recall@50", "mrr@50")


def write_study_page(report: StudyReport, out: Path) -> None:
    """Write the three files into the study's folder, each whole or not at all."""
    _replace(out / "results.json", (json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n").encode())
    _draw(report, out / "figures.png")
    _replace(out / "README.md", "\n".join(_lines(report)).encode())


def _replace(file: Path, content: bytes) -> None:
    aside = file.with_name(f".{file.name}.partial")
    aside.write_bytes(content)
    aside.replace(file)


def _draw(report: StudyReport, file: Path) -> None:
    from matplotlib.figure import Figure  # not pyplot: no window system is asked for, and nothing is kept open

    variants = report.variants
    height = 4.0 if report.study.axis else 1.5 + 0.45 * len(variants)
    figure = Figure(figsize=(12, height), layout="constrained")
    panels = figure.subplots(1, len(STUDY_COLUMNS), sharey=True)
    for column, axes in zip(STUDY_COLUMNS, panels, strict=True):
        for number, metric in enumerate(_DRAWN):
            estimates = [one.figures[column][metric] for one in variants.values()]
            if report.instances[column]:
                _draw_metric(axes, report, metric, estimates, shift=(number - 1) * 0.18)
        axes.set_title(f"{column} ({report.instances[column]:,} instances)")
        axes.grid(alpha=0.3)
    if report.study.axis:
        for axes in panels:
            axes.set_xlabel(report.study.axis)
    else:
        panels[0].set_yticks(range(len(variants)), list(variants))
        panels[0].invert_yaxis()
    # of column all, which is never empty
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(_DRAWN))
    aside = file.with_name(f".{file.name}.partial")
    figure.savefig(aside, format="png", dpi=120)
    aside.replace(file)


def _draw_metric(axes: Axes, report: StudyReport, metric: str, estimates: list[Estimate], shift: float) -> None:
    """A dot with its interval per variant: along the study's axis, or one variant below the other."""
    value, low, high = (np.array([getattr(one, name) for one in estimates]) for name in ("value", "low", "high"))
    reach = np.clip([value - low, high - value], 0, None)
    if report.study.axis:
        places = np.array([one.place for one in report.variants.values()])
        order = np.argsort(places)
        axes.errorbar(places[order], value[order], yerr=reach[:, order], marker="o", capsize=3, label=metric)
    else:
        axes.errorbar(value, np.arange(len(value)) + shift, xerr=reach, fmt="o", capsize=2, label=metric)


def _lines(report: StudyReport) -> list[str]:
    study = report.study
    sizes = "; ".join(
        f"{column}: {report.instances[column]:,} instances of {report.dialogues[column]:,} dialogues"
        for column in STUDY_COLUMNS
    )
    minutes = sum(one.seconds for one in report.variants.values()) / 60
    return [
        f"# {study.name}, recipe `{study.recipe.name}`",
        "",
        f"MSCRS on the validation dialogues ({sizes}); seeds {', '.join(map(str, report.seeds))}. Each run lies in "
        f"VARIANT/seed-N with its recipe; training took {minutes:.0f} minutes in all.",
        "",
        *(line for sentence in study.left_out for line in (sentence, "")),
        "![Figures with their intervals](figures.png)",
        "",
        "## Means over the seeds [95 % by dialogue]",
        "",
        *_tables(report, "figures", _said),
        "An instance's value is averaged over the seeds, then whole dialogues are resampled: the intervals say nothing "
        "of other seeds, of which `by_seed` in [results.json](results.json) tells.",
        "",
        f"## Less `{study.baseline}`, paired by dialogue [95 %]",
        "",
        *_tables(report, "against", _said_difference),
        "No figure is corrected for the number of comparisons.",
        "",
        *_token_lines(report.variants),
    ]


def _tables(report: StudyReport, part: str, said: Callable[[Any], str]) -> list[str]:
    """A table for each column. part: of a variant's figures; a variant without it has no line."""
    lines = []
    for column in STUDY_COLUMNS:
        lines += [f"| {column} | {' | '.join(STUDY_METRICS)} |", "|---" * (len(STUDY_METRICS) + 1) + "|"]
        for name, variant in report.variants.items():
            if found := getattr(variant, part):
                lines.append(f"| {name} | {' | '.join(said(found[column][metric]) for metric in STUDY_METRICS)} |")
        lines.append("")
    return lines


def _token_lines(variants: Mapping[str, VariantFigures]) -> list[str]:
    if not any(one.token_loss for one in variants.values()):
        return []
    title = "## Loss of a reply's token on the validation dialogues"
    lines = [title, "", "| variant | mean | by seed |", "|---|---|---|"]
    for name, one in variants.items():
        mean = f"{np.mean(one.token_loss):.4f}" if one.token_loss else "–"
        lines.append(f"| {name} | {mean} | {', '.join(f'{loss:.4f}' for loss in one.token_loss)} |")
    return [*lines, ""]


def _said(one: Estimate) -> str:
    return "–" if one.value is None else f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"


def _said_difference(one: Difference) -> str:
    return "–" if one.difference is None else f"{one.difference:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
