"""What a person says with buttons: it changes the next ranking, stands in the graph, and is forgotten with one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from graphstore.dialogues import Turn
from graphstore.errors import ConnectionLostError, QueryError
from graphstore.graph import Graph, open_graph
from graphstore.settings import Settings
from graphstore.visitors import Mark
from tests.ui.film_world import uri
from training.recommender import Recommender, Silence
from ui.chat_session import Answer, ChatSession
from ui.feedback import WAITING, Feedback, Marked

pytestmark = pytest.mark.database

HER, ARRIVAL, INCEPTION = uri("Her_(film)"), uri("Arrival_(film)"), uri("Inception")


@pytest.fixture
def chat(films: Graph, recommender: Recommender) -> Iterator[ChatSession]:
    chat = ChatSession(recommender, films)
    chat.recommend("I loved Inception")
    yield chat
    chat.attach(films)
    chat.forget()


def uris(answer: Answer | None) -> list[str]:
    assert answer
    return [card.item.uri for card in answer.recommendations]


def written(chat: ChatSession, graph: Graph) -> set[tuple[str, str]]:
    return {(row["kind"], row["uri"]) for row in chat.feedback.visitor.facts(graph)}


def test_liking_an_item_is_as_good_as_naming_it_last(films: Graph, recommender: Recommender, chat: ChatSession) -> None:
    best = chat.answers[-1].recommendations[0].item.uri
    answer = chat.like(best)
    assert len(chat.answers) == 1
    assert best not in uris(answer)
    assert len(uris(answer)) == 5
    assert chat.situation
    assert chat.situation.context.newest_first[:2] == (best, INCEPTION)
    assert chat.situation.context.turns[-1] == Turn("seeker", "", (best,))
    assert written(chat, films) == {("LIKED", best)}
    other = ChatSession(recommender, films)
    other.recommend("I loved Inception")
    assert uris(other.more_like(best)) == uris(answer)
    assert written(other, films) == {("MORE_LIKE", best)}
    other.forget()


class Lost:
    """A graph that does not answer, or refuses."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def write(self, *_: object, **__: object) -> None:
        raise self.error


@pytest.mark.parametrize("error", [ConnectionLostError("gone"), QueryError("refused")])
def test_nobody_who_asked_for_it_stays_in_the_graph(films: Graph, error: Exception) -> None:
    feedback, lost = Feedback(), cast(Graph, Lost(error))
    feedback.say("LIKED", HER, 0)
    feedback.write(films)
    first = feedback.visitor
    feedback.forget()
    feedback.write(lost)
    assert feedback.waiting
    feedback.forget()
    feedback.write(lost)
    assert first.facts(films)
    assert bool(feedback.trouble) == isinstance(error, QueryError)
    feedback.write(films)
    assert not first.facts(films)
    assert (feedback.waiting, feedback.trouble) == (0, "")


def test_what_was_liked_stays_where_it_was_said(chat: ChatSession) -> None:
    first = uris(chat.answers[-1])[0]
    chat.like(first)
    chat.recommend("And Toy Story")
    assert chat.situation
    assert [turn.items for turn in chat.situation.context.turns] == [(INCEPTION,), (first,), (uri("Toy_Story"),)]


def test_what_is_disliked_never_comes_back_and_was_never_named(chat: ChatSession, films: Graph) -> None:
    best = uris(chat.answers[-1])[0]
    assert best not in uris(chat.dislike(best))
    chat.dislike(INCEPTION)
    assert chat.situation
    assert chat.situation.context.mentions == ()
    for message in ("Anything", "Something else", "And more?"):
        answer = chat.recommend(message)
        assert {best, INCEPTION}.isdisjoint(uris(answer))
    assert written(chat, films) == {("DISLIKED", best), ("DISLIKED", INCEPTION)}


def test_what_was_seen_is_left_out_and_nothing_else_changes(chat: ChatSession) -> None:
    before = chat.answers[-1].recommendations
    after = chat.seen(before[1].item.uri)
    assert after
    scores = {card.item.uri: card.score for card in after.recommendations}
    assert before[1].item.uri not in scores
    assert [scores[card.item.uri] for card in before if card is not before[1]] == [
        card.score for card in before if card is not before[1]
    ]


def test_less_of_a_reason_takes_its_terms_out_of_every_score(chat: ChatSession, films: Graph) -> None:
    before = {card.item.uri: card for card in chat.answers[-1].recommendations}
    answer = chat.less_of(Silence(graph="facts"))
    chat.less_of(Silence("co_mention", INCEPTION))
    assert answer
    assert answer.recommendations
    for card in answer.recommendations:
        assert all(term.graph != "facts" for term in card.explanation.terms)
        if card.item.uri in before:
            lost = sum(term.value for term in before[card.item.uri].explanation.terms if term.graph == "facts")
            assert card.score == pytest.approx(before[card.item.uri].score - lost, rel=1e-6)
    facts = chat.feedback.visitor.facts(films)
    assert {(row["kind"], row["graph"], row["uri"]) for row in facts} == {
        ("LESS_OF", "facts", ""),
        ("LESS_OF", "co_mention", INCEPTION),
    }
    assert uris(chat.undo(Silence("co_mention", INCEPTION))) == uris(answer)


