"""What counts as evidence for an item after a chat, defined once for both readers.

A reader finds *parts*: one for each path that leads from the chat to an item, with its amounts. A *feature* adds up
one amount of one kind of part, or takes the largest; the ranker's score is a sum of curves over features
(`training.models.additive`). So a score splits exactly: a curve's value belongs to the parts that the feature was
made of, in proportion to their amounts.

    chat ── reader ──► Evidence: kind → Parts ── features ──► [items, F] ── curves ──► score
                                    └────────────── shares of f_j(x_j) ──► one value per path
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["FEATURES", "KINDS", "Evidence", "Feature", "Kind", "Origin", "Parts"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Kind = Literal["named", "co_mention", "facts", "similar_chats", "description", "similar_text", "words", "popularity"]

KINDS: dict[Kind, str] = {
    "named": "named in the chat",
    "co_mention": "mentioned together",
    "facts": "facts",
    "similar_chats": "similar conversations",
    "description": "its description fits the chat",
    "similar_text": "similar descriptions",
    "words": "words of the chat",
    "popularity": "popularity",
}
"""Every kind, with its title."""


@dataclass(frozen=True)
class Origin:
    """Where one part comes from.

    steps: the way through the graph from `source` to the item, each (node, relationship type, node) as it stands there;
        a turn is `DIALOGUE#INDEX`. Empty where the evidence is the item's own.
    source: URI of what was named, or a turn; empty where the evidence is the item's own or the words'.
    words: words of the chat; empty where there are none.
    """

    source: str
    steps: tuple[tuple[str, str, str], ...] = ()
    words: str = ""


@dataclass(frozen=True, eq=False)
class Parts:
    """n parts of one kind.

    items: int64 [n], the items that they lead to. amounts: name → [n], none below 0.
    origin: of the n-th part, made when it is asked for.
    """

    items: Integers
    amounts: Mapping[str, Floats]
    origin: Callable[[int], Origin]

    @classmethod
    def of(cls, items: Sequence[int], amounts: Mapping[str, Sequence[float]], origins: Sequence[Origin]) -> Parts:
        """The same from lists."""
        columns = {name: np.array(values, np.float64) for name, values in amounts.items()}
        return cls(np.array(items, np.int64), columns, origins.__getitem__)


@dataclass(frozen=True)
class Feature:
    """x_j(c, i): one amount of one kind, added up or its largest, as log(1 + scale · amount) where there is a scale.

    rising: whether more of it can only help, so that its curve has to rise.
    """

    name: str
    kind: Kind
    amount: str
    title: str
    fold: Literal["sum", "largest"] = "sum"
    scale: float = 0.0
    rising: bool = True

    def values(self, parts: Parts, items: int) -> Floats:
        """[items]; 0 where nothing was found."""
        amounts = parts.amounts[self.amount]
        total = np.zeros(items)
        if self.fold == "sum":
            total += np.bincount(parts.items, amounts, items)
        else:
            np.maximum.at(total, parts.items, amounts)
        return np.log1p(self.scale * total) if self.scale else total

    def shares(self, parts: Parts, items: int) -> Floats:
        """What each part has in its item's feature: [parts], in sum 1 for every item, or 0 where it has none."""
        amounts = parts.amounts[self.amount]
        if self.fold == "largest":
            shares = np.zeros(len(amounts))
            order = np.lexsort((-amounts, parts.items))
            _, first = np.unique(parts.items[order], return_index=True)
            shares[order[first]] = amounts[order[first]] > 0
            return shares
        total = np.bincount(parts.items, amounts, items)[parts.items]
        return np.divide(amounts, total, out=np.zeros(len(amounts)), where=total > 0)


FEATURES: tuple[Feature, ...] = (
    Feature("named", "named", "recency", "named, the newest first"),
    Feature("named_last", "named", "last_turn", "named in the last turn", rising=False),
    Feature("named_by_recommender", "named", "by_recommender", "named last by the recommender", rising=False),
    Feature("co_mentions", "co_mention", "count", "conversations that mention both", scale=1),
    Feature("co_mention_share", "co_mention", "share", "share of the conversations that mention both", scale=100),
    Feature("co_mention_lift", "co_mention", "lift", "mentioned together more often than by chance"),
    Feature("adjacent", "facts", "adjacent", "a fact with what was named", scale=1),
    Feature("shared_facts", "facts", "shared", "a neighbour shared with what was named", scale=1),
    Feature("nearest_chat", "similar_chats", "whole", "the most similar conversation that led there", "largest"),
    Feature("similar_chats", "similar_chats", "whole_weight", "similar conversations that led there", scale=1e4),
    Feature("nearest_moment", "similar_chats", "recent", "the most similar moment that led there", "largest"),
    Feature("similar_moments", "similar_chats", "recent_weight", "similar moments that led there", scale=1e4),
    Feature("description", "description", "whole", "its description fits the conversation", "largest"),
    Feature("description_now", "description", "recent", "its description fits the last turns", "largest"),
    Feature("similar_text", "similar_text", "score", "its description is like that of what was named"),
    Feature("title_words", "words", "title", "words of its title were said"),
    Feature("title_words_now", "words", "title_now", "words of its title in the last two turns"),
    Feature("title_share", "words", "title_share", "share of its title that was said"),
    Feature("title_share_now", "words", "title_share_now", "share of its title in the last two turns"),
    Feature("genres_said", "words", "genres", "its genres were said"),
    Feature("genres_asked", "words", "genres_seeker", "the seeker said its genres"),
    Feature("mentioned", "popularity", "dialogues", "conversations that mention it", scale=1, rising=False),
    Feature("recommended", "popularity", "recommended", "conversations that recommend it", scale=1, rising=False),
)
"""In the order of the curves' rows."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All parts that a reader found for one chat; a kind without any is missing."""

    parts: Mapping[Kind, Parts]
    items: int

    def table(self) -> Floats:
        """x: [items, F]."""
        table = np.zeros((self.items, len(FEATURES)))
        for column, feature in enumerate(FEATURES):
            if feature.kind in self.parts:
                table[:, column] = feature.values(self.parts[feature.kind], self.items)
        return table

    def worth(self, values: Floats) -> dict[Kind, Floats]:
        """The curves' values [items, F] split over the parts: kind → [parts].

        Of one item their sum is that of its values: a feature without any part is 0, and so is its curve there.
        """
        worth: dict[Kind, Floats] = {}
        for kind, parts in self.parts.items():
            worth[kind] = np.zeros(len(parts.items))
            for feature, column in zip(FEATURES, values.T, strict=True):
                if feature.kind == kind:
                    worth[kind] += column[parts.items] * feature.shares(parts, self.items)
        return worth

    def split(self, item: int, worth: Mapping[Kind, Floats]) -> list[tuple[Kind, Origin, float]]:
        """One item's parts as (kind, origin, value)."""
        return [
            (kind, parts.origin(row), float(worth[kind][row]))
            for kind, parts in self.parts.items()
            for row in np.flatnonzero(parts.items == item).tolist()
        ]
