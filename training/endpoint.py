"""A language model behind an OpenAI-compatible HTTP API: one question, one answer.

Everything that can go wrong is one sentence. What another attempt may mend (429, 5xx, a broken connection) is tried
again, with a pause that doubles or that the server asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from training.errors import EndpointError, NoAnswerError

__all__ = ["ChatEndpoint"]

CONNECT_SECONDS = 10.0
PAUSES = (1.0, 2.0, 4.0)  # between four attempts
LONGEST_PAUSE = 60.0
_AGAIN = frozenset({408, 409, 425, 429, *range(500, 600)})
_OF_THIS_QUESTION = frozenset({400, 413, 422})  # too long, or against a rule: the next one may pass
_LONGEST_REASON = 200
# A person's proxies are not for what runs on the same machine.
_HERE = ("localhost", "127.0.0.1", "::1")
_DIRECT = {f"all://{f'[{host}]' if ':' in host else host}": None for host in _HERE}
# An answer has some 120 tokens, and a model that thinks aloud spends more on that.
_OPTIONS = {"temperature": 0, "max_tokens": 1_000}
_THINKING_TOKENS = 4_000


@dataclass
class ChatEndpoint:
    """Where a language model answers.

    address: all before `/chat/completions`, like http://127.0.0.1:8000/v1.
    model: as the server calls it.
    key: sent as a bearer token where there is one; it stands in no message.
    seconds: how long one answer may take.

    Raises EndpointError for an address, a model's name or a key that cannot be one.
    """

    address: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 120.0
    _options: Mapping[str, Any] = field(default_factory=lambda: _OPTIONS, init=False, repr=False)

    def __post_init__(self) -> None:
        self.address = self.address.rstrip("/")
        self.key = self.key and self.key.strip()
        _check_address(self.address)
        if not self.model.strip() or len(self.model) > 200 or not self.model.isprintable():
            raise EndpointError(f"{self.model[:200]!r} is no model's name: give it as the server has it.")
        if self.key and not (self.key.isascii() and self.key.isprintable()):
            raise EndpointError("TELLGRAPH_DESCRIBE_KEY holds signs that no key has: set it to the key alone.")
        url = httpx2.URL(self.address)
        if self.key and url.scheme == "http" and url.host not in _HERE:
            raise EndpointError(
                f"{self.address} is no https address, and the key would go there readable by everybody on the way: "
                "use https, or unset TELLGRAPH_DESCRIBE_KEY."
            )

    def client(self) -> httpx2.AsyncClient:
        """What sends the questions, to be used as an asynchronous context manager."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)
        return httpx2.AsyncClient(headers=headers, timeout=timeout, mounts=_DIRECT)

    async def answer(self, client: httpx2.AsyncClient, messages: Sequence[Mapping[str, str]]) -> str:
        """The model's answer to a chat, as it came.

        Raises NoAnswerError when this question has none, EndpointError when no other would have one either.
        """
        for pause in (*PAUSES, None):
            options, asked = self._options, 0.0
            body = {"model": self.model, "messages": messages, **options}
            try:
                async with asyncio.timeout(self.seconds):
                    response = await client.post(f"{self.address}/chat/completions", json=body)
            except TimeoutError as error:
                raise NoAnswerError(f"{self.address} did not answer within {self.seconds:g} seconds.") from error
            except httpx2.RequestError as error:
                failure = self._broken(error)
            else:
                if response.status_code == httpx2.codes.OK:
                    return self._words(response)
                failure = self._refusal(response)
                if response.status_code == httpx2.codes.BAD_REQUEST and self._ask_otherwise(options, str(failure)):
                    continue
                if response.status_code not in _AGAIN:
                    raise failure
                asked = _seconds(response.headers.get("retry-after", ""))
            if pause is not None:
                await asyncio.sleep(min(max(pause, asked), LONGEST_PAUSE))
        raise failure

    def _ask_otherwise(self, sent: Mapping[str, Any], refusal: str) -> bool:
        """Whether there is another way to ask: models that think take no temperature, and name the limit otherwise."""
        if sent is not self._options:  # another question found out meanwhile
            return True
        named = next((name for name in _OPTIONS if name in sent and name in refusal), None)
        # A server that knows both names of the limit refuses this question's length, and not the name.
        if named is None or ("max_completion_tokens" in refusal and "unsupported" not in refusal.lower()):
            return False
        left = {name: value for name, value in sent.items() if name != named}
        self._options = left | ({"max_completion_tokens": _THINKING_TOKENS} if named == "max_tokens" else {})
        return True

    def _words(self, response: httpx2.Response) -> str:
        try:
            choice = response.json()["choices"][0]
            content = choice["message"]["content"]
            if choice.get("finish_reason") == "length":
                raise NoAnswerError(f"{self.model} was cut off: what it had written by then is no description.")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            content = 0
        if content is not None and not isinstance(content, str):
            raise NoAnswerError(
                f"What {self.address} answered is no chat completion: see that the address is right; with most "
                "servers it ends in /v1."
            )
        return content or ""

    def _broken(self, error: httpx2.RequestError) -> EndpointError:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            return EndpointError(f"Nobody answers at {self.address} ({reason}): see that the server runs there.")
        return NoAnswerError(f"The connection to {self.address} broke ({reason}).")

    def _refusal(self, response: httpx2.Response) -> EndpointError:
        status = response.status_code
        if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
            given = "refuses the key" if self.key else "asks for a key"
            return EndpointError(f"{self.address} {given} ({status}): set TELLGRAPH_DESCRIBE_KEY to one that it takes.")
        said = f"{self.address} answered {status} ({self._reason(response)})"
        if status in _AGAIN | _OF_THIS_QUESTION:
            return NoAnswerError(f"{said}.")
        return EndpointError(
            f"{said}: see that the address is right, with most servers it ends in /v1, and that there is a model "
            f"{self.model!r}."
        )

    def _reason(self, response: httpx2.Response) -> str:
        """The server's own words, where it has any, and never with the key in them."""
        try:
            told = response.json()
            error = told.get("error") or told
            words = str(error["message"] if isinstance(error, dict) else error)
        except (ValueError, LookupError, AttributeError, RecursionError):
            words = response.reason_phrase or "without a reason"
        words = "".join(sign if sign.isprintable() else " " for sign in words)
        return (words.replace(self.key, "…") if self.key else words)[:_LONGEST_REASON].rstrip(" .")


def _check_address(address: str) -> None:
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL as error:
        raise EndpointError(f"{address!r} is no address ({error}): give one like http://127.0.0.1:8000/v1.") from error
    if url.userinfo:
        raise EndpointError("The endpoint's address holds a user or password: put the key in TELLGRAPH_DESCRIBE_KEY.")
    odd = url.query or url.fragment or not 0 < (url.port or 80) < 2**16
    if url.scheme not in ("http", "https") or not url.host or odd:
        raise EndpointError(f"{address!r} is no endpoint's address: give one like http://127.0.0.1:8000/v1.")


def _seconds(header: str) -> float:
    """What Retry-After asks for; a date, which it may be as well, is not looked at."""
    return float(header) if header.isdecimal() and len(header) < 6 else 0.0
