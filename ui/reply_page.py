"""Replies of several systems side by side, as one HTML file that a person reads and rates.

The file needs no server and no network, so it cannot store a rating either: it offers them as `ratings.json`, which
`tellgraph study ratings` sums (ui/ratings.py). Who said what is only told by the key at its end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from string import Template, ascii_uppercase

import numpy as np

from training.conversation_instances import ConversationInstance
from ui.errors import DoorError

__all__ = ["MARKS", "QUALITIES", "reply_page"]

QUALITIES = ("fluency", "informativeness")
MARKS = (0, 1, 2)
"""The scale of the MSCRS paper's human evaluation."""

_TURNS = 6  # of the context: more does not help to judge a reply
_SPEAKERS = {"seeker": "Seeker", "recommender": "Recommender"}


@dataclass(frozen=True)
class _Question:
    """A chat, what was really said, and what the systems say: (system, reply) in the order of their letters."""

    instance: ConversationInstance
    replies: Sequence[tuple[str, str]]


def reply_page(
    instances: Sequence[ConversationInstance],
    replies: Mapping[str, Sequence[str]],
    *,
    count: int = 50,
    seed: int = 0,
) -> str:
    """The page: `count` of the instances, or all where there are fewer, in their order.

    replies: system → a reply per instance, as a person should see it. seed: of the choice and the systems' order.

    Raises DoorError when there is nothing to show or more systems than letters, and ValueError where a system has not
    as many replies as there are instances.
    """
    if not instances or not replies or len(replies) > len(ascii_uppercase):
        raise DoorError(f"A page of replies takes some chats and 1 to {len(ascii_uppercase)} systems.")
    for name, said in replies.items():
        if len(said) != len(instances):
            raise ValueError(f"{name} has {len(said)} replies to {len(instances)} instances")
    questions = _choose(instances, replies, count, seed)
    order = [[system for system, _ in question.replies] for question in questions]
    letters = ascii_uppercase[: len(replies)]
    page = {"id": _identity(questions), "order": order, "marks": len(questions) * len(replies) * len(QUALITIES)}
    return Template(_asset("html")).substitute(
        style=_asset("css"),
        script=_asset("js"),
        count=len(questions),
        systems=len(replies),
        questions="\n".join(_question(number, question) for number, question in enumerate(questions)),
        letters="".join(f'<th scope="col">{letter}</th>' for letter in letters),
        key="\n".join(_key_row(number, row) for number, row in enumerate(order, start=1)),
        # inside a script element nothing is escaped, and only "</script" and "<!--" end or change it
        page=json.dumps(page, ensure_ascii=False).replace("<", "\\u003c"),
    )


def _choose(
    instances: Sequence[ConversationInstance], replies: Mapping[str, Sequence[str]], count: int, seed: int
) -> list[_Question]:
    draw = np.random.default_rng(seed)
    chosen = sorted(draw.permutation(len(instances))[:count].tolist())
    names = list(replies)
    orders = [[names[place] for place in draw.permutation(len(names))] for _ in chosen]
    return [
        _Question(instances[row], [(name, replies[name][row]) for name in order])
        for row, order in zip(chosen, orders, strict=True)
    ]


def _identity(questions: Sequence[_Question]) -> str:
    """Tells pages apart: of chats, replies and their order."""
    told = [[one.instance.dialogue, one.instance.turn_index, *one.replies] for one in questions]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


def _asset(ending: str) -> str:
    return (resources.files("ui") / "assets" / f"reply_page.{ending}").read_text(encoding="utf-8")


def _question(number: int, question: _Question) -> str:
    turns = question.instance.context.turns
    left_out = f"<li>… {len(turns) - _TURNS} earlier turns</li>" if len(turns) > _TURNS else ""
    said = "".join(f"<li><b>{_SPEAKERS[turn.role]}:</b> {escape(turn.text)}</li>" for turn in turns[-_TURNS:])
    replies = "".join(_reply(number, place, reply) for place, (_, reply) in enumerate(question.replies))
    return (
        f'<section aria-labelledby="chat-{number}"><h2 id="chat-{number}">Chat {number + 1}</h2>'
        f'<ol class="chat">{left_out}{said}</ol>'
        f'<div class="replies">{replies}</div>'
        f"<details><summary>What the person said</summary><p>{escape(question.instance.target)}</p></details>"
        "</section>"
    )


def _reply(number: int, place: int, reply: str) -> str:
    letter = ascii_uppercase[place]
    text = escape(reply) if reply.strip() else '<span class="nothing">(says nothing)</span>'
    marks = "".join(_fieldset(f"{number}/{place}/{quality}", quality, number, letter) for quality in QUALITIES)
    return f"<article><h3>{letter}</h3><blockquote>{text}</blockquote>{marks}</article>"


def _fieldset(name: str, quality: str, number: int, letter: str) -> str:
    buttons = "".join(
        f'<label><input type="radio" id="{name}/{mark}" name="{name}" value="{mark}"'
        f' aria-label="{quality.capitalize()} of {letter} in chat {number + 1}: {mark}">{mark}</label>'
        for mark in MARKS
    )
    return f"<fieldset><legend>{quality.capitalize()}</legend>{buttons}</fieldset>"


def _key_row(number: int, systems: Sequence[str]) -> str:
    return f'<tr><th scope="row">{number}</th>' + "".join(f"<td>{escape(system)}</td>" for system in systems) + "</tr>"
