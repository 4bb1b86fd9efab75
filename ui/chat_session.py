"""A conversation: what was said, what was understood of it, what is recommended and why. Knows no Streamlit.

answer(message) ── Linker ── Context ── Recommender ── explanations ── names and figures from the graph
                                                                          └── Answer ── words(answer)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphstore.dialogues import Turn
from graphstore.graph import Graph
from training.instances import Context
from training.language import LanguageModel
from training.pipeline import on_graph
from training.recommender import Explanation, Recommender
from ui import reply
from ui.described import Described
from ui.graph_reads import describe, edges_between, sentences, words_before
from ui.linking import Ambiguity, Link, Linker, Linking, NamedEntity
from ui.term_words import term_as_json
from ui.why import Why, nodes_to_describe, pairs_to_check, turns_to_quote, why

__all__ = ["LONGEST_MESSAGE", "Answer", "Card", "ChatSession", "answer_as_json", "named_by_person", "turn_of_person"]

LONGEST_MESSAGE = 1_500
"""In characters; of a longer message the end is read."""

_MOST_NAMED = 8  # of what the person named, the newest that explanations look for ties to


@dataclass(frozen=True)
class Card:
    """A recommended item and its reasons. picture: a file that exists, or None."""

    item: Described
    score: float
    picture: Path | None
    explanation: Explanation
    why: Why


@dataclass(frozen=True)
class Answer:
    """The answer to one message.

    reply: plain text; nothing in it is markup.
    linked, ambiguous, unknown: what was understood of the message, see `ui.linking.Linking`.
    named: URIs of what the person has named so far.
    notices: sentences that the person should read.
    words_by: the language model that wrote part of the reply, or None.
    timings: milliseconds by stage, and `turn`, which is all of them without the language model's words.
    """

    message: str
    reply: str
    recommendations: tuple[Card, ...] = ()
    linked: tuple[Link, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    unknown: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    words_by: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


class ChatSession:
    """One person's conversation with a trained run.

    recommender, graph, model: shared between conversations; a session keeps what was said, and nothing else.
        Without a model the words are plain sentences.
    sample: the graph is the sample that ships, whose pictures are drawn and whose conversations are simulated.
    count: items in an answer.
    """

    def __init__(
        self,
        recommender: Recommender,
        graph: Graph,
        model: LanguageModel | None = None,
        sample: bool = False,
        count: int = 5,
    ) -> None:
        self._run = recommender
        self._gone: set[str] = set()
        self._writer = reply.Writer(model, self._names_in)
        self._sample = sample
        self._count = count
        self.attach(graph)
        self._turns: tuple[Turn, ...] = ()
        self._before_last: tuple[Turn, ...] = ()
        self._chosen: dict[str, str] = {}
        self.answers: list[Answer] = []

    def attach(self, graph: Graph) -> None:
        """Go on with another connection, after one that was lost."""

        self._graph = graph
        self._linker = Linker(graph)
        self._recommender = on_graph(self._run, graph)

    def answer(self, message: str) -> Answer:
        """Understand, recommend, explain, and find words. Raises ConnectionLostError without a graph."""
        return self.words(self.recommend(message))

    def recommend(self, message: str) -> Answer:
        """The answer with its plain sentence alone, ready before any language model begins to write."""
        answer = self._respond(self._turns, message, self.answers)
        self.answers.append(answer)
        return answer

    def choose(self, name: str, uri: str) -> Answer:
        """Answer the last message again, now that `name` in it means `uri`."""
        self._chosen[name] = uri
        answer = self._respond(self._before_last, self.answers[-1].message, self.answers[:-1])
        self.answers[-1] = answer
        return answer

    def words(self, answer: Answer) -> Answer:
        """The same answer with the language model's sentence, where one passes the guard."""
        if not answer.recommendations or self._writer.name is None:
            return answer
        best = answer.recommendations[0]
        started = time.perf_counter()
        sentence = self._writer.words(best.item, best.why)
        timings = {**answer.timings, "words": 1000 * (time.perf_counter() - started)}
        written = replace(answer, timings=timings)
        if sentence:
            written = replace(written, reply=f"{answer.reply} {sentence}", words_by=self._writer.name)
        self.answers = [written if known is answer else known for known in self.answers]
        return written

    def _respond(self, before: tuple[Turn, ...], message: str, earlier: Sequence[Answer]) -> Answer:
        clock = _Clock()
        text, notices = _shortened(message.strip())
        with clock.stage("linking"):
            linking = self._linker.link(text, self._chosen)
        turn = turn_of_person(text, linking, self._recommender)
        context = Context((*before, turn))
        named = named_by_person(context)
        if not text or (linking.ambiguous and not named):
            cards: list[Card] = []
        else:
            cards = self._cards(context, named, clock, _recommended(earlier))
        # A recommender of the training dialogues mentions one item or two: five of ours would drown the person's own.
        own = Turn("recommender", reply.lead([c.item for c in cards]), tuple(c.item.uri for c in cards[:1]))
        self._before_last, self._turns = before, (*before, turn, own)
        return Answer(
            message=message,
            reply=_plain_reply(text, linking, cards),
            recommendations=tuple(cards),
            linked=linking.links,
            ambiguous=linking.ambiguous,
            unknown=linking.unknown,
            named=tuple(named),
            notices=(*notices, *_notices(linking, bool(named), bool(cards), self._recommender)),
            timings=clock.milliseconds,
        )

    def _cards(self, context: Context, named: Sequence[str], clock: _Clock, shown: set[str]) -> list[Card]:
        """The best items and their reasons, without `shown`, which earlier answers had, and what the graph has lost."""
        recent = named[-_MOST_NAMED:]
        while True:
            with clock.stage("ranking"):
                excluded = self._gone.union(context.mentions, shown)
                best = self._recommender.recommend(context, self._count, exclude=excluded)
            with clock.stage("explaining"):
                explanations = self._recommender.explain_all(context, [found.uri for found in best])
            with clock.stage("describing"):
                pairs = pairs_to_check(explanations, recent)
                nodes = nodes_to_describe(explanations, recent)
                items = {found.uri for found in best}
                entities = describe(self._graph, nodes.union(*pairs), self._sample, items)
            gone = items - entities.keys()
            if not gone:
                break
            self._gone |= gone
        with clock.stage("describing"):
            edges = edges_between(self._graph, pairs, self._sample)
            said = words_before(self._graph, turns_to_quote(explanations, recent))
            reasons = [why(explanation, entities, edges, recent, said) for explanation in explanations]
        return [
            Card(found.item, found.score, _picture(found.item), explanation, found)
            for explanation, found in zip(explanations, reasons, strict=True)
        ]

    def _names_in(self, sentence: str) -> list[NamedEntity]:
        found = self._linker.link(sentence)
        unclear = [choice for ambiguity in found.ambiguous for choice in ambiguity.choices]
        return [link.entity for link in found.links] + unclear


