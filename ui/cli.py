"""The command line: one group, one module per command.

    tellgraph ─┬─ neo4j  fetch                                    the private server, and what is downloaded once
               ├─ ingest  delete  build  query  export  upgrade   the graph
               ├─ snapshot  train  evaluate  report  study        what was exported, the model
               └─ chat  explain  app  demo                        people

A command's module is imported when it is used: `tellgraph --help` should not wait for torch.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from graphstore.errors import GraphStoreError
from ui.errors import DoorError

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "app": ("ui.app_command", "Chat in the browser, with the reasons for each recommendation."),
    "build": ("ui.build_command", "Compute vectors and edges in the graph."),
    "chat": ("ui.chat_command", "Chat in the terminal."),
    "delete": ("ui.delete_command", "Take items or a whole source out of the graph."),
    "demo": ("ui.demo_command", "Go the whole way on the sample that ships, then chat."),
    "evaluate": ("ui.evaluate_command", "Score a run on dialogues, beside the untrained ladder."),
    "explain": ("ui.explain_command", "Say why an item is recommended, and why another one is not."),
    "export": ("ui.export_command", "Write the graph as a snapshot folder."),
    "fetch": ("ui.fetch_command", "Download once what the other commands need."),
    "ingest": ("ui.ingest_command", "Read triples, items, entities or dialogues into the graph."),
    "neo4j": ("ui.neo4j_command", "Start, stop, dump or load the private Neo4j."),
    "query": ("ui.query_command", "Run a named Cypher query."),
    "report": ("ui.report_command", "Write the figures of evaluated runs as a Markdown page."),
    "snapshot": ("ui.snapshot_command", "Look into a snapshot, or compare two."),
    "study": ("ui.study_command", "Ask what one run does not answer: ablations, folds, faithful reasons."),
    "train": ("ui.train_command", "Train a recommender on a snapshot."),
    "upgrade": ("ui.upgrade_command", "Bring a graph of an older Tellgraph to this one's schema."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in sorted(COMMANDS.items())])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tellgraph")
def group() -> None:
    """Conversational recommendation out of a graph, with reasons.

    \b
    The whole way on the sample that ships:
      tellgraph demo
    On your own data: ingest → build → export → train → evaluate → app; each has --help with examples.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a user's error is one line on standard error and exit code 1."""
    signal.signal(signal.SIGTERM, _end)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no Unicode
    try:
        result: Any = group.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        print("\nInterrupted. Nothing that was finished is lost; the same command goes on.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output, `head` say, has gone
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if not _is_expected(error):
            raise
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def _end(number: int, frame: object) -> None:
    """Leave as after an exception, so that the page's server and a private Neo4j of the demo end as well."""
    sys.exit(128 + number)


def _is_expected(error: Exception) -> bool:
    if isinstance(error, GraphStoreError | DoorError):
        return True
    # Importing the package's errors costs nothing here: whoever raised one has imported it.
    from training.errors import TrainingError

    return isinstance(error, TrainingError)
