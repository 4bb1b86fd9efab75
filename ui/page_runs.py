"""The page of runs. It only draws: the work is in `ui.run_list` and `ui.run_charts`.

Addresses: /runs?run=NAME, /runs?run=NAME&beside=NAME.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from training.metrics import METRICS
from ui import explore_parts, run_parts
from ui.page_graph import dark, draw_rows
from ui.page_resources import options
from ui.query_output import printable
from ui.run_charts import LONG_TAIL, curves, in_words, intervals, long_tail, metric_names
from ui.run_list import RunSummary, find_runs

__all__ = ["runs"]

_LISTS = ("coverage@10", "ild@10", "pwp@10")


def runs() -> None:
    """The trained runs, what was measured of each, and two beside each other."""
    given = options()
    run: Path = given.run.resolve()
    folder: Path = (given.runs or run.parent).resolve()
    st.title("Runs", anchor=False)
    found = find_runs(folder, run)
    st.html(explore_parts.small(f"The runs in {folder}; the chat uses {run.name}."))
    rows = [run_parts.overview(one, one.path == run) for one in found]
    draw_rows(tuple(rows[0]), rows, "runs")
    shown = ask_runs(found)
    for one in shown:
        st.html(run_parts.head(one, one.path == run))
        for sentence in one.troubles:
            st.html(explore_parts.notice(sentence))
    draw_ladder(shown)
    draw_long_tail(shown)
    draw_curves(shown)


def ask_runs(found: Sequence[RunSummary]) -> list[RunSummary]:
    """One run, and perhaps another beside it."""
    labels = _labels(found)
    left, right = st.columns(2)
    with left:
        first = _ask("Run", "run", list(labels), labels)
    with right:
        second = _ask("Beside it", "beside", ["", *(label for label in labels if label != first)], labels)
    return [labels[label] for label in (first, second) if label]


def _ask(title: str, key: str, choices: list[str], labels: dict[str, RunSummary]) -> str:
    wanted = st.query_params.get(key, "")
    label = st.selectbox(
        title,
        choices,
        index=choices.index(wanted) if wanted in choices else 0,
        format_func=lambda label: printable(label) or "no other",
        key=f"runs-{key}",
    )
    if wanted and wanted not in choices and label == choices[0]:
        st.html(explore_parts.notice(f"There is no run called “{printable(wanted)}” to be chosen here."))
    if label:
        st.query_params[key] = label
    elif key in st.query_params:
        del st.query_params[key]
    return label


def _labels(found: Sequence[RunSummary]) -> dict[str, RunSummary]:
    """A name for each run; two of one name, in different folders, are told apart by the whole path."""
    names = [one.name for one in found]
    return {one.name if names.count(one.name) == 1 else str(one.path): one for one in found}


def draw_ladder(shown: Sequence[RunSummary]) -> None:
    """Accuracy: charts for one metric, a table with all."""
    st.subheader("Accuracy", anchor=False)
    for one in shown:
        if not one.accuracy:
            st.html(explore_parts.notice(run_parts.how_to_evaluate(one)))
    measured = [one for one in shown if one.accuracy]
    if not measured:
        return
    if unlike := run_parts.unlike(measured):
        st.html(explore_parts.notice(unlike))
    names = metric_names(measured)
    metric = st.selectbox("Metric", names, index=names.index("recall@50") if "recall@50" in names else 0)
    for column, name, said in zip(st.columns(2), ("all", "new"), run_parts.COLUMN_WORDS, strict=True):
        with column:
            st.markdown(f"**{said}**")
            chart = intervals(measured, metric, name, dark())
            st.vega_lite_chart(spec=chart, key=f"runs-ladder-{name}", alt=_alt(measured, metric, name))
    columns, rows = run_parts.figures_table(measured, METRICS, lambda one: one.accuracy)
    draw_rows(columns, rows, "accuracy")


def draw_long_tail(shown: Sequence[RunSummary]) -> None:
    """What accuracy hides: hits by how well known the right item is, and what the lists look like."""
    measured = [one for one in shown if one.beyond]
    if not measured:
        return
    st.subheader("The long tail", anchor=False)
    st.html(explore_parts.small(run_parts.SEGMENTS_IN_WORDS))
    for column, one in zip(st.columns(len(measured)), measured, strict=True):
        with column:
            if len(measured) > 1:
                st.html(explore_parts.small(one.name))
            said = f"Recall@50 by segment for {printable(one.name)}; the table below holds the same figures."
            st.vega_lite_chart(spec=long_tail(one, dark()), key=f"runs-tail-{one.path}", alt=said)
    segments = [f"{segment}_recall@50" for segment in LONG_TAIL]
    columns, rows = run_parts.figures_table(measured, (*segments, *_LISTS), lambda one: one.beyond)
    draw_rows(columns, rows, "long_tail")


def draw_curves(shown: Sequence[RunSummary]) -> None:
    """How training went."""
    trained = [one for one in shown if one.history]
    if not trained:
        return
    st.subheader("Training", anchor=False)
    said = f"Training loss by epoch of {', '.join(printable(one.name) for one in trained)}."
    st.vega_lite_chart(spec=curves(trained, dark()), key="runs-curves", alt=said)
    for one in trained:
        st.html(explore_parts.small(run_parts.training_in_words(one)))


def _alt(measured: Sequence[RunSummary], metric: str, column: str) -> str:
    said = [
        f"{printable(one.name)}, {printable(figure.system)}: {in_words(figure)}"
        for one in measured
        for figure in one.accuracy
        if (figure.metric, figure.column) == (metric, column)
    ]
    return f"{metric} with its 95 % interval. {'; '.join(said)}."
