"""Explore and Runs in a real Chromium against a real Neo4j, and the way between the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Passage
from tests.browser.test_app import open_app, say
from tests.ui.film_world import MARKUP, uri

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.slow]

expect.set_options(timeout=120_000)


def address(app: str, page: str, **parameters: str) -> str:
    return f"{app}/{page}?{urlencode(parameters)}"


def open_item(page: Page, app: str, name: str) -> None:
    page.goto(address(app, "explore", item=uri(name)))
    expect(page.locator(".tg-entity h2")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible()


def test_the_chat_is_as_it_was_after_a_look_at_the_other_pages(page: Page, app: str) -> None:
    open_app(page, app)
    say(page, "I loved Inception")
    expect(page.locator(".tg-card")).to_have_count(5)
    titles = page.locator(".tg-card h3").all_inner_texts()
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    assert page.title() == "Runs – Tellgraph"
    page.get_by_role("link", name="Explore").press("Enter")
    expect(page.get_by_role("heading", name="Explore")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    expect(page.locator(".tg-card")).to_have_count(5)
    assert page.locator(".tg-card h3").all_inner_texts() == titles


def test_a_name_is_suggested_while_it_is_typed_and_opens(page: Page, app: str) -> None:
    page.goto(f"{app}/explore")
    field = page.get_by_label("Anything that has a name")
    field.press_sequentially("incep", delay=40)
    page.locator(".st-key-found-item").get_by_role("button", name="Inception (2010)").click()
    expect(page.locator(".tg-entity h2")).to_have_text("Inception (2010)")
    expect(field).to_have_value("")
    expect(page).to_have_url(re.compile(f"item={re.escape(quote(uri('Inception'), safe=''))}"))
    field.fill("zzzzzz qqqq")
    expect(page.locator(".tg-notice")).to_contain_text("Nothing in the graph is called that")


def test_a_node_opens_and_folds_by_mouse_and_by_keyboard(page: Page, app: str) -> None:
    open_item(page, app, "Inception")
    said = page.locator(".tg-small").filter(has_text="nodes and")
    before = said.inner_text()
    page.locator("path[aria-label='Christopher Nolan'], path[aria-label='Christopher_Nolan']").click()
    expect(said).not_to_have_text(before)
    opened = said.inner_text()
    page.get_by_role("combobox", name="Node").click()
    page.get_by_role("option", name=re.compile("Christopher.Nolan")).click()
    page.get_by_role("button", name="Open or fold").press("Enter")
    expect(said).to_have_text(before)
    assert opened != before
    page.get_by_role("button", name="Put in the middle").press("Enter")
    expect(page.locator(".tg-entity h2")).to_have_text(re.compile("Christopher.Nolan"))


def test_filters_take_edges_away(page: Page, app: str) -> None:
    open_item(page, app, "Inception")
    said = page.locator(".tg-small").filter(has_text="nodes and")
    for kind in ("Mentioned together", "Reads alike", "Looks alike"):
        page.get_by_role("button", name=kind, exact=True).click()
    expect(said).to_contain_text("3 nodes and 2 lines")


def test_two_items_show_what_connects_them(page: Page, app: str) -> None:
    page.goto(address(app, "explore", view="two", item=uri("Inception"), **{"with": uri("The_Prestige_(film)")}))
    expect(page.locator(".tg-entity h2")).to_have_text(["Inception (2010)", "The Prestige (2006)"])
    expect(page.locator(".tg-ways").first).to_contain_text("mentioned together, 2 times")
    expect(page.get_by_text("The shortest, over facts alone")).to_be_visible()
    expect(page.locator(".tg-ways").last).to_contain_text(re.compile("DIRECTOR.*Nolan.*DIRECTOR"))


def test_a_query_is_a_form_whose_answer_can_be_taken_away(page: Page, app: str) -> None:
    page.goto(address(app, "explore", view="queries", query="neighbourhood", item=uri("Inception")))
    page.get_by_role("textbox", name="modality").fill("facts")
    page.get_by_role("button", name="Ask the graph").click()
    expect(page.locator(".tg-small").filter(has_text="2 rows")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV", exact=True).click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "modality,relation,direction,uri,name,weight"
    assert len(lines) == 3
    page.get_by_role("textbox", name="limit").fill("many")
    page.get_by_role("button", name="Ask the graph").click()
    expect(page.locator(".tg-notice")).to_have_text("limit: 'many' is no integer.")


def test_titles_stay_text_wherever_they_stand(page: Page, app: str) -> None:
    open_item(page, app, "Markup")
    expect(page.locator(".tg-entity h2")).to_have_text(MARKUP)
    page.get_by_label("Anything that has a name").press_sequentially("bold", delay=40)
    expect(page.locator(".st-key-found-item").get_by_role("button").first).to_have_text(MARKUP)
    page.get_by_test_id("stVegaLiteChart").locator("path[aria-label^='<img']").first.hover()
    page.goto(address(app, "explore", view="two", item=uri("Markup"), **{"with": uri("Her_(film)")}))
    expect(page.get_by_text("The shortest, over facts alone")).to_be_visible()
    page.goto(address(app, "explore", view="queries", query="entity", item=uri("Markup")))
    page.get_by_role("button", name="Ask the graph").click()
    expect(page.locator(".tg-small").filter(has_text="1 row.")).to_be_visible()
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("item", ["urn:nothing", "", "<script>", "x" * 3_000])
def test_an_address_of_nothing_is_said(page: Page, app: str, item: str) -> None:
    page.goto(address(app, "explore", item=item, view="<b>"))
    expect(page.locator(".tg-notice, .tg-hint").first).to_be_visible()
    assert "Traceback" not in page.content()


def test_runs_show_their_figures_or_the_command_that_makes_them(
    page: Page, start_app: Callable[[Path], str], film_run: Path
) -> None:
    broken = film_run.parent / "broken"
    broken.mkdir()
    (broken / "recipe.yaml").write_text("flavour: [", encoding="utf-8")
    page.goto(f"{start_app(film_run)}/runs?run={film_run.name}&beside=broken")
    expect(page.locator(".tg-why")).to_have_text([re.compile(f"{film_run.name}.*the chat uses it"), "broken"])
    notices = page.locator(".tg-notice")
    expect(notices.filter(has_text="tellgraph evaluate --run")).to_have_count(1)
    expect(notices.filter(has_text="is not valid YAML")).to_have_count(1)
    expect(page.get_by_text("epochs in")).to_be_visible()
    page.goto(f"{page.url.split('?')[0]}?run=nope")
    expect(page.locator(".tg-notice").filter(has_text="There is no run called “nope”")).to_be_visible()


def test_a_graph_that_goes_away_while_one_explores_comes_back(page: Page, app: str, passage: Passage) -> None:
    open_item(page, app, "Inception")
    passage.shut()
    try:
        page.get_by_role("button", name="Looks alike", exact=True).click()
        expect(page.get_by_role("alert").locator("h1")).to_have_text("The graph does not answer")
        assert "Traceback" not in page.content()
        page.goto(f"{app}/runs")
        expect(page.get_by_role("heading", name="Runs")).to_be_visible()
        page.goto(address(app, "explore", item=uri("Inception")))
        expect(page.get_by_role("alert").locator("h1")).to_have_text("The graph does not answer")
    finally:
        passage.open()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tg-entity h2")).to_have_text("Inception (2010)")
