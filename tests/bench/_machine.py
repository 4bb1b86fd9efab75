"""What benchmarks say about the machine and about their own process."""

from __future__ import annotations

import platform
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["memory_rise", "peak", "processor"]


def peak() -> float:
    """Peak memory of this process in bytes, as the system counts it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def memory_rise(work: Callable[[], object]) -> float:
    """By how many bytes this process's memory rises while `work` runs, at its highest.

    Linux forgets a peak when 5 is written to clear_refs (proc(5)). Where it does not, the peaks before and after
    are compared, which hides a rise that stays below an earlier peak.
    """
    status, forget = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    try:
        forget.write_text("5")
    except OSError:
        earlier = peak()
        work()
        return peak() - earlier
    before = _kibibytes(status, "VmRSS")
    work()
    return 1024.0 * (_kibibytes(status, "VmHWM") - before)


def _kibibytes(status: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    assert found, f"{status} has no {name}"
    return int(found[1])


def processor() -> str:
    """Its name, where the system tells."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.is_file() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
