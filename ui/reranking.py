"""A ranking beside the one that there would be without some terms. Knows neither Streamlit nor Neo4j."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from training.recommender import Recommender, Silence
from ui.chat_session import Situation

__all__ = ["Place", "Reranking", "rerank"]


@dataclass(frozen=True)
class Place:
    """An item with its score in one ranking and its rank, from 1, in both."""

    uri: str
    score: float
    rank: int
    rank_in_other: int

    @property
    def moved(self) -> int:
        """By how many places it stands higher here than in the other ranking; below 0 where it stands lower."""
        return self.rank_in_other - self.rank


@dataclass(frozen=True)
class Reranking:
    """The best items before and after something was silenced."""

    before: tuple[Place, ...]
    after: tuple[Place, ...]


def rerank(recommender: Recommender, situation: Situation, also: Collection[Silence], count: int = 10) -> Reranking:
    """Rank what the last answer chose from, as it was and with `also` silenced."""
    whole = len(recommender.item_index)
    silences = (situation.silenced, (*situation.silenced, *also))
    rankings = [recommender.recommend(situation.context, whole, situation.excluded, each) for each in silences]
    ranks = [{found.uri: rank for rank, found in enumerate(ranking, start=1)} for ranking in rankings]
    before, after = (
        tuple(Place(found.uri, found.score, here[found.uri], there[found.uri]) for found in ranking[:count])
        for ranking, here, there in zip(rankings, ranks, reversed(ranks), strict=True)
    )
    return Reranking(before, after)
