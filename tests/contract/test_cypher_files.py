"""Every statement of the project is a file: no Cypher text stands in Python, and no file needs a plug-in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from graphstore.queries import Query, load_query

_ROOT = Path(__file__).parents[2]
_PYTHON = [file for room in ("graphstore", "training", "ui") for file in sorted((_ROOT / room).rglob("*.py"))]
_QUERIES = sorted(file.stem for file in (_ROOT / "cypher").glob("*.cypher"))
# A clause keyword followed by what only Cypher puts behind it.
_CYPHER = re.compile(r"\b(MATCH|MERGE|CREATE) ?\(|\b(UNWIND|FOREACH|LOAD CSV|DETACH DELETE)\b|\bRETURN \w+[.(]")


@pytest.mark.parametrize("file", _PYTHON, ids=lambda file: str(file.relative_to(_ROOT)))
def test_no_statement_stands_in_python(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    assert [text for text in texts if _CYPHER.search(text)] == []


@pytest.mark.parametrize("name", _QUERIES)
def test_no_statement_needs_a_plug_in(name: str) -> None:
    query: Query = load_query(name)
    assert not re.search(r"\b(apoc|gds)\.", query.text, flags=re.I)
