"""A Chromium for the browser tests: the one that is there, or Playwright's own, or the system's package.

python -m tests.browser.chromium        finds or installs one, and prints its path
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

__all__ = ["ARGUMENTS", "find_chromium"]

# Quiet, and usable by root in a container.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_DOWNLOAD_SECONDS = 180


def find_chromium() -> str | None:
    """The path of a Chromium that starts here, or None."""
    with sync_playwright() as playwright:
        candidates = [playwright.chromium.executable_path, *filter(None, map(shutil.which, _PROGRAMS))]
        for path in candidates:
            if not Path(path).exists():
                continue
            try:
                playwright.chromium.launch(executable_path=path, args=ARGUMENTS).close()
            except Error:
                continue
            return path
    return None


def _install() -> None:
    print("Fetching a browser for the tests, about 300 MB, once.", file=sys.stderr, flush=True)
    if _succeeds([sys.executable, "-m", "playwright", "install", "chromium"], _DOWNLOAD_SECONDS):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Playwright's download does not answer: taking the system's package.", file=sys.stderr, flush=True)
        _succeeds(["apt-get", "update", "-qq"], 300)
        _succeeds(["apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium"], 900)


def _succeeds(command: list[str], seconds: int) -> bool:
    try:
        return subprocess.run(command, timeout=seconds, stdout=sys.stderr, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> None:
    """Find a Chromium or install one; exit with a sentence when neither is possible."""
    if find_chromium() is None:
        _install()
    path = find_chromium()
    if path is None:
        sys.exit("The tests need a Chromium: install the package `chromium` of your system, then run them again.")
    print(f"The browser tests use {path}")


if __name__ == "__main__":
    main()
