"""A conversation: what was said, what was understood of it, what is recommended and why. Knows no Streamlit.

answer(message) ── Linker ── Context ── Recommender ── explanations ── names and figures from the graph
                                                                          └── Answer ── words(answer)
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from graphstore.dialogues import Turn
from graphstore.errors import ConnectionLostError
from graphstore.graph import Graph
from graphstore.visitors import Mark
from training.instances import Context
from training.pipeline import on_graph
from training.recommender import Explanation, Recommender, Silence
from ui.clock import Clock
from ui.described import Described
from ui.feedback import WAITING, Feedback, Marked
from ui.graph_reads import describe, edges_between, words_before
from ui.linking import Ambiguity, Link, Linker, NamedEntity
from ui.message import LONGEST_MESSAGE, against, named_by_person, notices, plain_reply, shortened, turn_of_person
from ui.why import Why, nodes_to_describe, pairs_to_check, turns_to_quote, why
from ui.writer import Subject, Verdict, Writer, lead

__all__ = ["LONGEST_MESSAGE", "Answer", "Card", "ChatSession", "Situation"]

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


@dataclass(frozen=True)
class Situation:
    """What the last recommendations rest on. excluded: URIs that were not to be recommended."""

    context: Context
    excluded: frozenset[str]
    silenced: tuple[Silence, ...]


class ChatSession:
    """One person's conversation with a trained run.

    recommender, graph, writer: shared between conversations; a session keeps what was said, and nothing else.
        Without a writer the words are plain sentences.
    sample: the graph is the sample that ships, whose pictures are drawn and whose conversations are simulated.
    count: items in an answer.
    feedback: what the person said with buttons in a conversation before this one.

    dropped: what the writer wrote and nobody saw, with the reasons.
    """

    def __init__(
        self,
        recommender: Recommender,
        graph: Graph,
        writer: Writer | None = None,
        sample: bool = False,
        count: int = 5,
        feedback: Feedback | None = None,
    ) -> None:
        self._run = recommender
        self._gone: set[str] = set()
        self._writer = writer
        self.dropped: list[Verdict] = []
        self._sample = sample
        self._count = count
        self.attach(graph)
        self._said: list[Turn] = []  # by the person
        self._chosen: dict[str, str] = {}
        self.feedback = feedback or Feedback()
        self.feedback.from_now_on()
        self.behind = bool(self.feedback.waiting)
        self.situation: Situation | None = None
        self.answers: list[Answer] = []

    def attach(self, graph: Graph) -> None:
        """Go on with another connection, after one that was lost."""

        self._graph = graph
        self._linker = Linker(graph)
        self._recommender = on_graph(self._run, graph)

    @property
    def graph(self) -> Graph:
        """The connection in use."""
        return self._graph

    @property
    def recommender(self) -> Recommender:
        """The run, as it reads this graph."""
        return self._recommender

    def answer(self, message: str) -> Answer:
        """Understand, recommend, explain, and find words. Raises ConnectionLostError without a graph."""
        return self.words(self.recommend(message))

    def recommend(self, message: str) -> Answer:
        """The answer with its plain sentence alone, ready before any language model begins to write."""
        self.feedback.write(self._graph)
        answer = self._respond(message, len(self.answers))
        self.answers.append(answer)
        return answer

    def choose(self, name: str, uri: str) -> Answer:
        """Answer the last message again, now that `name` in it means `uri`."""
        self._chosen[name] = uri
        return self._again()

    def mark(self, mark: Mark, uri: str) -> Answer | None:
        """Take what the person says of an item, and rank the last answer again; None where there is none yet.

        It is written to the graph. Where that does not answer, it is kept, `behind` is true, and `catch_up` does the
        rest; the answer says so.
        """
        self.feedback.say(mark, uri, len(self.answers))
        return self.catch_up()

    def like(self, uri: str) -> Answer | None:
        """From now on the item counts as one that the person named; see `mark`."""
        return self.mark("LIKED", uri)

    def more_like(self, uri: str) -> Answer | None:
        """The same; the graph keeps them apart."""
        return self.mark("MORE_LIKE", uri)

    def dislike(self, uri: str) -> Answer | None:
        """The item is never recommended again, and as if it had never been named; see `mark`."""
        return self.mark("DISLIKED", uri)

    def seen(self, uri: str) -> Answer | None:
        """The item is not recommended again; see `mark`."""
        return self.mark("SEEN", uri)

    def less_of(self, silence: Silence) -> Answer | None:
        """Leave such terms out of every score from now on; see `mark`."""
        self.feedback.less_of(silence)
        return self.catch_up()

    def undo(self, said: Marked | Silence) -> Answer | None:
        """Take back one of `feedback.marks` or `feedback.silenced`; see `mark`."""
        self.feedback.take_back(said)
        return self.catch_up()

    def forget(self) -> Answer | None:
        """Take back everything, and delete it from the graph; see `mark`."""
        self.feedback.forget()
        return self.catch_up()

    def catch_up(self) -> Answer | None:
        """Write what the graph does not have yet, and rank the last answer again; it says so where that is lost."""
        self.feedback.write(self._graph)
        self.behind = bool(self.feedback.waiting)
        if not self.answers:
            return None
        if not self.behind:
            try:
                return self._again()
            except ConnectionLostError:
                self.behind = True
        last = self.answers[-1]
        self.answers[-1] = replace(last, notices=tuple(dict.fromkeys((*last.notices, WAITING))))
        return self.answers[-1]

    def words(self, answer: Answer) -> Answer:
        """The newest answer in the words of a language model, where some pass the guard; any other as it is.

        Where the graph is lost meanwhile, nobody can look at them, and the plain sentences stand.
        """
        newest = bool(self.answers) and answer is self.answers[-1]
        if self._writer is None or self.situation is None or not (newest and answer.recommendations):
            return answer
        items = [card.item for card in answer.recommendations]
        started = time.perf_counter()
        # A reply follows what both have said, as in the dialogues that the writer learned from.
        chat = self.feedback.heard(self._said, [_turn_of_ours(one) for one in self.answers[:-1]])
        subject = Subject(chat, items, answer.recommendations[0].why)
        try:
            reply = self._writer.reply(subject, self._names_in, self.dropped.append)
        except ConnectionLostError:  # the guard asks the graph; the plain sentences stand
            reply = ""
        timings = {**answer.timings, "words": 1000 * (time.perf_counter() - started)}
        written = replace(answer, timings=timings)
        if reply:
            written = replace(written, reply=reply, words_by=self._writer.name)
        self.answers[-1] = written
        return written

    def _again(self) -> Answer:
        """The last message's answer, as everything stands now."""
        self.answers[-1] = self._respond(self.answers[-1].message, len(self.answers) - 1)
        return self.answers[-1]

    def _respond(self, message: str, number: int) -> Answer:
        """The answer with this number, from 0."""
        clock = Clock()
        text, cut = shortened(message.strip())
        with clock.stage("linking"):
            linking = self._linker.link(text, self._chosen)
        turn = turn_of_person(text, linking, self._recommender)
        self._said[number:] = [turn]
        context = self.feedback.heard(self._said)
        named = named_by_person(context)
        self.situation = None
        if not text or (linking.ambiguous and not named):
            cards: list[Card] = []
        else:
            cards = self._cards(context, named, clock, _recommended(self.answers[:number]))
        items = [card.item for card in cards]
        self.behind = False
        return Answer(
            message=message,
            reply=plain_reply(text, linking, items),
            recommendations=tuple(cards),
            linked=linking.links,
            ambiguous=linking.ambiguous,
            unknown=linking.unknown,
            named=tuple(named),
            notices=(
                *cut,
                *filter(None, [self.feedback.trouble]),
                *notices(linking, bool(named), bool(cards), self._recommender),
                *(against(text) if cards else ()),
            ),
            timings=clock.milliseconds,
        )

    def _cards(self, context: Context, named: Sequence[str], clock: Clock, shown: set[str]) -> list[Card]:
        """The best items and their reasons, without `shown`, which earlier answers had, and what the graph has lost."""
        recent, silenced = named[-_MOST_NAMED:], self.feedback.silenced
        while True:
            with clock.stage("ranking"):
                excluded = self._gone.union(context.mentions, shown, self.feedback.unwanted)
                best = self._recommender.recommend(context, self._count, excluded, silenced)
            with clock.stage("explaining"):
                explanations = self._recommender.explain_all(context, [found.uri for found in best], silenced)
            with clock.stage("describing"):
                pairs = pairs_to_check(explanations, recent)
                nodes = nodes_to_describe(explanations, recent)
                items = {found.uri for found in best}
                entities = describe(self._graph, nodes.union(*pairs), self._sample, items)
            gone = items - entities.keys()
            if not gone:
                break
            self._gone |= gone
        self.situation = Situation(context, frozenset(excluded), silenced)
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


def _recommended(answers: Sequence[Answer]) -> set[str]:
    return {card.item.uri for answer in answers for card in answer.recommendations}


def _turn_of_ours(answer: Answer) -> Turn:
    """What we answered, with the first item alone: who recommends in the dialogues that were learned from names one."""
    first = [card.item for card in answer.recommendations[:1]]
    return Turn("recommender", lead(first) if first else answer.reply, tuple(item.uri for item in first))


def _picture(item: Described) -> Path | None:
    return next((path for path in map(Path, item.images) if path.is_file()), None)
