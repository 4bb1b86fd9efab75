"""What a reader finds for one chat, as plain counts; `evidence_of` makes the evidence of it, whoever found it.

SnapshotReader ─┐
                ├─► Findings ── evidence_of ──► Evidence
GraphReader ────┘
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.evidence.definitions import Evidence, Kind, Origin, Parts
from training.evidence.words import Catalogue
from training.instances import Context
from training.recommender import Step

__all__ = ["NEAREST", "TEMPERATURE", "Findings", "Links", "evidence_of"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NEAREST = 200
"""How many similar conversations and descriptions are looked at."""
TEMPERATURE = 0.07  # τ of the weights of similar conversations
_PRIOR = 10  # conversations that are taken to follow popularity alone, in the lift


@dataclass(frozen=True, eq=False)
class Links:
    """n ways from something to an item.

    sources: rows of `Findings.named`, or turns as the reader numbers them. items: item indices.
    values: a count, a score, or the neighbour's degree.
    vias: nodes in between, as the reader numbers them; None for direct ways.
    outwards: whether the relationship begins at the source; None where the reader need not tell.
    """

    sources: Integers
    items: Integers
    values: Floats
    vias: Integers | None = None
    outwards: npt.NDArray[np.bool_] | None = None

    @classmethod
    def none(cls) -> Links:
        """No way at all."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True, eq=False)
class Findings:
    """Counts over training dialogues, without the chat's own where it is one of them.

    named: URIs that the chat mentions and the reader knows, each once, the newest first.
    mentioning: [named], dialogues that mention each. dialogues: how many there are.
    mentioned, recommended: [items], dialogues that mention the item, and in which a recommender does.
    co_mentions: values are dialogues that mention both. adjacent: facts between both, one for each pair.
    shared: neighbours by facts; values are how many facts the neighbour has. similar_text: values are cosines.
    whole, recent: from the turns after the `NEAREST` chats that are most like this one, and like its last turns, to the
        items that they mention; values are cosines.
    described, described_now: (items, cosines) of the `NEAREST` descriptions.
    own: whether the chat is a training dialogue's.
    steps: (source row, via or -1, item) -> relationships of a way by facts. turn: number -> `DIALOGUE#INDEX`.
    """

    named: Sequence[str]
    mentioning: Floats
    dialogues: int
    mentioned: Floats
    recommended: Floats
    co_mentions: Links
    adjacent: Links
    shared: Links
    similar_text: Links
    whole: Links
    recent: Links
    described: tuple[Integers, Floats]
    described_now: tuple[Integers, Floats]
    own: bool
    steps: Callable[[int, int, int], tuple[Step, ...]]
    turn: Callable[[int], str]


def evidence_of(context: Context, found: Findings, catalogue: Catalogue) -> Evidence:
    """The evidence for every item of the catalogue after `context`."""
    parts: dict[Kind, Parts] = {
        "named": _named(context, found, catalogue),
        "co_mention": _co_mention(found, catalogue),
        "facts": _facts(found),
        "similar_chats": _similar_chats(found, catalogue),
        "description": _description(found),
        "similar_text": _similar_text(found, catalogue),
        "words": _words(context, found, catalogue),
        "popularity": _popularity(found),
    }
    return Evidence({kind: one for kind, one in parts.items() if len(one.items)}, len(catalogue.items))


def _named(context: Context, found: Findings, catalogue: Catalogue) -> Parts:
    position = catalogue.position
    speaker = {uri: turn.role for turn in context.turns for uri in turn.mentions}
    last = set(context.turns[-1].mentions) if context.turns else set()
    items = [uri for uri in context.newest_first if uri in position]
    return Parts.of(
        [position[uri] for uri in items],
        {
            "recency": [1 / (1 + place) for place in range(len(items))],
            "last_turn": [float(uri in last) for uri in items],
            "by_recommender": [float(speaker[uri] == "recommender") for uri in items],
        },
        [Origin(uri) for uri in items],
    )


def _co_mention(found: Findings, catalogue: Catalogue) -> Parts:
    links = found.co_mentions
    chance = (found.mentioned[links.items] + 0.5) / (found.dialogues + 1)
    amounts = {
        "count": links.values,
        "share": links.values / (found.mentioning[links.sources] + 3),
        "lift": np.log1p(links.values / (_PRIOR * chance)) / math.sqrt(max(len(found.named), 1)),
    }

    def origin(row: int) -> Origin:
        source, item = found.named[links.sources[row]], catalogue.uri(links.items[row])
        return Origin(source, ((min(source, item), "CO_MENTIONED", max(source, item)),))

    return Parts(links.items, amounts, origin)


