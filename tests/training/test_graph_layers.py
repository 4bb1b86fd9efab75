"""Eq. 1, 7-8 and 10-12 on graphs small enough to work out by hand, and against dense arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from training.models.lightgcn import co_mention_graph, neighbour_graph, propagate
from training.models.rgcn import RGCNLayer, build_fact_graph
from training.models.sparse import SparseMatrix

EDGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20)


def _ids(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)


@given(EDGES)
@settings(deadline=None, max_examples=30)
def test_a_sparse_product_and_its_gradient_are_the_dense_ones(edges: list[tuple[int, int]]) -> None:
    rows = torch.tensor([row for row, _ in edges], dtype=torch.int64)
    columns = torch.tensor([column for _, column in edges], dtype=torch.int64)
    values = torch.arange(1, len(edges) + 1, dtype=torch.float64)
    dense_matrix = torch.zeros(6, 6, dtype=torch.float64).index_put((rows, columns), values, accumulate=True)
    matrix = SparseMatrix.from_coordinates(rows, columns, values, (6, 6))
    left = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    right = left.detach().clone().requires_grad_()

    (matrix @ left).pow(2).sum().backward()  # type: ignore[no-untyped-call]
    (dense_matrix @ right).pow(2).sum().backward()  # type: ignore[no-untyped-call]

    torch.testing.assert_close(matrix @ left, dense_matrix @ right)
    torch.testing.assert_close(left.grad, right.grad)


def test_rgcn_adds_the_mean_of_each_relation_and_the_entity_itself() -> None:
    """Entity 2 is directed by 0 and 1 (mean), and writes for 3 (inverse); W_r = r-th multiple of the identity."""
    graph = build_fact_graph({"DIRECTOR": (_ids([0, 1]), _ids([2, 2])), "WRITER": (_ids([2]), _ids([3]))}, 4)
    assert graph.relations == (("DIRECTOR", False), ("DIRECTOR", True), ("WRITER", False), ("WRITER", True))
    layer = RGCNLayer(relations=4, dimension=1, bases=1)
    with torch.no_grad():
        layer.bases.fill_(1.0)
        layer.coefficients.copy_(torch.tensor([[1.0], [10.0], [100.0], [1000.0]]))
        layer.self_weight.fill_(0.5)
        after = layer(graph, torch.tensor([[2.0], [4.0], [6.0], [8.0]])).flatten()
    #            own   DIRECTOR→  DIRECTOR←   WRITER→  WRITER←
    assert after[0] == 1.0 + 60.0
    assert after[1] == 2.0 + 60.0
    assert after[2] == 3.0 + (2 + 4) / 2 + 8000.0
    assert after[3] == 4.0 + 600.0


def test_rgcn_without_facts_is_the_entity_alone() -> None:
    graph, layer = build_fact_graph({}, 3), RGCNLayer(relations=0, dimension=2, bases=1)
    embeddings = torch.randn(3, 2, requires_grad=True)
    after = layer(graph, embeddings)
    assert torch.equal(after, torch.relu(embeddings @ layer.self_weight))
    after.sum().backward()
    assert embeddings.grad is not None


def test_rgcn_equals_the_double_sum_of_equation_1() -> None:
    generator = np.random.default_rng(0)
    facts = {name: (generator.integers(0, 7, 12), generator.integers(0, 7, 12)) for name in ("A", "B", "C")}
    graph = build_fact_graph(facts, 7)
    layer = RGCNLayer(relations=len(graph.relations), dimension=4, bases=2).double()
    embeddings = torch.randn(7, 4, dtype=torch.float64)
    graph = graph.to("cpu", torch.float64)

    expected = embeddings @ layer.self_weight
    for relation, (name, inverse) in enumerate(graph.relations):
        subjects, objects = facts[name]
        sources, targets = (objects, subjects) if inverse else (subjects, objects)
        weight = layer.coefficients[relation, 0] * layer.bases[0] + layer.coefficients[relation, 1] * layer.bases[1]
        for entity in range(7):
            neighbours = sources[targets == entity]
            for neighbour in neighbours:
                message = embeddings[neighbour] @ weight / len(neighbours)
                expected = expected.index_add(0, torch.tensor([entity]), message[None])

    # The slots' shares 1/Z are float32 before they are widened.
    torch.testing.assert_close(layer(graph, embeddings), torch.relu(expected), rtol=1e-6, atol=1e-6)


def test_co_mention_is_normalised_on_both_sides_and_a_lonely_entity_keeps_itself() -> None:
    graph = co_mention_graph(torch.tensor([0, 1]), torch.tensor([1, 2]), torch.tensor([3, 1]), 4)
    dense = graph.whole().matrix.to_dense()
    # Degrees 3, 4, 1; entity 3 is never mentioned.
    assert dense[0, 1] == pytest.approx(3 / (3 * 4) ** 0.5)
    assert dense[1, 2] == pytest.approx(1 / 4**0.5)
    assert dense[3].tolist() == [0, 0, 0, 1]
    assert torch.equal(dense, dense.T)
    assert dense[0, 0] == 0


def test_a_pair_that_is_not_counted_any_more_is_no_edge() -> None:
    graph = co_mention_graph(torch.tensor([0]), torch.tensor([1]), torch.tensor([0]), 2)
    assert torch.equal(graph.whole().matrix.to_dense(), torch.eye(2))


PAIRS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).map(sorted).filter(lambda ends: ends[0] < ends[1]))


@given(PAIRS, st.data())
@settings(deadline=None, max_examples=50)
def test_a_pattern_holds_the_bits_of_the_sum_of_its_coordinates(pairs: list[list[int]], data: st.DataObject) -> None:
    pairs = sorted(map(list, set(map(tuple, pairs))))
    counts = torch.tensor(data.draw(st.lists(st.integers(0, 9), min_size=len(pairs), max_size=len(pairs))))
    ends = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2)
    found = co_mention_graph(ends[:, 0], ends[:, 1], counts, 8).whole()

    kept = counts > 0
    rows, columns = torch.cat([ends[kept, 0], ends[kept, 1]]), torch.cat([ends[kept, 1], ends[kept, 0]])
    weights = torch.cat([counts[kept], counts[kept]]).float()
    degree = torch.zeros(8).index_add(0, rows, weights)
    scale = degree.clamp(min=1e-12).rsqrt()
    lonely = (degree == 0).nonzero().flatten()
    values = torch.cat([weights * scale[rows] * scale[columns], torch.ones(len(lonely))])
    rows, columns = torch.cat([rows, lonely]), torch.cat([columns, lonely])
    expected = SparseMatrix.from_coordinates(rows, columns, values, (8, 8))
    for one, other in ((found.matrix, expected.matrix), (found.transpose, expected.transpose)):
        assert torch.equal(one.crow_indices(), other.crow_indices())
        assert torch.equal(one.col_indices(), other.col_indices())
        assert torch.equal(one.values(), other.values())


def test_a_neighbour_row_receives_from_those_it_chose() -> None:
    """0 and 1 have two neighbours each, 2 has one, 3 none."""
    sources, targets = torch.tensor([0, 0, 1, 1, 2]), torch.tensor([1, 2, 0, 2, 0])
    dense = neighbour_graph(sources, targets, 4).whole().matrix.to_dense()
    assert dense[0, 1] == pytest.approx(1 / 2)
    assert dense[0, 2] == pytest.approx(1 / 2**0.5)
    assert dense[2, 1] == 0, "1 chose 2, and not the other way round"
    assert dense[3].tolist() == [0, 0, 0, 1]


def test_propagation_averages_the_layers_from_zero_on() -> None:
    """On a pair, every layer swaps the two rows."""
    pair = co_mention_graph(torch.tensor([0]), torch.tensor([1]), torch.tensor([1]), 2)
    rows = torch.tensor([[1.0], [0.0]])
    assert propagate(pair, rows, 3).flatten().tolist() == [0.5, 0.5]
    assert propagate(pair, rows, 2).flatten().tolist() == pytest.approx([2 / 3, 1 / 3])


CHOICES = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda ends: ends[0] != ends[1]))
RING = {(node, (node + step) % 8) for node in range(8) for step in (1, 3)}


@given(CHOICES, st.integers(0, 4), st.sampled_from([torch.float32, torch.float64]), st.integers(0, 99))
@example(RING, 3, torch.float64, 0)
@example(set(), 3, torch.float64, 0)
@settings(deadline=None, max_examples=50)
def test_propagation_is_the_dense_mean_of_powers_both_ways(
    choices: set[tuple[int, int]], layers: int, dtype: torch.dtype, seed: int
) -> None:
    """Of a graph that is no symmetric one, where some nodes chose none and some are nobody's; RING has neither."""
    ends = torch.tensor(sorted(choices), dtype=torch.int64).reshape(-1, 2)
    graph = neighbour_graph(ends[:, 0], ends[:, 1], 8).to("cpu", dtype)
    assert (len(graph.linked) == 8) == ({node for pair in choices for node in pair} == set(range(8)))
    dense = graph.whole().matrix.to_dense()
    powers = [torch.matrix_power(dense, layer) for layer in range(layers + 1)]
    mean = torch.stack(powers).mean(dim=0)
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randn(8, 3, generator=draw, dtype=dtype, requires_grad=True)
    slanting = torch.randn(3, 8, generator=draw, dtype=dtype).T  # neither of the two lies in memory row by row
    for gradient in (slanting, torch.ones(1, 1, dtype=dtype).expand(8, 3)):
        found = propagate(graph, rows, layers)
        (back,) = torch.autograd.grad(found, rows, gradient)
        torch.testing.assert_close(found, mean @ rows)
        torch.testing.assert_close(back, mean.T @ gradient)


@given(PAIRS, st.data())
@settings(deadline=None, max_examples=25)
def test_propagation_over_pairs_of_which_some_are_not_counted(pairs: list[list[int]], data: st.DataObject) -> None:
    ends = torch.tensor(sorted(set(map(tuple, pairs))), dtype=torch.int64).reshape(-1, 2)
    counts = torch.tensor(data.draw(st.lists(st.integers(0, 2), min_size=len(ends), max_size=len(ends))))
    graph = co_mention_graph(ends[:, 0], ends[:, 1], counts, 8)
    dense, rows = graph.whole().matrix.to_dense(), torch.eye(8)
    torch.testing.assert_close(propagate(graph, rows, 2), (rows + dense + dense @ dense) / 3)