class _Clock:
    """Milliseconds by stage; `turn` is their sum."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {"turn": 0.0}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        spent = 1000 * (time.perf_counter() - started)
        self.milliseconds[name] = self.milliseconds.get(name, 0.0) + spent
        self.milliseconds["turn"] += spent


def answer_as_json(answer: Answer, graph: Graph) -> dict[str, Any]:
    """What a machine reads: the reply, and each recommendation with every term of its score.

    graph: where the terms' sentences look names and figures up.
    """
    return {
        "reply": answer.reply,
        "recommendations": [_card_as_json(card, answer.named, graph) for card in answer.recommendations],
    }


def _card_as_json(card: Card, named: Sequence[str], graph: Graph) -> dict[str, Any]:
    told = sentences(graph, card.explanation, named, card.item.drawn)
    return {
        "uri": card.item.uri,
        "title": card.item.title,
        "score": card.score,
        "terms": [
            term_as_json(term, card.item.uri, words) for term, words in zip(card.explanation.terms, told, strict=True)
        ],
    }


def _recommended(answers: Sequence[Answer]) -> set[str]:
    return {card.item.uri for answer in answers for card in answer.recommendations}


def _shortened(text: str) -> tuple[str, tuple[str, ...]]:
    if len(text) <= LONGEST_MESSAGE:
        return text, ()
    notice = f"That is a long message ({len(text):,} characters): I read its last {LONGEST_MESSAGE:,}."
    return text[-LONGEST_MESSAGE:], (notice,)


def turn_of_person(text: str, linking: Linking, recommender: Recommender) -> Turn:
    """The person's turn, with those links that the run was trained with."""
    known = recommender.snapshot.entity_id
    entities = [link.entity for link in linking.links if link.entity.uri in known]
    return Turn(
        role="seeker",
        text=text,
        items=tuple(entity.uri for entity in entities if entity.is_item),
        entities=tuple(entity.uri for entity in entities if not entity.is_item),
    )


def named_by_person(context: Context) -> list[str]:
    """What the person named, oldest first, each once, at its newest place."""
    mentions = [uri for turn in context.turns if turn.role == "seeker" for uri in turn.mentions]
    return list(reversed(dict.fromkeys(reversed(mentions))))


def _plain_reply(text: str, linking: Linking, cards: Sequence[Card]) -> str:
    if linking.ambiguous and not cards:
        return "That name means more than one thing here. Which one do you mean?"
    if not text:
        return "Write a few words first: a film or a person that you like."
    return reply.lead([card.item for card in cards])


def _notices(linking: Linking, named: bool, answered: bool, recommender: Recommender) -> Iterator[str]:
    known = recommender.snapshot.entity_id
    unknown = [f"“{name}”" for name in linking.unknown]
    if unknown:
        yield f"I know nothing called {', '.join(unknown)}: it is not in the graph, or written otherwise there."
    newer = [f"“{link.entity.label}”" for link in linking.links if link.entity.uri not in known]
    if newer:
        yield f"{', '.join(newer)} came into the graph after this run was trained, so the model cannot use it."
    if answered and not named:
        yield "I found no film or person of the graph in what you wrote, so this rests on your words alone."


def _picture(item: Described) -> Path | None:
    return next((path for path in map(Path, item.images) if path.is_file()), None)
