"""Whether the terms of an explanation are what its edges are worth: delete edges for real, rebuild, score again.

For the best item after each chat, three sets of its edges are deleted, one after the other:

    top       the edges of its strongest positive terms            comprehensiveness (DeYoung et al., ACL 2020)
    random    as many of its other edges of each kind              what any deletion does
    rest      every edge with a term but the top ones              sufficiency

Counts, degrees, normalisation and the chat's own reading are computed anew. Terms promise less: masking them lowers
the score by their sum while everything else is held. How far both differ is measured, not assumed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.bootstrap import Bootstrap, Estimate
from training.edited_snapshot import Edge, EditedSnapshot, edge_of
from training.errors import EvaluationError
from training.instances import Context, Instance, by_turn
from training.progress import Progress
from training.recommender import Explanation, Recommender

__all__ = ["DELETIONS", "Faithfulness", "measure_faithfulness", "others_of_same_kinds"]

DELETIONS = ("top", "random", "rest")
_FIGURES = ("drop", "told", "gap", "rank", "first")


@dataclass(frozen=True)
class Faithfulness:
    """What deletions did to the best items of n chats.

    figures: deletion → figure → mean with its interval over dialogues:
        drop   by how much the score fell          told   by how much the terms said that it would
        gap    |drop - told|                       rank   by how many places the item fell
        first  share of the items that stayed first
    edges: mean number of edges deleted, by deletion. score: mean score before.
    """

    recommender: str
    chats: int
    top: int
    score: float
    edges: dict[str, float]
    figures: dict[str, dict[str, Estimate]]

    def as_json(self) -> dict[str, Any]:
        """Every figure."""
        return asdict(self)


def measure_faithfulness(
    recommender: Recommender,
    instances: Sequence[Instance],
    *,
    chats: int = 100,
    top: int = 3,
    seed: int = 0,
    resamples: int = 2_000,
    progress: Progress | None = None,
) -> Faithfulness:
    """Delete edges of the best item after `chats` of the turns that `instances` are of, drawn by `seed`.

    instances: of dialogues that no count knows: those of a training dialogue would rest on the dialogue itself.

    top: how many edges count as the strongest. The best item is taken among those that the chat does not mention.

    Raises EvaluationError where no chat leads to an item over an edge.
    """
    progress = progress or Progress()
    snapshot = EditedSnapshot.of(recommender.snapshot)
    recommender = recommender.on_snapshot(snapshot)
    generator = np.random.default_rng(seed)
    turns = [of_turn[0] for of_turn in by_turn(instances)]
    progress.phase("delete and score again", min(chats, len(turns)))
    found: list[dict[str, dict[str, float]]] = []
    dialogues, scores = [], []
    for at in generator.permutation(len(turns)).tolist():
        if len(found) == chats:
            break
        context = turns[at].context
        best = recommender.recommend(context, 1, exclude=context.mentions)
        if not best:
            continue
        explanation = recommender.explain(context, best[0].uri)
        values = _values_by_edge(explanation)
        deletions = _deletions(explanation.item, values, snapshot, top, generator)
        if deletions is None:
            continue
        done = {}
        for name, edges in deletions.items():
            told = sum(values.get(edge, 0.0) for edge in edges)
            after = recommender.on_snapshot(snapshot.without(edges)) if edges else recommender
            done[name] = _effect(after, context, explanation, told) | {"edges": len(edges)}
        found.append(done)
        dialogues.append(turns[at].dialogue_id)
        scores.append(explanation.score)
        progress.advance(1)
    if not found:
        raise EvaluationError("No chat leads to its best item over an edge of the graph, so there is none to delete.")
    draws = Bootstrap(np.unique(dialogues, return_inverse=True)[1], resamples, seed)
    return Faithfulness(
        recommender.name,
        len(found),
        top,
        float(np.mean(scores)),
        {name: float(np.mean([one[name]["edges"] for one in found])) for name in DELETIONS},
        {
            name: {figure: draws.estimate(np.array([one[name][figure] for one in found])) for figure in _FIGURES}
            for name in DELETIONS
        },
    )


def _deletions(
    item: str, values: Mapping[Edge, float], snapshot: EditedSnapshot, top: int, generator: np.random.Generator
) -> dict[str, list[Edge]] | None:
    """The edges to delete; None where no term with a path speaks for the item."""
    helping = sorted((edge for edge in values if values[edge] > 0), key=lambda edge: (-values[edge], edge))
    if not helping:
        return None
    strongest = helping[:top]
    return {
        "top": strongest,
        "random": others_of_same_kinds(item, strongest, snapshot, generator),
        "rest": [edge for edge in values if edge not in strongest],
    }


def others_of_same_kinds(
    item: str, strongest: Sequence[Edge], snapshot: EditedSnapshot, generator: np.random.Generator
) -> list[Edge]:
    """As many other edges of the item of each kind, or all where there are fewer; facts are one kind."""
    facts = [name for name, told in snapshot.manifest["relations"].items() if told["kind"] == "fact"]
    drawn = []
    for kind, count in Counter("" if one[1] in facts else one[1] for one in strongest).items():
        others = [edge for edge in snapshot.edges_of(item, [kind] if kind else facts) if edge not in strongest]
        drawn += [others[at] for at in generator.permutation(len(others))[:count].tolist()]
    return drawn


def _values_by_edge(explanation: Explanation) -> dict[Edge, float]:
    """Edge that ends in the item → sum of the terms whose paths take it."""
    values: defaultdict[Edge, float] = defaultdict(float)
    for term in explanation.terms:
        if term.path and term.path[-1][1] != "SELF":
            values[edge_of(term.path[-1])] += term.value
    return dict(values)


def _effect(after: Recommender, context: Context, explanation: Explanation, told: float) -> dict[str, float]:
    """What a deletion did to the item. after: the recommender without the edges."""
    ranked = after.recommend(context, len(after.item_index), exclude=context.mentions)
    rank = next(place for place, found in enumerate(ranked) if found.uri == explanation.item)
    drop = explanation.score - ranked[rank].score
    return {"drop": drop, "told": told, "gap": abs(drop - told), "rank": float(rank), "first": float(rank == 0)}
