"""Facts as the files that `neo4j-admin database import` reads: every entity and every fact once.

    add ─── lines into spool files by their hash, in the order of the input files
    write ─ one spool file after the other: equal lines become one, with all who brought it

Equal lines meet in one spool file, so memory holds a hundredth of them at a time, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from graphstore.errors import ServerError
from graphstore.uris import name_from_uri

__all__ = ["ARRAY_DELIMITER", "ImportFiles", "Made", "on_disk"]

ARRAY_DELIMITER = "\x1f"
"""Between the sources of an entity or a fact. A tab stands between columns; neither is part of a URI or a name."""

_SPOOLS = 128
_LINES_AT_ONCE = 200_000
_REMEMBERED_ENTITIES = 1_000_000  # of 60 characters about 150 MB
_ENTITY_COLUMNS = ("uri:ID", "name:string", "sources:string[]", "build:long")
_FACT_COLUMNS = (":START_ID", ":END_ID", ":TYPE", "sources:string[]", "build:long")
# What the first build of edges, the one to come, can see.
_BUILD = "1"


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Turn what the file system says, that it is full above all, into one sentence: ServerError."""
    try:
        yield
    except OSError as error:
        raise ServerError(
            f"The import cannot use {folder} ({error.strerror or error}): it takes disk for three times what its files "
            "hold unpacked, so make room there, or set TELLGRAPH_HOME to a folder on another disk."
        ) from error


class Made(NamedTuple):
    """How many entities and facts an input file brought that no file before it had."""

    entities: int
    facts: int


class ImportFiles:
    """The files of one import, in a folder that is there and empty.

    entities, facts: the files that `write` makes, each with a first line that names the columns.

    `add` and `write` raise ServerError when the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.entities = folder / "entities.tsv"
        self.facts = folder / "facts.tsv"
        self._entity_spool = _Spool(folder / "entities")
        self._fact_spool = _Spool(folder / "facts")
        self._sources: list[str] = []

    def add(self, source: str, facts: Iterable[tuple[str, str, str]]) -> int:
        """Take the facts of one input file: subject, relationship type, object. Returns how many they were."""
        self._sources.append(source)
        entities, lines = self._entity_spool.lists, self._fact_spool.lists
        seen: set[str] = set()
        number = 0
        for number, (subject, type, object_) in enumerate(facts, start=1):
            lines[(hash(subject) ^ hash(object_)) % _SPOOLS].append(f"{subject}\t{object_}\t{type}")
            if subject not in seen:
                seen.add(subject)
                entities[hash(subject) % _SPOOLS].append(subject)
            if object_ not in seen:
                seen.add(object_)
                entities[hash(object_) % _SPOOLS].append(object_)
            if number % _LINES_AT_ONCE == 0:
                self._flush()
                if len(seen) > _REMEMBERED_ENTITIES:
                    seen.clear()
        self._flush()
        return number

    def write(self) -> list[Made]:
        """Write `entities` and `facts`; what each input file brought, in their order."""
        with on_disk(self._folder):
            entities = self._write(self.entities, _ENTITY_COLUMNS, self._entity_spool, _entity_cells)
            facts = self._write(self.facts, _FACT_COLUMNS, self._fact_spool, str)
        return [Made(*numbers) for numbers in zip(entities, facts, strict=True)]

    def _flush(self) -> None:
        with on_disk(self._folder):
            for spool in (self._entity_spool, self._fact_spool):
                spool.flush(len(self._sources) - 1)

    def _write(self, file: Path, columns: tuple[str, ...], spool: _Spool, cells: Callable[[str], str]) -> list[int]:
        new = [0] * len(self._sources)
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write("\t".join(columns) + "\n")
            for owners in spool.drain(self._sources, new):
                stream.writelines(f"{cells(line)}\t{_quoted(sources)}\t{_BUILD}\n" for line, sources in owners.items())
        return new


class _Spool:
    """Lines in as many files for each input file as make their lines few.

    lists: what is still in memory, a list for each file.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.lists: list[list[str]] = [[] for _ in range(_SPOOLS)]

    def flush(self, number: int) -> None:
        """Append what is in memory to the files of input file `number`."""
        for place, lines in enumerate(self.lists):
            if lines:
                with self._file(place, number).open("a", encoding="utf-8", newline="\n") as stream:
                    stream.write("\n".join(lines) + "\n")
                lines.clear()

    def drain(self, sources: list[str], new: list[int]) -> Iterator[dict[str, str]]:
        """Every line once with its sources, a dictionary for each place; counts into `new` who was first."""
        for place in range(_SPOOLS):
            owners: dict[str, str] = {}
            for number, source in enumerate(sources):
                lines = dict.fromkeys(self._lines(place, number), source)
                known = lines.keys() & owners.keys()
                new[number] += len(lines) - len(known)
                for line in known:
                    lines[line] = _with_source(owners[line], source)
                owners |= lines
            yield owners

    def _lines(self, place: int, number: int) -> list[str]:
        file = self._file(place, number)
        if not file.exists():
            return []
        text = file.read_text(encoding="utf-8")
        file.unlink()
        return text.split("\n")[:-1]

    def _file(self, place: int, number: int) -> Path:
        return self._folder / f"{number}-{place}"


def _with_source(sources: str, source: str) -> str:
    return sources if source in sources.split(ARRAY_DELIMITER) else f"{sources}{ARRAY_DELIMITER}{source}"


def _entity_cells(uri: str) -> str:
    return f"{uri}\t{_quoted(name_from_uri(uri))}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
