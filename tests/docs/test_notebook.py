"""docs/notebook.ipynb runs from its first cell to its last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from graphstore.graph import Graph

# What Jupyter's own packages say to each other is no business of this project.
pytestmark = [pytest.mark.database, pytest.mark.filterwarnings("ignore")]

_NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def test_the_notebook_runs(toy_films: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # of a test before: a notebook shows its pictures itself
    notebook: Any = nbformat.read(_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.get("outputs") for cell in notebook.cells)  # committed without results
    done = nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(_NOTEBOOK.parents[1])}}
    ).execute()
    shown = [output for cell in done.cells for output in cell.get("outputs", ())]
    assert any("Gladiator" in str(output) for output in shown)
    assert any("image/png" in output.get("data", {}) for output in shown)
