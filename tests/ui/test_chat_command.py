"""`tellgraph chat` and `tellgraph app` as people and programs call them."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from graphstore.errors import ConnectionLostError
from graphstore.graph import Graph, open_graph
from graphstore.settings import Settings
from tests.ui.film_world import MARKUP, uri
from training.recommender import Recommender
from ui.app_command import server_command
from ui.chat_command import converse
from ui.chat_session import ChatSession
from ui.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    output = capsys.readouterr()
    return int(ended.value.code or 0), output.out, output.err


def nowhere() -> Graph:
    raise ConnectionLostError("Still nothing there.")


def talk(
    chat: ChatSession, *lines: str, monkeypatch: pytest.MonkeyPatch, reconnect: Callable[[], Graph] = nowhere
) -> str:
    """What a terminal shows of a conversation that ends with the input."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    shown = io.StringIO()
    converse(chat, Console(file=shown, width=200), reconnect)
    return shown.getvalue()


@pytest.fixture
def chat(films: Graph, recommender: Recommender) -> ChatSession:
    return ChatSession(recommender, films)


@pytest.mark.database
def test_one_question_as_json(films: Graph, film_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "chat", "--run", str(film_run), "--message", "I loved Inception", "--json")
    answer = json.loads(out)
    assert code == 0
    assert len(answer["recommendations"]) == 5
    for recommendation in answer["recommendations"]:
        assert sum(term["value"] for term in recommendation["terms"]) == pytest.approx(
            recommendation["score"], abs=1e-4
        )
    assert answer["recommendations"][0]["title"] in answer["reply"]


@pytest.mark.database
def test_one_question_for_people(films: Graph, film_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "chat", "--run", str(film_run), "--message", "I loved Inception", "--words", "none")
    assert code == 0
    assert "understood: Inception (2010)" in out
    assert "I would start with" in out


@pytest.mark.database
def test_a_conversation_explains_when_asked(chat: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = talk(chat, "I loved Inception", "why 2", "why 9", "", monkeypatch=monkeypatch)
    second = chat.answers[0].recommendations[1]
    assert f"Why {second.item.label}?" in shown
    assert f"= {second.score:.3f}: all {len(second.explanation.terms)} terms add up to the score" in shown
    assert "has 5 recommendations" in shown
    assert len(chat.answers) == 1


@pytest.mark.database
def test_a_number_that_was_not_offered_is_a_message(chat: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = talk(chat, "I loved The Mummy", "7", monkeypatch=monkeypatch)
    assert "1  The Mummy: The Mummy (" in shown
    assert [answer.message for answer in chat.answers] == ["I loved The Mummy", "7"]


@pytest.mark.database
def test_a_number_answers_the_question(chat: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(chat, "I loved The Mummy", "2", monkeypatch=monkeypatch)
    (answer,) = chat.answers
    assert [link.entity.title for link in answer.linked] == ["The Mummy"]
    assert answer.recommendations


@pytest.mark.database
def test_no_name_steers_the_terminal(films: Graph, recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ChatSession(recommender, films, count=12)
    shown = talk(chat, "[red]Her[/red] \x1b[2J, please", monkeypatch=monkeypatch)
    assert MARKUP in shown
    assert "\x1b[2J" not in shown
    assert uri("Markup") in {card.item.uri for card in chat.answers[0].recommendations}


def lost(settings: Settings) -> Graph:
    """A connection that somebody closed: whatever is asked of it fails."""
    graph = open_graph(settings)
    graph.close()
    return graph


@pytest.mark.database
def test_a_lost_graph_is_opened_again_and_the_conversation_goes_on(
    chat: ChatSession, films: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.answer("I loved Inception")
    chat.attach(lost(settings))
    shown = talk(chat, "and The Matrix", monkeypatch=monkeypatch, reconnect=lambda: open_graph(settings))
    assert "Connecting again" in shown
    assert len(chat.answers) == 2
    assert uri("Inception") in chat.answers[1].named
    chat.graph.close()


@pytest.mark.database
def test_while_the_graph_is_gone_nothing_said_before_is_lost(
    chat: ChatSession, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.answer("I loved Inception")
    chat.attach(lost(settings))
    shown = talk(chat, "and The Matrix", monkeypatch=monkeypatch)
    assert "Still nothing there. What you said before is kept" in shown
    assert len(chat.answers) == 1


@pytest.mark.database
def test_buttons_are_words_in_a_terminal(chat: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    first = chat.answer("I loved Inception").recommendations
    shown = talk(chat, "help", "dislike 1", "like 9", "quit", "never reached", monkeypatch=monkeypatch)
    assert shown.count("`dislike 2`") == 2
    assert f"The last answer has {len(first)} recommendations." in shown
    assert [marked.uri for marked in chat.feedback.marks] == [first[0].item.uri]
    assert first[0].item.uri not in {card.item.uri for card in chat.answers[-1].recommendations}
    assert len(chat.answers) == 1
    talk(chat, "forget", monkeypatch=monkeypatch)
    assert chat.feedback.marks == ()


@pytest.mark.database
def test_a_machine_reads_what_was_not_understood(
    films: Graph, film_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("chat", "--run", str(film_run), "--json", "--message", "I loved Inception and Zorblax The Mighty")
    answer = json.loads(run(capsys, *asked)[1])
    assert [one["uri"] for one in answer["understood"]] == [uri("Inception")]
    assert answer["unknown"]
    assert any("nothing called" in notice for notice in answer["notices"])


def test_no_run_yet_is_one_sentence_with_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, error = run(capsys, "chat", "--run", str(tmp_path / "none"), "--message", "hello")
    assert (code, out) == (1, "")
    assert error.count("Error:") == 1
    assert "tellgraph train" in error
    assert "Traceback" not in error


@pytest.mark.database
def test_an_unfinished_run_is_said(
    films: Graph, film_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unfinished = tmp_path / "run"
    unfinished.mkdir()
    (unfinished / "recipe.yaml").write_bytes((film_run / "recipe.yaml").read_bytes())
    code, _, error = run(capsys, "chat", "--run", str(unfinished), "--message", "hello")
    assert code == 1
    assert "--resume" in error


@pytest.mark.database
def test_an_empty_graph_is_said(film_run: Path, graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(capsys, "chat", "--run", str(film_run), "--message", "hello")
    assert code == 1
    assert "tellgraph ingest" in error


def test_json_needs_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(capsys, "chat", "--run", str(tmp_path), "--json")
    assert code == 2
    assert "--message" in error


@pytest.mark.parametrize("name", ["app", "chat"])
def test_help_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert f"tellgraph {name} --run" in out


def test_a_taken_port_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, error = run(capsys, "app", "--run", str(tmp_path), "--port", str(port))
    assert code == 1
    assert f"Port {port}" in error


def test_the_page_listens_here_only_and_reports_nothing(tmp_path: Path) -> None:
    command = server_command(tmp_path, 9000)
    assert "--server.address=127.0.0.1" in command
    assert "--server.headless=true" in command
    assert "--browser.gatherUsageStats=false" in command
