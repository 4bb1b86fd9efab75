"""People with tastes, talking about films: the simulator behind the sample's dialogues.

    world ──► person: tastes over people, companies, an era and a circle ──► likes, has seen
                          │
    phrases.yaml ──► conversation: opening ──► suggestion ──► reaction ──► … ──► goodbye

Every dialogue has its own random stream, made from seed, split and number, so that asking for more dialogues
leaves the first ones as they are. Nothing in the output was said by anybody.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

from graphstore.dialogues import Dialogue
from graphstore.sample.conversation import Conversation
from graphstore.sample.people import imagine_person
from graphstore.sample.phrases import load_phrases
from graphstore.sample.world import World

__all__ = ["SOURCE", "simulate_dialogues", "write_dialogues"]

SOURCE = "sample"
"""The `source` of every simulated dialogue in the graph."""


def simulate_dialogues(world: World, split: str, count: int, seed: int) -> list[Dialogue]:
    """`count` dialogues of 6 to 12 turns."""
    phrases = load_phrases()
    dialogues = []
    for number in range(1, count + 1):
        rng = random.Random(f"{seed}/{split}/{number}")
        turns = Conversation(world, imagine_person(world, rng), phrases, rng).hold()
        dialogues.append(Dialogue(f"{SOURCE}/{split}/{number:04d}", SOURCE, split, turns))
    return dialogues


def write_dialogues(path: Path, dialogues: Sequence[Dialogue]) -> None:
    """Write the `tellgraph` format, one dialogue a line; the id within the file is the dialogue's number."""
    lines = []
    for dialogue in dialogues:
        turns = [
            {"role": turn.role, "text": turn.text, "items": turn.items, "entities": turn.entities}
            for turn in dialogue.turns
        ]
        lines.append(json.dumps({"id": dialogue.id.rsplit("/", 1)[-1], "turns": turns}, ensure_ascii=False))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
