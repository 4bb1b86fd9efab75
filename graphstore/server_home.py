"""The folder of the private Neo4j: its configuration, its password, and its administration program."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from graphstore.errors import ServerError
from graphstore.jars import fetch_jars
from graphstore.java import find_java
from graphstore.settings import Settings

__all__ = ["ServerHome", "write_aside"]

# What Neo4j's own start script passes, as far as the server needs it.
_JAVA_FLAGS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-XX:+ExitOnOutOfMemoryError",
    # A tenth faster than the default collector at an ingest; nobody minds a pause of half a second.
    "-XX:+UseParallelGC",
)

# On a full disk the server would hang for minutes without a word.
_LEAST_FREE_BYTES = 100_000_000

# Loopback only, password on, and no way from a query to the file system or the network. A READ transaction
# alone would still let LOAD CSV read any file.
_CONFIGURATION = """\
# Written by Tellgraph at every start: changes are lost.
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
dbms.usage_report.enabled=false
server.memory.pagecache.size=256m
internal.server.bolt.thread_pool_shutdown_wait_time=1s
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=keep_none
"""


class ServerHome:
    """Paths and files of one private server, and how its programs are called."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = settings.home / "neo4j"
        self.data = self.folder / "data"
        self.data_before = self.folder / "data-before-load"
        self.password_file = self.folder / "password"
        self.state_file = self.folder / "state.json"
        self.lock_file = self.folder / "server.lock"
        self.port_file = self.folder / "port"
        self.console_log = self.folder / "logs" / "console.log"

    def prepare(self, port: int) -> None:
        """Make folders, configuration and password for a start on `port`. Raises ServerError, OSError."""
        self.make_folders()
        self._refuse_full_disk()
        (self.folder / "conf" / "neo4j.conf").write_text(_CONFIGURATION.format(port=port), encoding="utf-8")
        if not self.password_file.exists():
            self._refuse_data_without_password()
            write_aside(self.password_file, secrets.token_hex(24))
        if not self._was_started():
            # The password comes from a file, since a command line is seen by every user of the machine.
            self.administer("dbms", "set-initial-password", self.password())

    def make_folders(self) -> None:
        """Make the folders that the programs expect; only their owner can look into them."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("conf", "logs", "run"):
            (self.folder / name).mkdir(exist_ok=True)

    def password(self) -> str:
        """The generated password. Raises ServerError when its file is gone."""
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ServerError(f"The private Neo4j's password cannot be read: {error}.") from error

    def server_command(self) -> list[str]:
        """The command line of the server."""
        return [
            *self._java("-Xms128m", "-Xmx1g"),
            "org.neo4j.server.CommunityEntryPoint",
            f"--home-dir={self.folder}",
            f"--config-dir={self.folder / 'conf'}",
            "--console-mode",
        ]

    def administer(self, *arguments: str, home: Path | None = None) -> None:
        """Run Neo4j's administration program on this home's data, or on those of another home.

        The arguments travel in a file that only the owner can read. Raises ServerError with its last words.
        """
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix="arguments-", encoding="utf-8") as file:
            file.write("\n".join(map(_quoted, arguments)))
            file.flush()
            answer = subprocess.run(
                [*self._java(), "org.neo4j.cli.AdminTool", f"@{file.name}"],
                env={"NEO4J_HOME": str(home or self.folder), "NEO4J_CONF": str(self.folder / "conf")},
                capture_output=True,
                text=True,
                check=False,
            )
        if answer.returncode != 0:
            raise ServerError(f"neo4j-admin {' '.join(arguments[:2])} failed: {_telling_line(answer.stderr)}")

    def _java(self, *flags: str) -> list[str]:
        jars = fetch_jars(self._settings.cache)
        return [str(find_java(self._settings.java_home)), *_JAVA_FLAGS, *flags, "-cp", f"{jars}/*"]

    def _was_started(self) -> bool:
        return (self.data / "databases" / "system").exists()

    def _refuse_full_disk(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < _LEAST_FREE_BYTES:
            raise ServerError(
                f"The disk of {self.folder} has {free / 1e6:.0f} MB left, too little for Neo4j: make room, or set "
                "TELLGRAPH_HOME to a folder on another."
            )

    def _refuse_data_without_password(self) -> None:
        if self._was_started():
            raise ServerError(
                f"{self.password_file} is gone, and the data in {self.data} opens with that password only: "
                "put it back, or move the data folder away to begin with an empty graph."
            )


def _quoted(argument: str) -> str:
    """One line of an argument file; picocli reads backslashes and quotes in it as Java does."""
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _telling_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip() and "--verbose" not in line]
    return lines[-1] if lines else "it said nothing."


def write_aside(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(name, file)
