"""A language model's endpoint, played by a real HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.training.talking_server import Reply, TalkingServer, refused, said, talking_server
from training.endpoint import ChatEndpoint
from training.errors import EndpointError, NoAnswerError

MESSAGES = [{"role": "system", "content": "Describe."}, {"role": "user", "content": "{}"}]


@pytest.fixture
def server() -> Iterator[TalkingServer]:
    with talking_server(lambda body: said("Fear in space.")) as server:
        yield server


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is slept between attempts; nobody sleeps."""
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", note)
    return slept


def ask(server: TalkingServer, **options: Any) -> str:
    endpoint = ChatEndpoint(server.address, "some-model", **options)

    async def once() -> str:
        async with endpoint.client() as client:
            return await endpoint.answer(client, MESSAGES)

    return asyncio.run(once())


def in_turn(*replies: Reply) -> Callable[[dict[str, Any]], Reply]:
    """One reply after the other, then the last one for ever."""
    left = list(replies)
    return lambda body: left.pop(0) if len(left) > 1 else left[0]


def test_a_question_is_a_chat_completion(server: TalkingServer) -> None:
    assert ask(server, key=" secret\n") == "Fear in space."
    assert server.paths == ["/v1/chat/completions"]
    assert server.keys == ["Bearer secret"]
    assert server.bodies == [{"model": "some-model", "messages": MESSAGES, "temperature": 0, "max_tokens": 1000}]


@pytest.mark.parametrize("key", [None, "", " "])
def test_without_a_key_none_is_sent(server: TalkingServer, key: str | None) -> None:
    ask(server, key=key)
    assert server.keys == [None]


def test_the_proxies_of_the_environment_are_not_asked_for_this_machine(
    server: TalkingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(server) == "Fear in space."


@pytest.mark.parametrize("status", [429, 500, 503, 0], ids=["too many", "error", "busy", "broken connection"])
def test_what_may_pass_is_tried_again(server: TalkingServer, pauses: list[float], status: int) -> None:
    server.reply = in_turn(refused(status), refused(status), said("Fear."))
    assert ask(server) == "Fear."
    assert pauses == [1, 2]


def test_a_server_that_asks_for_a_pause_gets_it_within_reason(server: TalkingServer, pauses: list[float]) -> None:
    asked = [refused(429, Retry_After=after) for after in ("7", "99999", "Wed, 21 Oct 2026 07:28:00 GMT")]
    server.reply = in_turn(*asked, said("Fear."))
    assert ask(server) == "Fear."
    assert pauses == [7, 60, 4]


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (refused(500, "out of memory"), r"/v1 answered 500 \(out of memory\)\.$"),
        (refused(429), r"/v1 answered 429 \(No\)\.$"),
        (refused(0), r"^The connection to http://.*/v1 broke \("),
    ],
)
def test_what_never_passes_is_one_question_without_answer(server: TalkingServer, reply: Reply, sentence: str) -> None:
    server.reply = in_turn(reply)
    with pytest.raises(NoAnswerError, match=sentence):
        ask(server)
    assert len(server.bodies) == 4


def test_a_server_that_hangs_is_not_waited_for(server: TalkingServer) -> None:
    server.reply = server.hang
    with pytest.raises(NoAnswerError, match=r"/v1 did not answer within 0\.2 seconds\.$"):
        ask(server, seconds=0.2)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    "body",
    [b"<html>Hello</html>", b"[]", b"null", b'{"choices": []}', b'{"choices": [{"message": {"content": 7}}]}', b"\xff"],
)
def test_what_is_no_chat_completion_is_said_to_be_none(server: TalkingServer, body: bytes) -> None:
    server.reply = in_turn(Reply(body))
    with pytest.raises(NoAnswerError, match=r"is no chat completion: .* ends in /v1\.$"):
        ask(server)


def test_a_model_that_says_nothing_gives_an_empty_answer(server: TalkingServer) -> None:
    server.reply = in_turn(said(None))
    assert ask(server) == ""


