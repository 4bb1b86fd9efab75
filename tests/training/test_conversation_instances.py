"""Which turns are replies to be given, what stands in them, and the published counts on INSPIRED."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue
from graphstore.uris import title_and_year_from_text, title_and_year_from_uri
from tests.training.talks import catalogue, dialogue, inspired_dialogues, recommender, seeker
from training.conversation_instances import ConversationInstance, conversation_instances, split_conversations
from training.instances import Context
from training.reply_faults import slots_in

TITLES = {"urn:up": "Up", "urn:heat": "Heat"}
KNOWN = {*TITLES, "urn:drama"}


def instances(*dialogues: Dialogue) -> list[ConversationInstance]:
    return conversation_instances(dialogues, KNOWN, TITLES)


def test_every_recommender_turn_after_an_utterance_is_an_instance() -> None:
    spoken = dialogue("d", recommender(text="Hi."), seeker(text="Hello."), recommender(text="How are you?"), seeker())
    assert instances(spoken) == [ConversationInstance("d", 2, Context(spoken.turns[:2]), "How are you?", ())]


def test_titles_are_slots_in_the_target_and_words_in_the_context() -> None:
    spoken = dialogue(
        "d", seeker("urn:up", text="I saw Up."), recommender("urn:heat", "urn:up", text="Heat? Or Up again?")
    )
    (only,) = instances(spoken)
    assert (only.target, only.items) == ("<movie>? Or <movie> again?", ("urn:heat", "urn:up"))
    assert only.context.turns[0].text == "I saw Up."


def test_an_item_outside_the_catalogue_leaves_a_slot_and_no_mention() -> None:
    jaws = "http://dbpedia.org/resource/Jaws_(film)"
    spoken = dialogue("d", seeker(jaws, "urn:drama"), recommender(jaws, text="Then Jaws!"))
    (only,) = instances(spoken)
    assert (only.target, only.items, only.context.mentions) == ("Then <movie>!", (), ("urn:drama",))


def test_a_name_without_a_uri_leaves_a_slot(tmp_path: Path) -> None:
    record = {
        "conversationId": "1",
        "initiatorWorkerId": 1,
        "respondentWorkerId": 2,
        "movieMentions": {"7": "Jaws (1975)", "8": "Heat (1995)"},
        "messages": [
            {"senderWorkerId": 1, "text": "Anything with sharks?"},
            {"senderWorkerId": 2, "text": "@7 of course"},
            {"senderWorkerId": 2, "text": "or @8?"},
        ],
    }
    (tmp_path / "talks.jsonl").write_text(json.dumps(record))
    (tmp_path / "movies_dbpedia.tsv").write_text("movieId\tdbpedia\n8\turn:heat\n")
    (spoken,) = read_dialogues(tmp_path / "talks.jsonl", "redial", split="train")
    assert isinstance(spoken, Dialogue)
    (only,) = instances(spoken)
    assert (only.target, only.items) == ("<movie> of course\nor <movie>?", ("urn:heat",))


def test_a_snapshots_own_dialogues(tmp_path: Path) -> None:
    train = dialogue("a", seeker(), recommender("Heat", text="See Heat."))
    valid = dialogue("b", seeker(), recommender("Heat", text="Heat!"), split="valid")
    snapshot = catalogue(tmp_path / "snapshot", ["Heat"], [train, valid])
    assert [one.target for one in split_conversations(snapshot, "train")] == ["See <movie>."]
    assert [one.target for one in split_conversations(snapshot, "valid")] == ["<movie>!"]


@pytest.mark.parametrize(
    ("split", "turns", "links", "with_slot", "slots"),
    [("train", 7_806, 2_094, 1_706, 1_975), ("valid", 940, 273, 237, 262)],
)
def test_the_published_counts_come_out_on_inspired(
    data_folder: Path, split: str, turns: int, links: int, with_slot: int, slots: int
) -> None:
    folder = data_folder / "inspired"
    known, items = (
        {line.strip("<>") for line in (folder / f"{name}.txt").read_text("utf-8").split()}
        for name in ("entities", "items")
    )
    titles = {uri: title_and_year_from_uri(uri)[0] for uri in items}
    for line in (folder / "item_info.jsonl").read_text("utf-8").splitlines():
        described = json.loads(line)
        titles[described["uri"]] = title_and_year_from_text(described["title"])[0]
    found = conversation_instances(inspired_dialogues(data_folder, split), known, titles)
    assert (len(found), sum(len(one.items) for one in found)) == (turns, links)
    per_reply = [slots_in(one.target) for one in found]
    assert (sum(count > 0 for count in per_reply), sum(per_reply)) == (with_slot, slots)
