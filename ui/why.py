"""Why an item has its score, as data for bars and a drawing: the strongest terms by name, the rest summed up.

    Explanation ── terms by neighbour ──┬── shares: one sum per graph
      (URIs)        + what the graph     ├── bars: the strongest terms; every other one is in `others`
                      says of them       └── ties: the same edges, and those that lead on to what was named

Nothing is left out and nothing is added: shares add up to the score, and so do bars with `others`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from training.recommender import Explanation, Term
from ui.described import Described, Edge, label_of
from ui.relation_words import GRAPH_TITLES, relation_words
from ui.term_words import conversations, is_turn, sentence

__all__ = [
    "MOST_BARS",
    "Bar",
    "Described",
    "Edge",
    "Share",
    "Tie",
    "Why",
    "nodes_to_describe",
    "pairs_to_check",
    "strongest",
    "turns_to_quote",
    "why",
]

MOST_BARS = 7
_GRAPHS = tuple(GRAPH_TITLES)


@dataclass(frozen=True)
class Bar:
    """One term of a score.

    outwards: the edge runs from the item to the neighbour; None where no single edge leads there.
    named: the person named this neighbour. detail: what the graph counts or measures on the edge.
    sentence: all of it in one plain sentence, see `ui.term_words`.
    """

    graph: str
    relation: str
    outwards: bool | None
    uri: str
    name: str
    value: float
    named: bool
    detail: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Share:
    """What one graph gives to the score, and in how many terms."""

    graph: str
    value: float
    terms: int


@dataclass(frozen=True)
class Tie:
    """A relationship between a neighbour, or the item itself, and something that the person named.

    It stands in the graph; no term of the score belongs to it.
    """

    named_uri: str
    named_name: str
    other_uri: str
    relation: str


@dataclass(frozen=True)
class Why:
    """A score taken apart.

    others, others_value: number and sum of the terms that have no bar of their own.
    gap: |sum of all terms - score|, which is rounding.
    """

    item: Described
    score: float
    shares: tuple[Share, ...]
    bars: tuple[Bar, ...]
    others: int
    others_value: float
    gap: float
    ties: tuple[Tie, ...] = ()


def strongest(explanation: Explanation, named: Collection[str]) -> list[Term]:
    """The terms that get a bar, the largest first; the largest of those that were named is always one."""
    ranked = sorted(
        (term for term in explanation.terms if term.value), key=lambda t: (-abs(t.value), t.source, t.path, t.words)
    )
    chosen = ranked[:MOST_BARS]
    known = [term for term in ranked if term.source in named]
    if known and known[0] not in chosen:
        chosen[-1] = known[0]
    return chosen


def pairs_to_check(explanations: Iterable[Explanation], named: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of URIs whose relationships `why` wants to know, each once."""
    pairs: set[tuple[str, str]] = set()
    for explanation in explanations:
        item = explanation.item
        near = {term.source for term in strongest(explanation, named) if not is_turn(term)} - {item}
        pairs |= {(item, uri) for uri in near}
        pairs |= {(other, uri) for other in near | {item} for uri in named if uri != other}
    return sorted({(min(pair), max(pair)) for pair in pairs})


def nodes_to_describe(explanations: Iterable[Explanation], named: Collection[str]) -> set[str]:
    """URIs of the items, and of what stands on the paths of their bars."""
    found = set()
    for explanation in explanations:
        found.add(explanation.item)
        for term in strongest(explanation, named):
            if not is_turn(term):
                found |= {term.source, *(node for step in term.path for node in step[::2])}
    return found


def turns_to_quote(explanations: Iterable[Explanation], named: Collection[str]) -> set[str]:
    """Turns of dialogues that bars lead from."""
    return {term.source for one in explanations for term in strongest(one, named) if is_turn(term)}


def why(
    explanation: Explanation,
    entities: Mapping[str, Described],
    edges: Sequence[Edge],
    named: Sequence[str],
    said: Mapping[str, str] | None = None,
) -> Why:
    """Put an explanation into words.

    entities, edges: what the graph says of the URIs and pairs involved. said: words before turns that may be shown.
    """
    item = entities.get(explanation.item, Described(explanation.item, explanation.item))
    bars = [
        replace(
            _bar(term, item.uri, entities, edges, named), sentence=sentence(term, item, entities, edges, named, said)
        )
        for term in strongest(explanation, named)
    ]
    values = [term.value for term in explanation.terms]
    return Why(
        item=item,
        score=explanation.score,
        shares=tuple(_shares(explanation.terms)),
        bars=tuple(bars),
        others=len(values) - len(bars),
        others_value=sum(values) - sum(bar.value for bar in bars),
        gap=abs(sum(values) - explanation.score),
        ties=tuple(_ties(item.uri, bars, entities, edges, named)),
    )


def _shares(terms: Iterable[Term]) -> Iterable[Share]:
    ordered = sorted(terms, key=lambda term: _GRAPHS.index(term.graph))
    for graph, group in groupby(ordered, key=lambda term: term.graph):
        values = [term.value for term in group]
        yield Share(graph, sum(values), len(values))


def _bar(
    term: Term, item: str, entities: Mapping[str, Described], edges: Sequence[Edge], named: Collection[str]
) -> Bar:
    name = "A similar conversation" if is_turn(term) else label_of(term.source, entities)
    stands = [edge for edge in edges if (edge.source, edge.relation, edge.target) == term.path[-1]] if term.path else []
    via = [node for node in term.path[0][::2] if node in term.path[1][::2]] if len(term.path) == 2 else []
    between = entities[via[0]].title if via and via[0] in entities else "".join(via[:1])
    return Bar(
        graph=term.graph,
        relation=_relation(term),
        outwards=term.path[0][0] == item if len(term.path) == 1 else None,
        uri=term.source,
        name=name,
        value=term.value,
        named=term.source in named,
        detail=between or next(map(_detail, stands), "") or (f"“{term.words}”" if term.words else ""),
    )


def _relation(term: Term) -> str:
    """What leads to the item, in words."""
    if is_turn(term):
        return "mentioned it"
    if not term.path:
        return GRAPH_TITLES[term.graph].lower()
    return " and ".join(dict.fromkeys(relation_words(relation) for _, relation, _ in term.path))


def _detail(edge: Edge) -> str:
    if edge.count is not None:
        return f"in {conversations(edge.count, edge.simulated)}"
    return "" if edge.similarity is None else f"similarity {edge.similarity:.2f}"


def _ties(
    item: str,
    bars: Sequence[Bar],
    entities: Mapping[str, Described],
    edges: Sequence[Edge],
    named: Sequence[str],
) -> Iterable[Tie]:
    """How the drawn neighbours lead on to what was named: facts before everything else, one tie per pair.

    A person or company is mentioned beside many films, so that to be mentioned together ties films only.
    """
    drawn = {bar.uri for bar in bars} - {item}
    outside = set(named) - drawn - {item}
    seen: set[tuple[str, str]] = set()
    for edge in sorted(edges, key=lambda edge: (edge.count is not None, edge.similarity is not None, edge.relation)):
        for start, end in ((edge.source, edge.target), (edge.target, edge.source)):
            telling = edge.count is None or (end in entities and entities[end].is_item)
            if start in outside and end in drawn and telling and (start, end) not in seen:
                seen.add((start, end))
                yield Tie(start, label_of(start, entities), end, relation_words(edge.relation))
