"""What a recommendation would be otherwise: without one mention, or with another item before it.

without_each_mention    each mention left out and everything run again, beside its terms
why_not                 what stands between an item and the one before it

A term says what a path gives to a score as the chat stands. Without a mention more moves than its terms: counts are
shared out anew, an encoder reads another chat. So mentions are really left out, and what the terms say stands beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

from training.instances import Context
from training.recommender import Explanation, Recommender, Silence, Term

__all__ = [
    "Counterfactual",
    "Difference",
    "ItemTerm",
    "MentionEffect",
    "smallest_set",
    "why_not",
    "without_each_mention",
    "without_mentions",
]

_SLACK = 1e-9  # of the gap: two ways of adding float64 differ by less


@dataclass(frozen=True)
class MentionEffect:
    """What one mention does for an item.

    terms: sum of the item's terms that lead from it. score_drop: by how much the score is lower when the chat is read
        without it, its words staying as they were. rank_before, rank_after: place of the item among those that the
        chat does not mention, from 1.
    """

    uri: str
    terms: float
    score_drop: float
    rank_before: int
    rank_after: int


@dataclass(frozen=True)
class Difference:
    """What one source gives to either item. source: empty for what is each item's own; words: of the chat, if any."""

    graph: str
    source: str
    words: str
    item: float
    other: float


@dataclass(frozen=True)
class ItemTerm:
    """A term, and the URI of the item that it belongs to."""

    item: str
    term: Term


@dataclass(frozen=True)
class Counterfactual:
    """Why `item` does not stand before `other`.

    gap: score of `other` - score of `item`; below 0 where the item stands before it already.
    differences: what favours `other`, the most first, and what favours `item` after that.
    mentions: the fewest mentions of the chat whose terms make up the gap, as URIs; None where all of them do not.
    confirmed: whether the item really comes before `other` when the chat is read without these mentions.
    paths: the fewest terms with a path without which it would come before `other`; None where all of them do not do.
    """

    item: str
    other: str
    score: float
    other_score: float
    differences: tuple[Difference, ...]
    mentions: tuple[str, ...] | None
    confirmed: bool
    paths: tuple[ItemTerm, ...] | None

    @property
    def gap(self) -> float:
        """By how much the other's score is higher."""
        return self.other_score - self.score

    def largest(self, count: int) -> list[Difference]:
        """What differs most, whichever of both it favours."""
        return sorted(self.differences, key=lambda one: -abs(one.other - one.item))[:count]


def without_mentions(context: Context, uris: Collection[str]) -> Context:
    """The same words, with nothing linked to `uris`."""
    return Context(tuple(turn.keeping(lambda uri: uri not in uris) for turn in context.turns))


def without_each_mention(
    recommender: Recommender,
    context: Context,
    item: str,
    silenced: Collection[Silence] = (),
    exclude: Collection[str] = (),
) -> list[MentionEffect]:
    """What each mention of the chat, but for `item` itself, does for it, what matters most first.

    silenced: terms that do not count. exclude: items that do not compete, beside those that the chat mentions.
    Raises KeyError for a URI that is no item.
    """
    of_source = _by_source(recommender.explain(context, item, silenced))
    left_out = {*context.mentions, *exclude} - {item}

    def stand(chat: Context) -> tuple[float, int]:
        scores = _scores(recommender, chat, silenced)
        return scores[item], 1 + [uri for uri in scores if uri not in left_out].index(item)

    score, rank = stand(context)
    effects = []
    for uri in (uri for uri in context.newest_first if uri != item):
        left, place = stand(without_mentions(context, {uri}))
        effects.append(MentionEffect(uri, of_source[uri], score - left, rank, place))
    return sorted(effects, key=lambda effect: -abs(effect.score_drop))


def why_not(
    recommender: Recommender,
    context: Context,
    item: str,
    instead_of: str | None = None,
    silenced: Collection[Silence] = (),
) -> Counterfactual:
    """Why `item` does not come before `instead_of`; if none is given, before the best that the chat does not mention.

    silenced: terms that do not count. Raises KeyError for a URI that is no item, ValueError where both are the same or
    there is no other.
    """
    if instead_of is None:
        best = recommender.recommend(context, 1, {*context.mentions, item}, silenced)
        instead_of = best[0].uri if best else item
    if item == instead_of:
        raise ValueError(f"{item} is compared with another item, and this is the same or the only one.")
    own, other = recommender.explain_all(context, [item, instead_of], silenced)
    gap = other.score - own.score
    mentions = _mentions(context, own, other, gap)
    confirmed = False
    if mentions is not None:
        without = _scores(recommender, without_mentions(context, mentions), silenced)
        confirmed = without[item] > without[instead_of]
    return Counterfactual(
        item=item,
        other=instead_of,
        score=own.score,
        other_score=other.score,
        differences=_differences(own, other),
        mentions=mentions,
        confirmed=confirmed,
        paths=_paths(own, other, gap),
    )


def smallest_set(effects: Sequence[float], gap: float) -> list[int] | None:
    """The fewest of the `effects` whose sum is more than `gap`, as places, the largest first; None where none is.

    Effects that add up are taken best by the largest: n others never reach further than the n largest. Of sets of one
    size it is therefore the one that reaches furthest. Empty where the gap is below 0.
    """
    slack = _SLACK * max(1.0, abs(gap))
    if gap < -slack:
        return []
    order = sorted((place for place, effect in enumerate(effects) if effect > 0), key=lambda place: -effects[place])
    reached = accumulate(effects[place] for place in order)
    size = next((count for count, total in enumerate(reached, start=1) if total > gap + slack), None)
    return None if size is None else order[:size]


def _mentions(context: Context, own: Explanation, other: Explanation, gap: float) -> tuple[str, ...] | None:
    ours, theirs = _by_source(own), _by_source(other)
    # Neither item itself: without it there would be nothing to compare.
    uris = [uri for uri in context.newest_first if uri not in (own.item, other.item)]
    found = smallest_set([theirs[uri] - ours[uri] for uri in uris], gap)
    return None if found is None else tuple(uris[place] for place in found)


def _paths(own: Explanation, other: Explanation, gap: float) -> tuple[ItemTerm, ...] | None:
    """Terms that a change of the graph could take away: those with a path, and not an item's own."""
    terms = [ItemTerm(one.item, term) for one in (own, other) for term in one.terms if _is_path(term)]
    effects = [one.term.value if one.item == other.item else -one.term.value for one in terms]
    found = smallest_set(effects, gap)
    return None if found is None else tuple(terms[place] for place in found)


def _is_path(term: Term) -> bool:
    return bool(term.path) and term.graph != "own"


def _differences(own: Explanation, other: Explanation) -> tuple[Difference, ...]:
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for place, one in enumerate((own, other)):
        for term in one.terms:
            sums[term.graph, "" if term.source == one.item else term.source, term.words][place] += term.value
    found = [Difference(*key, item=ours, other=theirs) for key, (ours, theirs) in sums.items()]
    return tuple(sorted(found, key=lambda one: one.item - one.other))


def _by_source(explanation: Explanation) -> defaultdict[str, float]:
    """Source -> sum of its terms."""
    sums: defaultdict[str, float] = defaultdict(float)
    for term in explanation.terms:
        sums[term.source] += term.value
    return sums


def _scores(recommender: Recommender, context: Context, silenced: Collection[Silence]) -> dict[str, float]:
    """URI -> score of every item, best first."""
    ranked = recommender.recommend(context, len(recommender.item_index), silenced=silenced)
    return {found.uri: found.score for found in ranked}
