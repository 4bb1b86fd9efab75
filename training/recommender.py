"""A trained run, ready to score chats and to say why.

Recommender.load(run) ─┬─ scores(contexts)            every item's logit (Eq. 23 before its softmax)
                       ├─ recommend(context, k)       the best of them
                       └─ explain(context, item)      its terms, one per edge; see `training.explain`
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphstore.snapshot import Snapshot
from training.assembly import Assembly, assemble
from training.errors import RunError
from training.explain import Explainer, NumberedTerm, TermGraph
from training.instances import Context
from training.recipe import Recipe
from training.runs import RunFolder

__all__ = ["Explanation", "Recommendation", "Recommender", "Term"]

EDGE_TYPES = {"co_mention": "CO_MENTIONED", "text": "TEXT_SIMILAR", "image": "IMAGE_SIMILAR", "own": "SELF"}


@dataclass(frozen=True)
class Recommendation:
    """An item and its logit."""

    uri: str
    score: float


@dataclass(frozen=True)
class Term:
    """A part of a score that one edge is responsible for.

    path: (URI, relationship type, URI), in the direction in which the edge stands in the graph; for `own`, the
        item, SELF, and the item.
    """

    graph: TermGraph
    path: tuple[str, str, str]
    value: float

    def neighbour(self, item: str) -> str:
        """The end of the path that is not `item`; `item` itself for its own term."""
        return self.path[0] if self.path[2] == item else self.path[2]


@dataclass(frozen=True)
class Explanation:
    """An item's score and its terms, strongest first; they add up to the score."""

    item: str
    score: float
    terms: tuple[Term, ...]


class Recommender:
    """A System of the evaluation, and what the app asks. Scores are float64 logits."""

    name = "mscrs"

    def __init__(self, snapshot: Snapshot, recipe: Recipe, assembly: Assembly) -> None:
        self.snapshot = snapshot
        self.recipe = recipe
        self.assembly = assembly
        self._item_index = {item["uri"]: index for index, item in enumerate(snapshot.items)}
        self._last: tuple[Context, Tensor] | None = None  # a chat asks for scores and for reasons of one context

    @classmethod
    def load(cls, run: Path, cache: Path, device: str = "auto") -> Recommender:
        """Load a finished run; `cache` is the cache folder of the settings.

        Raises:
            RunError: there is no finished run, or its weights do not fit its snapshot.
            SnapshotError, PretrainedError: what it needs cannot be read or had.
        """
        folder = RunFolder.open(run)
        weights = folder.load_model()
        snapshot = folder.snapshot()
        assembly = assemble(snapshot, folder.recipe, cache, device)
        try:
            assembly.model.load_state_dict(weights)
        except RuntimeError as error:
            raise RunError(f"The weights in {run} do not fit its recipe and snapshot: {error}") from error
        return cls(snapshot, folder.recipe, assembly)

    @cached_property
    def explainer(self) -> Explainer:
        """The graph part in float64, computed once."""
        encoder = copy.deepcopy(self.assembly.model.encoder).double().requires_grad_(False)
        return Explainer(encoder, self.assembly.graphs.to(self.assembly.device, torch.float64))

    def preferences(self, contexts: Sequence[Context]) -> Tensor:
        """r_s of each context (Eq. 20), [n, d] float64."""
        read = self.assembly.reader.read(contexts)
        batch = read.batch(range(len(read))).to(self.assembly.device)
        with torch.inference_mode():
            preference: Tensor = self.assembly.model(self._final, batch)[0]
        return preference.double()

    def scores(self, contexts: Sequence[Context]) -> npt.NDArray[np.float64]:
        """Logits, [contexts, items], in the snapshot's item order."""
        scores: npt.NDArray[np.float64] = self.explainer.scores(self.preferences(contexts)).cpu().numpy()
        return scores

    def recommend(self, context: Context, k: int = 10, exclude: Collection[str] = ()) -> list[Recommendation]:
        """The k best items, best first, without those in `exclude` (URIs)."""
        scores = self.explainer.scores(self._preference(context)[None])[0].tolist()
        kept = [index for uri, index in self._item_index.items() if uri not in exclude]
        best = sorted(kept, key=lambda index: (-scores[index], index))[:k]
        return [Recommendation(self.snapshot.items[index]["uri"], float(scores[index])) for index in best]

    def explain(self, context: Context, item: str) -> Explanation:
        """Why `item` has its score after `context`. Raises KeyError for a URI that is no item."""
        return self.explain_all(context, [item])[0]

    def explain_all(self, context: Context, items: Sequence[str]) -> list[Explanation]:
        """The same for several items, reading the context once."""
        preference = self._preference(context)
        scores = self.explainer.scores(preference[None])[0]
        explanations = []
        for uri in items:
            index = self._item_index[uri]
            numbered = self.explainer.terms(preference, index)
            terms = sorted((self._term(uri, term) for term in numbered), key=lambda term: -abs(term.value))
            explanations.append(Explanation(uri, float(scores[index]), tuple(terms)))
        return explanations

    def _preference(self, context: Context) -> Tensor:
        last = self._last  # one read: another thread may replace it
        if last is None or last[0] != context:
            self._last = last = (context, self.preferences([context])[0])
        return last[1]

    @cached_property
    def _final(self) -> Tensor:
        with torch.inference_mode():
            final: Tensor = self.assembly.model.encoder(self.assembly.graphs)[1]
        return final

    def _term(self, item: str, term: NumberedTerm) -> Term:
        other = self.snapshot.uris[term.neighbour]
        kind = term.relation or EDGE_TYPES[term.graph]
        # Facts point as their predicate does; a co-mention is stored from the smaller URI to the larger.
        outwards = term.inverse or term.graph in ("text", "image") or (term.graph == "co_mention" and item < other)
        return Term(term.graph, (item, kind, other) if outwards else (other, kind, item), term.value)
