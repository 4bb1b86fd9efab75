"""Chips, feedback and the page Why in a real Chromium against a real Neo4j."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from graphstore.graph import Graph
from tests.browser.conftest import Passage
from tests.browser.test_app import open_app, say

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.slow]

expect.set_options(timeout=120_000)


@pytest.fixture(autouse=True)
def nobody(films: Graph, probes: None) -> None:
    """Whoever came before has left nothing."""
    for row in films.read("dump_nodes"):
        if row["labels"] == ["Visitor"]:
            films.write("delete_visitor", visitor=row["properties"]["id"])


def ask(page: Page, app: str) -> list[str]:
    """A first message; returns the recommended titles."""
    open_app(page, app)
    say(page, "I loved Inception")
    expect(page.locator(".tg-card")).to_have_count(5)
    settled(page)
    return titles(page).all_inner_texts()


def titles(page: Page) -> Locator:
    return page.locator(".tg-card h3")


def rate(page: Page, place: int, opinion: str) -> None:
    """Say something of a card, by keyboard; a second passes until the popover stands."""
    page.get_by_role("button", name="Rate").nth(place).press("Enter")
    page.get_by_role("button", name=opinion, exact=True).press("Enter")
    expect(said_buttons(page).first).to_be_visible()
    settled(page)


def said_buttons(page: Page) -> Locator:
    """One for each thing that was said. By their role: Streamlit has a hidden twin of a button with help."""
    return page.locator(".st-key-said").get_by_role("button")


def settled(page: Page) -> None:
    """Wait until nothing on the page is of a run before, or faded; while a script runs, both may stand there.

    Three looks: between a run that was broken off and the next, Streamlit says for a moment that none is running.
    """
    for _ in range(3):
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(page.locator("[data-stale='true'], [data-testid='stSkeleton']")).to_have_count(0)
        page.wait_for_timeout(150)


def visitors(graph: Graph) -> list[tuple[str, str]]:
    """What stands in the graph of all visitors: type of the fact, and the end of its target's URI."""
    kinds = ("LIKED", "DISLIKED", "SEEN", "MORE_LIKE", "LESS_OF")
    rows = [row for row in graph.read("dump_relationships") if row["type"] in kinds]
    return sorted((row["type"], row["target"][0].rpartition("/")[2]) for row in rows)


def visitor_nodes(graph: Graph) -> int:
    return sum(row["labels"] == ["Visitor"] for row in graph.read("dump_nodes"))


def test_a_chip_highlights_its_way_in_the_drawing(page: Page, app: str) -> None:
    ask(page, app)
    drawn = page.locator("img.tg-drawing")
    expect(drawn).not_to_have_attribute("alt", re.compile("Highlighted"))
    cards = page.locator(".st-key-cards-0 [data-testid='stColumn']").filter(has=page.get_by_test_id("stButtonGroup"))
    for card in (cards.last, cards.first):
        chips = card.get_by_test_id("stButtonGroup").locator("button")
        expect(chips.first).to_be_visible()
        assert chips.count() <= 3
        chips.first.press("Enter")
        expect(page.locator(".tg-why")).to_contain_text(f"Why {card.locator('h3').inner_text()}")
        expect(drawn).to_have_attribute("alt", re.compile("Highlighted"))
    expect(page.get_by_role("button", name="Less of this reason")).to_have_count(1)


def test_what_is_said_changes_the_ranking_stands_in_the_graph_and_is_taken_back(
    page: Page, app: str, films: Graph
) -> None:
    before = ask(page, app)
    rate(page, 0, "Dislike")
    said = said_buttons(page)
    expect(said).to_contain_text(["Disliked"])
    expect(titles(page).filter(has_text=before[0])).to_have_count(0)
    settled(page)
    assert [kind for kind, _ in visitors(films)] == ["DISLIKED"]
    rate(page, 1, "More like this")
    expect(said).to_have_text([re.compile("Disliked"), re.compile("More like")])
    settled(page)
    assert [kind for kind, _ in visitors(films)] == ["DISLIKED", "MORE_LIKE"]
    said.nth(1).press("Enter")
    expect(said).to_have_count(1)
    settled(page)
    said.first.press("Enter")
    expect(said).to_have_count(0)
    expect(titles(page)).to_have_text(before)
    settled(page)
    assert visitors(films) == []
    page.get_by_role("button", name="Forget me").click()
    settled(page)


