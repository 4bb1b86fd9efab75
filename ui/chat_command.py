"""`tellgraph chat`: a conversation in the terminal, or one question and its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphstore.errors import ConnectionLostError, GraphStoreError
from graphstore.graph import Graph, open_graph
from graphstore.settings import Settings
from graphstore.visitors import Mark
from ui.answer_json import answer_as_json
from ui.chat_session import Answer, Card, ChatSession
from ui.chat_setup import open_run, start_chat
from ui.drawing import signed
from ui.page_parts import sum_in_words
from ui.relation_words import GRAPH_TITLES
from ui.why import Bar

__all__ = ["command", "converse"]

_HELP = (
    "Say what you like or look for. Of the second recommendation: `why 2` explains it; `like 2`, `dislike 2` and "
    "`seen 2` change the next ranking. `forget` deletes what you said so; `help` says this again; `quit` or an empty "
    "line ends."
)
_WHY = re.compile(r"why\s*(\d{1,4})?\s*\??", re.IGNORECASE)
_MARK = re.compile(r"(like|dislike|seen)\s+(\d{1,4})", re.IGNORECASE)
_MARKS: dict[str, Mark] = {"like": "LIKED", "dislike": "DISLIKED", "seen": "SEEN"}
_COLOURS = {"facts": "blue", "co_mention": "cyan", "text": "yellow", "similar_text": "yellow", "image": "magenta"}


@click.command(
    epilog="\b\nExamples:\n  tellgraph chat --run runs/inspired\n"
    "  tellgraph chat --run runs/inspired --message 'I loved Inception' --json"
)
@click.option("--run", type=click.Path(path_type=Path), required=True, help="Folder of a trained run.")
@click.option("--message", help="Answer this one message, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --message: print the answer as JSON.")
@click.option("--words", default="auto", help="Language model that writes, or `none`.  [default: auto]")
def command(run: Path, message: str | None, as_json: bool, words: str) -> None:
    """Chat in the terminal, with the reasons for each recommendation."""
    if as_json and message is None:
        raise click.UsageError("--json prints one answer: add --message TEXT.")
    settings = Settings.from_environment()
    told = Console(stderr=True)
    with told.status("Opening the trained run …"):
        recommender = open_run(run, settings)
    with told.status("Opening the graph …"):
        graph = open_graph(settings)
    with graph:
        with told.status("Loading the language model …"):
            session = start_chat(recommender, graph, words, settings=settings)
        if message is None:
            converse(session, Console(), lambda: open_graph(settings))
            return
        answer = session.answer(message)
        if as_json:
            click.echo(json.dumps(answer_as_json(answer, graph), ensure_ascii=False, indent=1))
        else:
            _show(answer, Console())


def converse(session: ChatSession, console: Console, reconnect: Callable[[], Graph]) -> None:
    """Read messages and answer them until an empty line or the end of the input.

    reconnect: opens the graph again where it was lost; what was said so far is kept.
    """
    console.print(_HELP, style="dim", markup=False)
    while (line := _read(console)) and line.lower() not in ("quit", "exit"):
        last = session.answers[-1] if session.answers else None
        if line.lower() == "help":
            console.print(_HELP, style="dim", markup=False)
        elif last and (asked := _WHY.fullmatch(line)):
            _explain(last, int(asked[1] or 1), console)
        elif answer := _answered(session, _work(session, last, line, console), console, reconnect):
            _show(answer, console)


def _work(session: ChatSession, last: Answer | None, line: str, console: Console) -> Callable[[], Answer | None]:
    """What a line asks for."""
    if last and (marked := _MARK.fullmatch(line)):
        card = _card(last, int(marked[2]), console)
        return lambda: session.mark(_MARKS[marked[1].lower()], card.item.uri) if card else None
    if line.lower() == "forget":
        return session.forget
    if choice := _choice(last, line):
        return lambda: session.words(session.choose(*choice))
    return lambda: session.answer(line)


def _answered(
    session: ChatSession, work: Callable[[], Answer | None], console: Console, reconnect: Callable[[], Graph]
) -> Answer | None:
    """The answer; None where there is none, which is said."""
    try:
        with console.status("Looking through the graph …"):
            return work()
    except ConnectionLostError:
        console.print("The graph does not answer. Connecting again …", style="yellow")
    try:
        lost, graph = session.graph, reconnect()
        session.attach(graph)
        lost.close()
        with console.status("Looking through the graph …"):
            return work()
    except GraphStoreError as error:
        kept = "What you said before is kept: say this again when the graph is back."
        console.print(_plain(f"{error} {kept}"), style="yellow")
        return None


def _card(answer: Answer, number: int, console: Console) -> Card | None:
    """The recommendation with this number, from 1; None where there is none, which is said."""
    if 1 <= number <= len(answer.recommendations):
        return answer.recommendations[number - 1]
    console.print(f"The last answer has {len(answer.recommendations)} recommendations.", style="yellow")
    return None


def _read(console: Console) -> str:
    try:
        return console.input("\n[bold]you[/bold] › ").strip()
    except EOFError:
        return ""


def _choice(last: Answer | None, line: str) -> tuple[str, str] | None:
    """The name and URI that a number picks, where the last answer asked."""
    if last is None or not line.isdecimal() or len(line) > 4:
        return None
    options = _options(last)
    return options[int(line) - 1][:2] if 1 <= int(line) <= len(options) else None


def _options(answer: Answer) -> list[tuple[str, str, str]]:
    """(name as written, URI, label) of everything that an ambiguous name may mean."""
    return [(a.text, choice.uri, choice.label) for a in answer.ambiguous for choice in a.choices]


def _show(answer: Answer, console: Console) -> None:
    for notice in answer.notices:
        console.print(_plain(notice), style="yellow")
    if answer.linked:
        names = dict.fromkeys(link.entity.label for link in answer.linked)
        console.print(_plain(f"understood: {', '.join(names)}"), style="dim")
    console.print(_plain(answer.reply))
    for number, (name, _, label) in enumerate(_options(answer), start=1):
        console.print(_plain(f"  {number}  {name}: {label}"), style="yellow")
    if answer.recommendations:
        console.print(_table(answer.recommendations))


def _table(cards: Iterable[Card]) -> Table:
    table = Table(box=None, header_style="dim")
    table.add_column("")
    table.add_column("recommended")
    table.add_column("score", justify="right")
    table.add_column("strongest reasons")
    for number, card in enumerate(cards, start=1):
        helpful = [bar for bar in card.why.bars if bar.value > 0][:3]
        reasons = ", ".join(_in_short(bar, card.item.uri) for bar in helpful)
        table.add_row(str(number), _plain(card.item.label), f"{card.score:.2f}", _plain(reasons))
    return table


def _in_short(bar: Bar, item: str) -> str:
    if bar.uri == item:  # the item's own
        return f"{bar.relation} {bar.detail}".strip()
    return bar.name.lower() if bar.graph == "similar_chats" else f"{bar.relation} {bar.name}"


def _explain(answer: Answer, number: int, console: Console) -> None:
    card = _card(answer, number, console)
    if card is None:
        return
    reasons = card.why
    table = Table(title=_plain(f"Why {reasons.item.label}?"), box=None, header_style="dim", title_justify="left")
    for column in ("neighbour", "relation", "graph"):
        table.add_column(column)
    table.add_column("value", justify="right")
    for bar in reasons.bars:
        name = f"{bar.name}  (you named it)" if bar.named else bar.name
        relation = f"{bar.relation}, {bar.detail}" if bar.detail else bar.relation
        graph = Text(GRAPH_TITLES[bar.graph], _COLOURS.get(bar.graph, "white"))
        table.add_row(_plain(name), _plain(relation), graph, signed(bar.value))
    if reasons.others:
        table.add_row(f"others ({reasons.others})", "every other term, summed", "", signed(reasons.others_value))
    console.print(table)
    console.print(_plain(sum_in_words(reasons)), style="dim")


def _plain(text: str) -> Text:
    """Text that is no markup, and that cannot steer the terminal."""
    return Text("".join(letter if letter.isprintable() else " " for letter in text))
