"""Neo4j's published jars, fetched once into the user's cache and checked against known sha256 sums.

`neo4j_jars.json` names every jar of the pinned release (Maven coordinates) with its sum, so nothing is
resolved at run time and a jar that was changed anywhere on its way is refused.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from rich.console import Console
from rich.progress import Progress

from graphstore.errors import ServerError

if TYPE_CHECKING:
    from jgo.maven import Artifact, MavenContext

__all__ = ["Release", "fetch_jars", "pinned_release"]

_DOWNLOADS_AT_ONCE = 8


@dataclass(frozen=True)
class Release:
    """One release of Neo4j: its version, the size of its jars in bytes, and coordinates → sha256."""

    version: str
    bytes: int
    sha256: dict[str, str]


@cache
def pinned_release() -> Release:
    """The release that the private server runs."""
    text = (resources.files("graphstore") / "neo4j_jars.json").read_text(encoding="utf-8")
    return Release(**json.loads(text))


def fetch_jars(cache_folder: Path, release: Release | None = None) -> Path:
    """The folder with the release's jars, checked; downloads what is not there or was changed.

    Jars come into a folder aside, which is renamed when every sum is right: an interrupted download leaves
    nothing that could be taken for a whole one. Raises ServerError when that is impossible.
    """
    release = release or pinned_release()
    folder = cache_folder / f"neo4j-{release.version}"
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        with FileLock(cache_folder / "neo4j-jars.lock"):
            if not _is_whole(folder, release):
                _download(folder, release)
    except OSError as error:
        raise ServerError(
            f"Neo4j's jars could not be fetched into {cache_folder}: {error}. Check the network and the free "
            "space, or set TELLGRAPH_CACHE to another folder."
        ) from error
    return folder


def _is_whole(folder: Path, release: Release) -> bool:
    sums = {_file_name(coordinates): expected for coordinates, expected in release.sha256.items()}
    return folder.is_dir() and all(_sum_is(folder / name, expected) for name, expected in sums.items())


def _download(folder: Path, release: Release) -> None:
    size = f"{release.bytes / 1e6:.0f} MB"
    console = Console(stderr=True)
    console.print(f"Fetching Neo4j {release.version} once, {size}, into {folder}", soft_wrap=True)
    for leftover in folder.parent.glob("neo4j-jars-*.part"):
        shutil.rmtree(leftover)
    aside = Path(tempfile.mkdtemp(prefix="neo4j-jars-", suffix=".part", dir=folder.parent))
    try:
        _download_all(aside, release, console)
        shutil.rmtree(folder, ignore_errors=True)
        (aside / "jars").rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _download_all(aside: Path, release: Release, console: Console) -> None:
    # Half a second of import that only a download should cost.
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=aside / "repository", timeout=60)
    (aside / "jars").mkdir()
    workers = ThreadPoolExecutor(_DOWNLOADS_AT_ONCE)
    try:
        jars = release.sha256.items()
        jobs = [workers.submit(_download_one, context, *jar, aside / "jars") for jar in jars]
        with Progress(console=console, disable=not sys.stderr.isatty()) as progress:
            for job in progress.track(as_completed(jobs), total=len(jobs), description="Neo4j's jars"):
                job.result()
    finally:
        workers.shutdown(cancel_futures=True)


def _download_one(context: MavenContext, coordinates: str, expected: str, jars: Path) -> None:
    try:
        file = _artifact(context, coordinates).resolve()
    except (RuntimeError, OSError) as error:
        raise ServerError(
            f"The jar {coordinates} could not be downloaded ({error}). Check the network and the free space, then "
            "start again."
        ) from error
    if not _sum_is(file, expected):
        raise ServerError(
            f"The jar {coordinates} is not the one that Neo4j published: its sha256 is not {expected}. "
            "Nothing was kept; start again, or ask who runs the network in between."
        )
    file.rename(jars / _file_name(coordinates))


def _artifact(context: MavenContext, coordinates: str) -> Artifact:
    group, name, version, *classifier = coordinates.split(":")
    return context.project(group, name).at_version(version).artifact(*classifier)


def _file_name(coordinates: str) -> str:
    return "-".join(coordinates.split(":")[1:]) + ".jar"


def _sum_is(file: Path, expected: str) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == expected
