"""Both scorers in one: score = a · evidence + b · MSCRS's logit, still a sum of one term per path.

A co-mention that both of them use gives one term: what it is worth in the evidence's curves and in MSCRS's product
together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from training.errors import RunError
from training.evidence.ranker import EvidenceRecommender
from training.instances import Context
from training.mscrs_recommender import MSCRSRecommender
from training.recipe import SumRecipe
from training.recommender import Explanation, Recommender, Silence, Term
from training.runs import RunFolder

__all__ = ["SumRecommender", "Weights"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """What one unit of each scorer counts for; neither is below 0."""

    evidence: float
    mscrs: float


class SumRecommender(Recommender):
    """The sum of two finished runs over one snapshot."""

    name = "evidence+mscrs"
    recipe: SumRecipe

    def __init__(
        self, recipe: SumRecipe, evidence: EvidenceRecommender, mscrs: MSCRSRecommender, weights: Weights
    ) -> None:
        super().__init__(evidence.snapshot)
        self.recipe, self.weights = recipe, weights
        self.evidence, self.mscrs = evidence, mscrs

    @classmethod
    def of_run(cls, folder: RunFolder, recipe: SumRecipe, cache: Path, device: str) -> SumRecommender:
        """Load both parts and their weights. Raises RunError when one is missing or does not fit."""
        weights = folder.load_model()
        if weights.keys() != {"evidence", "mscrs"}:
            raise RunError(f"The weights in {folder.path} are no two numbers: train the run again.")
        evidence = EvidenceRecommender.of_run(folder.part("evidence"), recipe.evidence, cache)
        mscrs = MSCRSRecommender.of_run(folder.part("mscrs"), recipe.mscrs, cache, device)
        return cls(recipe, evidence, mscrs, Weights(**{name: float(one) for name, one in weights.items()}))

    def with_evidence(self, evidence: EvidenceRecommender) -> SumRecommender:
        """The same sum with its evidence looked up elsewhere."""
        return SumRecommender(self.recipe, evidence, self.mscrs, self.weights)

    def on_snapshot(self, snapshot: Snapshot) -> SumRecommender:
        """Both parts over `snapshot`."""
        evidence, mscrs = self.evidence.on_snapshot(snapshot), self.mscrs.on_snapshot(snapshot)
        return SumRecommender(self.recipe, evidence, mscrs, self.weights)

    @property
    def parts(self) -> tuple[Recommender, ...]:
        """Both scorers."""
        return self.evidence, self.mscrs

    @property
    def language_model(self) -> str:
        """The one of MSCRS."""
        return self.mscrs.language_model

    def warm_up(self) -> None:
        """Both parts."""
        self.evidence.warm_up()
        self.mscrs.warm_up()

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[contexts, items], in the snapshot's item order."""
        return self._sum(self.evidence.scores(contexts), self.mscrs.scores(contexts))

    def _explanations(self, context: Context, items: Sequence[str]) -> list[Explanation]:
        both = (self.evidence.explain_all(context, items), self.mscrs.explain_all(context, items))
        return [self._joined(*pair) for pair in zip(*both, strict=True)]

    def _joined(self, evidence: Explanation, mscrs: Explanation) -> Explanation:
        terms: dict[Term, float] = {}
        for weight, explanation in ((self.weights.evidence, evidence), (self.weights.mscrs, mscrs)):
            for term in explanation.terms:
                path = replace(term, value=0.0)
                terms[path] = terms.get(path, 0.0) + weight * term.value
        score = self.weights.evidence * evidence.score + self.weights.mscrs * mscrs.score
        return Explanation.of(
            evidence.item, score, [replace(path, value=value) for path, value in terms.items() if value]
        )

    def _scores(self, context: Context) -> Floats:
        return self._sum(self.evidence._scores(context), self.mscrs._scores(context))

    def _silenced(self, context: Context, silenced: Collection[Silence]) -> Floats:
        return self._sum(self.evidence._silenced(context, silenced), self.mscrs._silenced(context, silenced))

    def _sum(self, evidence: Floats, mscrs: Floats) -> Floats:
        total: Floats = self.weights.evidence * evidence + self.weights.mscrs * mscrs
        return total
