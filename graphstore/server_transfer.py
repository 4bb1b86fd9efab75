"""The server's data, into a dump file and back, or made anew of CSV files.

A load or an import is taken back unless it was confirmed. The present data wait in `data-before-load` while the
new ones are tried, and a command that finds them there after a crash puts them back.

    unpack_dump, import_files ── install_data ── (the server starts and answers) ── confirm_data
                                               └─ (it does not) ── restore_data
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphstore.errors import ServerError
from graphstore.import_files import ARRAY_DELIMITER, ImportFiles
from graphstore.server_home import ServerHome

__all__ = ["confirm_data", "dump_data", "import_files", "install_data", "restore_data", "unpack_dump"]

_DATABASE = "neo4j"
_DUMP = f"{_DATABASE}.dump"


def dump_data(home: ServerHome, file: Path) -> None:
    """Write the graph into `file`, whole or not at all. Raises ServerError when neo4j-admin fails."""
    with tempfile.TemporaryDirectory(prefix=f"{file.name}-", dir=file.parent) as aside:
        home.administer("database", "dump", _DATABASE, f"--to-path={aside}")
        Path(aside, _DUMP).replace(file)


@contextmanager
def unpack_dump(home: ServerHome, file: Path) -> Iterator[Path]:
    """A data folder, gone afterwards, with nothing but the graph of `file`. The server may run.

    Raises ServerError when `file` is no dump.
    """
    with tempfile.TemporaryDirectory(prefix="loading-", dir=home.folder) as aside:
        Path(aside, _DUMP).symlink_to(file.absolute())
        try:
            home.administer("database", "load", _DATABASE, f"--from-path={aside}", home=Path(aside))
        except ServerError as error:
            raise ServerError(f"{file} cannot be read as a dump of Neo4j: your graph is as it was. {error}") from error
        yield Path(aside, "data")


@contextmanager
def import_files(home: ServerHome, files: ImportFiles) -> Iterator[Path]:
    """A data folder, gone afterwards, with nothing but the graph of these files. The server may run.

    Raises ServerError when neo4j-admin refuses them.
    """
    with tempfile.TemporaryDirectory(prefix="importing-", dir=home.folder) as aside:
        home.administer(
            "database",
            "import",
            "full",
            _DATABASE,
            f"--nodes=Entity={files.entities}",
            f"--relationships={files.facts}",
            "--delimiter=U+0009",
            f"--array-delimiter=U+{ord(ARRAY_DELIMITER):04X}",
            f"--report-file={aside}/report",
            "--bad-tolerance=0",
            home=Path(aside),
        )
        yield Path(aside, "data")


def install_data(home: ServerHome, new: Path) -> None:
    """Put the graph in `new` in the place of the present one, which is kept until confirmed or restored.

    Users, password and settings of this server stay as they are.
    """
    shutil.copytree(home.data, new, ignore=_leave_out_graph, dirs_exist_ok=True)
    home.data.rename(home.data_before)
    new.rename(home.data)


def confirm_data(home: ServerHome) -> None:
    """Let go of the data that were replaced. The rename decides; what follows may be interrupted."""
    replaced = home.folder / "data-replaced"
    shutil.rmtree(replaced, ignore_errors=True)
    home.data_before.rename(replaced)
    shutil.rmtree(replaced)


def restore_data(home: ServerHome) -> None:
    """Put the data back that a load had replaced without a confirmation."""
    shutil.rmtree(home.data, ignore_errors=True)
    home.data_before.rename(home.data)


def _leave_out_graph(folder: str, names: list[str]) -> list[str]:
    return [_DATABASE] if Path(folder).name in ("databases", "transactions") and _DATABASE in names else []
