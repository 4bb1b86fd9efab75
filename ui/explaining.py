"""What `tellgraph explain` finds out: reasons in sentences, the mentions that mattered, and why not another item.

                                       ┌── reasons             sentences and values that add up to the score
messages ── read_messages ── Context ──┼── training.what_if    without each mention; why not another
                                       └── explain_chat        all of it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from graphstore.graph import Graph
from training.instances import Context
from training.pipeline import on_graph
from training.recommender import Explanation, Recommender, Term
from training.what_if import Counterfactual, MentionEffect, why_not, without_each_mention
from ui.chat_setup import summarise
from ui.described import Described
from ui.errors import DoorError
from ui.graph_reads import describe, sentences
from ui.linking import Linker, Linking
from ui.message import NOTHING_KNOWN, against, named_by_person, shortened, turn_of_person
from ui.term_words import others_sentence
from ui.text_spans import name_key
from ui.why import strongest

__all__ = ["Explained", "Reason", "Reasons", "explain_chat", "find_item", "read_messages", "reasons"]

_NEAR = 3  # names that are offered for one that is not there


@dataclass(frozen=True)
class Reason:
    """A term and its sentence; no term for the sum of the others."""

    sentence: str
    value: float
    term: Term | None


@dataclass(frozen=True)
class Reasons:
    """Why an item has its score. rank: its place among the items that the chat does not mention, from 1, of how many.

    terms: every term with its sentence, the strongest first. shown: those that a person can read, and the sum of the
        others.
    """

    item: Described
    score: float
    rank: int
    of: int
    terms: tuple[Reason, ...]
    shown: tuple[Reason, ...]


@dataclass(frozen=True)
class Explained:
    """Everything that was found out of one chat.

    notices: what was not understood. understood: URIs that the messages name.
    why_not: why `rejected` does not come before the item, where that was asked.
    names: what is mentioned here, by URI.
    """

    notices: tuple[str, ...]
    understood: tuple[str, ...]
    why: Reasons
    mentions: tuple[MentionEffect, ...]
    rejected: Reasons | None
    why_not: Counterfactual | None
    names: Mapping[str, Described]


def explain_chat(
    run: Recommender, graph: Graph, messages: Sequence[str], item: str | None = None, rejected: str | None = None
) -> Explained:
    """Explain an item after the messages of a person: the best one, or that of a title.

    rejected: title of an item that does not come before it. Raises DoorError for a title that is not there, and where
    both are one.
    """
    recommender, sample = on_graph(run, graph), summarise(graph).sample
    items = run.snapshot.items
    uri = find_item(items, item) if item else None
    other = find_item(items, rejected) if rejected else None
    context, notices = read_messages(recommender, graph, messages)
    gone = _gone(recommender, graph)
    if uri is None:
        best = recommender.recommend(context, 1, exclude={*context.mentions, other or "", *gone})
        if not best:
            raise DoorError("There is nothing left to recommend: the messages name every item. Name one with --item.")
        uri = best[0].uri
    if uri == other:
        raise DoorError("--item and --not are the same item: name another one.")
    instead = why_not(recommender, context, other, uri) if other else None
    compared = {instead.item, instead.other, *(one.source for one in instead.differences)} if instead else set()
    return Explained(
        notices=tuple(notices),
        understood=tuple(named_by_person(context)),
        why=reasons(recommender, graph, context, uri, sample, gone),
        mentions=tuple(without_each_mention(recommender, context, uri)),
        rejected=reasons(recommender, graph, context, other, sample, gone) if other else None,
        why_not=instead,
        names=describe(graph, {*context.mentions, *compared}, sample),
    )


def read_messages(recommender: Recommender, graph: Graph, messages: Sequence[str]) -> tuple[Context, list[str]]:
    """A chat of these messages of the person, and what was not understood of them, in sentences.

    Raises DoorError where nothing is said.
    """
    linker, turns, notices = Linker(graph), [], []
    for message in messages:
        text, cut = shortened(message.strip())
        linking = linker.link(text)
        turns.append(turn_of_person(text, linking, recommender))
        notices += [*cut, *_notices(linking), *against(text)]
    context = Context(tuple(turns))
    if not any(turn.text for turn in turns):
        raise DoorError("The messages are empty: say something that the person likes or looks for.")
    return context, notices if context.mentions else [*notices, NOTHING_KNOWN]


def find_item(items: Sequence[Mapping[str, Any]], text: str) -> str:
    """URI of the item that is meant by a title, with its year or without, or by the URI itself.

    Raises DoorError, with near names, where none or several are.
    """
    labels: defaultdict[str, list[str]] = defaultdict(list)  # as people write it -> URIs
    by_key: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for item in items:
        if item["uri"] == text:
            return text
        title = item["title"] or item["uri"]
        label = f"{title} ({item['year']})" if item["year"] else title
        labels[label].append(item["uri"])
        for name in (title, label):
            by_key[name_key(name)][item["uri"]] = label
    key = name_key(text)
    found = by_key.get(key, {}) if key else {}
    if len(found) == 1:
        return next(iter(found))
    if found:
        choices = ", ".join(f"{label} ({uri})" for uri, label in sorted(found.items()))
        raise DoorError(f"“{text}” may be any of {choices}: write the year, or the URI.")
    near = [label for label, *_ in process.extract(text, list(labels), scorer=fuzz.WRatio, limit=_NEAR)]
    nearest = f" Near it are {', '.join(f'“{label}”' for label in near)}." if near else ""
    raise DoorError(f"The run has no item called “{text}”.{nearest}")


def reasons(
    recommender: Recommender, graph: Graph, context: Context, item: str, sample: bool, gone: Collection[str] = ()
) -> Reasons:
    """Why `item` has its score after the chat. gone: items that do not compete. Raises KeyError for no item's URI."""
    explanation = recommender.explain(context, item)
    named = named_by_person(context)
    left_out = {*context.mentions, *gone} - {item}
    ranking = recommender.recommend(context, len(recommender.item_index), left_out)
    told = sentences(graph, explanation, named, sample)
    terms = [Reason(words, term.value, term) for words, term in zip(told, explanation.terms, strict=True)]
    return Reasons(
        item=describe(graph, [item], sample).get(item, Described(item, item)),
        score=explanation.score,
        rank=1 + [one.uri for one in ranking].index(item),
        of=len(ranking),
        terms=tuple(terms),
        shown=_shown(explanation, terms, named),
    )


def _gone(recommender: Recommender, graph: Graph) -> set[str]:
    """Items of the run that the graph has lost."""
    (row,) = graph.read("known_items", uris=list(recommender.item_index))
    return recommender.item_index.keys() - set(row["uris"])


def _shown(explanation: Explanation, terms: Sequence[Reason], named: Sequence[str]) -> tuple[Reason, ...]:
    """The strongest terms, and the sum of all others: what a person can read, adding up to the score."""
    chosen = strongest(explanation, named)
    kept = [reason for reason in terms if reason.term in chosen]
    if len(kept) == len(terms):
        return tuple(kept)
    rest = sum(reason.value for reason in terms if reason.term not in chosen)
    return (*kept, Reason(others_sentence(len(terms) - len(kept)), rest, None))


def _notices(linking: Linking) -> list[str]:
    unclear = [
        f"“{one.text}” may mean {' or '.join(choice.label for choice in one.choices)}, so it counts for none of them: "
        "write the year."
        for one in linking.ambiguous
    ]
    return unclear + [f"I know nothing called “{name}”: it is not in the graph." for name in linking.unknown]
