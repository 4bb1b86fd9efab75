"""What cards and reasons need to know of the live graph, a read each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from graphstore.graph import Graph
from training.recommender import Explanation
from ui.described import Described, Edge
from ui.term_words import is_turn, sentence, turn_of

__all__ = ["describe", "edges_between", "sentences", "words_before"]

_BRACKETS = re.compile(r"\s*\([^()]*\)\Z")  # "Will Smith (actor)": DBpedia's, and nobody's name


def describe(
    graph: Graph, uris: Collection[str], sample: bool = False, counted: Collection[str] = ()
) -> dict[str, Described]:
    """Those of `uris` that the graph holds. counted: of which to count the training dialogues that mention them."""
    rows = graph.read("describe_entities", uris=sorted(uris), counted=sorted(counted))
    return {row["uri"]: _described(row, sample) for row in rows}


def edges_between(graph: Graph, pairs: Collection[tuple[str, str]], sample: bool = False) -> list[Edge]:
    """Every relationship between the two entities of each pair, in either direction."""
    rows = graph.read("edges_between", pairs=[list(pair) for pair in pairs])
    return [Edge(row["source"], row["relation"], row["target"], row["count"], row["score"], sample) for row in rows]


def words_before(graph: Graph, turns: Collection[str]) -> dict[str, str]:
    """Turn, as terms name it → what was said before it, where that may be shown."""
    asked = [list(turn_of(turn)) for turn in sorted(set(turns))]
    rows = graph.read("quotable_words", turns=asked) if asked else []
    return {f"{row['dialogue']}#{row['turn']}": row["words"] for row in rows}


def sentences(graph: Graph, explanation: Explanation, named: Collection[str], sample: bool = False) -> list[str]:
    """The sentence of each term, in their order. named, sample: as in `ui.term_words.sentence`, `describe`."""
    item, terms = explanation.item, [term for term in explanation.terms if not is_turn(term)]
    nodes = {item, *(term.source for term in terms), *(n for term in terms for step in term.path for n in step[::2])}
    entities = describe(graph, nodes, sample, [item])
    edges = edges_between(graph, sorted({(item, term.source) for term in terms if len(term.path) == 1}), sample)
    said = words_before(graph, [term.source for term in explanation.terms if is_turn(term)])
    about = entities.get(item, Described(item, item))
    return [sentence(term, about, entities, _of(edges, term.source), named, said) for term in explanation.terms]


def _of(edges: Sequence[Edge], uri: str) -> list[Edge]:
    return [edge for edge in edges if uri in (edge.source, edge.target)]


def _described(row: Mapping[str, Any], sample: bool) -> Described:
    return Described(
        uri=row["uri"],
        title=row["title"] or _BRACKETS.sub("", row["name"] or "") or row["uri"],
        year=row["year"],
        is_item=row["is_item"],
        genres=tuple(row["genres"] or ()),
        plot=row["plot"],
        images=tuple(row["images"] or ()),
        drawn=sample,
        conversations=row["conversations"],
    )
