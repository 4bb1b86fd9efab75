"""The sample that ships: where its facts come from, and that its people and posters follow the rules."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

import graphstore.sample
from graphstore.dialogue_files import read_dialogues
from graphstore.dialogues import Dialogue
from graphstore.item_files import Item, read_items
from graphstore.sample import SOURCE, SampleOptions, select_facts, write_sample
from graphstore.sample import simulate as simulate_module
from graphstore.sample.films import Film, compose_film, group_facts, name_of, read_facts, read_films
from graphstore.sample.phrases import load_phrases, slots_of
from graphstore.sample.simulate import simulate_dialogues, write_dialogues
from graphstore.sample.world import World, build_world
from graphstore.snapshot_writer import write_snapshot
from training.evaluation import evaluate_systems
from training.instances import recommendation_instances
from training.ladder import LastMentionedCoMention, Popularity

SHIPPED = Path(graphstore.sample.__file__).parent
DBR, DBO = "http://dbpedia.org/resource/", "http://dbpedia.org/ontology/"


@pytest.fixture(scope="module")
def films() -> list[Film]:
    return read_films(SHIPPED / "items.jsonl.gz")


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, list[str]]]:
    return group_facts(read_facts(SHIPPED / "facts.nt.gz"))


@pytest.fixture(scope="module")
def world(films: list[Film], facts: dict[str, dict[str, list[str]]]) -> World:
    return build_world(films, facts, seed=7)


@pytest.fixture(scope="module")
def dialogues(world: World) -> list[Dialogue]:
    return simulate_dialogues(world, "train", 1200, 7) + simulate_dialogues(world, "valid", 150, 7)


# What ships ------------------------------------------------------------------------------------------------


def test_shipped_sample_is_small_and_names_its_licence() -> None:
    packed = [SHIPPED / name for name in ("facts.nt.gz", "items.jsonl.gz")]
    assert sum(path.stat().st_size for path in packed) < 1_000_000
    notice = (SHIPPED / "NOTICE").read_text(encoding="utf-8")
    assert "DBpedia" in notice
    assert "CC BY-SA 3.0" in notice
    assert "https://creativecommons.org/licenses/by-sa/3.0/" in notice


def test_every_shipped_film_is_described_by_its_own_facts(
    films: list[Film], facts: dict[str, dict[str, list[str]]]
) -> None:
    assert 950 <= len(films) <= 1050
    fame = Counter(target for known in facts.values() for targets in known.values() for target in targets)
    assert films == [compose_film(film.uri, facts[film.uri], fame) for film in films]
    assert all(film.plot for film in films)


def test_shipped_files_are_what_the_script_makes(data_folder: Path, tmp_path: Path) -> None:
    source = data_folder / "inspired"
    select_facts.main([str(source / "dbpedia.nt.gz"), str(source / "items.txt"), str(tmp_path)])
    for name in ("facts.nt.gz", "items.jsonl.gz"):
        made, shipped = ((folder / name).read_bytes() for folder in (tmp_path, SHIPPED))
        assert gzip.decompress(made) == gzip.decompress(shipped)
        assert made[4:8] == shipped[4:8] == bytes(4), "the gzip header must not carry a time"


def test_selection_keeps_films_their_facts_and_one_hop_more(tmp_path: Path) -> None:
    statements = [
        ("Heat_(1995_film)", "director", "Ann"),
        ("Heat_(1995_film)", "starring", "Bob"),
        ("Bob", "occupation", "Actor"),
        ("Bob", "occupation", "Bob__PersonFunction__1"),
        ("Bob", "relative", "Ann"),
        ("Bob", "relative", "Stranger"),
        ("Stranger", "occupation", "Actor"),
        ("Show_(TV_series)", "starring", "Bob"),
        ("Game", "starring", "Bob"),
        ("Game", "genre", "Puzzle"),
        ("Book", "writer", "Ann"),
        ("Unlisted", "director", "Ann"),
    ]
    lines = [f"<{DBR}{s}> <{DBO}{r}> <{DBR}{o}> .\n" for s, r, o in statements]
    (tmp_path / "all.nt").write_text("".join(lines))
    (tmp_path / "items.txt").write_text(
        "".join(f"<{DBR}{name}>\n" for name in ("Heat_(1995_film)", "Show_(TV_series)", "Game", "Book"))
    )
    select_facts.main([str(tmp_path / "all.nt"), str(tmp_path / "items.txt"), str(tmp_path)])
    kept = gzip.decompress((tmp_path / "facts.nt.gz").read_bytes()).decode().splitlines(keepends=True)
    assert sorted(kept) == kept == sorted([*lines[:3], lines[4]])
    assert read_films(tmp_path / "items.jsonl.gz") == [
        Film(
            uri=f"{DBR}Heat_(1995_film)",
            title="Heat",
            year=1995,
            genres=(),
            plot="Directed by Ann, with Bob.",
            directors=("Ann",),
            writers=(),
            stars=("Bob",),
        )
    ]


def test_selection_says_how_it_is_used() -> None:
    with pytest.raises(SystemExit, match=r"select_facts FACTS\.nt\.gz ITEMS\.txt FOLDER"):
        select_facts.main(["one.nt"])


# The simulated world ---------------------------------------------------------------------------------------


def _film(name: str) -> Film:
    return Film(f"{DBR}{name}", name, None, (), "", (), (), ())


def test_films_are_related_by_what_they_share_and_how_rare_that_is() -> None:
    toy = {
        f"{DBR}A": {"director": ["d"], "starring": ["s"]},
        f"{DBR}B": {"director": ["d"], "distributor": ["studio"]},
        f"{DBR}C": {"writer": ["s"], "distributor": ["studio"]},
        f"{DBR}D": {"distributor": ["studio"]},
    }
    made = build_world([_film(name) for name in "ABCD"], toy, seed=1)
    related = {film[-1]: {other[-1]: s for other, s in found.items()} for film, found in made.related.items()}
    half = 2**-0.5  # two films share each of the two people
    assert related == {
        "A": {"B": pytest.approx(2.0 * half), "C": pytest.approx(1.3 * half)},
        "B": {"A": pytest.approx(2.0 * half)},
        "C": {"A": pytest.approx(1.3 * half)},
        "D": {},
    }
    assert made.circle[f"{DBR}A"] == made.circle[f"{DBR}B"] == made.circle[f"{DBR}C"]


def test_same_seed_gives_the_same_bytes_and_more_dialogues_keep_the_first(world: World, tmp_path: Path) -> None:
    for name, count in (("once", 40), ("again", 40), ("more", 60)):
        write_dialogues(tmp_path / name, simulate_dialogues(world, "train", count, seed=3))
    once, again, more = ((tmp_path / name).read_bytes() for name in ("once", "again", "more"))
    assert once == again
    assert more.startswith(once)
    write_dialogues(tmp_path / "other", simulate_dialogues(world, "train", 40, seed=4))
    assert (tmp_path / "other").read_bytes() != once


def test_dialogues_come_back_from_their_file_as_they_were(dialogues: list[Dialogue], tmp_path: Path) -> None:
    valid = [dialogue for dialogue in dialogues if dialogue.split == "valid"]
    write_dialogues(tmp_path / "valid.jsonl", valid)
    assert list(read_dialogues(tmp_path / "valid.jsonl", "tellgraph", SOURCE, "valid")) == valid


def test_people_take_turns_and_end_in_time(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        assert 6 <= len(dialogue.turns) <= 12
        roles = [turn.role for turn in dialogue.turns]
        assert all(a != b for a, b in pairwise(roles)), dialogue.id


def test_mentions_are_what_the_words_say(
    dialogues: list[Dialogue], world: World, facts: dict[str, dict[str, list[str]]]
) -> None:
    entities = {target for known in facts.values() for targets in known.values() for target in targets}
    for turn in (turn for dialogue in dialogues for turn in dialogue.turns):
        words = turn.text.lower()
        assert all(world.titles[uri].lower().removesuffix(".") in words for uri in turn.items), turn
        assert all(name_of(uri).lower().removesuffix(".") in words for uri in turn.entities), turn
        assert set(turn.entities) <= entities
        assert "{" not in turn.text


def test_a_recommendation_is_new_unless_the_film_is_being_talked_about(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        last: tuple[str, ...] = ()
        named: set[str] = set()
        for turn in dialogue.turns:
            if turn.role == "recommender" and turn.items:
                assert not named & set(turn.items) or set(turn.items) <= set(last)
                last = turn.items
            named.update(turn.items)


class _Listening(Mapping[str, Sequence[str]]):
    """Phrases that remember which of them were asked for."""

    def __init__(self) -> None:
        self.phrases, self.heard = load_phrases(), set[str]()

    def __getitem__(self, act: str) -> Sequence[str]:
        self.heard.add(act)
        return self.phrases[act]

    def __iter__(self) -> Iterator[str]:
        return iter(self.phrases)

    def __len__(self) -> int:
        return len(self.phrases)


def test_every_act_of_the_phrases_is_spoken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = _Listening()
    monkeypatch.setattr(simulate_module, "load_phrases", lambda: listening)
    simulate_dialogues(world, "train", 1000, seed=7)
    assert listening.heard == set(listening.phrases)


def test_phrases_have_known_slots_and_no_doubles() -> None:
    phrases = load_phrases()
    for act, texts in phrases.items():
        assert len(texts) == len(set(texts)), act
        for text in texts:
            assert set(slots_of(text)) <= {"film", "other", "person", "second", "company"}, text


def test_what_goes_together_predicts_more_than_popularity(
    films: list[Film], dialogues: list[Dialogue], tmp_path: Path
) -> None:
    mentioned = {uri for dialogue in dialogues for turn in dialogue.turns for uri in turn.mentions}
    snapshot = write_snapshot(
        tmp_path / "snapshot",
        entities=[(uri, name_of(uri)) for uri in sorted(mentioned)],
        items=[film.as_json() for film in films],
        dialogues=dialogues,
    )
    valid = snapshot.dialogues("valid")
    instances = recommendation_instances(valid, snapshot.entity_id, {film.uri for film in films})
    systems = (Popularity(snapshot), LastMentionedCoMention(snapshot))
    report = evaluate_systems(systems, instances, snapshot, resamples=0)
    assert 0.1 < report.columns["repeated"].instances / report.columns["all"].instances < 0.25
    popular, together = (report.systems[system.name]["new"]["recall@10"].value for system in systems)
    assert popular is not None
    assert together is not None
    assert popular < 0.2
    assert together > 2 * popular


# All of it -------------------------------------------------------------------------------------------------


def test_the_written_sample_can_be_ingested_as_it_stands(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    options = SampleOptions(films=30, train=5, valid=2)
    files = write_sample(tmp_path, options, lambda done, everything: heard.append((done, everything)))
    items = list(read_items(files.items))
    assert len(items) == 30
    assert all(isinstance(item, Item) and not item.unknown for item in items)
    assert all(isinstance(item, Item) and Path(item.properties["images"][0]).is_file() for item in items)
    assert heard[-1] == (30, 30)
    assert len(list(read_dialogues(files.train, "tellgraph", SOURCE, "train"))) == 5
    assert len(list(read_dialogues(files.valid, "tellgraph", SOURCE, "valid"))) == 2
    named = {fact[0] for fact in read_facts(files.facts) if fact[1] == "director"}
    assert named <= {item.uri for item in items if isinstance(item, Item)}, "facts of the films that were asked for"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write_sample(tmp_path, options)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert json.loads(files.items.read_text().splitlines()[0])["images"][0].startswith("posters/")


def test_too_few_films_to_talk_about_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 30"):
        SampleOptions(films=29)


def test_people_of_a_small_world_find_something_to_say(
    films: list[Film], facts: dict[str, dict[str, list[str]]]
) -> None:
    small = build_world(films[:30], facts, seed=1)
    assert len(simulate_dialogues(small, "train", 300, seed=1)) == 300
