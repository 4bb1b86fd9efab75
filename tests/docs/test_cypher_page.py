"""docs/cypher.md is what the files and the toy graph say, and its Python runs."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from graphstore.graph import Graph
from tests.docs.cypher import EXAMPLES, PAGE, page

pytestmark = pytest.mark.database

_BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_page_is_up_to_date(toy_films: Graph) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(toy_films), "run `python -m tests.docs.cypher`"


def test_every_example_has_an_answer(toy_films: Graph) -> None:
    assert [name for name, given in EXAMPLES.items() if not toy_films.read(name, **given)] == []


@pytest.mark.parametrize(
    ("block", "printed"),
    [
        (_BLOCKS[0], "urn:alien 2 True\n"),
        (_BLOCKS[1], "Alien 1979\n"),
        (_BLOCKS[2], "True\n"),
        (_BLOCKS[3], "9\n"),
    ],
    ids=["graphstore", "driver", "pandas", "py2neo"],
)
def test_the_python_on_the_page_runs(toy_films: Graph, block: str, printed: str) -> None:
    if "py2neo" in block:
        pytest.importorskip("py2neo")
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=True)
    assert done.stdout.endswith(printed)
    assert len(_BLOCKS) == 4
