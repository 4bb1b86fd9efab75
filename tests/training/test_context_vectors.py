"""What was said before turns, as vectors on a real Neo4j."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from graphstore.graph import Graph
from graphstore.settings import Settings
from tests.training.toy_world import uri, write_items
from training.encoders import TextEncoder
from training.pipeline import ContextReport, build_vectors
from training.pipeline import contexts as context_build
from training.pretrained import VectorModels

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]

TINY = VectorModels(text="random-tiny", image="./no/picture/model")
Said = Sequence[tuple[str, Sequence[str]]]


class Counting(TextEncoder):
    """Remembers which texts it read."""

    read: list[str]

    def encode(self, contents: Sequence[str]) -> npt.NDArray[np.float32]:
        self.read += contents
        return super().encode(contents)


@pytest.fixture
def encoder(settings: Settings) -> Counting:
    encoder = Counting("random-tiny", settings.cache)
    encoder.read = []
    return encoder


@pytest.fixture
def films(graph: Graph) -> Graph:
    write_items(graph, {"alien": {}, "heat": {}})
    graph.write("merge_entities", entities=[[uri("ann"), "Ann"]], source="toy")
    return graph


def talk(graph: Graph, name: str, said: Said, split: str = "train", *, quotable: bool = False) -> None:
    """Make a dialogue of texts and what they mention, or replace it."""
    roles = ("seeker", "recommender")
    row = {
        "id": name,
        "source": "toy",
        "split": split,
        "quotable": quotable,
        "turns": [{"index": turn, "role": roles[turn % 2], "text": text} for turn, (text, _) in enumerate(said)],
        "mentions": [
            [turn, position, "item", uri(one), None, None, None]
            for turn, (_, mentioned) in enumerate(said)
            for position, one in enumerate(mentioned)
        ],
    }
    graph.write("merge_dialogues", dialogues=[row])


def stored(graph: Graph) -> dict[tuple[str, int], tuple[list[float], list[float] | None, str]]:
    """Every context in the graph, by dialogue and turn."""
    found = {}
    for part in graph.read("export_contexts", size=2):
        columns = [part[name] for name in ("dialogues", "turns", "wholes", "recents", "hashes")]
        for dialogue, turn, *rest in zip(*columns, strict=True):
            found[dialogue, turn] = rest
    return {place: tuple(found[place]) for place in sorted(found)}


def build(graph: Graph, encoder: Counting) -> ContextReport:
    return context_build.build_contexts(graph, lambda: encoder)


LONG: Said = [
    ("hello", ["alien"]),  # nothing was said before it
    ("hi there", []),
    ("something dark", ["ann"]),  # no item
    ("on a ship?", []),
    ("then Alien", ["alien", "heat", "alien"]),
]


def test_turns_that_mention_an_item_after_something_was_said_have_vectors(films: Graph, encoder: Counting) -> None:
    talk(films, "one", LONG)
    talk(films, "two", [("hello", []), ("Heat!", ["heat"])])
    talk(films, "kept aside", [("hello", []), ("Heat!", ["heat"])], split="valid")
    assert build(films, encoder) == ContextReport("random-tiny", turns=2, encoded=2, unchanged=0, without=0, removed=0)
    # Equal texts are read once, also where the whole is the newest.
    texts = ["hello", "hello hi there something dark on a ship?", "hi there something dark on a ship?"]
    assert encoder.read == texts
    expected = TextEncoder.encode(encoder, texts)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = stored(films)
    assert list(found) == [("one", 4), ("two", 1)]
    assert np.array([found["one", 4][0], found["one", 4][1]]) == pytest.approx(expected[1:], abs=1e-6)
    assert np.array(found["two", 1][:2]) == pytest.approx(expected[[0, 0]], abs=1e-6)
    assert all(hash_.startswith("random-tiny ") for _, _, hash_ in found.values())


def test_the_second_run_reads_and_writes_nothing(films: Graph, encoder: Counting) -> None:
    talk(films, "one", LONG)
    build(films, encoder)
    before, encoder.read = stored(films), []
    assert build(films, encoder) == ContextReport("random-tiny", turns=1, encoded=0, unchanged=1, without=0, removed=0)
    assert (encoder.read, stored(films)) == ([], before)


def test_only_what_changed_is_encoded_again(films: Graph, encoder: Counting) -> None:
    talk(films, "one", LONG)
    talk(films, "two", [("hello", []), ("Heat!", ["heat"])])
    build(films, encoder)
    before, encoder.read = stored(films), []
    talk(films, "two", [("good day", []), ("Heat!", ["heat"])])
    report = build(films, encoder)
    assert (report.encoded, report.unchanged, encoder.read) == (1, 1, ["good day"])
    after = stored(films)
    assert {place for place in after if after[place] != before[place]} == {("two", 1)}
    encoder.name = "another"
    report = build(films, encoder)
    assert (report.encoder, report.encoded, report.unchanged) == ("another", 2, 0)


def test_turns_that_no_longer_qualify_lose_everything(films: Graph, encoder: Counting) -> None:
    said: Said = [("hello", []), ("Heat!", ["heat"]), ("no", []), ("Alien!", ["alien"])]
    for name in ("moved", "unmentioned", "kept", "silent"):
        talk(films, name, said)
    assert build(films, encoder).encoded == 8
    talk(films, "moved", said, split="valid")
    assert {dialogue for dialogue, _ in stored(films)} == {"kept", "silent", "unmentioned"}  # for readers, at once
    talk(films, "unmentioned", [*said[:3], ("Ann!", ["ann"])])
    talk(films, "silent", [("", []), (" ", ["heat"]), ("\n", []), ("Alien!", ["alien"])])
    report = build(films, encoder)
    assert (report.turns, report.encoded, report.unchanged, report.without, report.removed) == (5, 0, 3, 2, 5)
    talk(films, "moved", said)
    left = stored(films)
    assert list(left) == [("kept", 1), ("kept", 3), ("unmentioned", 1)]
    assert build(films, encoder).removed == 0


def test_newest_turns_without_words_have_no_vector(films: Graph, encoder: Counting) -> None:
    talk(films, "one", [("hello", []), ("", []), ("", []), ("", []), ("Heat!", ["heat"])])
    assert build(films, encoder).encoded == 1
    whole, recent, _ = stored(films)["one", 4]
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-6)
    assert recent is None
    talk(films, "one", [("hello", []), ("", []), ("you", []), ("", []), ("Heat!", ["heat"])])
    assert build(films, encoder).encoded == 1
    assert stored(films)["one", 4][1] is not None


def test_an_interrupted_run_is_gone_on_with(films: Graph, encoder: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        assert (what, done, total) == ("contexts", 2, 3)
        raise KeyboardInterrupt

    monkeypatch.setattr(context_build, "DIALOGUE_BATCH", 2)
    for name in ("one", "three", "two"):
        talk(films, name, [(name, []), ("Heat!", ["heat"])])
    with pytest.raises(KeyboardInterrupt):
        context_build.build_contexts(films, lambda: encoder, interrupt)
    report = build(films, encoder)
    assert (report.turns, report.encoded, report.unchanged) == (3, 1, 2)
    assert encoder.read == ["one", "three", "two"]


def test_both_indexes_fit_the_encoder_and_are_not_quantized(films: Graph, settings: Settings) -> None:
    for name in ("turn_context", "turn_recent"):
        films.write("drop_index", name=name)
        films.write(f"index_{name}", dimensions=2)
    talk(films, "one", LONG)
    *_, report = build_vectors(films, TINY, settings.cache)
    assert (report.encoder, report.encoded) == ("random-tiny", 1)
    for name in ("turn_context", "turn_recent"):
        assert films.read("index_options", name=name) == [{"dimensions": 32, "quantized": False}]


def found_with(graph: Graph, encoder: TextEncoder, text: str, **given: Any) -> list[dict[str, Any]]:
    vector = encoder.encode([text])[0].tolist()
    return graph.read("similar_contexts", vector=vector, **given)


def test_who_said_something_like_it_is_found_with_what_was_mentioned_then(films: Graph, encoder: Counting) -> None:
    talk(films, "one", LONG, quotable=True)
    talk(films, "two", [("hello", []), ("Heat!", ["heat"])])
    talk(films, "three", [("hello", []), ("Heat!", ["heat"])], quotable=True)
    build(films, encoder)
    rows = found_with(films, encoder, "hello")
    assert [(row["dialogue"], row["turn"], row["items"]) for row in rows] == [
        ("three", 1, [uri("heat")]),
        ("two", 1, [uri("heat")]),
        ("one", 4, [uri("alien"), uri("heat")]),
    ]
    assert [row["words"] for row in rows] == ["hello", None, "hi there something dark on a ship?"]
    assert [row["similarity"] for row in rows[:2]] == pytest.approx([1, 1], abs=1e-6)
    query, whole = TextEncoder.encode(encoder, ["hello", "hello hi there something dark on a ship?"])
    cosine = query @ whole / np.linalg.norm(query) / np.linalg.norm(whole)
    assert rows[2]["similarity"] == pytest.approx(cosine, abs=1e-6)
    (nearest,) = found_with(films, encoder, "hi there something dark on a ship?", index="turn_recent", limit=1)
    assert (nearest["dialogue"], nearest["similarity"]) == ("one", pytest.approx(1, abs=1e-6))
    talk(films, "three", [("hello", []), ("Heat!", ["heat"])], split="valid")
    assert [row["dialogue"] for row in found_with(films, encoder, "hello")] == ["two", "one"]
