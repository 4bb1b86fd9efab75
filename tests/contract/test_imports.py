"""The arrows: tellgraph → ui → training → graphstore → cypher, and who may know Neo4j, DGL, Streamlit."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_ROOMS = ("cypher", "graphstore", "training", "ui")
_FILES = [file for room in _ROOMS for file in sorted((_ROOT / room).rglob("*.py"))]
# Plain data and sentences, which need no server; everything else of graphstore belongs to the pipeline.
_PLAIN = {"dialogue_files", "dialogues", "errors", "rejects", "settings", "snapshot", "uris"}


def _imports(file: Path) -> Iterator[str]:
    """Dotted names of the modules that `file` imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are absolute here"
            assert node.module is not None
            yield node.module


def _name(file: Path) -> str:
    return str(file.relative_to(_ROOT))


def _importers(package: str) -> set[str]:
    return {_name(file) for file in _FILES if package in {name.split(".")[0] for name in _imports(file)}}


def test_the_wheel_holds_every_package() -> None:
    listed = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    made = {".".join(file.parent.relative_to(_ROOT).parts) for file in _FILES}
    assert made <= set(listed)


def test_no_room_imports_the_door_above_them() -> None:
    assert _importers("tellgraph") == set()


@pytest.mark.parametrize("file", _FILES, ids=_name)
def test_no_room_imports_one_above_it(file: Path) -> None:
    above = _ROOMS[_ROOMS.index(file.relative_to(_ROOT).parts[0]) + 1 :]
    wrong = [name for name in _imports(file) if name.split(".")[0] in (*above, "tests")]
    assert wrong == []


def test_only_graphstore_knows_the_driver() -> None:
    assert {name.split("/")[0] for name in _importers("neo4j")} == {"graphstore"}


def test_in_training_only_the_pipeline_uses_the_graph() -> None:
    users = set()
    for file in (_ROOT / "training").rglob("*.py"):
        modules = {name.split(".")[1] for name in _imports(file) if name.startswith("graphstore.")}
        if modules - _PLAIN:
            users.add(_name(file))
    assert {str(Path(user).parent) for user in users} == {"training/pipeline"}


def test_streamlit_stays_in_ui() -> None:
    assert {name.split("/")[0] for name in _importers("streamlit")} <= {"ui"}


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("graphstore", "torch"),
        ("graphstore.export", "torch"),
        ("graphstore.snapshot", "torch"),
        ("graphstore.snapshot", "dgl"),
        ("graphstore.snapshot", "neo4j"),
        ("training.recommender", "neo4j"),
        ("training.recommender", "dgl"),
        ("training.loop", "neo4j"),
        ("tellgraph", "torch"),
        ("tellgraph", "neo4j"),
        ("ui.cli", "torch"),
        ("ui.cli", "neo4j"),
    ],
)
def test_a_module_comes_without_what_it_does_not_need(module: str, unneeded: str) -> None:
    program = f"import sys, {module}; sys.exit({unneeded!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=_ROOT, check=False).returncode == 0
