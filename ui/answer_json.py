"""An answer for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphstore.graph import Graph
from ui.chat_session import Answer, Card
from ui.graph_reads import sentences
from ui.term_words import term_as_json

__all__ = ["answer_as_json"]


def answer_as_json(answer: Answer, graph: Graph) -> dict[str, Any]:
    """What a machine reads: what was understood, the reply, and each recommendation with every term of its score.

    graph: where the terms' sentences look names and figures up.
    """
    return {
        "understood": [{"text": link.text, "uri": link.entity.uri} for link in answer.linked],
        "ambiguous": [{"text": one.text, "uris": [choice.uri for choice in one.choices]} for one in answer.ambiguous],
        "unknown": list(answer.unknown),
        "notices": list(answer.notices),
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
