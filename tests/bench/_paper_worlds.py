"""Snapshots as large as the paper's data sets, for benchmarks.

Facts are the data sets' own where TELLGRAPH_DATA names their folder, and as many drawn ones elsewhere. Dialogues and
similarities are drawn by a seed, as many as the data sets have: ReDial's training dialogues are not at hand, and every
chat shall fill the context that is measured. `Size` holds the numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Dialogue, Turn
from graphstore.snapshot import Snapshot
from graphstore.snapshot_writer import write_snapshot
from graphstore.triple_files import Triple, read_triples

__all__ = ["SIZES", "Size", "write_paper_world"]

_WORDS = "I would like to see something else of that kind, if there is anything at all that you know of. " * 2

Facts = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Size:
    """Of a data set.

    folder: its name under TELLGRAPH_DATA. described: items with similarities. neighbours: k of each of them.
    pictures: whether there are similarities of pictures as well. turns, mentions: of each dialogue.
    """

    name: str
    folder: str
    entities: int
    items: int
    predicates: int
    facts: int
    described: int
    neighbours: int
    pictures: bool
    dialogues: int
    turns: int
    mentions: int


SIZES = (
    Size("ReDial", "redial", 31_161, 6_281, 24, 81_332, 6_121, 20, True, 10_006, 18, 7),
    Size("INSPIRED", "inspired", 17_320, 1_123, 12, 30_360, 638, 10, False, 801, 21, 10),
)


def write_paper_world(size: Size, folder: Path, data: Path | None, seed: int = 0) -> Snapshot:
    """Write a snapshot of this size. data: the folder of TELLGRAPH_DATA, or None to draw the facts."""
    chance = np.random.default_rng(seed)
    entities, items = _names(size, data)
    facts = _read_facts(size, data) if data else _drawn_facts(size, entities, chance)
    dialogues = list(_dialogues(size, entities, items, chance))
    counts = Counter(pair for dialogue in dialogues for pair in _pairs(dialogue))
    return write_snapshot(
        folder,
        entities=[(uri, uri) for uri in entities],
        items=[{"uri": uri, "title": uri} for uri in items],
        facts=facts,
        co_mentions=[(source, target, count) for (source, target), count in counts.items()],
        text_similar=_similar(size, items, chance),
        image_similar=_similar(size, items, chance) if size.pictures else (),
        dialogues=dialogues,
    )


def _names(size: Size, data: Path | None) -> tuple[list[str], list[str]]:
    if data is None:
        entities = [f"urn:entity:{number:05}" for number in range(size.entities)]
        return entities, entities[: size.items]
    entities, items = (
        [line.strip().strip("<>") for line in (data / size.folder / file).read_text("utf-8").splitlines()]
        for file in ("entities.txt", "items.txt")
    )
    return entities, items


def _read_facts(size: Size, data: Path) -> Facts:
    facts: Facts = {}
    for one in read_triples(data / size.folder / "dbpedia.nt.gz"):
        if isinstance(one, Triple):
            facts.setdefault(one.predicate.rsplit("/", 1)[-1].upper(), []).append((one.subject, one.object))
    return facts


def _drawn_facts(size: Size, entities: list[str], chance: np.random.Generator) -> Facts:
    """Predicate by predicate fewer, objects that many facts lead to among them."""
    shares = 1 / np.arange(1, size.predicates + 1)
    facts: Facts = {}
    for number, share in enumerate(shares / shares.sum()):
        subjects = chance.integers(len(entities), size=round(share * size.facts))
        objects = _often_the_first(len(entities), len(subjects), chance)
        pairs = {(entities[s], entities[o]) for s, o in zip(subjects.tolist(), objects.tolist(), strict=True)}
        facts[f"PREDICATE_{number}"] = sorted(pairs)
    return facts


def _dialogues(size: Size, entities: list[str], items: list[str], chance: np.random.Generator) -> Iterator[Dialogue]:
    """One mention a turn in some of the turns; three of four are items, some far more often than others."""
    for number in range(size.dialogues):
        named = [items[place] for place in np.unique(_often_the_first(len(items), size.mentions, chance)).tolist()]
        others = [entities[place] for place in chance.integers(len(entities), size=len(named)).tolist()]
        places = chance.choice(size.turns, size=len(named), replace=False).tolist()
        at = {
            place: (one, other, chance.random() < 0.75) for place, one, other in zip(places, named, others, strict=True)
        }
        turns = []
        for place in range(size.turns):
            item, other, is_item = at.get(place, ("", "", None))
            turns.append(
                Turn(
                    "recommender" if place % 2 else "seeker",
                    f"{number} {place} {_WORDS}",
                    items=(item,) if is_item else (),
                    entities=(other,) if is_item is False else (),
                )
            )
        yield Dialogue(f"drawn/{number:05}", "drawn", "train", tuple(turns))


def _pairs(dialogue: Dialogue) -> Iterator[tuple[str, str]]:
    return combinations(sorted({uri for turn in dialogue.turns for uri in turn.mentions}), 2)


def _similar(size: Size, items: list[str], chance: np.random.Generator) -> Iterator[tuple[str, str, float, int]]:
    for number in range(size.described):
        steps = chance.choice(size.described - 1, size=size.neighbours, replace=False) + 1
        for rank, step in enumerate(steps.tolist(), 1):
            yield items[number], items[(number + step) % size.described], 1 - rank / 100, rank


def _often_the_first(choices: int, count: int, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    return (choices * chance.random(count) ** 3).astype(np.int64)
