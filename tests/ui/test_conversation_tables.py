"""The tables of replies: every figure is there, and five systems fit a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType

from tests.ui.reply_world import instance
from training.conversation_evaluation import evaluate_replies
from training.conversation_report import ConversationReport
from ui.evaluate_tables import conversation_paired_table, conversation_reference_table, conversation_table

INSTANCES = [instance(number, target=f"See <movie> or number {number} of them.") for number in range(20)]


def report(*names: str) -> ConversationReport:
    said = [f"Have you seen <movie> number {number} of it?" for number in range(20)]
    replies = {name: said[place:] + [""] * place for place, name in enumerate(names)}
    return evaluate_replies(replies, INSTANCES, shown={names[-1]: said}, resamples=50)


def drawn(table: RenderableType) -> str:
    console = Console(file=StringIO(), width=80)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_every_figure_has_its_row_and_five_systems_fit() -> None:
    found = report("constant reply", "random reply", "retrieved reply", "mscrs", "evidence+mscrs")
    text = drawn(conversation_table(found))
    assert "…" not in text
    for figure in next(iter(found.systems.values())):
        assert f"\n {figure.replace('_', ' ')} " in text
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["empty"] == ["0", "1", "2", "3", "4"]
    assert rows["unfilled"] == ["–", "–", "–", "–", "20"]
    assert "nrefs:1|case:mixed" in text


def test_published_figures_stand_below_ours() -> None:
    lines = drawn(conversation_reference_table(report("[mine]"))).splitlines()
    names = [line.split()[0] for line in lines if line.strip()]
    assert names.index("[mine]") < names.index("MSCRS")
    assert "4.197" in next(line for line in lines if "MSCRS *" in line)


def test_each_system_is_held_against_those_before_it() -> None:
    text = drawn(conversation_paired_table(report("constant reply", "retrieved reply", "mscrs")))
    assert "mscrs − retrieved reply" in text
    assert "mscrs − constant reply" in text
    assert text.count("sacrebleu") == 3
