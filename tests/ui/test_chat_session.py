"""A conversation on a real graph with a really trained run: what is understood, recommended, explained and said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graphstore.errors import ConnectionLostError
from graphstore.graph import Graph, open_graph
from graphstore.settings import Settings
from tests.ui.film_world import MARKUP, uri
from training.instances import Context
from training.recommender import Recommender
from ui.answer_json import answer_as_json
from ui.chat_session import LONGEST_MESSAGE, Answer, ChatSession
from ui.writer import NamesIn, Subject, Verdict, Writer, lead

pytestmark = pytest.mark.database


@pytest.fixture
def chat(films: Graph, recommender: Recommender) -> ChatSession:
    return ChatSession(recommender, films)


def uris(answer: Answer) -> list[str]:
    return [card.item.uri.removeprefix(uri("")) for card in answer.recommendations]


def test_an_answer_recommends_explains_and_names_only_what_it_recommends(chat: ChatSession) -> None:
    answer = chat.answer("I loved Inception and Arrival")
    assert [link.entity.label for link in answer.linked] == ["Inception (2010)", "Arrival (2016)"]
    assert len(answer.recommendations) == 5
    assert {"Inception", "Arrival_(film)"}.isdisjoint(uris(answer))
    scores = [card.score for card in answer.recommendations]
    assert scores == sorted(scores, reverse=True)
    assert all(card.item.label in answer.reply for card in answer.recommendations)
    assert "Inception" not in answer.reply
    assert (answer.notices, answer.words_by) == ((), None)
    assert {"linking", "ranking", "explaining", "describing", "turn"} == set(answer.timings)


def test_every_score_is_the_sum_of_what_is_shown(chat: ChatSession) -> None:
    for card in chat.answer("I loved Inception").recommendations:
        allowed = 1e-4 * max(1, abs(card.score))
        terms = sum(term.value for term in card.explanation.terms)
        bars = sum(bar.value for bar in card.why.bars) + card.why.others_value
        assert terms == pytest.approx(card.score, abs=allowed)
        assert bars == pytest.approx(card.score, abs=allowed)
        assert sum(share.value for share in card.why.shares) == pytest.approx(card.score, abs=allowed)
        assert len(card.why.bars) + card.why.others == len(card.explanation.terms)


def test_reasons_carry_the_graphs_figures_and_mark_what_was_named(chat: ChatSession) -> None:
    answer = chat.answer("I loved Inception")
    named = [bar for card in answer.recommendations for bar in card.why.bars if bar.named]
    assert {bar.uri for bar in named} == {uri("Inception")}
    assert {bar.detail for bar in named if bar.graph == "co_mention"} == {"in 2 conversations"}


def test_cards_carry_what_the_graph_knows(chat: ChatSession) -> None:
    answer = chat.answer("I loved Inception")
    items = {card.item.uri: card for card in answer.recommendations}
    card = items[uri("Interstellar_(film)")]
    assert (card.item.title, card.item.year, card.item.genres) == ("Interstellar", 2014, ("sci-fi",))
    assert card.picture is not None
    assert card.picture.is_file()
    assert not card.item.drawn
    assert any(card.picture is None for card in answer.recommendations)


def test_a_picture_that_is_gone_is_no_picture(films: Graph, recommender: Recommender, film_folder: Path) -> None:
    picture = film_folder / "Interstellar_(film).jpg"
    kept = picture.read_bytes()
    picture.unlink()
    try:
        answer = ChatSession(recommender, films).answer("I loved Inception")
    finally:
        picture.write_bytes(kept)
    card = next(card for card in answer.recommendations if card.item.uri == uri("Interstellar_(film)"))
    assert card.picture is None


def test_the_sample_says_that_it_is_drawn_and_simulated(films: Graph, recommender: Recommender) -> None:
    answer = ChatSession(recommender, films, sample=True).answer("I loved Inception")
    assert all(card.item.drawn for card in answer.recommendations)
    details = {bar.detail for card in answer.recommendations for bar in card.why.bars if bar.graph == "co_mention"}
    assert details
    assert all("simulated conversation" in detail for detail in details)


def test_nothing_is_recommended_twice_in_one_conversation(chat: ChatSession) -> None:
    first = chat.answer("I loved Inception")
    second = chat.answer("Something else?")
    assert set(uris(first)).isdisjoint(uris(second))
    assert second.notices == ()  # Inception still counts


def test_what_was_said_before_counts(films: Graph, recommender: Recommender) -> None:
    told = ChatSession(recommender, films)
    told.answer("I loved Toy Story")
    untold = ChatSession(recommender, films)
    scores = [
        {card.item.uri: card.score for card in chat.answer("I loved Inception").recommendations}
        for chat in (told, untold)
    ]
    assert scores[0] != scores[1]


def test_what_we_said_ourselves_is_no_evidence(chat: ChatSession) -> None:
    """Five titles of ours would else be words of the chat, and the first of them something that the person named."""
    chat.answer("I loved Inception")
    chat.answer("Something else")
    assert chat.situation is not None
    assert [turn.text for turn in chat.situation.context.turns] == ["I loved Inception", "Something else"]
    assert chat.situation.context.mentions == (uri("Inception"),)


class Listener(Writer):
    """Says nothing, and keeps what it was told."""

    name = "listener"

    def __init__(self) -> None:
        self.heard: list[Context] = []

    def reply(self, subject: Subject, names_in: NamesIn, drop: Callable[[Verdict], object]) -> str:
        """Nothing."""
        self.heard.append(subject.context)
        return ""


def test_who_writes_the_reply_hears_both_sides(films: Graph, recommender: Recommender) -> None:
    """As in the dialogues that a conversation model learns from; what came after a like stands after it."""
    listener = Listener()
    chat = ChatSession(recommender, films, listener)
    first = chat.answer("I loved Inception")
    chat.like(uri("Arrival"))
    chat.answer("Something else")
    assert [turn.role for turn in listener.heard[0].turns] == ["seeker"]
    turns = listener.heard[1].turns
    assert [turn.role for turn in turns] == ["seeker", "recommender", "seeker", "seeker"]
    best = first.recommendations[0].item
    assert turns[1].text == lead([best])  # five titles would leave no room for what the person said
    assert turns[1].items == (best.uri,)
    assert [turn.items for turn in turns[2:]] == [(uri("Arrival"),), ()]


def test_an_ambiguous_name_alone_is_asked_about_and_the_choice_answers(chat: ChatSession) -> None:
    asked = chat.answer("I loved The Mummy")
    assert asked.recommendations == ()
    assert "Which one" in asked.reply
    chosen = asked.ambiguous[0].choices[0]
    settled = chat.choose(asked.ambiguous[0].text, chosen.uri)
    assert [link.entity.uri for link in settled.linked] == [chosen.uri]
    assert settled.recommendations
    assert chat.answers == [settled]


def test_a_title_that_nobody_knows_is_said(chat: ChatSession) -> None:
    answer = chat.answer("Something like Zorgon Blaster")
    assert "“Zorgon Blaster”" in answer.notices[0]
    assert "your words alone" in answer.notices[1]
    assert answer.recommendations


def test_ten_thousand_characters_are_read_from_their_end(chat: ChatSession) -> None:
    answer = chat.answer("blah " * 2_000 + "I loved Inception")
    assert "10,017 characters" in answer.notices[0]
    assert f"{LONGEST_MESSAGE:,}" in answer.notices[0]
    assert [link.entity.title for link in answer.linked] == ["Inception"]


@pytest.mark.parametrize("message", ["", "   \n"])
def test_an_empty_message_asks_for_words(chat: ChatSession, message: str) -> None:
    answer = chat.answer(message)
    assert answer.recommendations == ()
    assert "a few words" in answer.reply


def test_markup_is_text_like_any_other(chat: ChatSession) -> None:
    answer = chat.answer(f"I loved {MARKUP} and **Arrival**")
    assert [link.entity.title for link in answer.linked] == [MARKUP, "Arrival"]


def test_the_same_conversation_gives_the_same_answers(films: Graph, recommender: Recommender) -> None:
    answers = [
        [answer_as_json(chat.answer(message), films) for message in ("I loved Inception", "And Her, too")]
        for chat in (ChatSession(recommender, films), ChatSession(recommender, films))
    ]
    assert answers[0] == answers[1]


def test_json_holds_every_term_and_nothing_else(chat: ChatSession, films: Graph) -> None:
    answer = chat.answer("I loved Inception")
    record = json.loads(json.dumps(answer_as_json(answer, films)))
    assert set(record) == {"understood", "ambiguous", "unknown", "notices", "reply", "recommendations"}
    for recommendation in record["recommendations"]:
        assert set(recommendation) == {"uri", "title", "score", "terms"}
        assert {term["graph"] for term in recommendation["terms"]} <= {"facts", "co_mention", "text", "image", "own"}
        assert all(len(step) == 3 for term in recommendation["terms"] for step in term["path"])
        assert all(term["sentence"].endswith(".") for term in recommendation["terms"])
        assert all(term["cypher"].startswith(":param ") for term in recommendation["terms"])
        total = sum(term["value"] for term in recommendation["terms"])
        assert total == pytest.approx(recommendation["score"], abs=1e-4 * max(1, abs(recommendation["score"])))


def test_a_lost_graph_is_an_error_and_another_connection_goes_on(
    films: Graph, recommender: Recommender, settings: Settings
) -> None:
    with open_graph(settings) as lost:
        chat = ChatSession(recommender, lost)
        chat.answer("I loved Inception")
    with pytest.raises(ConnectionLostError):
        chat.answer("And Arrival")
    assert len(chat.answers) == 1
    chat.attach(films)
    assert [link.entity.title for link in chat.answer("And Arrival").linked] == ["Arrival"]
