"""The pictures of docs/app.md, taken of the app on the sample that ships.

tellgraph demo                                                   in one terminal: it says the address
python -m tests.browser.screenshots http://127.0.0.1:8501        in another
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium

__all__ = ["main"]

_FOLDER = Path(__file__).parents[2] / "docs"
_MOST_BYTES = 250_000
_BASE = "http://dbpedia.org/resource/"
_INCEPTION = f"{_BASE}Inception"
_PRESTIGE = f"{_BASE}The_Prestige_(film)"


def chat(page: Page, app: str) -> None:
    """An answer and its reasons."""
    page.goto(app)
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill("I loved Inception and The Dark Knight")
    field.press("Enter")
    expect(page.locator(".tg-card")).to_have_count(5)
    page.locator(".tg-why").scroll_into_view_if_needed()


def why(page: Page, app: str) -> None:
    """Everything about one score, and the ranking without facts."""
    chat(page, app)
    page.get_by_role("link", name="Everything about this score").click()
    page.get_by_role("button", name="Facts", exact=True).click()
    expect(page.locator(".tg-ranks").first).to_be_visible()


def explore(page: Page, app: str) -> None:
    """A neighbourhood with a second node open."""
    page.goto(f"{app}/explore?{urlencode({'item': _INCEPTION})}")
    page.locator("path[aria-label='Christopher Nolan']").click()
    expect(page.get_by_text("nodes and")).to_be_visible()


def two_items(page: Page, app: str) -> None:
    """What connects two films."""
    page.goto(f"{app}/explore?{urlencode({'view': 'two', 'item': _INCEPTION, 'with': _PRESTIGE})}")
    expect(page.get_by_text("The shortest, over facts alone")).to_be_visible()


def queries(page: Page, app: str) -> None:
    """A query with its answer, in the dark theme."""
    page.emulate_media(color_scheme="dark")
    page.goto(f"{app}/explore?{urlencode({'view': 'queries', 'query': 'neighbourhood', 'item': _INCEPTION})}")
    page.get_by_role("textbox", name="modality").fill("facts")
    page.get_by_role("button", name="Ask the graph").click()
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible()


def runs(page: Page, app: str) -> None:
    """The figures of a run, beside another where there is one."""
    page.goto(f"{app}/runs")
    page.get_by_role("combobox", name="Beside it").click()
    page.get_by_role("option").last.click()
    expect(page.get_by_text("epochs in").last).to_be_visible()


_PICTURES = {
    "chat": (chat, 1250),
    "why": (why, 1350),
    "explore": (explore, 1200),
    "two-items": (two_items, 1350),
    "queries": (queries, 1350),
    "runs": (runs, 1350),
}
"""Name of the file, what is shown, and the height in pixels."""


def main() -> None:
    """Take them all, or those that are named behind the address."""
    app, *names = sys.argv[1:]
    expect.set_options(timeout=120_000)
    chromium = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for name in names or _PICTURES:
            take, height = _PICTURES[name]
            page = browser.new_page(viewport={"width": 1080, "height": height}, color_scheme="light")
            page.set_default_timeout(120_000)
            take(page, app)
            for unfinished in ("stSpinner", "stSkeleton"):
                expect(page.get_by_test_id(unfinished)).to_have_count(0)
            page.mouse.move(1, 1)  # away from tool bars that show themselves
            page.wait_for_timeout(2_000)  # pictures that come in
            _write(_FOLDER / f"{name}.png", page.screenshot())
            page.close()
        browser.close()


def _write(file: Path, picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(256).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{file}: {size:,} bytes{', which is too much' if size > _MOST_BYTES else ''}")


if __name__ == "__main__":
    main()
