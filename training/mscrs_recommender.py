"""A trained run of MSCRS, ready to score chats and to say why.

scores(contexts)            every item's logit (Eq. 23 before its softmax)
explain(context, item)      its terms, one per edge; see `training.explain`
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphstore.snapshot import Snapshot
from training.assembly import Assembly, assemble
from training.errors import RunError
from training.explain import GRAPHS, Explainer, NumberedTerm
from training.graphs import CoMentions, build_graphs
from training.instances import Context
from training.recipe import Recipe
from training.recommender import Explanation, Recommender, Silence, Term
from training.runs import RunFolder

__all__ = ["MSCRSRecommender", "mscrs_in"]

Floats = npt.NDArray[np.float64]

EDGE_TYPES = {"co_mention": "CO_MENTIONED", "text": "TEXT_SIMILAR", "image": "IMAGE_SIMILAR", "own": "SELF"}


class MSCRSRecommender(Recommender):
    """MSCRS's scores: float64 logits, each the sum of one term per edge.

    keep: what is scored is a data set, whose encodings are kept for the next time.
    folder: the run that it was loaded from, if it was.
    """

    name = "mscrs"
    recipe: Recipe

    def __init__(
        self,
        snapshot: Snapshot,
        recipe: Recipe,
        assembly: Assembly,
        folder: RunFolder | None = None,
        *,
        keep: bool = False,
    ) -> None:
        super().__init__(snapshot)
        self._keep = keep
        self.recipe = recipe
        self.assembly = assembly
        self.folder = folder
        self._last: tuple[Context, Tensor] | None = None  # a chat asks for scores and for reasons of one context

    @classmethod
    def of_run(cls, folder: RunFolder, recipe: Recipe, cache: Path, device: str) -> MSCRSRecommender:
        """Load the run's weights. Raises RunError when they do not fit its recipe and snapshot."""
        weights = folder.load_model()
        snapshot = folder.snapshot()
        assembly = assemble(snapshot, recipe, cache, device, folder.held_out())
        try:
            assembly.model.load_state_dict(weights)
        except RuntimeError as error:
            raise RunError(
                f"The weights in {folder.path} do not fit its recipe and snapshot: they are another run's. Put its own "
                "back, or train anew elsewhere."
            ) from error
        return cls(snapshot, recipe, assembly, folder)

    def on_snapshot(self, snapshot: Snapshot) -> MSCRSRecommender:
        """The same weights; the four graphs are those of `snapshot`."""
        co_mentions = CoMentions.of(snapshot, self.recipe, self.assembly.held_out)
        graphs = build_graphs(snapshot, self.recipe, co_mentions).to(self.assembly.device)
        assembly = replace(self.assembly, snapshot=snapshot, graphs=graphs, co_mentions=co_mentions)
        return MSCRSRecommender(snapshot, self.recipe, assembly, self.folder)

    @property
    def language_model(self) -> str:
        """The model that reads the chat."""
        return self.recipe.language_model

    def warm_up(self) -> None:
        """Compute the graph part now and not in the first answer."""
        _ = self.explainer

    @cached_property
    def explainer(self) -> Explainer:
        """The graph part in float64, computed once."""
        encoder = copy.deepcopy(self.assembly.model.encoder).double().requires_grad_(False)
        return Explainer(encoder, self.assembly.graphs.to(self.assembly.device, torch.float64))

    def preferences(self, contexts: Sequence[Context]) -> Tensor:
        """r_s of each context (Eq. 20), [n, d] float64."""
        read = self.assembly.reader.read(contexts, keep=self._keep)
        batch = read.batch(range(len(read))).to(self.assembly.device)
        with torch.inference_mode():
            preference: Tensor = self.assembly.model(self._final, batch)[0]
        return preference.double()

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """Logits, [contexts, items], in the snapshot's item order."""
        scores: Floats = self.explainer.scores(self.preferences(contexts)).cpu().numpy()
        return scores

    def _explanations(self, context: Context, items: Sequence[str]) -> list[Explanation]:
        preference = self._preference(context)
        scores, values = self.explainer.scores(preference[None])[0], self.explainer.values(preference)
        explanations = []
        for uri in items:
            index = self.item_index[uri]
            terms = [self._term(uri, term) for term in self.explainer.terms_of(values, index)]
            explanations.append(Explanation.of(uri, float(scores[index]), terms))
        return explanations

    def _scores(self, context: Context) -> Floats:
        scores: Floats = self.explainer.scores(self._preference(context)[None])[0].cpu().numpy()
        return scores

    def _silenced(self, context: Context, silenced: Collection[Silence]) -> Floats:
        every = self.explainer.all_terms
        hidden = np.zeros(len(every.item), bool)
        for one in silenced:
            # What is unknown hides nothing: -1 is the number of no graph and of no source.
            graph = GRAPHS.index(one.graph) if one.graph in GRAPHS else -1
            source = self.snapshot.entity_id.get(one.source, -1)
            of_graph = every.graph == graph if one.graph else np.ones(len(hidden), bool)
            own = every.neighbour == self.snapshot.item_ids[every.item]
            hidden |= of_graph & (every.neighbour == source) & ~own if one.source else of_graph
        lost = self.explainer.values(self._preference(context))[hidden]
        sums = np.zeros(len(self.snapshot.items))
        np.add.at(sums, every.item[hidden], lost)
        return sums

    def _preference(self, context: Context) -> Tensor:
        last = self._last  # one read: another thread may replace it
        if last is None or last[0] != context:
            self._last = last = (context, self.preferences([context])[0])
        return last[1]

    @cached_property
    def _final(self) -> Tensor:
        return self.assembly.final(self.assembly.model.encoder)

    def _term(self, item: str, term: NumberedTerm) -> Term:
        other = self.snapshot.uris[term.neighbour]
        kind = term.relation or EDGE_TYPES[term.graph]
        # Facts point as their predicate does; a co-mention is stored from the smaller URI to the larger.
        outwards = term.inverse or term.graph in ("text", "image") or (term.graph == "co_mention" and item < other)
        step = (item, kind, other) if outwards else (other, kind, item)
        return Term(term.graph, (step,), term.value, other)


def mscrs_in(recommender: Recommender) -> MSCRSRecommender | None:
    """The recommender itself or its part, where one is MSCRS's."""
    return next((one for one in (recommender, *recommender.parts) if isinstance(one, MSCRSRecommender)), None)
