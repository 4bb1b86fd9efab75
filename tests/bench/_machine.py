"""What benchmarks say about the machine and about their own process."""

from __future__ import annotations

import platform
import resource
import sys
from pathlib import Path

__all__ = ["peak", "processor"]


def peak() -> float:
    """Peak memory of this process in bytes, as the system counts it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def processor() -> str:
    """Its name, where the system tells."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.is_file() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