def test_a_question_that_is_refused_is_not_asked_again(server: TalkingServer) -> None:
    server.reply = in_turn(refused(400, "This is\nagainst our rules."))
    with pytest.raises(NoAnswerError, match=r"answered 400 \(This is against our rules\)\.$"):
        ask(server)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(("key", "sentence"), [(None, "asks for a key"), ("secret", "refuses the key")])
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_missing_or_wrong_ends_it(
    server: TalkingServer, status: int, key: str | None, sentence: str
) -> None:
    server.reply = in_turn(refused(status, "Incorrect key: secret"))
    with pytest.raises(EndpointError, match=rf"{sentence} \({status}\): set TELLGRAPH_DESCRIBE_KEY") as caught:
        ask(server, key=key)
    assert type(caught.value) is EndpointError
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [refused(404, "The model `some-model` does not exist."), Reply(b"Not found", 404), refused(405)],
    ids=["model", "page", "method"],
)
def test_a_wrong_address_or_model_ends_it(server: TalkingServer, reply: Reply) -> None:
    server.reply = in_turn(reply)
    with pytest.raises(EndpointError, match=r"the address is right.*there is a model 'some-model'") as caught:
        ask(server)
    assert type(caught.value) is EndpointError
    assert len(server.bodies) == 1


def test_nobody_is_followed_to_another_address(server: TalkingServer) -> None:
    server.reply = in_turn(Reply(b"", 307, {"Location": server.address}))
    with pytest.raises(EndpointError, match=r"answered 307 \(Temporary Redirect\)"):
        ask(server, key="secret")
    assert len(server.bodies) == 1


def test_where_nobody_listens_it_ends() -> None:
    with talking_server() as gone:
        pass
    with pytest.raises(EndpointError, match=r"^Nobody answers at http://.*/v1 \(.*\): see that the server") as caught:
        ask(gone)
    assert type(caught.value) is EndpointError


def test_the_servers_words_are_shown_without_the_key(server: TalkingServer) -> None:
    server.reply = in_turn(refused(400, f"{'x' * 150} secret {'y' * 999}"))
    with pytest.raises(NoAnswerError) as caught:
        ask(server, key="secret")
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_model_that_thinks_is_asked_as_it_wants(server: TalkingServer) -> None:
    def choosy(body: dict[str, Any]) -> Reply:
        if "temperature" in body:
            return refused(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        if "max_tokens" in body:
            return refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return said(json.dumps(sorted(body)))

    server.reply = choosy
    endpoint = ChatEndpoint(server.address, "some-model")

    async def thrice() -> list[str]:
        async with endpoint.client() as client:
            together = await asyncio.gather(*(endpoint.answer(client, MESSAGES) for _ in range(2)))
            return [*together, await endpoint.answer(client, MESSAGES)]

    assert asyncio.run(thrice()) == [json.dumps(["max_completion_tokens", "messages", "model"])] * 3
    assert server.bodies[-1].keys() == {"max_completion_tokens", "messages", "model"}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8000/v1",
        "ftp://127.0.0.1/v1",
        "http://",
        "http://127.0.0.1:99999/v1",
        "http://h/v1?key=1",
        "\x00",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(EndpointError, match=r"give one like http://127\.0\.0\.1:8000/v1"):
        ChatEndpoint(address, "m")


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(EndpointError, match="put the key in TELLGRAPH_DESCRIBE_KEY") as caught:
        ChatEndpoint("http://ann:secret@host/v1", "m")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("model", ["", " ", "a\nb", "x" * 201])
def test_what_is_no_models_name_is_refused(model: str) -> None:
    with pytest.raises(EndpointError, match="is no model's name"):
        ChatEndpoint("http://host/v1", model)


def test_a_key_is_in_no_picture_of_the_endpoint() -> None:
    assert "secret" not in repr(ChatEndpoint("https://host/v1", "m", "secret"))
    with pytest.raises(EndpointError, match="TELLGRAPH_DESCRIBE_KEY holds signs") as caught:
        ChatEndpoint("https://host/v1", "m", "secr\net")
    assert "secr" not in str(caught.value)


def test_a_key_goes_nowhere_that_others_could_read_it() -> None:
    with pytest.raises(EndpointError, match="no https address") as caught:
        ChatEndpoint("http://host/v1", "m", "secret")
    assert "secret" not in str(caught.value)
    for here in ("http://127.0.0.1:8000/v1", "http://localhost/v1", "http://[::1]:8000/v1"):
        assert ChatEndpoint(here, "m", "secret").key == "secret"
    assert ChatEndpoint("http://host/v1", "m").key is None
