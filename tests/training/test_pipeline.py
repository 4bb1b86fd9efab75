"""Vectors and edges on a real Neo4j."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings
from tests.training.toy_world import edges, vectors, write_dialogue, write_items, write_text_vectors
from training.encoders import ImageEncoder, TextEncoder
from training.errors import TrainingError
from training.pipeline import (
    ContextReport,
    EdgeOptions,
    EdgeReport,
    VectorReport,
    build_edges,
    build_vectors,
    edge_staging,
)
from training.pipeline import vectors as vector_build
from training.pretrained import VectorModels

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("probes")]

# A picture model that cannot be had shows that none was asked for.
TINY = VectorModels(text="random-tiny", image="./no/picture/model")
WITH_PICTURES = VectorModels(text="random-tiny")

FILMS: dict[str, dict[str, Any]] = {
    "alien": {
        "title": "Alien",
        "genres": ["horror", "sf"],
        "plot": "A ship answers a call.",
        "stars": ["S. Weaver"],
    },
    "brazil": {"title": "Brazil", "plot": "A clerk dreams of wings"},
    "clue": {"title": "Clue", "genres": ["comedy"]},
    "dune": {"title": "Dune", "directors": ["D. Lynch"]},  # people alone do not describe it
    "eraserhead": {},
}


@pytest.fixture
def films(graph: Graph) -> Graph:
    """Five films, three of them described."""
    write_items(graph, FILMS)
    return graph


def picture(path: Path, colour: str) -> str:
    Image.new("RGB", (40, 60), colour).save(path)
    return str(path)


class TestVectors:
    """`build_vectors`."""

    def test_what_is_described_has_a_vector_and_what_has_but_a_name_has_none(
        self, films: Graph, settings: Settings
    ) -> None:
        reports = build_vectors(films, TINY, settings.cache)
        assert reports == (
            VectorReport("text", "random-tiny", items=5, encoded=3, unchanged=0, without=2),
            VectorReport("image", None, items=5, encoded=0, unchanged=0, without=5),
            ContextReport(None, turns=0, encoded=0, unchanged=0, without=0, removed=0),
        )
        stored = vectors(films, "text")
        expected = TextEncoder("random-tiny", settings.cache).encode(
            [
                "Alien. horror, sf. A ship answers a call. Starring S. Weaver.",
                "Brazil. A clerk dreams of wings.",
                "Clue. comedy.",
            ]
        )
        assert list(stored) == ["alien", "brazil", "clue"]
        assert np.array(list(stored.values())) == pytest.approx(expected, abs=1e-6)

    def test_the_second_run_writes_nothing(self, films: Graph, settings: Settings) -> None:
        build_vectors(films, TINY, settings.cache)
        before = vectors(films, "text")
        told: list[str] = []
        text, *_ = build_vectors(films, TINY, settings.cache, lambda what, done, total: told.append(what))
        assert (text.encoded, text.unchanged, text.without) == (0, 3, 2)
        assert told == []
        assert vectors(films, "text") == before

    def test_only_what_changed_is_encoded_again(self, films: Graph, settings: Settings) -> None:
        build_vectors(films, TINY, settings.cache)
        before = vectors(films, "text")
        write_items(films, {"clue": {"plot": "Six guests."}, "dune": {"plot": "Spice."}, "alien": {"year": 1979}})
        text, *_ = build_vectors(films, TINY, settings.cache)
        after = vectors(films, "text")
        assert (text.encoded, text.unchanged, text.without) == (2, 2, 1)
        assert {name for name in after if after[name] != before.get(name)} == {"clue", "dune"}

    def test_another_encoder_encodes_everything_into_an_index_that_fits(self, films: Graph, settings: Settings) -> None:
        write_text_vectors(films, {"alien": 10, "brazil": 20})
        films.write("drop_index", name="item_text")
        films.write("index_item_text", dimensions=2)
        text, *_ = build_vectors(films, TINY, settings.cache)
        assert (text.encoded, text.unchanged) == (3, 0)
        assert films.read("vector_index", name="item_text") == [{"dimensions": 32}]

    def test_an_interrupted_run_is_gone_on_with(
        self, films: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(what: str, done: int, total: int) -> None:
            assert (what, done, total) == ("text vectors", 2, 3)
            raise KeyboardInterrupt

        monkeypatch.setattr(vector_build, "VECTOR_BATCH", 2)
        with pytest.raises(KeyboardInterrupt):
            build_vectors(films, TINY, settings.cache, interrupt)
        text, *_ = build_vectors(films, TINY, settings.cache)
        assert (text.encoded, text.unchanged) == (1, 2)

    def test_pictures_are_averaged_and_broken_ones_left_out(
        self, films: Graph, settings: Settings, tmp_path: Path
    ) -> None:
        red, blue = picture(tmp_path / "red.png", "red"), picture(tmp_path / "blue.png", "blue")
        broken = tmp_path / "broken.png"
        broken.write_text("no picture")
        write_items(films, {"alien": {"images": [red, str(broken), blue]}, "clue": {"images": [str(broken)]}})
        _, image, _ = build_vectors(films, WITH_PICTURES, settings.cache)
        assert (image.encoder, image.encoded, image.unchanged, image.without) == (
            "efficientnet-lite0",
            1,
            0,
            4,
        )
        assert [line.split(":")[0] for line in image.unreadable] == [str(broken)] * 2
        encoder = ImageEncoder("efficientnet-lite0", settings.cache, unreadable=pytest.fail)
        assert vectors(films, "image")["alien"] == pytest.approx(encoder.encode([[red, blue]])[0], abs=1e-5)

    def test_new_bytes_count_as_a_change_and_a_lost_picture_takes_its_vector_along(
        self, films: Graph, settings: Settings, tmp_path: Path
    ) -> None:
        films_seen = {name: picture(tmp_path / f"{name}.png", "green") for name in ("alien", "brazil", "clue")}
        write_items(films, {name: {"images": [path]} for name, path in films_seen.items()})
        build_vectors(films, WITH_PICTURES, settings.cache)
        before = vectors(films, "image")
        picture(tmp_path / "alien.png", "yellow")
        (tmp_path / "brazil.png").unlink()
        _, image, _ = build_vectors(films, WITH_PICTURES, settings.cache)
        after = vectors(films, "image")
        assert (image.encoded, image.unchanged, image.without) == (1, 1, 3)
        assert set(after) == {"alien", "clue"}
        assert after["alien"] != before["alien"]
        assert after["clue"] == before["clue"]

    def test_an_empty_graph_needs_no_encoder(self, graph: Graph, settings: Settings) -> None:
        nothing = VectorModels("./no/text/model", "./no/picture/model")
        text, image, contexts = build_vectors(graph, nothing, settings.cache)
        assert (text.items, image.items, text.encoder) == (0, 0, None)
        assert contexts == ContextReport(None, turns=0, encoded=0, unchanged=0, without=0, removed=0)


class TestEdges:
    """`build_edges`."""

    def test_co_mentions_are_counted_once_per_training_dialogue(self, films: Graph) -> None:
        write_dialogue(films, "one", [["clue", "alien"], [], ["alien", "brazil", "clue"]])
        write_dialogue(films, "two", [["brazil"], ["alien"]])
        write_dialogue(films, "three", [["dune"]])
        write_dialogue(films, "kept aside", [["dune", "alien"]], split="valid")
        co_mentions, *_ = build_edges(films)
        assert edges(films, "CO_MENTIONED") == {
            ("alien", "brazil"): {"count": 2},
            ("alien", "clue"): {"count": 1},
            ("brazil", "clue"): {"count": 1},
        }
        assert co_mentions == EdgeReport("CO_MENTIONED", edges=3, written=3, removed=0, without=2)

    def test_popularity_is_the_number_of_training_dialogues(self, films: Graph) -> None:
        write_dialogue(films, "one", [["clue"], ["clue", "alien"]])
        write_dialogue(films, "two", [["clue"]])
        write_dialogue(films, "kept aside", [["dune"]], split="test")
        build_edges(films)
        (table,) = films.read("export_items")
        popularity = {item["title"]: item["popularity"] for item in table["items"]}
        assert popularity == {"Clue": 2, "Alien": 1, "Brazil": 0, "Dune": 0, "eraserhead": 0}

    def test_edges_without_a_reason_go_and_the_others_are_not_touched(self, films: Graph) -> None:
        write_dialogue(films, "one", [["alien", "brazil", "clue"]])
        write_dialogue(films, "two", [["alien", "brazil"]])
        build_edges(films)
        write_dialogue(films, "one", [["alien", "brazil", "dune"]])
        co_mentions, *_ = build_edges(films)
        assert edges(films, "CO_MENTIONED") == {
            ("alien", "brazil"): {"count": 2},
            ("alien", "dune"): {"count": 1},
            ("brazil", "dune"): {"count": 1},
        }
        assert (co_mentions.written, co_mentions.removed) == (2, 2)

    def test_similar_items_have_score_rank_and_encoder(self, films: Graph) -> None:
        write_text_vectors(films, {"alien": 0, "brazil": 10, "clue": 30, "dune": 200})
        *_, text, image = build_edges(films, EdgeOptions(neighbours=1))
        near, far = np.cos(np.radians([10, 20]))
        assert edges(films, "TEXT_SIMILAR") == {
            ("alien", "brazil"): {"score": pytest.approx(near), "rank": 1, "encoder": "compass"},
            ("brazil", "alien"): {"score": pytest.approx(near), "rank": 1, "encoder": "compass"},
            ("clue", "brazil"): {"score": pytest.approx(far), "rank": 1, "encoder": "compass"},
        }
        assert text == EdgeReport("TEXT_SIMILAR", edges=3, written=3, removed=0, without=2)
        assert image == EdgeReport("IMAGE_SIMILAR", edges=0, written=0, removed=0, without=5)

    def test_items_that_are_told_alike_are_neighbours_in_the_order_of_their_uris(self, films: Graph) -> None:
        write_text_vectors(films, dict.fromkeys(["dune", "clue", "brazil", "alien"], 45))
        build_edges(films, EdgeOptions(neighbours=2))
        found = edges(films, "TEXT_SIMILAR")
        ranked = sorted(found, key=lambda ends: (ends[0], found[ends]["rank"]))
        assert ranked == [
            ("alien", "brazil"), ("alien", "clue"), ("brazil", "alien"), ("brazil", "clue"),
            ("clue", "alien"), ("clue", "brazil"), ("dune", "alien"), ("dune", "brazil"),
        ]  # fmt: skip

    def test_the_second_run_writes_nothing(self, films: Graph, settings: Settings) -> None:
        write_dialogue(films, "one", [["alien", "brazil", "clue"]])
        build_vectors(films, TINY, settings.cache)
        first = build_edges(films)
        before = [edges(films, report.type) for report in first]
        second = build_edges(films)
        assert [report.written for report in first] == [3, 0, 6, 0]
        assert [(report.written, report.removed) for report in second] == [(0, 0)] * 4
        assert [report.edges for report in second] == [report.edges for report in first]
        assert [edges(films, report.type) for report in second] == before

    def test_fewer_neighbours_and_lost_vectors_take_edges_away(self, films: Graph) -> None:
        write_text_vectors(films, {"alien": 0, "brazil": 10, "clue": 30})
        build_edges(films, EdgeOptions(neighbours=2))
        *_, fewer, _ = build_edges(films, EdgeOptions(neighbours=1))
        assert (fewer.edges, fewer.written, fewer.removed) == (3, 0, 3)
        alien_and_clue = [row["uri"] for row in films.read("item_contents") if row["title"] in ("Alien", "Clue")]
        names = {"vector": "text_vector", "hash": "text_hash", "change": "text_change", "type": "TEXT_SIMILAR"}
        films.write("remove_vectors", **names, uris=alien_and_clue)
        *_, text, _ = build_edges(films)
        assert (text.edges, text.removed, text.without) == (0, 3, 5)

    def test_vectors_of_two_encoders_are_not_compared(self, films: Graph) -> None:
        write_text_vectors(films, {"alien": 0})
        write_text_vectors(films, {"brazil": 0}, encoder="sextant")
        with pytest.raises(TrainingError, match=r"compass, sextant.*tellgraph build vectors"):
            build_edges(films)

    def test_readers_see_nothing_of_an_interrupted_run_and_the_next_one_clears_it_away(
        self, films: Graph, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(what: str, done: int, total: int) -> None:
            if what == "TEXT_SIMILAR" and done == 2:
                raise KeyboardInterrupt

        write_text_vectors(films, {"alien": 0, "brazil": 10, "clue": 30})
        write_dialogue(films, "one", [["alien", "brazil"]])
        build_edges(films, EdgeOptions(neighbours=1))
        before = {type_: edges(films, type_) for type_ in ("CO_MENTIONED", "TEXT_SIMILAR")}
        write_text_vectors(films, {"alien": 120, "brazil": 110, "clue": 100})
        write_dialogue(films, "two", [["alien", "brazil", "clue"]])
        monkeypatch.setattr(edge_staging, "EDGE_BATCH", 1)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                build_edges(films, EdgeOptions(neighbours=2), interrupt)
            assert {type_: edges(films, type_) for type_ in before} == before
        build_edges(films, EdgeOptions(neighbours=2))
        assert edges(films, "CO_MENTIONED")["alien", "brazil"] == {"count": 2}
        assert len(edges(films, "TEXT_SIMILAR")) == 6
        assert films.read("hidden_edges") == [{"edges": 0}]

    def test_of_two_at_once_the_later_one_builds_and_no_edge_stands_twice(self, films: Graph) -> None:
        names = [f"film {number:02}" for number in range(40)]
        write_items(films, {name: {} for name in names})
        write_text_vectors(films, {name: float(number) for number, name in enumerate(names)})
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(build_edges, films) for _ in range(2)]
        failures = [str(error) for run in runs if (error := run.exception())]
        assert len(failures) < 2
        assert all("taken over" in failure for failure in failures)
        assert len(edges(films, "TEXT_SIMILAR")) == 400


@pytest.mark.slow
def test_inspired_has_the_pairs_that_were_counted_by_hand(graph: Graph, data_folder: Path, tmp_path: Path) -> None:
    inspired = data_folder / "inspired"
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        FileIngest(graph, inspired / "entities.txt", rejects).entities()
        FileIngest(graph, inspired / "items.txt", rejects).items()
        FileIngest(graph, inspired / "train.jsonl", rejects).dialogues("inspired", "train")
    co_mentions, *_ = build_edges(graph)
    counts = [properties["count"] for properties in edges(graph, "CO_MENTIONED").values()]
    assert co_mentions.edges == len(counts) == 28_999
    assert counts.count(1) == 24_697
