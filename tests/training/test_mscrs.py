"""Eq. 14-20: fusion, prompts and the fuse loss, against figures worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.director_world import write_director_world
from training.assembly import Assembly, assemble
from training.models.lightgcn import SemanticGraph, neighbour_graph
from training.models.mscrs import Batch, fuse_loss
from training.models.sparse import SparseMatrix
from training.recipe import load_recipe


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    snapshot = write_director_world(tmp_path_factory.mktemp("world") / "snapshot")
    return assemble(snapshot, load_recipe("tiny"), Path("no-cache-needed"), "cpu")


def _batch(assembly: Assembly, entities: list[list[int]], tokens: list[list[int]]) -> Batch:
    sizes, longest = assembly.model.sizes, max(map(len, tokens))
    padded = [row + [-1] * (sizes.entities - len(row)) for row in entities]
    generator = torch.Generator().manual_seed(1)
    return Batch(
        entities=torch.tensor(padded),
        states=torch.randn(len(tokens), sizes.rows, sizes.context, generator=generator),
        state_mask=torch.ones(len(tokens), sizes.rows, dtype=torch.bool),
        tokens=torch.tensor([row + [0] * (longest - len(row)) for row in tokens]),
        lengths=torch.tensor([len(row) for row in tokens]),
        dialogues=torch.arange(len(tokens)),
    )


def test_fusion_is_half_the_collaborative_sum_plus_the_weighted_modalities(assembly: Assembly) -> None:
    """With graphs that only keep what they get, every LightGCN is the identity: Ê = N¹, and N¹ + N¹ on items."""
    encoder, graphs = assembly.model.encoder, assembly.graphs

    entities, items = len(assembly.snapshot.uris), len(assembly.snapshot.items)
    nothing = torch.empty(0, dtype=torch.int64)
    forgetting = SparseMatrix.from_coordinates(nothing, nothing, torch.empty(0), (items, items))
    plain = replace(
        graphs,
        co_mention=neighbour_graph(nothing, nothing, entities),
        text=neighbour_graph(nothing, nothing, items),
        image=SemanticGraph(forgetting, torch.arange(items), items),
        text_weight=0.25,
    )
    first = torch.randn(entities, assembly.recipe.dimension)
    final = encoder.fuse(plain, first)
    # The image graph passes nothing on, so that its mean over layers 0..3 is N¹ / 4.
    torch.testing.assert_close(final[graphs.items], first[graphs.items] * (1 + 0.25 + 0.75 / 4))
    others = [entity for entity in range(entities) if entity not in graphs.items.tolist()]
    torch.testing.assert_close(final[others], first[others])


def test_the_fusion_is_linear(assembly: Assembly) -> None:
    encoder, graphs = assembly.model.encoder, assembly.graphs
    one, two = torch.randn(2, len(assembly.snapshot.uris), assembly.recipe.dimension)
    together = encoder.fuse(graphs, 2 * one - two)
    torch.testing.assert_close(
        together, 2 * encoder.fuse(graphs, one) - encoder.fuse(graphs, two), atol=1e-4, rtol=1e-4
    )


def test_padding_changes_nothing(assembly: Assembly) -> None:
    """A chat gets the same r_s alone and beside a longer one."""
    short, long = [5, 6, 7], [8, 9, 10, 11, 12, 13]
    both = _batch(assembly, [[3], [4, 5]], [short, long])
    alone = Batch(
        entities=both.entities[:1],
        states=both.states[:1],
        state_mask=both.state_mask[:1],
        tokens=torch.tensor([short]),
        lengths=torch.tensor([3]),
        dialogues=torch.zeros(1, dtype=torch.int64),
    )
    with torch.no_grad():
        final = assembly.model.encoder(assembly.graphs)[1]
        together, *_ = assembly.model(final, both)
        single, *_ = assembly.model(final, alone)
    torch.testing.assert_close(together[0], single[0])


def test_every_part_of_the_prompt_reaches_the_preference(assembly: Assembly) -> None:
    batch = _batch(assembly, [[3, 4]], [[5, 6, 7]])
    with torch.no_grad():
        final = assembly.model.encoder(assembly.graphs)[1]
        usual, *_ = assembly.model(final, batch)
        changes = {
            "an entity": replace(batch, entities=torch.where(batch.entities == 4, 9, batch.entities)),
            "a token state": replace(batch, states=batch.states * 2),
            "a word": replace(batch, tokens=torch.tensor([[5, 8, 7]])),
        }
        for what, changed in changes.items():
            assert not torch.allclose(assembly.model(final, changed)[0], usual), what


def test_absent_entities_and_masked_states_are_zero_rows(assembly: Assembly) -> None:
    batch = _batch(assembly, [[]], [[5]])
    batch = replace(batch, state_mask=torch.zeros_like(batch.state_mask))
    final = assembly.model.encoder(assembly.graphs)[1]
    mapped, context = assembly.model.prompts(final, batch)
    assert not mapped.any()
    assert not context.any()


def test_the_language_model_is_frozen_and_not_saved(assembly: Assembly) -> None:
    assert not any(parameter.requires_grad for parameter in assembly.model.language_model.parameters())
    assert not any("embed_tokens" in name for name in assembly.model.state_dict())


def test_fuse_loss_of_two_orthogonal_chats(assembly: Assembly) -> None:
    """T = Ṽ for each chat, orthogonal between them: -(1/τ - 0) twice."""
    rows, width = assembly.model.sizes.rows, 2
    side = torch.stack([torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])])
    states = side[:, None].expand(2, rows, width)
    batch = _batch(assembly, [[1], [2]], [[5], [6]])
    assert fuse_loss(states, states, batch, 0.5).item() == pytest.approx(-2 / 0.5)


def test_fuse_loss_takes_negatives_from_other_dialogues_only(assembly: Assembly) -> None:
    """Three equal chats, two of one dialogue: the lone one has two negatives, each of the pair one."""
    rows = assembly.model.sizes.rows
    states = torch.ones(3, rows, 2)
    batch = replace(_batch(assembly, [[1], [2], [3]], [[5], [6], [7]]), dialogues=torch.tensor([0, 0, 1]))
    # -2·1/τ + 2·(1/τ + ln(number of negatives)), averaged
    assert fuse_loss(states, states, batch, 0.1).item() == pytest.approx(2 * math.log(2) / 3, abs=1e-4)


def test_fuse_loss_without_a_negative_is_nothing(assembly: Assembly) -> None:
    states = torch.ones(2, assembly.model.sizes.rows, 2)
    same = replace(_batch(assembly, [[1], [2]], [[5], [6]]), dialogues=torch.tensor([0, 0]))
    unnamed = _batch(assembly, [[], [2]], [[5], [6]])
    assert fuse_loss(states, states, same, 0.1).item() == 0
    assert fuse_loss(states, states, unnamed, 0.1).item() == 0


def test_fuse_loss_sends_no_gradient_into_the_frozen_text(assembly: Assembly) -> None:
    mapped = torch.randn(2, assembly.model.sizes.rows, 4, requires_grad=True)
    context = torch.randn(2, assembly.model.sizes.rows, 4, requires_grad=True)
    fuse_loss(mapped, context, _batch(assembly, [[1], [2]], [[5], [6]]), 0.1).backward()  # type: ignore[no-untyped-call]
    assert mapped.grad is not None
    assert context.grad is None
