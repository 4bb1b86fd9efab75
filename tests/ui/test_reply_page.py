"""The page of replies as a file: what is on it, in what order, and that nothing said in a chat is markup."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.ui.reply_world import HOSTILE, instance
from ui.errors import DoorError
from ui.reply_page import reply_page

INSTANCES = [instance(number, said=f"Number {number}?", turns=number % 9 + 1) for number in range(80)]
REPLIES = {name: [f"{name} says {number}" for number in range(80)] for name in ("one", "two", "three")}


def data(html: str) -> Any:
    found = re.search(r'<script id="page" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def quotes(html: str) -> list[str]:
    return [unescape(quote) for quote in re.findall("<blockquote>(.*?)</blockquote>", html, re.DOTALL)]


def test_fifty_chats_are_chosen_by_the_seed_and_stand_in_their_order() -> None:
    html = reply_page(INSTANCES, REPLIES, seed=4)
    numbers = [int(quote.split()[-1]) for quote in quotes(html)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 150
    assert len(set(numbers)) == 50
    assert html == reply_page(INSTANCES, REPLIES, seed=4)
    assert html != reply_page(INSTANCES, REPLIES, seed=5)


def test_the_order_changes_and_the_key_tells_it() -> None:
    html = reply_page(INSTANCES, REPLIES)
    told = [quote.split()[0] for quote in quotes(html)]
    order = data(html)["order"]
    assert [name for row in order for name in row] == told
    assert len({tuple(row) for row in order}) == 6
    rows = re.findall(r"<tr><th scope=\"row\">(\d+)</th>(.*?)</tr>", html)
    assert [re.findall("<td>(.*?)</td>", cells) for _, cells in rows] == order


def test_systems_are_named_in_the_key_alone() -> None:
    silent = {name: ["Hm."] * 80 for name in ("mscrs", "retrieved")}
    before, _, _ = reply_page(INSTANCES, silent).partition("<summary>Key")
    assert "mscrs" not in before
    assert "retrieved" not in before


def test_fewer_chats_are_all_shown_with_their_newest_turns() -> None:
    html = reply_page([instance(1, said="Turn", turns=8)], {"a": [""]}, count=50)
    assert "… 2 earlier turns" in html
    assert "Turn 7" in html
    assert "Turn 1<" not in html
    assert "(says nothing)" in html
    assert data(html)["marks"] == 2


def test_another_reply_makes_another_page() -> None:
    first, second = (data(reply_page([instance(1)], {"a": [said]})) for said in ("Jaws!", "Up!"))
    assert first["id"] != second["id"]


class Tags(HTMLParser):
    """Collects the names of elements and all attributes that run code."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep them."""
        self.names.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_what_is_said_is_text() -> None:
    html = reply_page([instance(1, said=HOSTILE, target=HOSTILE)], {HOSTILE: [HOSTILE]})
    tags = Tags()
    tags.feed(html)
    assert "img" not in tags.names
    assert tags.handlers == []
    assert tags.names.count("script") == 2
    assert quotes(html) == [HOSTILE]
    assert data(html)["order"] == [[HOSTILE]]


def test_nothing_is_loaded_from_anywhere() -> None:
    html = reply_page(INSTANCES, REPLIES)
    assert not re.search(r"(src|href)=|url\(|https?:|@import", html.replace("link.href =", ""))


def test_a_page_of_nothing_is_refused() -> None:
    for instances, replies in (([], {"a": []}), (INSTANCES, {}), (INSTANCES, {str(n): [""] * 80 for n in range(27)})):
        with pytest.raises(DoorError, match="1 to 26 systems"):
            reply_page(instances, replies)
    with pytest.raises(ValueError, match="a has 1 replies to 80"):
        reply_page(INSTANCES, {"a": ["Hm."]})
