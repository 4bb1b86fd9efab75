"""The page of replies in a real browser: rated, kept, saved, summed; in both themes and on a telephone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from tests.ui.reply_world import HOSTILE, instance
from ui.reply_page import reply_page
from ui.study_command import command

pytestmark = [pytest.mark.browser]

INSTANCES = [instance(0, turns=9), instance(1, said=HOSTILE, target=HOSTILE)]
REPLIES = {"mscrs": ["Jaws!", HOSTILE], "constant": ["Have you seen Up?", ""]}


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    """A page of two chats and two systems, as a file."""
    path = tmp_path / "replies.html"
    path.write_text(reply_page(INSTANCES, REPLIES), encoding="utf-8")
    return path


def mark(page: Page, name: str, value: int) -> None:
    page.get_by_label(f"{name}: {value}", exact=True).check()


def save(page: Page, path: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save ratings").click()
    assert download.value.suggested_filename == "ratings.json"
    download.value.save_as(path)
    return path


def test_two_replies_are_rated_saved_and_summed(page: Page, replies: Path, tmp_path: Path) -> None:
    page.goto(replies.as_uri())
    expect(page.get_by_role("status")).to_have_text("0 of 8 marks given.")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    page.get_by_label("Your name or initials").fill("Ann")
    for letter, fluency, informativeness in (("A", 2, 1), ("B", 0, 0)):
        mark(page, f"Fluency of {letter} in chat 1", fluency)
        mark(page, f"Informativeness of {letter} in chat 1", informativeness)
    expect(page.get_by_role("status")).to_have_text("4 of 8 marks given.")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("4 of 8 marks given.")
    expect(page.get_by_label("Your name or initials")).to_have_value("Ann")
    mark(page, "Fluency of A in chat 1", 1)
    saved = save(page, tmp_path / "ann.json")

    page.get_by_text("Key: which system").click()
    first, second = page.locator("tbody tr").first.locator("td").all_inner_texts()
    assert {first, second} == {"mscrs", "constant"}
    shown = page.locator("blockquote").first.inner_text()
    assert shown == REPLIES[first][0]

    content = json.loads(saved.read_text(encoding="utf-8"))
    assert content["rater"] == "Ann"
    assert content["ratings"] == [
        {"chat": 0, "system": first, "fluency": 1, "informativeness": 1},
        {"chat": 0, "system": second, "fluency": 0, "informativeness": 0},
    ]
    sums = tmp_path / "sums.json"
    result = CliRunner().invoke(command, ["ratings", str(saved), "--json", str(sums)])
    assert result.exit_code == 0, result.output
    assert list(json.loads(sums.read_text())["systems"]) == [first, second]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_and_rate(browser: Browser, replies: Path, theme: Literal["light", "dark"]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = context.new_page()
    page.goto(replies.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # axe measures colours as they are drawn: the page has to have the theme that was asked for
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 18, 30)"
    assert dark == (theme == "dark")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    context.close()


def test_marks_are_given_by_keyboard(page: Page, replies: Path) -> None:
    page.goto(replies.as_uri())
    page.get_by_label("Your name or initials").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Fluency of A in chat 1: 1", exact=True)).to_be_checked()
    expect(page.get_by_role("status")).to_have_text("1 of 8 marks given.")
