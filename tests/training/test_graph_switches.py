"""Graphs that a recipe goes without: nothing of them reaches a row, a gradient or a reason; rows keep themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from training.assembly import Assembly, assemble
from training.explain import Explainer
from training.recipe import Recipe, load_recipe

NO_CACHE = Path("no-cache-needed")
ITEMS = [f"http://toy.example/item_{number}" for number in range(6)]
EDGES: dict[str, list[Any]] = {
    "co_mentions": [(0, 1, 3), (1, 2, 1), (3, 4, 2)],
    "text_similar": [(0, 3, 0.9, 1), (0, 4, 0.5, 2), (3, 0, 0.9, 1), (4, 2, 0.7, 1), (4, 1, 0.4, 2)],
    "image_similar": [(1, 5, 0.9, 1), (1, 0, 0.2, 2), (5, 1, 0.9, 1), (2, 4, 0.6, 1)],
}
SWITCHES = {"co_mentions": "co_mention_graph", "text_similar": "text_graph", "image_similar": "image_graph"}
RECIPE = load_recipe("tiny")

Write = Callable[[Mapping[str, list[Any]]], Snapshot]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a world of six items, a fact, and some edges."""

    def written(edges: Mapping[str, list[Any]]) -> Snapshot:
        named: dict[str, Any] = {
            name: [(ITEMS[edge[0]], ITEMS[edge[1]], *edge[2:]) for edge in edges.get(name, [])] for name in SWITCHES
        }
        return write_snapshot(
            tmp_path / str(len(list(tmp_path.iterdir()))),
            entities=[],
            items=[{"uri": uri, "title": uri, "popularity": 0} for uri in ITEMS],
            facts={"PREVIOUS_WORK": [(ITEMS[0], ITEMS[5])]},
            dialogues=[],
            registry={"PREVIOUS_WORK": "http://toy.example/previousWork"},
            **named,
        )

    return written


def _assembled(snapshot: Snapshot, recipe: Recipe) -> Assembly:
    return assemble(snapshot, recipe, NO_CACHE, "cpu")


def _rows_and_gradient(one: Assembly) -> tuple[torch.Tensor, torch.Tensor]:
    """Ê_final, and what the first item's row says of all embeddings."""
    encoder = one.model.encoder
    final = encoder(one.graphs)[1]
    final[0].sum().backward()
    assert encoder.embeddings.grad is not None
    return final.detach(), encoder.embeddings.grad


@pytest.mark.parametrize("graph", SWITCHES)
def test_a_graph_that_is_switched_off_is_as_if_it_had_no_edge(write: Write, graph: str) -> None:
    with_edges, without_edges = write(EDGES), write({**EDGES, graph: []})
    silent = replace(RECIPE, **{SWITCHES[graph]: False})  # type: ignore[arg-type]
    off, gone = (_rows_and_gradient(_assembled(snapshot, silent)) for snapshot in (with_edges, without_edges))
    on = _rows_and_gradient(_assembled(with_edges, RECIPE))
    assert torch.equal(off[0], gone[0])
    assert torch.equal(off[1], gone[1])
    assert not torch.equal(on[0], gone[0])
    assert not torch.equal(on[1], gone[1])


def test_without_any_of_the_three_graphs_each_row_keeps_itself(write: Write) -> None:
    """Eq. 15 then gives N¹, and Eq. 16 adds it once more, as every graph does for an item without neighbours."""
    one = _assembled(write(EDGES), replace(RECIPE, co_mention_graph=False, text_graph=False, image_graph=False))
    first, final = one.model.encoder(one.graphs)
    torch.testing.assert_close(final, 2 * first)


def test_what_is_switched_off_is_no_reason(write: Write) -> None:
    one = _assembled(write(EDGES), replace(RECIPE, co_mention_graph=False, image_graph=False))
    explainer = Explainer(one.model.encoder.double(), one.graphs.to("cpu", torch.float64))
    preference = torch.randn(RECIPE.dimension, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for item in range(len(ITEMS)):
        terms = explainer.terms(preference, item)
        assert {term.graph for term in terms} <= {"facts", "text", "own"}
        assert sum(term.value for term in terms) == pytest.approx(float(explainer.scores(preference[None])[0, item]))


def test_fewer_similar_items_are_the_nearest(write: Write) -> None:
    nearest = {name: [edge for edge in edges if edge[-1] == 1] for name, edges in EDGES.items()}
    cut = _assembled(write(EDGES), replace(RECIPE, similar_items=1)).graphs
    expected = _assembled(write({**nearest, "co_mentions": EDGES["co_mentions"]}), RECIPE).graphs
    every = _assembled(write(EDGES), RECIPE).graphs
    for graph in ("text", "image"):
        found, wished, whole = (getattr(one, graph).whole().matrix.to_dense() for one in (cut, expected, every))
        assert torch.equal(found, wished)
        assert not torch.equal(whole, wished)
    more = _assembled(write(EDGES), replace(RECIPE, similar_items=7)).graphs
    assert torch.equal(more.text.whole().matrix.to_dense(), every.text.whole().matrix.to_dense())
