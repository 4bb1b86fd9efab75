"""The terms of a trained model's score: they add up, and each is what its edge is worth."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch

from graphstore.dialogues import Turn
from tests.training.director_world import director_uri, film
from training.explain import Explainer, NumberedTerm
from training.instances import Context
from training.models.lightgcn import SemanticGraph, propagate
from training.models.mscrs import Graphs, SemanticGraphEncoder
from training.models.sparse import SparseMatrix
from training.mscrs_recommender import MSCRSRecommender
from training.recommender import Recommender

CONTEXTS = [
    Context((Turn("seeker", text, items=tuple(film(*one) for one in films)),))
    for text, films in (("I liked Film 1-6.", [(1, 6)]), ("Hello", []), ("Both are fine.", [(0, 3), (5, 7)]))
]


@pytest.mark.parametrize("context", CONTEXTS)
def test_terms_add_up_to_the_score_of_every_item(director_recommender: Recommender, context: Context) -> None:
    scores = director_recommender.scores([context])[0]
    uris = [item["uri"] for item in director_recommender.snapshot.items]
    for explanation, score in zip(director_recommender.explain_all(context, uris), scores, strict=True):
        assert explanation.score == score
        assert abs(sum(term.value for term in explanation.terms) - score) <= 1e-9 * max(1, abs(score))


def test_the_terms_are_the_items_edges_once_each(director_recommender: Recommender) -> None:
    item = film(1, 1)
    terms = director_recommender.explain(CONTEXTS[0], item).terms
    assert sorted(step for term in terms for step in term.path) == sorted(
        [
            (item, "DIRECTOR", director_uri(1)),
            (item, "PREVIOUS_WORK", film(1, 0)),
            (film(1, 2), "PREVIOUS_WORK", item),
            (film(1, 0), "CO_MENTIONED", item),
            (item, "TEXT_SIMILAR", film(1, 2)),
            (item, "IMAGE_SIMILAR", film(1, 0)),
            (item, "SELF", item),
        ]
    )
    assert {term.graph for term in terms} == {"facts", "co_mention", "text", "image", "own"}


def test_terms_come_strongest_first(director_recommender: Recommender) -> None:
    values = [abs(term.value) for term in director_recommender.explain(CONTEXTS[0], film(2, 0)).terms]
    assert values == sorted(values, reverse=True)


def test_the_source_is_the_other_end(director_recommender: Recommender) -> None:
    item = film(1, 1)
    for term in director_recommender.explain(CONTEXTS[0], item).terms:
        ((start, relation, end),) = term.path
        assert {start, end} == {item, term.source}
        assert (relation == "SELF") == (term.source == item)


@pytest.fixture(scope="module")
def held(director_recommender: MSCRSRecommender) -> tuple[Explainer, SemanticGraphEncoder, Graphs, torch.Tensor]:
    """The trained encoder in float64, its graphs, and one chat's r_s."""
    encoder = copy.deepcopy(director_recommender.assembly.model.encoder).double()
    graphs = director_recommender.assembly.graphs.to("cpu", torch.float64)
    preference = director_recommender.preferences([CONTEXTS[0]])[0]
    return director_recommender.explainer, encoder, graphs, preference


def _without_message(matrix: SparseMatrix, row: int, column: int) -> SparseMatrix:
    """The matrix with one coefficient set to nothing; degrees, hence all other coefficients, are held."""
    dense = matrix.matrix.to_dense().clone()
    assert dense[row, column] != 0
    dense[row, column] = 0
    return SparseMatrix(dense.to_sparse_csr(), dense.T.to_sparse_csr())


def _score_without(
    term: NumberedTerm, item: int, encoder: SemanticGraphEncoder, graphs: Graphs, preference: torch.Tensor
) -> float:
    """Score with the last message of one edge into the item blocked, N¹ of everything and r_s held.

    Only the product that ends in the item's row lacks the edge: longer ways through the item to others are not
    the item's own score.
    """
    with torch.no_grad():
        first = encoder.rgcn(graphs.facts, encoder.embeddings)
        entity = int(graphs.items[item])
        name = {"co_mention": "co_mention", "text": "text", "image": "image"}[term.graph]
        graph: SemanticGraph = getattr(graphs, name)
        full = graph.whole()
        index = {int(entity): position for position, entity in enumerate(graphs.items)}
        row, column = (entity, term.neighbour) if name == "co_mention" else (item, index[term.neighbour])
        blocked = _without_message(full, row, column)
        start = first if name == "co_mention" else first[graphs.items]
        # Layer l of the item's row: the blocked row applied to the unblocked layer l-1.
        layers = [start]
        for _ in range(encoder.layers):
            layers.append(full.matrix @ layers[-1])
        rows = [start[row]] + [(blocked @ layer)[row] for layer in layers[:-1]]
        masked_row = torch.stack(rows).mean(0)
        intact_row = propagate(graph, start, encoder.layers)[row]
        weight = {"co_mention": 0.5, "text": graphs.text_weight, "image": 1 - graphs.text_weight}[name]
        final = encoder.fuse(graphs, first)[entity]
        return float(preference @ (final + weight * (masked_row - intact_row)))


@pytest.mark.parametrize("item", [8, 9, 17])
def test_blocking_one_semantic_edge_lowers_the_score_by_its_term(
    held: tuple[Explainer, SemanticGraphEncoder, Graphs, torch.Tensor], item: int
) -> None:
    explainer, encoder, graphs, preference = held
    score = float(explainer.scores(preference[None])[0, item])
    terms = [term for term in explainer.terms(preference, item) if term.graph in ("co_mention", "text", "image")]
    assert terms
    for term in terms:
        blocked = _score_without(term, item, encoder, graphs, preference)
        assert score - blocked == pytest.approx(term.value, abs=1e-9 * max(1, abs(score)))


@pytest.mark.parametrize("item", [8, 9, 17])
def test_blocking_one_fact_with_the_gate_held_lowers_the_score_by_its_term(
    held: tuple[Explainer, SemanticGraphEncoder, Graphs, torch.Tensor], item: int
) -> None:
    explainer, encoder, graphs, preference = held
    entity = int(graphs.items[item])
    with torch.no_grad():
        before = encoder.rgcn.pre_activation(graphs.facts, encoder.embeddings)
        score = float(preference @ encoder.fuse(graphs, torch.relu(before))[entity])
        facts = [term for term in explainer.terms(preference, item) if term.graph == "facts"]
        assert facts
        for term in facts:
            relation = graphs.facts.relations.index((term.relation, term.inverse))
            slots = slice(sum(graphs.facts.sizes[:relation]), sum(graphs.facts.sizes[: relation + 1]))
            slot = slots.start + graphs.facts.entity[slots].tolist().index(entity)
            mean = _without_message(graphs.facts.mean, slot, term.neighbour)
            lacking = encoder.rgcn.pre_activation(replace(graphs.facts, mean=mean), encoder.embeddings)
            gated = torch.relu(before[entity]) + (before[entity] > 0) * (lacking - before)[entity]
            # Only what the item keeps of its own N¹ row changes: messages that others took from it are held.
            factor = 0.5 + (0.5 + graphs.text_weight + 1 - graphs.text_weight) / (encoder.layers + 1)
            blocked = score + factor * float(preference @ (gated - torch.relu(before[entity])))
            assert score - blocked == pytest.approx(term.value, abs=1e-9 * max(1, abs(score)))
