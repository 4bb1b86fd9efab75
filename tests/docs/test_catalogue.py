"""docs/your-own-catalogue.md and docs/python.md, run from their first command to their last on a Neo4j of their own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from graphstore.private_server import PrivateServer
from graphstore.settings import Settings

pytestmark = [pytest.mark.database, pytest.mark.slow]

_ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(sh|text|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = 300


@dataclass(frozen=True)
class Block:
    """Commands, and the lines that the page shows of what they print; `…` stands for anything."""

    commands: str
    shown: tuple[str, ...] = ()


def blocks(page: str) -> list[Block]:
    found: list[Block] = []
    for kind, text in _BLOCK.findall((_ROOT / "docs" / page).read_text(encoding="utf-8")):
        if kind == "text":
            found[-1] = Block(found[-1].commands, tuple(text.splitlines()))
        else:
            found.append(Block(text))
    return found


PAGE = blocks("your-own-catalogue.md")
LAST = next(number for number, block in enumerate(PAGE) if "tellgraph delete" in block.commands)


@dataclass
class Shell:
    """Runs blocks one after the other; folder and variables that one leaves are where the next begins."""

    folder: Path
    environment: dict[str, str]

    @property
    def home(self) -> Path:
        """Where the page keeps the shop's graph."""
        return self.folder / "shop" / "graph"

    def run(self, block: Block) -> str:
        if block.commands.startswith("tellgraph app"):
            return self._serve(block)
        return self._bash(block.commands)

    def _bash(self, commands: str) -> str:
        left = self.folder / "left.sh"
        left.touch()
        done = subprocess.run(
            ["bash", "-ec", f'. {left}\n{commands}\n{{ export -p; echo "cd $PWD"; }} > {left}'],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    def _serve(self, block: Block) -> str:
        """The app's first line, once its page answers."""
        server = subprocess.Popen(
            shlex.split(block.commands),
            cwd=self.folder / "shop",
            env=self.environment | {"TELLGRAPH_HOME": str(self.home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stderr is not None
        try:
            line = server.stderr.readline()
            address = re.search(r"http://\S+", line)
            assert address, line
            assert _answers(address[0])
        finally:
            server.terminate()
            server.communicate(timeout=60)
        return line


def _answers(address: str) -> bool:
    for _ in range(_SECONDS):
        with suppress(OSError), urlopen(f"{address}/_stcore/health") as answer:
            return bool(answer.read() == b"ok")
        time.sleep(1)
    return False


def missing(shown: Sequence[str], printed: str) -> list[str]:
    """The lines of `shown` that do not stand in `printed`, in that order; spaces do not count."""
    lines, place = [" ".join(line.split()) for line in printed.splitlines()], 0
    absent = []
    for wanted in shown:
        pattern = re.compile(".*".join(map(re.escape, " ".join(wanted.split()).split("…"))))
        found = next((at for at in range(place, len(lines)) if pattern.fullmatch(lines[at])), None)
        if found is None:
            absent.append(wanted)
        else:
            place = found + 1
    return absent


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "docs").symlink_to(_ROOT / "docs")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(_ROOT),
        "TELLGRAPH_CACHE": str(settings.cache),
        "COLUMNS": "300",  # nothing is wrapped
        "OMP_NUM_THREADS": "1",  # a small training waits for its threads, where others work as well
    }
    shell = Shell(folder, environment)
    try:
        yield shell
    finally:
        PrivateServer(Settings(home=shell.home, cache=settings.cache)).stop()


@pytest.mark.parametrize("block", PAGE[:LAST], ids=lambda block: block.commands.splitlines()[0])
def test_a_command_of_the_tutorial_shows_what_the_page_shows(shell: Shell, block: Block) -> None:
    printed = shell.run(block)
    assert missing(block.shown, printed) == [], printed


def test_the_examples_of_the_python_page(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shell.folder / "shop")
    monkeypatch.setenv("TELLGRAPH_HOME", str(shell.home))
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks("python.md")):
        exec(compile(block.commands, f"python.md, example {number + 1}", "exec"), names)
    printed = capsys.readouterr().out
    assert "['roses', 'pruning']" in printed
    assert "Topiary Shears" in printed
    assert "There is no run in no-such-run yet." in printed


def test_the_end_of_the_tutorial_leaves_nothing(shell: Shell) -> None:
    for block in PAGE[LAST:]:
        printed = shell.run(block)
        assert missing(block.shown, printed) == [], printed
