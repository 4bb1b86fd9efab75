"""Tellgraph from Python: the objects that the command line and the app work with, under one name.

    import tellgraph

    with tellgraph.open_graph() as graph:
        run = tellgraph.open_run("runs/shop")
        chat = tellgraph.start_chat(run, graph)
        answer = chat.answer("I need something for pruning my roses")
        for card in answer.recommendations:
            print(card.item.title, card.score)
        for term in answer.recommendations[0].explanation.terms:
            print(term.value, term.path)

Nothing is defined here (docs/decisions/007); docs/python.md explains each name with examples. A name is imported when
it is first used, so that this module comes without torch and without the driver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphstore.connection import Graph
    from graphstore.dialogues import Turn
    from graphstore.errors import GraphStoreError
    from graphstore.graph import open_graph
    from graphstore.settings import Settings
    from graphstore.snapshot import Snapshot
    from training.errors import TrainingError
    from training.instances import Context
    from training.recommender import Explanation, Recommendation, Recommender, Silence, Term
    from training.what_if import Counterfactual, MentionEffect, why_not, without_each_mention
    from ui.answer_json import answer_as_json
    from ui.chat_session import Answer, Card, ChatSession
    from ui.chat_setup import open_run, start_chat
    from ui.described import Described, Edge
    from ui.errors import DoorError
    from ui.graph_reads import sentences
    from ui.term_words import cypher_of, sentence
    from ui.why import Bar, Why

__all__ = [
    "Answer",
    "Bar",
    "Card",
    "ChatSession",
    "Context",
    "Counterfactual",
    "Described",
    "DoorError",
    "Edge",
    "Explanation",
    "Graph",
    "GraphStoreError",
    "MentionEffect",
    "Recommendation",
    "Recommender",
    "Settings",
    "Silence",
    "Snapshot",
    "Term",
    "TrainingError",
    "Turn",
    "Why",
    "answer_as_json",
    "cypher_of",
    "open_graph",
    "open_run",
    "sentence",
    "sentences",
    "start_chat",
    "why_not",
    "without_each_mention",
]

_MODULES = {
    "graphstore.connection": ("Graph",),
    "graphstore.dialogues": ("Turn",),
    "graphstore.errors": ("GraphStoreError",),
    "graphstore.graph": ("open_graph",),
    "graphstore.settings": ("Settings",),
    "graphstore.snapshot": ("Snapshot",),
    "training.errors": ("TrainingError",),
    "training.instances": ("Context",),
    "training.recommender": ("Explanation", "Recommendation", "Recommender", "Silence", "Term"),
    "training.what_if": ("Counterfactual", "MentionEffect", "why_not", "without_each_mention"),
    "ui.answer_json": ("answer_as_json",),
    "ui.chat_session": ("Answer", "Card", "ChatSession"),
    "ui.chat_setup": ("open_run", "start_chat"),
    "ui.described": ("Described", "Edge"),
    "ui.errors": ("DoorError",),
    "ui.feedback": ("Marked",),
    "ui.graph_reads": ("sentences",),
    "ui.term_words": ("cypher_of", "sentence"),
    "ui.why": ("Bar", "Why"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__all__", "__doc__", "__name__"]
