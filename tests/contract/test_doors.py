"""What the packages let out: one public door each, and `__all__` that agrees with what is there."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import graphstore
import tellgraph

_ROOT = Path(__file__).parents[2]
_MODULES = [
    file
    for room in ("graphstore", "training", "ui")
    for file in sorted((_ROOT / room).rglob("*.py"))
    if file.name != "__init__.py"
]


def _module_name(file: Path) -> str:
    return ".".join(file.relative_to(_ROOT).with_suffix("").parts)


def _exported(file: Path) -> list[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    pytest.fail(f"{file} has no __all__")


_BY_NAME = {_module_name(file): file for file in _MODULES}


@pytest.mark.parametrize("file", _MODULES, ids=_module_name)
def test_a_module_has_all_that_it_lets_out(file: Path) -> None:
    exported = _exported(file)
    assert len(exported) == len(set(exported))
    defined = set(vars(import_module(_module_name(file))))
    assert set(exported) <= defined


@pytest.mark.parametrize("file", _MODULES, ids=_module_name)
def test_a_module_takes_only_what_others_let_out(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in _BY_NAME:
            taken = {alias.name for alias in node.names}
            assert taken <= set(_exported(_BY_NAME[node.module])), f"line {node.lineno}, from {node.module}"


_DOORS = (graphstore, tellgraph)


@pytest.mark.parametrize(("door", "name"), [(door, name) for door in _DOORS for name in door.__all__])
def test_a_door_opens_to_every_name(door: ModuleType, name: str) -> None:
    opened = getattr(door, name)
    assert opened.__doc__
    module = import_module(opened.__module__)
    assert getattr(module, name) is opened
    assert name in module.__all__


@pytest.mark.parametrize("door", _DOORS)
def test_a_door_shows_all_and_no_more(door: ModuleType) -> None:
    assert sorted(door.__all__) == [name for name in dir(door) if not name.startswith("_")]
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = door.nothing_like_it


def test_the_door_of_python_defines_nothing() -> None:
    body = ast.parse((_ROOT / "tellgraph.py").read_text(encoding="utf-8")).body
    assert not [node for node in body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in body if isinstance(node, ast.FunctionDef)] == ["__getattr__", "__dir__"]
