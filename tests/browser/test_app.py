"""The app in a real Chromium against a real Neo4j: a chat, its reasons, and what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from graphstore.graph import Graph
from graphstore.settings import Settings
from tests.browser.conftest import Passage
from tests.ui.film_world import MARKUP, fill

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.slow]

expect.set_options(timeout=120_000)


def open_app(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()


def say(page: Page, message: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(message)
    field.press("Enter")


def test_a_chat_recommends_and_shows_its_reasons(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "I loved Inception and Arrival")
    expect(page.locator(".tg-card")).to_have_count(5)
    expect(page.locator(".tg-message")).to_contain_text("I loved Inception and Arrival")
    expect(page.locator(".tg-chip")).to_have_text(["Inception (2010)", "Arrival (2016)"])
    expect(page.locator(".tg-reply")).to_contain_text("I would start with")
    titles = page.locator(".tg-card h3").all_inner_texts()
    expect(page.locator(".tg-why")).to_contain_text(f"Why {titles[0]}")
    expect(page.locator(".tg-sum")).to_contain_text(re.compile(r"= -?\d+\.\d{3}: all \d+ terms add up to the score"))
    assert page.locator(".tg-row").count() >= 4
    drawn = page.locator("img.tg-drawing")
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 100")
    assert "that drove its score" in (drawn.get_attribute("alt") or "")


def test_every_card_opens_its_own_reasons_by_keyboard_too(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "I loved Inception")
    expect(page.locator(".tg-card")).to_have_count(5)
    titles = page.locator(".tg-card h3").all_inner_texts()
    page.get_by_role("button", name="Why?").nth(2).click()
    expect(page.locator(".tg-why")).to_contain_text(f"Why {titles[2]}")
    page.get_by_role("button", name="Why?").nth(3).press("Enter")
    expect(page.locator(".tg-why")).to_contain_text(f"Why {titles[3]}")
    page.get_by_role("button", name="Why?").nth(3).press("Enter")
    expect(page.locator(".tg-why")).to_have_count(0)
    expect(page.locator(".tg-card")).to_have_count(5)


def test_pictures_that_are_there_are_shown_and_all_have_words(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "I loved Arrival")
    expect(page.locator(".tg-card")).to_have_count(5)
    shown = page.locator(".tg-face img")
    assert shown.count() + page.locator(".tg-placeholder").count() == 5
    assert shown.count() >= 1
    assert shown.first.evaluate("image => image.complete && image.naturalWidth > 0")
    assert all(image.get_attribute("alt") is not None for image in page.locator("img").all())


def test_what_was_named_is_marked(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "I loved Inception")
    prestige = page.locator("[data-testid='stColumn']", has=page.locator(".tg-card", has_text="The Prestige"))
    prestige.get_by_role("button", name="Why?").click()
    expect(page.locator(".tg-why")).to_contain_text("Why The Prestige")
    row = page.locator(".tg-row", has_text="mentioned together").filter(has_text="Inception (2010)")
    expect(row).to_contain_text("you named it")
    expect(row).to_contain_text("in 2 conversations")


def test_an_ambiguous_name_offers_its_choices(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "I loved The Mummy")
    expect(page.locator(".tg-reply")).to_contain_text("Which one do you mean?")
    expect(page.locator(".tg-card")).to_have_count(0)
    page.get_by_role("button", name="The Mummy (1999)").click()
    expect(page.locator(".tg-chip")).to_have_text(["The Mummy (1999)"])
    expect(page.locator(".tg-card")).to_have_count(5)


def test_an_example_starts_a_conversation_and_another_one_can_be_begun(page: Page, app: str) -> None:
    open_app(page, app)
    page.locator(".st-key-examples button").first.click()
    expect(page.locator(".tg-card")).to_have_count(5)
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()
    expect(page.locator(".tg-card")).to_have_count(0)


def test_markup_stays_text(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, f"<script>document.title='owned'</script> {MARKUP} and <b>Her</b>")
    expect(page.locator(".tg-card")).to_have_count(5)
    expect(page.locator(".tg-message")).to_contain_text("<script>document.title='owned'</script>")
    expect(page.locator(".tg-chip").first).to_have_text(MARKUP)
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == "Chat – Tellgraph"


def test_an_unknown_title_and_a_long_message_are_said(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "blah " * 2_000 + "I loved Zorgon Blaster")
    notices = page.locator(".tg-notice")
    expect(notices.nth(0)).to_contain_text("characters")
    expect(notices.nth(1)).to_contain_text("“Zorgon Blaster”")
    expect(page.locator(".tg-card")).to_have_count(5)


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out_at_any_width(page: Page, app: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_app(page, app)
    say(page, "I loved Inception and " + "Arrival" * 40)
    expect(page.locator(".tg-card")).to_have_count(5)
    expect(page.locator("img.tg-drawing")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for selector in (".tg-message", ".tg-card", ".tg-row", "img.tg-drawing"):
        for box in (element.bounding_box() for element in page.locator(selector).all()):
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width + 1
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_in_viewport()


def test_a_graph_that_goes_away_is_one_sentence_and_comes_back(page: Page, app: str, passage: Passage) -> None:
    open_app(page, app)
    passage.shut()
    try:
        say(page, "I loved Inception")
        expect(page.get_by_role("alert").locator("h1")).to_have_text("The graph does not answer")
        assert "Traceback" not in page.content()
    finally:
        passage.open()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tg-chip")).to_have_text(["Inception (2010)"])
    expect(page.locator(".tg-card")).to_have_count(5)


def test_without_a_run_the_page_says_which_command_comes_first(
    page: Page, start_app: Callable[[Path], str], tmp_path: Path
) -> None:
    page.goto(start_app(tmp_path / "none"))
    expect(page.get_by_role("alert")).to_contain_text("There is no run in")
    expect(page.get_by_role("alert").locator("code").first).to_contain_text("tellgraph train")
    assert "Traceback" not in page.content()


def test_an_empty_graph_is_said_and_a_filled_one_goes_on(
    page: Page, start_app: Callable[[Path], str], film_run: Path, films: Graph, film_folder: Path, settings: Settings
) -> None:
    films.write("delete_everything")
    try:
        page.goto(start_app(film_run))
        expect(page.get_by_role("alert")).to_contain_text("tellgraph ingest items")
    finally:
        fill(films, film_folder, settings)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()
