"""`tellgraph app`: the chat in a browser, and the pages beside it."""

from __future__ import annotations

import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path

import click

from ui.errors import DoorError

__all__ = ["command", "serve", "server_command"]

_ADDRESS = "127.0.0.1"
_FIRST_PORT = 8501
_PORTS_TRIED = 50

# The browser's setting decides between the two; ui/assets/app.css follows.
_THEME = {
    "baseRadius": "12px",
    "light.primaryColor": "#4338ca",
    "light.backgroundColor": "#faf8f4",
    "light.secondaryBackgroundColor": "#f1ede5",
    "light.textColor": "#1f1b2d",
    "light.borderColor": "#ddd6c9",
    "dark.primaryColor": "#a5b4fc",
    "dark.backgroundColor": "#17141f",
    "dark.secondaryBackgroundColor": "#25212f",
    "dark.textColor": "#ece8f5",
    "dark.borderColor": "#3b3549",
}


@click.command(
    epilog="\b\nExamples:\n  tellgraph app --run runs/inspired\n  tellgraph app --run runs/inspired --port 9000"
)
@click.option("--run", type=click.Path(path_type=Path), required=True, help="Folder of a trained run.")
@click.option("--runs", type=click.Path(path_type=Path), help="Folder whose runs are shown.  [default: that of --run]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: the first free from 8501]")
@click.option("--words", default="auto", help="Language model that writes, or `none`.  [default: auto]")
@click.option("--address", default=_ADDRESS, show_default=True, help="Address to listen on; a container needs 0.0.0.0.")
def command(run: Path, runs: Path | None, port: int | None, words: str, address: str) -> None:
    """Chat in the browser, with the reasons for each recommendation; explore the graph; compare runs.

    Listens on this machine only, unless told otherwise, and goes on until Ctrl-C. It may be started before
    the run is trained: the page then says what is missing.
    """
    sys.exit(serve(run, port, words, address=address, runs=runs))


def serve(
    run: Path,
    port: int | None = None,
    words: str = "auto",
    home: Path | None = None,
    address: str = _ADDRESS,
    runs: Path | None = None,
) -> int:
    """Serve the page until it is interrupted; returns the server's exit code.

    home: of the private Neo4j to use, whatever the environment says; by default the environment decides.
    address: to listen on.
    runs: folder whose runs the page of runs shows; by default the one that `run` is in.
    Raises DoorError when the port is taken.
    """
    port = _free_port(port, address)
    click.echo(f"Open http://{_ADDRESS}:{port} in a browser; Ctrl-C ends it.", err=True)
    server = subprocess.Popen(server_command(run, port, words, home, address, runs))
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.wait()  # Ctrl-C reached it as well, and it goes by itself
        raise
    finally:
        server.terminate()


def server_command(
    run: Path,
    port: int,
    words: str = "auto",
    home: Path | None = None,
    address: str = _ADDRESS,
    runs: Path | None = None,
) -> list[str]:
    """The command line of the server process; the arguments are those of `serve`."""
    script = resources.files("ui") / "app.py"
    options = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "logger.level": "warning",
        "logger.hideWelcomeMessage": "true",
        **{f"theme.{name}": value for name, value in _THEME.items()},
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    arguments = ["--", f"--run={run.absolute()}", f"--words={words}"]
    if runs:
        arguments.append(f"--runs={runs.absolute()}")
    if home:
        arguments.append(f"--home={home.absolute()}")
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags, *arguments]


def _free_port(wanted: int | None, address: str) -> int:
    candidates = [wanted] if wanted else range(_FIRST_PORT, _FIRST_PORT + _PORTS_TRIED)
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    if wanted:
        raise DoorError(f"Port {wanted} is taken or not allowed: name another with --port, or leave it out.")
    raise DoorError(f"No port from {_FIRST_PORT} to {candidates[-1]} is free: name one with --port.")
