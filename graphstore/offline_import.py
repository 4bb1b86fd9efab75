"""Facts into an empty graph by writing the private Neo4j's files: several times as fast as asking it to.

    triples ── ImportFiles.add     file after file
    finish ─── ImportFiles.write ── neo4j-admin ── PrivateServer.replace_graph ── schema, relationship types

The graph is the one that `FileIngest.triples` makes of the same files. It is there as a whole or not at all.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from graphstore.connection import Graph
from graphstore.errors import InputFileError, ServerError, SettingsError
from graphstore.import_files import ImportFiles, on_disk
from graphstore.ingest import Count, source_of
from graphstore.input_files import Progress, no_progress
from graphstore.private_server import PrivateServer
from graphstore.rejects import Reject, RejectsFile
from graphstore.relation_type import RelationType
from graphstore.schema import SCHEMA, prepare_schema
from graphstore.settings import Settings
from graphstore.triple_files import read_triples

__all__ = ["ImportedFile", "OfflineImport"]

# Line ends and the importer's delimiters, and halves of surrogate pairs.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass
class ImportedFile:
    """What became of one file. entities: how many it brought that no file before it had."""

    path: Path
    facts: Count = field(default_factory=Count)
    entities: int = 0


class OfflineImport:
    """One import; use it as a context manager, call `triples` for each file, and `finish`.

        with OfflineImport(settings, rejects) as job:
            job.triples(Path("dbpedia.nt.gz"))
            (file,) = job.finish()

    Takes disk for what it reads, three times over, in TELLGRAPH_HOME; what a killed import left there goes.

    Raises SettingsError when NEO4J_URI names another server; beginning raises ServerError when the graph is not empty
    or another import is under way, and every step when the disk is full.
    """

    def __init__(self, settings: Settings, rejects: RejectsFile) -> None:
        if settings.neo4j_uri is not None:
            raise SettingsError(
                f"NEO4J_URI is {settings.neo4j_uri}, and an offline import writes the files of the private Neo4j: "
                "unset it, or leave out --offline."
            )
        self._home = settings.home
        self._server = PrivateServer(settings)
        self._rejects = rejects
        self._types: dict[str, RelationType] = {}
        self._done: list[ImportedFile] = []
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        with self._server.connect() as graph:
            _refuse_filled(graph)
        with ExitStack() as stack, on_disk(self._home):
            try:
                stack.enter_context(FileLock(self._home / "import.lock", timeout=0))
            except Timeout as error:
                raise ServerError(f"Another offline import into {self._home} is under way: wait or end it.") from error
            for left in (*self._home.glob("facts-*"), *self._home.glob("neo4j/importing-*")):
                shutil.rmtree(left, ignore_errors=True)
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="facts-", dir=self._home))
            self._files = ImportFiles(Path(folder))
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def triples(self, path: Path, source: str | None = None, progress: Progress = no_progress) -> None:
        """Read one file. source: where its facts are from; when not given, `source_of` the file.

        Raises InputFileError as `read_triples` does, when not one fact of the file could be taken, and for a source
        that the importer's files cannot hold.
        """
        name = source or source_of(path)
        if _UNUSABLE.search(name):
            raise InputFileError(
                f"The source of {path} cannot be {name!r}, which has control characters or is no Unicode: name another "
                "one with --source."
            )
        file = ImportedFile(path)
        self._done.append(file)
        taken = self._files.add(name, self._facts(file, progress))
        file.facts.read = taken + file.facts.rejected
        if not taken:
            raise InputFileError(
                f"Not one line of {path} could be taken: is it of another format? "
                f"{self._rejects.path} gives the reason for each."
            )

    def finish(self) -> list[ImportedFile]:
        """Put the graph in its place; what became of each file, in their order.

        Raises ServerError when the graph is not empty any more, or neo4j-admin or the server cannot use what was
        read: then the graph is as it was.
        """
        for file, made in zip(self._done, self._files.write(), strict=True):
            file.entities, file.facts.new = made.entities, made.facts
        self._server.replace_graph(self._files, _refuse_filled, self._complete)
        return self._done

    def _facts(self, file: ImportedFile, progress: Progress) -> Iterator[tuple[str, str, str]]:
        names = {uri: relation.name for uri, relation in self._types.items()}
        for record in read_triples(file.path, progress):
            if isinstance(record, Reject):
                self._reject(file, record)
                continue
            line, subject, predicate, object_ = record
            if predicate not in names:
                try:
                    relation = RelationType.from_predicate(predicate, names.values())
                except ValueError as error:
                    self._reject(file, Reject(str(file.path), line, str(error), predicate))
                    continue
                self._types[predicate], names[predicate] = relation, relation.name
            yield subject, names[predicate], object_

    def _reject(self, file: ImportedFile, reject: Reject) -> None:
        self._rejects.add(reject)
        file.facts.rejected += 1

    def _complete(self, graph: Graph) -> None:
        # A graph with entities and without this node would be one of an older schema.
        graph.write("make_graph_state", schema=SCHEMA)
        prepare_schema(graph)
        for relation in self._types.values():
            graph.write("merge_relation_type", type=relation.name, uri=relation.uri)


def _refuse_filled(graph: Graph) -> None:
    if not graph.read("is_empty")[0]["empty"]:
        raise ServerError(
            "The graph is not empty, and an offline import replaces it: leave out --offline to add to it, or set "
            "TELLGRAPH_HOME to a new folder."
        )
