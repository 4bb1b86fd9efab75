"""A trained run of the additive ranker: scores, recommendations, and reasons that are paths in the graph."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from graphstore.snapshot import Snapshot
from training.errors import RunError
from training.evidence.chat_vectors import ChatEncoder, ChatVectors
from training.evidence.definitions import FEATURES, Evidence, Kind, Parts
from training.evidence.snapshot_reader import SnapshotReader
from training.evidence.words import Catalogue
from training.instances import Context
from training.models.additive import Curves
from training.recipe import EvidenceRecipe
from training.recommender import Explanation, Recommender, Silence, Term
from training.runs import RunFolder

__all__ = ["EvidenceReader", "EvidenceRecommender", "chat_encoder"]

Floats = npt.NDArray[np.float64]


class EvidenceReader(Protocol):
    """Finds the evidence of a chat, in a snapshot or in the live graph. catalogue: the run's items and their words."""

    catalogue: Catalogue

    def read(self, context: Context, vectors: ChatVectors) -> Evidence:
        """The evidence for every item of the run's catalogue."""

    def moment(self) -> object:
        """What is another one after what is read has changed."""


class EvidenceRecommender(Recommender):
    """score(c, i) = Σ_j f_j(x_j(c, i)).

    curves: the f_j, in the order of `FEATURES`. reader: looks the evidence up; the snapshot's, if none.
    """

    name = "evidence"
    recipe: EvidenceRecipe

    def __init__(
        self,
        snapshot: Snapshot,
        recipe: EvidenceRecipe,
        curves: Curves,
        encoder: ChatEncoder,
        reader: EvidenceReader | None = None,
    ) -> None:
        super().__init__(snapshot)
        self.recipe, self.curves, self.encoder = recipe, curves, encoder
        self.reader: EvidenceReader = reader or SnapshotReader(snapshot)
        self.live: tuple[object, EvidenceRecommender] | None = None  # a graph and the recommender on it, see `on_graph`
        self._last: _Read | None = None

    @classmethod
    def of_run(cls, folder: RunFolder, recipe: EvidenceRecipe, cache: Path) -> EvidenceRecommender:
        """Load the run's curves. Raises RunError when they are not those of today's features."""
        weights = folder.load_model()
        snapshot = folder.snapshot()
        names = [feature.name for feature in FEATURES]
        if set(weights) != set(names):
            raise RunError(
                f"The curves in {folder.path} are not those of this program's evidence: train the run again."
            )
        knots, values = np.stack([weights[name].double().numpy() for name in names], axis=1)
        return cls(snapshot, recipe, Curves(knots, values), chat_encoder(snapshot, cache))

    def reading(self, reader: EvidenceReader) -> EvidenceRecommender:
        """The same run with another reader."""
        return EvidenceRecommender(self.snapshot, self.recipe, self.curves, self.encoder, reader)

    def on_snapshot(self, snapshot: Snapshot) -> EvidenceRecommender:
        """The same curves; evidence is looked up in `snapshot`."""
        return EvidenceRecommender(snapshot, self.recipe, self.curves, self.encoder)

    @property
    def language_model(self) -> None:
        """None: no language model reads the chat."""
        return None

    def warm_up(self) -> None:
        """Load the encoder; a chat reads its evidence in the graph, so that nothing of the snapshot is needed."""
        self.encoder.encode(Context(()))

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[contexts, items], in the snapshot's item order."""
        vectors = self.encoder.encode_all(contexts)
        tables = [self.reader.read(*pair).table() for pair in zip(contexts, vectors, strict=True)]
        return np.stack([self.curves(table).sum(axis=1) for table in tables])

    def _explanations(self, context: Context, items: Sequence[str]) -> list[Explanation]:
        read = self._read(context)
        explanations = []
        for uri in items:
            index = self.item_index[uri]
            terms = [
                Term(kind, origin.steps, value, origin.source or uri, origin.words)
                for kind, origin, value in read.evidence.split(index, read.worth)
                if value
            ]
            explanations.append(Explanation.of(uri, float(read.scores[index]), terms))
        return explanations

    def _scores(self, context: Context) -> Floats:
        return self._read(context).scores

    def _silenced(self, context: Context, silenced: Collection[Silence]) -> Floats:
        read = self._read(context)
        lost = np.zeros(len(self.snapshot.items))
        for kind, parts in read.evidence.parts.items():
            meant = [one for one in silenced if one.graph in ("", kind)]
            if not meant:
                continue
            hidden = np.array([self._hidden(meant, kind, parts, row) for row in range(len(parts.items))], bool)
            lost += np.bincount(parts.items[hidden], read.worth[kind][hidden], len(lost))
        return lost

    def _hidden(self, silenced: Collection[Silence], kind: Kind, parts: Parts, row: int) -> bool:
        uri, origin = self.snapshot.items[parts.items[row]]["uri"], parts.origin(row)
        term = Term(kind, (), 0.0, origin.source or uri)
        return any(one.hides(term, uri) for one in silenced)

    def _read(self, context: Context) -> _Read:
        """What was found for the chat; the last one's is kept, since its reasons are asked for next."""
        last, moment = self._last, self.reader.moment()
        if last is None or last.context != context or last.moment != moment:
            evidence = self.reader.read(context, self.encoder.encode(context))
            self._last = last = _Read(context, moment, evidence, self.curves(evidence.table()))
        return last


@dataclass(frozen=True, eq=False)
class _Read:
    """A chat's evidence, and the curves' values f_j(x_j), [items, F]."""

    context: Context
    moment: object
    evidence: Evidence
    values: Floats

    @cached_property
    def scores(self) -> Floats:
        """[items]."""
        scores: Floats = self.values.sum(axis=1)
        return scores

    @cached_property
    def worth(self) -> dict[Kind, Floats]:
        """The values by part."""
        return self.evidence.worth(self.values)


def chat_encoder(snapshot: Snapshot, cache: Path) -> ChatEncoder:
    """The encoder that made the snapshot's text vectors."""
    return ChatEncoder(snapshot.manifest["encoders"].get("text"), cache)
