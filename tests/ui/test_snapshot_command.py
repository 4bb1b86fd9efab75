"""`tellgraph snapshot show` and `diff`, without a graph."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphstore.snapshot_writer import write_snapshot
from tests.graphstore.test_snapshot import TOY
from ui.cli import main

Capture = pytest.CaptureFixture[str]


def snapshot(*arguments: str | Path) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as ended:
        main(["snapshot", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def cells(shown: str) -> list[list[str]]:
    return [line.replace("│", "").split() for line in shown.splitlines()]


def test_show_prints_what_the_snapshot_holds(tmp_path: Path, capsys: Capture) -> None:
    write_snapshot(tmp_path / "s", **TOY, build=3)
    assert snapshot("show", tmp_path / "s") == 0
    shown = capsys.readouterr().out
    assert all(row in cells(shown) for row in (["entities", "5"], ["STARRING", "3"], ["CO_INTERACTED", "1"]))
    assert "Edges of build 3." in shown
    assert "Every file is as it was exported." in shown
    assert snapshot("show", tmp_path / "s", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["version"], report["build"], report["filters"]) == (3, 3, {})


def test_show_refuses_a_damaged_snapshot(tmp_path: Path, capsys: Capture) -> None:
    file = write_snapshot(tmp_path / "s", **TOY).folder / "items.jsonl"
    file.write_bytes(file.read_bytes().replace(b"1995", b"1996"))
    assert snapshot("show", tmp_path / "s") == 1
    assert "items.jsonl was changed since its export: its checksum differs." in capsys.readouterr().err


def test_diff_counts_what_changed(tmp_path: Path, capsys: Capture) -> None:
    write_snapshot(tmp_path / "a", **TOY)
    write_snapshot(tmp_path / "b", **{**TOY, "co_mentions": [("u:alien", "u:heat", 3), ("u:ann", "u:heat", 1)]})
    assert snapshot("diff", tmp_path / "a", tmp_path / "b") == 0
    shown = cells(capsys.readouterr().out)
    assert ["CO_MENTIONED", "1", "0", "1", "0"] in shown
    assert ["entities", "0", "0", "0", "5"] in shown
    assert snapshot("diff", tmp_path / "a", tmp_path / "b", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["CO_MENTIONED"] == {"added": 1, "removed": 0, "changed": 1, "same": 0}


def test_diff_needs_two_snapshots(tmp_path: Path, capsys: Capture) -> None:
    write_snapshot(tmp_path / "a", **TOY)
    assert snapshot("diff", tmp_path / "a", tmp_path / "b") == 1
    assert "b is not a snapshot: it has no manifest.json." in capsys.readouterr().err
