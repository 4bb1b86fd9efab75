"""Every page for everybody: axe-core's rules in both themes, 390 pixels wide, and without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_app import open_app, say
from tests.browser.test_pages import address, open_item
from tests.browser.test_reasons import rate, settled
from tests.ui.film_world import uri

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.slow]

expect.set_options(timeout=120_000)

PAGES = ("welcome", "chat", "why", "explore", "two", "queries", "runs")
_ENDS_OF_VISIBLE = """elements => elements
    .filter(element => element.checkVisibility({visibilityProperty: true}))
    .map(element => element.getBoundingClientRect())
    .filter(box => box.width > 1)
    .map(box => [box.left, box.right])"""
_ENDS = {"item": uri("Inception"), "with": uri("The_Prestige_(film)")}


def show(page: Page, app: str, name: str) -> None:
    """One of PAGES, with everything on it that it can have."""
    if name in ("welcome", "chat", "why"):
        open_app(page, app)
        if name != "welcome":
            say(page, "I loved Inception and Zorgon Blaster")
            expect(page.locator(".tg-card")).to_have_count(5)
        if name == "chat":
            page.locator(".st-key-cards-0 [data-testid='stButtonGroup'] button").first.click()
            rate(page, 1, "Seen it")
            page.get_by_role("button", name="Rate").first.click()
        elif name == "why":
            page.get_by_role("link", name="Everything about this score").click()
            page.get_by_role("button", name="Facts", exact=True).click()
            expect(page.locator(".tg-ranks").first).to_be_visible()
            page.get_by_test_id("stExpander").first.locator("summary").click()
            page.get_by_label("Why not …").press_sequentially("her")
            page.locator(".st-key-found-not").get_by_role("button", name="Her (2013)").click()
            expect(page.locator(".tg-ways")).to_be_visible()
    elif name == "explore":
        open_item(page, app, "Inception")
        page.get_by_text("More filters").click()
        page.get_by_label("Anything that has a name").press_sequentially("the")
        expect(page.locator(".st-key-found-item").get_by_role("button").first).to_be_visible()
    elif name == "two":
        page.goto(address(app, "explore", view="two", **_ENDS))
        expect(page.get_by_text("The shortest, over facts alone")).to_be_visible()
    elif name == "queries":
        page.goto(address(app, "explore", view="queries", query="neighbourhood", item=uri("Inception")))
        page.get_by_role("button", name="Ask the graph").click()
        expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible()
    else:
        page.goto(f"{app}/runs")
        expect(page.get_by_text("epochs in")).to_be_visible()
    settled(page)


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser that asks for one of the themes."""
    scheme: Literal["light", "dark"] = request.param
    page = browser.new_page(viewport={"width": 1280, "height": 1600}, color_scheme=scheme, reduced_motion="reduce")
    page.set_default_timeout(120_000)
    yield page
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(themed: Page, app: str, name: str) -> None:
    show(themed, app, name)
    scheme = themed.locator(".stApp").evaluate("element => getComputedStyle(element).colorScheme")
    assert scheme == ("dark" if themed.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light")
    results = Axe().run(themed).response
    assert len(results["passes"]) > 20
    found = [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for violation in results["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_on_a_telephone(page: Page, app: str, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, app, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for selector in ("h1", "h2", "button", "input", ".tg-entity", ".tg-small", ".tg-notice", "svg.marks"):
        # All at once: what Streamlit replaces meanwhile would be waited for one by one.
        for left, right in page.locator(f".stMain {selector}").evaluate_all(_ENDS_OF_VISIBLE):
            assert left >= -1, selector
            assert right <= 391, selector
    for link in ("Chat", "Why", "Explore", "Runs"):
        expect(page.get_by_role("link", name=link, exact=True)).to_be_visible()


def test_the_pages_are_reached_by_the_tab_key(page: Page, app: str) -> None:
    page.goto(f"{app}/runs")
    expect(page.get_by_text("epochs in")).to_be_visible()
    settled(page)
    reached: list[str] = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText ?? ''").strip())
    # After the last control the keyboard comes round to the first again.
    links = [name for name in dict.fromkeys(reached) if name in ("Chat", "Why", "Explore", "Runs")]
    assert links == ["Chat", "Why", "Explore", "Runs"]
