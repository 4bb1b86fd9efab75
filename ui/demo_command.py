"""`tellgraph demo`: the whole way on the sample that ships, and then a chat."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console

from graphstore.graph import Graph
from graphstore.settings import Settings
from ui.app_command import serve
from ui.demo_build import demo_steps, fetch_models
from ui.demo_home import DemoHome, DemoOptions, demo_record
from ui.demo_steps import run_steps
from ui.errors import DoorError

__all__ = ["MESSAGE", "built_demo", "command"]

MESSAGE = "I loved Inception and The Dark Knight. What should I watch tonight?"


@click.command(
    "demo",
    epilog="\b\nExamples:\n  tellgraph demo\n  tellgraph demo --no-app\n"
    "  tellgraph demo --no-app --json demo.json --message 'Something with Bill Murray?'",
)
@click.option("--no-app", is_flag=True, help="Ask one question instead of opening the app, and end.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --no-app: file for the answer, instead of standard output.",
)
@click.option("--message", help=f"With --no-app: the question.  [default: {MESSAGE}]")
@click.option("--fresh", is_flag=True, help="Throw the demo's graph and run away first, and make them anew.")
def command(no_app: bool, json_file: Path | None, message: str | None, fresh: bool) -> None:
    """Build a graph from the sample that ships, train on it, and chat.

    About a thousand films with real facts out of DBpedia, dialogues that a simulator makes, and posters that are
    drawn. The first time takes some minutes, most of them for downloads and for training; after that, seconds. An
    interrupted demo goes on where it was.

    All of it lives in the folder `demo` of TELLGRAPH_HOME, with a private Neo4j of its own: NEO4J_URI is not used,
    so that no sample ends up in a graph of yours.
    """
    if not no_app and (json_file or message):
        raise click.UsageError("--json and --message are about asking one question: add --no-app.")
    home = DemoHome.inside(Settings.from_environment())
    with built_demo(home, DemoOptions(), fresh) as graph:
        if no_app:
            _ask(home, graph, message or MESSAGE, json_file)
        else:
            serve(home.run, home=home.folder)


@contextmanager
def built_demo(home: DemoHome, options: DemoOptions, fresh: bool = False) -> Iterator[Graph]:
    """Build what is missing, and give the demo's graph. Its server ends with the block, unless it ran before.

    Raises DoorError when another demo is being built in the same place, and what the steps raise.
    """
    started, console = time.monotonic(), Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        with home.alone():
            if fresh:
                home.clear()
            models = fetch_models(home, options, console.print)
            graph = stack.enter_context(home.server())
            run_steps(demo_steps(home, options, graph, models), demo_record(home, options), console)
            models.result()
        console.print(f"Ready after {time.monotonic() - started:.0f} s. {_figures(home)}")
        console.print(
            f"Its graph and its run, for other commands: TELLGRAPH_HOME={home.settings.home} "
            f"tellgraph explain --run {home.run} --message 'I loved Inception'",
            markup=False,
            soft_wrap=True,
        )
        yield graph


def _figures(home: DemoHome) -> str:
    systems = json.loads(home.evaluation.read_text(encoding="utf-8"))["systems"]
    recalls = [f"{name} {columns['new']['recall@10']['value']:.3f}" for name, columns in systems.items()]
    return f"Recall@10 of films new to the chat, on simulated dialogues: {', '.join(recalls)}."


def _ask(home: DemoHome, graph: Graph, message: str, json_file: Path | None) -> None:
    """One message, answered; the answer is JSON on standard output or in a file."""
    # torch takes seconds to import; --help should not
    from ui.answer_json import answer_as_json
    from ui.chat_setup import open_run, start_chat

    chat = start_chat(open_run(home.run, home.settings), graph, "auto", settings=home.settings)
    answer = answer_as_json(chat.answer(message), graph)
    text = json.dumps(answer, indent=2, ensure_ascii=False)
    if json_file is None:
        click.echo(text)
        return
    try:
        json_file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise DoorError(f"The answer cannot be written to {json_file}: {error.strerror}.") from error
    click.echo(f"{message}\n{answer['reply']}\nThe reasons are in {json_file}.")