def test_everything_can_be_undone(chat: ChatSession, films: Graph) -> None:
    before = uris(chat.answers[-1])
    for mark in ("LIKED", "SEEN", "MORE_LIKE", "DISLIKED"):
        chat.mark(mark, before[0])
    assert chat.feedback.marks == (Marked("SEEN", before[0]), Marked("DISLIKED", before[0]))
    assert written(chat, films) == {("SEEN", before[0]), ("DISLIKED", before[0])}
    chat.less_of(Silence(graph="text"))
    everything: tuple[Marked | Silence, ...] = (*chat.feedback.marks, *chat.feedback.silenced)
    for said in everything:
        chat.undo(said)
    assert uris(chat.answers[-1]) == before
    assert written(chat, films) == set()


def test_one_call_forgets_everything_and_the_next_fact_is_another_visitors(chat: ChatSession, films: Graph) -> None:
    before = uris(chat.answers[-1])
    chat.dislike(before[0])
    chat.less_of(Silence(graph="own"))
    visitor = chat.feedback.visitor
    assert uris(chat.forget()) == before
    assert visitor.facts(films) == []
    assert chat.feedback.visitor.id != visitor.id
    chat.seen(before[0])
    assert visitor.facts(films) == []
    assert written(chat, films) == {("SEEN", before[0])}


def test_two_sessions_never_mix(chat: ChatSession, recommender: Recommender, films: Graph) -> None:
    other = ChatSession(recommender, films)
    other.recommend("I loved Inception")
    before = uris(other.answers[-1])
    chat.dislike(before[0])
    chat.less_of(Silence(graph="facts"))
    assert uris(other.seen(before[4]))[:4] == before[:4]
    assert chat.feedback.visitor.id != other.feedback.visitor.id
    assert written(other, films) == {("SEEN", before[4])}
    assert written(chat, films) == {("DISLIKED", before[0]), ("LESS_OF", "")}
    other.forget()
    assert len(written(chat, films)) == 2


def test_a_new_conversation_knows_what_was_said_before(
    chat: ChatSession, recommender: Recommender, films: Graph
) -> None:
    chat.like(HER)
    chat.dislike(ARRIVAL)
    fresh = ChatSession(recommender, films, feedback=chat.feedback)
    answer = fresh.recommend("I loved Inception")
    assert {HER, ARRIVAL}.isdisjoint(uris(answer))
    assert fresh.situation
    assert [turn.items for turn in fresh.situation.context.turns] == [(HER,), (INCEPTION,)]


def test_a_lost_graph_is_said_and_gets_everything_when_it_is_back(
    films: Graph, recommender: Recommender, settings: Settings
) -> None:
    with open_graph(settings) as lost:
        chat = ChatSession(recommender, lost)
        before = uris(chat.recommend("I loved Inception"))
    answer = chat.dislike(before[0])
    chat.seen(before[1])
    assert answer
    assert answer.notices == (WAITING,)
    assert chat.answers[-1].notices == (WAITING,)
    assert uris(answer) == before
    assert chat.behind
    assert written(chat, films) == set()
    chat.attach(films)
    again = chat.catch_up()
    assert again
    assert not chat.behind
    assert again.notices == ()
    assert set(before[:2]).isdisjoint(uris(again))
    assert written(chat, films) == {("DISLIKED", before[0]), ("SEEN", before[1])}
    chat.forget()


def test_what_the_graph_refuses_is_said_and_counts_all_the_same(chat: ChatSession, films: Graph) -> None:
    broken = "urn:\ud800"  # no Unicode
    answer = chat.mark("SEEN", broken)
    assert answer
    assert "the graph did not take it" in answer.notices[0]
    assert not chat.behind
    assert written(chat, films) == set()
    assert broken in chat.feedback.unwanted
    later = chat.recommend("And now?")
    assert later.notices == ()


@pytest.mark.parametrize(("mark", "against"), [("LIKED", "DISLIKED"), ("DISLIKED", "MORE_LIKE")])
def test_an_opinion_takes_back_what_contradicts_it(mark: Mark, against: Mark) -> None:
    feedback = Feedback()
    feedback.say(against, HER, 0)
    feedback.say("SEEN", HER, 0)
    feedback.say(mark, HER, 1)
    feedback.say(mark, HER, 2)
    assert feedback.marks == (Marked("SEEN", HER), Marked(mark, HER))