def test_less_of_a_reason_and_one_click_forgets_everything(page: Page, app: str, films: Graph) -> None:
    before = ask(page, app)
    score = page.locator(".tg-why span").inner_text()
    page.locator(".st-key-cards-0 [data-testid='stButtonGroup'] button").first.click()
    page.get_by_role("button", name="Less of this reason").click()
    said = said_buttons(page)
    expect(said).to_contain_text(["Less of"])
    settled(page)
    rate(page, 3, "Seen it")
    expect(said).to_have_text([re.compile("Seen"), re.compile("Less of")])
    settled(page)
    assert visitor_nodes(films) == 1
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".tg-card")).to_have_count(0)
    expect(said_buttons(page)).to_have_count(2)  # what was said stays
    settled(page)
    page.get_by_role("button", name="Forget me").click()
    expect(said_buttons(page)).to_have_count(0)
    settled(page)
    assert visitor_nodes(films) == 0
    say(page, "I loved Inception")
    expect(page.locator(".tg-card")).to_have_count(5)
    expect(titles(page)).to_have_text(before)
    expect(page.locator(".tg-why span")).to_have_text(score)


def test_two_people_never_see_each_others_marks(page: Page, app: str, browser: Browser) -> None:
    before = ask(page, app)
    rate(page, 0, "Seen it")
    other = browser.new_context().new_page()
    other.set_default_timeout(120_000)
    try:
        assert ask(other, app) == before
        expect(other.locator(".st-key-said")).to_have_count(0)
    finally:
        other.context.close()
    page.get_by_role("button", name="Forget me").click()
    expect(titles(page).first).to_have_text(before[0])


def test_a_graph_that_goes_away_keeps_what_was_said(page: Page, app: str, passage: Passage, films: Graph) -> None:
    before = ask(page, app)
    passage.shut()
    try:
        rate(page, 0, "Dislike")
        expect(page.locator(".tg-notice")).to_contain_text("The graph does not answer. What you said is kept here")
        expect(page.locator(".tg-message")).to_contain_text("I loved Inception")
        assert "Traceback" not in page.content()
    finally:
        passage.open()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tg-notice")).to_have_count(0)
    expect(titles(page).first).not_to_have_text(before[0])
    assert [kind for kind, _ in visitors(films)] == ["DISLIKED"]
    page.get_by_role("button", name="Forget me").click()
    expect(titles(page).first).to_have_text(before[0])


def test_everything_about_a_score(page: Page, app: str) -> None:
    shown = ask(page, app)
    page.get_by_role("link", name="Everything about this score").click()
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible()
    expect(page.locator(".tg-why")).to_contain_text(f"Why {shown[0]}")
    expect(page).to_have_url(re.compile(r"/why\?item="))
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible()
    names = page.get_by_test_id("stVegaLiteChart").locator(".role-axis-label text").all_text_contents()
    assert "score" in names
    assert all(len(name) <= 29 for name in names)  # a longer one has lost its middle
    expect(page.locator(".tg-sum, .tg-small").filter(has_text="add up to the score")).to_be_visible()
    term = page.get_by_test_id("stExpander").first
    term.locator("summary").press("Enter")
    expect(term.locator("code")).to_contain_text(":param")
    expect(term.get_by_label("Copy to clipboard")).to_have_count(1)
    settled(page)  # a list that is open is closed when the page is drawn anew
    third = page.get_by_role("option").nth(2)
    while not third.is_visible():
        page.get_by_role("combobox", name="Recommended").click()
        page.wait_for_timeout(1_000)
    third.click()
    expect(page.locator(".tg-why")).to_contain_text(f"Why {shown[2]}")


def test_switches_show_the_new_ranking_beside_the_old(page: Page, app: str) -> None:
    shown = ask(page, app)
    page.get_by_role("link", name="Why", exact=True).click()
    page.get_by_role("button", name="Facts", exact=True).click()
    rows = page.locator(".tg-ranks").first.locator("tbody tr")
    expect(rows.first).to_contain_text(shown[0])
    assert rows.count() == 10
    settled(page)
    page.get_by_role("button", name="Less of this from now on").click()
    settled(page)
    page.get_by_role("link", name="Chat", exact=True).click()
    expect(said_buttons(page)).to_have_text([re.compile("Less of: Facts")])
    page.get_by_role("button", name="Forget me").click()
    expect(said_buttons(page)).to_have_count(0)


def test_why_not_another_is_answered_by_its_terms(page: Page, app: str) -> None:
    ask(page, app)
    page.get_by_role("link", name="Why", exact=True).click()
    page.get_by_label("Why not …").press_sequentially("spider", delay=40)
    page.locator(".st-key-found-not").get_by_role("button", name="Spider-Man (2002)").click()
    expect(page.locator(".tg-small").filter(has_text="Spider-Man (2002) scores")).to_be_visible()
    expect(page.locator(".tg-ways li")).to_have_count(2)
    expect(page).to_have_url(re.compile("not=.*Spider-Man"))
    page.get_by_label("Why not …").press_sequentially("nolan", delay=40)
    page.locator(".st-key-found-not").get_by_role("button", name=re.compile("Nolan")).first.click()
    expect(page.locator(".tg-notice")).to_contain_text("is nothing that this run could recommend")


def test_without_a_chat_there_is_nothing_to_explain(page: Page, app: str) -> None:
    page.goto(f"{app}/why?item=urn:x")
    expect(page.locator(".tg-hint")).to_contain_text("Nothing has been recommended yet")
