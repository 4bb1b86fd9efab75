"""Conversation instances: what was said before a recommender's turn, and what the recommender then said.

The protocol is UniCRS's again (docs/conversation-metrics.md): every recommender turn with an earlier utterance gives
one, whether it mentions anything or not, and in the reply to be given the items' titles are replaced by `<movie>`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from graphstore.uris import title_and_year_from_text, title_and_year_from_uri
from training.instances import Context, without_unknown_links
from training.title_slots import with_slots

__all__ = ["ConversationInstance", "catalogue_titles", "conversation_instances", "split_conversations"]


@dataclass(frozen=True)
class ConversationInstance:
    """A recommender turn, as the reply that a system should give.

    dialogue: id of the dialogue, the unit that intervals are resampled by.
    turn_index: position of the turn in its dialogue, from 0.
    context: what was said before, with the titles as people wrote them.
    target: the turn's text with `<movie>` in the place of titles.
    items: URIs of the catalogue's items that the turn mentions, in order, repeats kept.
    """

    dialogue: str
    turn_index: int
    context: Context
    target: str
    items: tuple[str, ...]


def conversation_instances(
    dialogues: Iterable[Dialogue], entities: Container[str], titles: Mapping[str, str]
) -> list[ConversationInstance]:
    """One instance per recommender turn with an earlier utterance, in the order of dialogues and turns.

    dialogues: any split. entities: URIs of the vocabulary; other links are dropped from the contexts.
    titles: URI → title, without a year, of the catalogue's items. A linked item that is none of them is replaced
        all the same, by the title in its URI, and so are the names of items that have no URI.
    """
    return [instance for dialogue in dialogues for instance in _of_dialogue(dialogue, entities, titles)]


def split_conversations(snapshot: Snapshot, split: str) -> list[ConversationInstance]:
    """The instances of the snapshot's own dialogues of one split."""
    return conversation_instances(snapshot.dialogues(split), snapshot.entity_id, catalogue_titles(snapshot))


def catalogue_titles(snapshot: Snapshot) -> dict[str, str]:
    """URI → title of the snapshot's items, as `conversation_instances` takes them."""
    return {item["uri"]: item["title"] or title_and_year_from_uri(item["uri"])[0] for item in snapshot.items}


def _of_dialogue(
    dialogue: Dialogue, entities: Container[str], titles: Mapping[str, str]
) -> Iterator[ConversationInstance]:
    known = without_unknown_links(dialogue, entities).turns
    for index, turn in enumerate(dialogue.turns):
        if turn.role != "recommender" or index == 0:
            continue
        target, _ = with_slots(turn.text, _names(turn, titles))
        items = tuple(uri for uri in turn.items if uri in titles)
        yield ConversationInstance(dialogue.id, index, Context(known[:index]), target, items)


def _names(turn: Turn, titles: Mapping[str, str]) -> list[str]:
    linked = [titles.get(uri) or title_and_year_from_uri(uri)[0] for uri in turn.items]
    return linked + [title_and_year_from_text(name)[0] for name in turn.unlinked]
