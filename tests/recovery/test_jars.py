"""Jars that come whole or not at all: downloads that break off, are changed on the way, or rot later.

Maven is stood in for by a folder, so that the breaks happen where the test wants them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from graphstore import jars
from graphstore.errors import ServerError
from graphstore.jars import Release, fetch_jars, pinned_release

_CONTENTS = {"org.example:one:1.0": b"one", "org.example:two:2.0:linux-x86_64": b"two"}
_NAMES = {"one-1.0.jar": b"one", "two-2.0-linux-x86_64.jar": b"two"}


@dataclass
class _Maven:
    """Serves `contents` by coordinates; `break_on` raises instead of serving."""

    contents: dict[str, bytes]
    served: list[str] = field(default_factory=list)
    break_on: Callable[[str], None] = lambda coordinates: None

    def artifact(self, context: object, coordinates: str) -> _Maven._Artifact:
        return self._Artifact(self, Path(context.repo_cache), coordinates)  # type: ignore[attr-defined]

    @dataclass
    class _Artifact:
        maven: _Maven
        folder: Path
        coordinates: str

        def resolve(self) -> Path:
            self.maven.break_on(self.coordinates)
            self.maven.served.append(self.coordinates)
            self.folder.mkdir(exist_ok=True)
            file = self.folder / self.coordinates.replace(":", "_")
            file.write_bytes(self.maven.contents[self.coordinates])
            return file


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch) -> _Maven:
    maven = _Maven(dict(_CONTENTS))
    monkeypatch.setattr(jars, "_artifact", maven.artifact)
    return maven


@pytest.fixture
def release() -> Release:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in _CONTENTS.items()}
    return Release(version="5.0.0", bytes=6, sha256=sums)


def _found(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_jars_are_fetched_once(maven: _Maven, release: Release, tmp_path: Path) -> None:
    folder = fetch_jars(tmp_path, release)
    assert folder == tmp_path / "neo4j-5.0.0"
    assert _found(folder) == _NAMES
    assert fetch_jars(tmp_path, release) == folder
    assert sorted(maven.served) == sorted(_CONTENTS)
    assert {path.name for path in tmp_path.iterdir()} <= {"neo4j-5.0.0", "neo4j-jars.lock"}


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_jar_that_was_harmed_later_is_fetched_again(
    harm: str, maven: _Maven, release: Release, tmp_path: Path
) -> None:
    jar = fetch_jars(tmp_path, release) / "one-1.0.jar"
    if harm == "changed":
        jar.write_bytes(b"evil")
    else:
        jar.unlink()
    assert _found(fetch_jars(tmp_path, release)) == _NAMES


def test_a_jar_that_is_not_the_published_one_is_refused_and_nothing_kept(
    maven: _Maven, release: Release, tmp_path: Path
) -> None:
    maven.contents["org.example:one:1.0"] = b"evil"
    with pytest.raises(ServerError, match=r"org\.example:one:1\.0 is not the one that Neo4j published"):
        fetch_jars(tmp_path, release)
    assert not list(tmp_path.glob("neo4j-5*")) + list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("network is unreachable"), RuntimeError("404")])
def test_a_download_that_breaks_off_starts_clean(
    error: BaseException, maven: _Maven, release: Release, tmp_path: Path
) -> None:
    def break_off(coordinates: str) -> None:
        if coordinates.startswith("org.example:two"):
            raise error

    maven.break_on = break_off
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else ServerError
    with pytest.raises(expected):
        fetch_jars(tmp_path, release)
    assert not list(tmp_path.glob("neo4j-5*")) + list(tmp_path.glob("*.part"))
    maven.break_on = lambda coordinates: None
    assert _found(fetch_jars(tmp_path, release)) == _NAMES


def test_what_a_killed_download_left_is_cleared(maven: _Maven, release: Release, tmp_path: Path) -> None:
    leftover = tmp_path / "neo4j-jars-abc.part" / "jars"
    leftover.mkdir(parents=True)
    (leftover / "one-1.0.jar").write_bytes(b"on")
    assert _found(fetch_jars(tmp_path, release)) == _NAMES
    assert not list(tmp_path.glob("*.part"))


def test_a_full_or_forbidden_cache_is_said(
    maven: _Maven, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(ServerError, match=r"No space left on device.*TELLGRAPH_CACHE"):
        fetch_jars(tmp_path, release)


def test_the_pinned_release_names_every_jar_with_a_sum() -> None:
    release = pinned_release()
    assert release.version == "5.26.30"
    assert f"org.neo4j:neo4j:{release.version}" in release.sha256
    assert all(len(total) == 64 and int(total, 16) for total in release.sha256.values())
    assert all(coordinates.count(":") in (2, 3) for coordinates in release.sha256)
