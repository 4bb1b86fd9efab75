"""Everything that the environment may say, read in one place.

    TELLGRAPH_HOME    where the private Neo4j keeps its data    (default: the user's data folder)
    TELLGRAPH_CACHE   jars, pretrained weights, encodings       (default: the user's cache folder)
    TELLGRAPH_DATA    INSPIRED and ReDial, for tests and examples
    NEO4J_URI         a Neo4j of your own; without it the private one is used
    NEO4J_USER, NEO4J_PASSWORD, NEO4J_DATABASE   who to be there and which database to use
    JAVA_HOME         a Java for the private Neo4j, when it is 17 or 21

No other module reads the environment; a lint rule holds that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from graphstore.errors import SettingsError

__all__ = ["Settings"]

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True)
class Settings:
    """The resolved settings of one run; folders are absolute and need not exist yet.

    home: data of the private Neo4j, its password and its state.
    cache: what can be had again: Neo4j's jars, pretrained weights, encodings of data sets.
    neo4j_uri: a server of the user's own, or None for the private one.
    neo4j_user, neo4j_password, neo4j_database: used with `neo4j_uri` only; a password of None means that the
        server asks for none.
    data: folder of the INSPIRED and ReDial files, or None.
    java_home: what JAVA_HOME says, unchecked, or None.
    """

    home: Path
    cache: Path
    neo4j_uri: str | None = None
    neo4j_user: str = "neo4j"
    neo4j_password: str | None = field(default=None, repr=False)
    neo4j_database: str = "neo4j"
    data: Path | None = None
    java_home: Path | None = None

    def __post_init__(self) -> None:
        """Raise SettingsError when `neo4j_uri` cannot be the address of a Neo4j."""
        if self.neo4j_uri is not None:
            _check_uri(self.neo4j_uri)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from `environment`, or from the process's own; an empty variable counts as absent.

        Raises SettingsError for an unusable value, naming the variable.
        """
        source = os.environ if environment is None else environment
        given = {name: value for name, value in source.items() if value.strip()}
        return cls(
            home=_folder(given, "TELLGRAPH_HOME") or platformdirs.user_data_path("tellgraph"),
            cache=_folder(given, "TELLGRAPH_CACHE") or platformdirs.user_cache_path("tellgraph"),
            neo4j_uri=given.get("NEO4J_URI"),
            neo4j_user=given.get("NEO4J_USER", "neo4j"),
            neo4j_password=given.get("NEO4J_PASSWORD"),
            neo4j_database=given.get("NEO4J_DATABASE", "neo4j"),
            data=_folder(given, "TELLGRAPH_DATA"),
            java_home=_folder(given, "JAVA_HOME"),
        )


def _folder(given: Mapping[str, str], name: str) -> Path | None:
    if name not in given:
        return None
    folder = Path(given[name]).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{name} is {folder}, which is a file: set it to a folder.")
    return folder


def _check_uri(uri: str) -> None:
    """Refuse what the driver would only complain about later, and less clearly."""
    example = "Write it like bolt://localhost:7687 or neo4j+s://host:7687."
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError(f"NEO4J_URI is {uri!r}, which is no address ({error}). {example}") from error
    if parts.username or parts.password:
        raise SettingsError("NEO4J_URI carries a user or password: put them in NEO4J_USER and NEO4J_PASSWORD.")
    if parts.scheme not in _SCHEMES or not host:
        raise SettingsError(f"NEO4J_URI is {uri!r}, which is no address of a Neo4j. {example}")
