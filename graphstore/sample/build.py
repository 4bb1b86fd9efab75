"""Turn what ships into the files that the demo feeds to Tellgraph, in one folder.

facts.nt.gz ──────────────────────────► facts.nt.gz     as it ships
items.jsonl.gz ──┬── posters.py ──────► posters/*.jpg   drawn
                 └────────────────────► items.jsonl     with each film's poster
facts + items ───── simulate.py ──────► train.jsonl, valid.jsonl
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphstore.sample.films import group_facts, read_facts, read_films
from graphstore.sample.posters import draw_posters
from graphstore.sample.select_facts import select_facts, write_facts
from graphstore.sample.simulate import simulate_dialogues, write_dialogues
from graphstore.sample.world import build_world

__all__ = ["SampleFiles", "SampleOptions", "write_sample"]

_SHIPPED = Path(__file__).parent
_FEWEST_FILMS = 30


@dataclass(frozen=True)
class SampleOptions:
    """How much is made.

    seed: of the simulated people and what they say.
    films: how many films, the first by URI, 30 at least; None takes all.
    train, valid: number of simulated dialogues in each split.
    """

    seed: int = 7
    films: int | None = None
    train: int = 700
    valid: int = 150

    def __post_init__(self) -> None:
        """Raise ValueError when there are too few films for a conversation to end before it has named them all."""
        if self.films is not None and self.films < _FEWEST_FILMS:
            raise ValueError(f"films is {self.films}, and has to be at least {_FEWEST_FILMS}.")


@dataclass(frozen=True)
class SampleFiles:
    """Where things are; dialogues are in the `tellgraph` format."""

    facts: Path
    items: Path
    train: Path
    valid: Path

    @classmethod
    def inside(cls, folder: Path) -> SampleFiles:
        """The files as `write_sample` names them in a folder."""
        return cls(*(folder / name for name in ("facts.nt.gz", "items.jsonl", "train.jsonl", "valid.jsonl")))


def write_sample(
    folder: Path,
    options: SampleOptions | None = None,
    told: Callable[[int, int], None] = lambda done, all: None,
) -> SampleFiles:
    """Write the sample's files; the same options give the same bytes, posters that are there stay.

    told: hears how many posters of how many are drawn.
    """
    options = options or SampleOptions()
    folder.mkdir(parents=True, exist_ok=True)
    films = read_films(_SHIPPED / "items.jsonl.gz")[: options.films]
    chosen = select_facts(read_facts(_SHIPPED / "facts.nt.gz"), [film.uri for film in films])
    facts, files = group_facts(chosen), SampleFiles.inside(folder)
    write_facts(files.facts, chosen)
    world = build_world(films, facts, options.seed)
    for path, split, count in ((files.train, "train", options.train), (files.valid, "valid", options.valid)):
        write_dialogues(path, simulate_dialogues(world, split, count, options.seed))
    posters = draw_posters(films, facts, folder / "posters", lambda drawn: told(drawn, len(films)))
    lines = ({**film.as_json(), "images": [str(posters[film.uri].relative_to(folder))]} for film in films)
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    files.items.write_text(text, encoding="utf-8")
    return files
