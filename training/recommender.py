"""What every trained run does: score chats, recommend, and say why.

Recommender.load(run) ─┬─ scores(contexts)            every item's score, a System of the evaluation
                       ├─ recommend(context, k)       the best of them
                       └─ explain(context, item)      its terms, which add up to the score
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from training.instances import Context
from training.recipe import AnyRecipe, EvidenceRecipe, SumRecipe
from training.runs import RunFolder

__all__ = ["Explanation", "Recommendation", "Recommender", "Silence", "Step", "Term"]

Floats = npt.NDArray[np.float64]

Step = tuple[str, str, str]
"""(node, relationship type, node), in the direction in which the relationship stands in the graph."""


@dataclass(frozen=True)
class Recommendation:
    """An item and its score."""

    uri: str
    score: float


@dataclass(frozen=True)
class Term:
    """A part of a score that one edge, or one path, is responsible for.

    graph: the graph or the kind of evidence that it belongs to.
    path: the relationships between `source` and the item; a turn of a dialogue is `DIALOGUE#INDEX`. Empty where the
        evidence is the item's own; for `own`, one step from the item to itself, SELF.
    source: the other end of the path: a URI, a turn, or the item itself.
    words: words of the chat that are the reason; else empty.
    """

    graph: str
    path: tuple[Step, ...]
    value: float
    source: str
    words: str = ""


@dataclass(frozen=True)
class Silence:
    """Terms that are not to count: those of one graph, those from one source, or those of both where both are given.

    What leads from an item is silenced by its source; its own terms, whose source it is as well, are not.
    """

    graph: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not (self.graph or self.source):
            raise ValueError("A silence needs a graph or a source.")

    def hides(self, term: Term, item: str) -> bool:
        """Whether a term of `item` is meant."""
        return self.graph in ("", term.graph) and (not self.source or self.source == term.source != item)


@dataclass(frozen=True)
class Explanation:
    """An item's score and its terms, strongest first; they add up to the score."""

    item: str
    score: float
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, item: str, score: float, terms: Sequence[Term]) -> Explanation:
        """With the terms in any order."""
        return cls(item, score, tuple(sorted(terms, key=lambda term: -abs(term.value))))


class Recommender(ABC):
    """A trained run over the catalogue of its snapshot. Scores are float64."""

    name: str
    recipe: AnyRecipe

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.item_index = {item["uri"]: index for index, item in enumerate(snapshot.items)}

    @staticmethod
    def load(run: Path, cache: Path, device: str = "auto") -> Recommender:
        """Load a finished run; `cache` is the cache folder of the settings.

        Raises:
            RunError: there is no finished run, or its weights do not fit its snapshot.
            SnapshotError, PretrainedError: what it needs cannot be read or had.
        """
        # Each of them imports this module.
        from training.evidence.ranker import EvidenceRecommender
        from training.mscrs_recommender import MSCRSRecommender
        from training.sum_recommender import SumRecommender

        folder = RunFolder.open(run)
        recipe = folder.recipe
        if isinstance(recipe, EvidenceRecipe):
            return EvidenceRecommender.of_run(folder, recipe, cache)
        if isinstance(recipe, SumRecipe):
            return SumRecommender.of_run(folder, recipe, cache, device)
        return MSCRSRecommender.of_run(folder, recipe, cache, device)

    @property
    def parts(self) -> tuple[Recommender, ...]:
        """The recommenders whose scores this one adds up, where there are any."""
        return ()

    @property
    @abstractmethod
    def language_model(self) -> str | None:
        """The language model that reads the chat, or None."""

    @abstractmethod
    def on_snapshot(self, snapshot: Snapshot) -> Recommender:
        """The same weights over another snapshot of the same entities and items, such as one without some edges."""

    @abstractmethod
    def warm_up(self) -> None:
        """Do now what the first answer would have to wait for."""

    @abstractmethod
    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[contexts, items], in the snapshot's item order."""

    def recommend(
        self, context: Context, k: int = 10, exclude: Collection[str] = (), silenced: Collection[Silence] = ()
    ) -> list[Recommendation]:
        """The k best items, best first, without those in `exclude` (URIs) and with `silenced` terms taken away."""
        found = self._scores(context)
        if silenced:
            found = found - self._silenced(context, silenced)
        scores = found.tolist()
        kept = [index for uri, index in self.item_index.items() if uri not in exclude]
        best = sorted(kept, key=lambda index: (-scores[index], index))[:k]
        return [Recommendation(self.snapshot.items[index]["uri"], float(scores[index])) for index in best]

    def explain(self, context: Context, item: str, silenced: Collection[Silence] = ()) -> Explanation:
        """Why `item` has its score after `context`; see `explain_all`."""
        return self.explain_all(context, [item], silenced)[0]

    def explain_all(
        self, context: Context, items: Sequence[str], silenced: Collection[Silence] = ()
    ) -> list[Explanation]:
        """Why each of `items` has its score; `silenced` terms are gone, and the score is lowered by their sum.

        Raises KeyError for a URI that is no item.
        """
        explanations = self._explanations(context, items)
        if not silenced:
            return explanations
        heard = []
        for one in explanations:
            terms = [term for term in one.terms if not any(each.hides(term, one.item) for each in silenced)]
            lost = sum(term.value for term in one.terms) - sum(term.value for term in terms)
            heard.append(Explanation(one.item, one.score - lost, tuple(terms)))
        return heard

    @abstractmethod
    def _explanations(self, context: Context, items: Sequence[str]) -> list[Explanation]:
        """Of `explain_all`, with every term."""

    @abstractmethod
    def _scores(self, context: Context) -> Floats:
        """[items]; the context is likely the one of the last call."""

    @abstractmethod
    def _silenced(self, context: Context, silenced: Collection[Silence]) -> Floats:
        """[items], the sum of each one's silenced terms."""
