"""The pieces of Explore as HTML: what comes from the graph is text and nothing else."""

from __future__ import annotations

import pytest

from graphstore.queries import load_query
from ui.explore_parts import direct_edges, entity_face, hint, notice, query_head, small, ways
from ui.exploring import Comparison, Entity

NASTY = '<script>alert("1")</script> **x** [y](javascript:z) \u202egnp.exe\u2066'
SAID = {
    "genres": [NASTY],
    "directors": [NASTY],
    "writers": None,
    "stars": [],
    "plot": NASTY,
    "popularity": 3,
    "sources": [NASTY],
}


def one(label: str) -> Entity:
    return Entity(f"urn:{label}", label, True, SAID)


@pytest.mark.parametrize(
    "html",
    [
        hint(NASTY),
        small(NASTY),
        notice(NASTY),
        entity_face(one(NASTY), "data:image/jpeg;base64,AA"),
        ways([NASTY]),
        direct_edges(
            Comparison(
                one(NASTY),
                one("b"),
                [
                    {"source": f"urn:{NASTY}", "target": "urn:b", "relation": NASTY, "count": None, "score": None},
                    {"source": "urn:b", "target": f"urn:{NASTY}", "relation": "DIRECTOR", "count": 1, "score": None},
                ],
                [],
                [],
                [],
            )
        ),
    ],
    ids=["hint", "small", "notice", "entity", "ways", "edges"],
)
def test_nothing_is_read_as_markup(html: str) -> None:
    assert "<script" not in html
    assert '"1"' not in html
    assert not set(html) & set("\u202e\u2066")
    assert "**x**" in html


def test_an_entity_says_what_is_known_and_no_more() -> None:
    html = entity_face(one("A"), None)
    assert "in 3 training conversations" in html
    assert "Written by" not in html
    assert "<img" not in html


def test_what_stands_in_backticks_is_code() -> None:
    assert "<code>modality</code>" in query_head(load_query("neighbourhood"))
    assert notice("Run `<b>`.") == '<p class="tg-notice" role="status">Run <code>&lt;b&gt;</code>.</p>'