def _facts(found: Findings) -> Parts:
    direct, shared = found.adjacent, found.shared
    nought = np.zeros(len(direct.items)), np.zeros(len(shared.items))
    vias = shared.vias if shared.vias is not None else np.empty(0, np.int64)
    sources = np.concatenate([direct.sources, shared.sources])
    items = np.concatenate([direct.items, shared.items])
    between = np.concatenate([np.full(len(direct.items), -1), vias])

    def origin(row: int) -> Origin:
        way = found.steps(int(sources[row]), int(between[row]), int(items[row]))
        return Origin(found.named[sources[row]], way)

    amounts = {
        "adjacent": np.concatenate([nought[0] + 1, nought[1]]),
        "shared": np.concatenate([nought[0], 1 / np.log(2 + shared.values)]),
    }
    return Parts(items, amounts, origin)


def _grouped(groups: Sequence[tuple[Origin, Integers, Mapping[str, Floats]]], names: Sequence[str]) -> Parts:
    """Parts of which many have one origin."""
    sizes = [len(items) for _, items, _ in groups]
    items = np.concatenate([items for _, items, _ in groups]) if groups else np.empty(0, np.int64)
    group_of = np.repeat(np.arange(len(groups)), sizes)
    amounts = {}
    for name in names:
        columns = [told.get(name, np.zeros(size)) for (*_, told), size in zip(groups, sizes, strict=True)]
        amounts[name] = np.concatenate(columns) if columns else np.empty(0)
    return Parts(items, amounts, lambda row: groups[group_of[row]][0])


def _similar_chats(found: Findings, catalogue: Catalogue) -> Parts:
    keys, amounts = _united(
        {"whole": found.whole.values, "whole_weight": _weights(found.whole)},
        {"recent": found.recent.values, "recent_weight": _weights(found.recent)},
        [
            [(found.turn(turn), item) for turn, item in zip(one.sources.tolist(), one.items.tolist(), strict=True)]
            for one in (found.whole, found.recent)
        ],
    )

    def origin(row: int) -> Origin:
        turn, item = keys[row]
        return Origin(turn, ((turn, "MENTIONS", catalogue.uri(item)),))

    return Parts(np.array([item for _, item in keys], np.int64), amounts, origin)


def _united(
    first: Mapping[str, Floats], second: Mapping[str, Floats], keys: Sequence[Sequence[tuple[str, int]]]
) -> tuple[list[tuple[str, int]], dict[str, Floats]]:
    """One part for what is found in two ways: (source, item) of each, and the amounts of both, none below 0."""
    rows = {key: row for row, key in enumerate(dict.fromkeys([*keys[0], *keys[1]]))}
    amounts = {}
    for told, of_keys in zip((first, second), keys, strict=True):
        places = [rows[key] for key in of_keys]
        for name, values in told.items():
            amounts[name] = np.zeros(len(rows))
            amounts[name][places] = np.maximum(values, 0)
    return list(rows), amounts


def _weights(chats: Links) -> Floats:
    """Softmax over the turns, each once, of their similarity / τ."""
    if not len(chats.sources):
        return chats.values
    raw = np.exp((chats.values - chats.values.max()) / TEMPERATURE)
    _, first = np.unique(chats.sources, return_index=True)
    weights: Floats = raw / raw[first].sum()
    return weights


def _description(found: Findings) -> Parts:
    both = (found.described, found.described_now)
    keys, amounts = _united(
        {"whole": both[0][1]}, {"recent": both[1][1]}, [[("", item) for item in rows.tolist()] for rows, _ in both]
    )
    return Parts(np.array([item for _, item in keys], np.int64), amounts, lambda row: Origin(""))


def _similar_text(found: Findings, catalogue: Catalogue) -> Parts:
    links = found.similar_text

    def origin(row: int) -> Origin:
        source, item = found.named[links.sources[row]], catalogue.uri(links.items[row])
        outwards = links.outwards is None or bool(links.outwards[row])
        start, end = (source, item) if outwards else (item, source)
        return Origin(source, ((start, "TEXT_SIMILAR", end),))

    return Parts(links.items, {"score": np.maximum(links.values, 0)}, origin)


def _words(context: Context, found: Findings, catalogue: Catalogue) -> Parts:
    hits = catalogue.hits(context.turns, found.own)
    groups = [(Origin("", words=hit.words), hit.items, hit.amounts) for hit in hits]
    names = ("title", "title_now", "title_share", "title_share_now", "genres", "genres_seeker")
    return _grouped(groups, names)


def _popularity(found: Findings) -> Parts:
    items = np.flatnonzero(found.mentioned + found.recommended > 0)
    amounts = {"dialogues": found.mentioned[items], "recommended": found.recommended[items]}
    return Parts(items, amounts, lambda row: Origin(""))
