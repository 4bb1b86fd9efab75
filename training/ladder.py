"""The two untrained systems that every model is compared with.

Both are counts over the training dialogues of a snapshot, and both see at evaluation only what a model sees.
A model that does not beat the second has learned less than "what was just named, else what goes with it".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from graphstore.snapshot import Snapshot
from training.instances import Context
from training.metrics import Floats
from training.ranking import System
from training.recommender import Recommender

__all__ = ["LAST_MENTIONED", "POPULARITY", "LastMentionedCoMention", "Popularity", "ladder"]

POPULARITY = "popularity"
LAST_MENTIONED = "last mentioned + co-mention"

SMOOTHING = 3  # of co(e, i) / (n_e + 3): what went along once with a rarely named entity counts less
POPULARITY_WEIGHT = 1e-4  # small enough to decide only where co-mention is all but equal


class Popularity:
    """Scores an item by the number of training dialogues that mention it, whatever the context."""

    name = POPULARITY

    def __init__(self, snapshot: Snapshot) -> None:
        mentioning = _dialogues_mentioning(_mentioned_sets(snapshot))
        self._counts = np.array([mentioning[item["uri"]] for item in snapshot.items], dtype=np.float64)

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[n, items], the same row n times."""
        return np.tile(self._counts, (len(contexts), 1))


class LastMentionedCoMention:
    """Items of the context, newest first; then the others by Σ_e co(e, i) / (n_e + 3) + 1e-4 · popularity(i).

    e runs over the context's distinct entities, n_e is the number of training dialogues that mention e, and
    co(e, i) of those that mention both. Popularity is a small term of the sum, not a third key: that is the
    reading that gives the ladder's published figures to the third decimal.
    """

    name = LAST_MENTIONED

    def __init__(self, snapshot: Snapshot) -> None:
        mentioned = _mentioned_sets(snapshot)
        mentioning = _dialogues_mentioning(mentioned)
        self._position = {item["uri"]: position for position, item in enumerate(snapshot.items)}
        popularity = np.array([mentioning[uri] for uri in self._position], dtype=np.float64)
        self._popularity = POPULARITY_WEIGHT * popularity
        self._companions = {
            uri: (np.array(list(co)), np.array(list(co.values())) / (mentioning[uri] + SMOOTHING))
            for uri, co in _co_mentions(mentioned, self._position).items()
            if co
        }

    def scores(self, contexts: Sequence[Context]) -> Floats:
        """[n, items]."""
        return np.stack([self._score(context) for context in contexts])

    def _score(self, context: Context) -> Floats:
        score = self._popularity.copy()
        for uri in dict.fromkeys(context.mentions):
            if uri in self._companions:
                companions, shares = self._companions[uri]
                score[companions] += shares
        # equal sums must tie whatever the order that they were added in
        score = np.round(score, 9)
        step = score.max(initial=0.0) + 1.0  # above every sum: one mention later outweighs all of them
        last_mention = {uri: place for place, uri in enumerate(context.mentions, start=1)}
        for uri, place in last_mention.items():
            if uri in self._position:
                score[self._position[uri]] += step * place
        return score


def ladder(recommender: Recommender) -> list[System]:
    """What a run is evaluated beside, lowest rung first and itself on top; below it its parts, where it is a sum."""
    snapshot = recommender.snapshot
    return [Popularity(snapshot), LastMentionedCoMention(snapshot), *recommender.parts, recommender]


def _mentioned_sets(snapshot: Snapshot) -> list[set[str]]:
    """What each training dialogue mentions."""
    return [{uri for turn in dialogue.turns for uri in turn.mentions} for dialogue in snapshot.dialogues("train")]


def _dialogues_mentioning(mentioned: list[set[str]]) -> Counter[str]:
    return Counter(uri for uris in mentioned for uri in uris)


def _co_mentions(mentioned: list[set[str]], position: Mapping[str, int]) -> dict[str, Counter[int]]:
    """Entity → item position → training dialogues that mention both."""
    together: dict[str, Counter[int]] = defaultdict(Counter)
    for uris in mentioned:
        items = [position[uri] for uri in uris if uri in position]
        for uri in uris:
            together[uri].update(items)
    return together
