"""Descriptions by a language model, onto the items of a real Neo4j and into their vectors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphstore.errors import SnapshotError
from graphstore.export import export_snapshot
from graphstore.graph import Graph
from graphstore.settings import Settings
from tests.training.talking_server import Reply, TalkingServer, by_title, item_of, refused, said, talking_server
from tests.training.toy_world import edges, uri, vectors, write_items
from training import endpoint as endpoint_module
from training.encoders import TextEncoder
from training.endpoint import ChatEndpoint
from training.errors import EndpointError, TrainingError
from training.pipeline import DescriptionReport, build_edges, build_vectors, describe_items
from training.pipeline import descriptions as describing
from training.pretrained import VectorModels

pytestmark = pytest.mark.database

TINY = VectorModels(text="random-tiny", image="./no/picture/model")


@pytest.fixture
def server() -> Iterator[TalkingServer]:
    with talking_server() as server:
        yield server


@pytest.fixture
def films(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Five films: two with a plot, one with people, one with a fact, one with but a name."""
    monkeypatch.setattr(endpoint_module, "PAUSES", (0.0,))
    told: dict[str, dict[str, Any]] = {
        "alien": {"plot": "A ship answers a call."},
        "brazil": {"plot": "A clerk dreams of wings."},
        "dune": {"directors": ["D. Lynch"]},
        "eraserhead": {},
        "fargo": {},
    }
    write_items(graph, {name: {"title": name, **properties} for name, properties in told.items()})
    graph.write("merge_relation_type", type="STARRING", uri="urn:starring")
    graph.write("merge_entities", entities=[[uri("mcdormand"), "F. McDormand"]], source="toy", listed=False)
    graph.write("merge_facts", facts=[[uri("fargo"), "STARRING", uri("mcdormand")]], source="toy")
    return graph


def describe(graph: Graph, server: TalkingServer, model: str = "m", **options: Any) -> DescriptionReport:
    return describe_items(graph, ChatEndpoint(server.address, model), **options)


def stored(graph: Graph) -> dict[str, str]:
    """The descriptions in the graph, each behind the model that wrote it."""
    return {
        row["title"]: f"{row['generated_by']}: {row['generated_description']}"
        for row in graph.read("item_facts")
        if row["generated_by"] is not None
    }


def asked(server: TalkingServer) -> list[str]:
    """The titles that the server was asked about since the last time, sorted."""
    titles = sorted(item["title"] for item in server.items())
    server.bodies.clear()
    return titles


ALL = {name: f"m: {name} is about something." for name in ("alien", "brazil", "dune", "fargo")}


class TestDescribing:
    """`describe_items`."""

    def test_all_but_a_name_alone_is_described(self, films: Graph, server: TalkingServer) -> None:
        told: list[tuple[str, int, int]] = []
        report = describe(films, server, progress=lambda *now: told.append(now))
        assert report == DescriptionReport("m", 5, already=0, without=1, described=4, failed=0, left=0, reasons={})
        assert stored(films) == ALL
        assert told == [("descriptions", done, 4) for done in (1, 2, 3, 4)]

    def test_the_model_is_told_facts_and_not_what_was_computed(self, films: Graph, server: TalkingServer) -> None:
        films.write("write_vectors", vector="text_vector", hash="text_hash", change="text_change", rows=[
            {"uri": uri(name), "vector": [1.0, 0.0], "hash": "compass 1"} for name in ("fargo", "alien")
        ])  # fmt: skip
        build_edges(films)
        assert edges(films, "TEXT_SIMILAR")
        describe(films, server)
        assert {item["title"]: item for item in server.items()}["fargo"] == {
            "title": "fargo",
            "facts": ["starring: F. McDormand"],
        }

    def test_the_second_run_asks_nothing(self, films: Graph, server: TalkingServer) -> None:
        describe(films, server)
        asked(server)
        report = describe(films, server)
        assert (report.already, report.described, asked(server)) == (4, 0, [])

    def test_what_changed_is_described_anew(self, films: Graph, server: TalkingServer) -> None:
        describe(films, server)
        asked(server)
        write_items(films, {"alien": {"plot": "A cat survives."}, "brazil": {"popularity": 7}})
        films.write("merge_facts", facts=[[uri("dune"), "STARRING", uri("mcdormand")]], source="toy")
        server.reply = lambda body: said("anew")
        assert describe(films, server).already == 2
        assert asked(server) == ["alien", "dune"]
        assert stored(films) == ALL | {"alien": "m: anew", "dune": "m: anew"}

    def test_another_model_describes_all_in_the_place_of_the_first(self, films: Graph, server: TalkingServer) -> None:
        describe(films, server)
        describe(films, server, "other")
        assert stored(films) == {name: text.replace("m: ", "other: ", 1) for name, text in ALL.items()}

    def test_an_interrupted_run_is_gone_on_with(self, films: Graph, server: TalkingServer) -> None:
        def interrupt(what: str, done: int, total: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            describe(films, server, at_once=1, progress=interrupt)
        assert stored(films) == {name: ALL[name] for name in ("alien", "brazil")}
        asked(server)
        assert describe(films, server).already == 2
        assert asked(server) == ["dune", "fargo"]
        assert stored(films) == ALL

    def test_answers_are_written_while_others_are_waited_for(
        self, films: Graph, server: TalkingServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[int] = []

        def look(body: dict[str, Any]) -> Reply:
            seen.append(len(stored(films)))
            return by_title(body)

        server.reply = look
        monkeypatch.setattr(describing, "WRITE_BATCH", 2)
        describe(films, server, at_once=1)
        assert seen == [0, 0, 2, 2]

    def test_what_fails_is_counted_and_left_for_the_next_run(self, films: Graph, server: TalkingServer) -> None:
        def moody(body: dict[str, Any]) -> Reply:
            return {"alien": refused(500), "dune": said("<think>hm</think> "), "fargo": Reply(b"<html>")}.get(
                item_of(body)["title"], by_title(body)
            )

        server.reply = moody
        report = describe(films, server)
        assert (report.described, report.failed, sorted(report.reasons.values())) == (1, 3, [1, 1, 1])
        assert stored(films) == {"brazil": ALL["brazil"]}
        server.reply = by_title
        asked(server)
        assert describe(films, server).described == 3
        assert asked(server) == ["alien", "dune", "fargo"]

    def test_a_limit_leaves_the_rest_by_uri(self, films: Graph, server: TalkingServer) -> None:
        assert describe(films, server, limit=3).left == 1
        assert asked(server) == ["alien", "brazil", "dune"]
        assert describe(films, server, limit=3).left == 0
        assert asked(server) == ["fargo"]

    def test_so_many_questions_are_under_way_at_once(self, films: Graph, server: TalkingServer) -> None:
        together = threading.Barrier(4, timeout=10)
        server.reply = lambda body: (together.wait(), by_title(body))[1]
        assert describe(films, server, at_once=4).described == 4

    def test_a_server_that_fails_again_and_again_is_left_alone(
        self, films: Graph, server: TalkingServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(describing, "FAILURES_IN_A_ROW", 2)
        server.reply = lambda body: by_title(body) if item_of(body)["title"] == "alien" else refused(422)
        with pytest.raises(EndpointError, match=r"2 items in a row .* answered 422 \(No\)\. What was described before"):
            describe(films, server, at_once=1)
        assert asked(server) == ["alien", "brazil", "dune"]
        assert stored(films) == {"alien": ALL["alien"]}

    def test_where_no_item_was_described_the_reason_is_the_error(self, films: Graph, server: TalkingServer) -> None:
        server.reply = lambda body: refused(400, "The model m is not loaded")
        with pytest.raises(EndpointError, match=r"^None of 4 items was described: .*\(The model m is not loaded\)\.$"):
            describe(films, server)

    def test_a_wrong_key_ends_the_run_and_keeps_what_was_described(self, films: Graph, server: TalkingServer) -> None:
        server.reply = lambda body: by_title(body) if item_of(body)["title"] == "alien" else refused(401)
        with pytest.raises(EndpointError, match="TELLGRAPH_DESCRIBE_KEY"):
            describe(films, server, at_once=1)
        assert asked(server) == ["alien", "brazil"]
        assert stored(films) == {"alien": ALL["alien"]}

    def test_no_model_may_be_called_as_what_none_wrote(self, films: Graph, server: TalkingServer) -> None:
        with pytest.raises(EndpointError, match="No model may be called 'composed'"):
            describe(films, server, "composed")

    def test_an_empty_graph_asks_nothing(self, graph: Graph, server: TalkingServer) -> None:
        assert describe(graph, server) == DescriptionReport("m", 0, 0, 0, 0, 0, 0, {})
        assert asked(server) == []


class TestVectorsOfDescriptions:
    """`build_vectors` with a model's name."""

    def test_the_descriptions_are_what_is_encoded(
        self, films: Graph, server: TalkingServer, settings: Settings
    ) -> None:
        describe(films, server)
        text, *_ = build_vectors(films, TINY, settings.cache, descriptions="m")
        assert (text.encoder, text.encoded, text.without) == ("random-tiny (descriptions: m)", 4, 1)
        told = [f"{name} is about something." for name in ALL]
        expected = TextEncoder("random-tiny", settings.cache).encode(told)
        assert list(vectors(films, "text")) == list(ALL)
        for vector, right in zip(vectors(films, "text").values(), expected, strict=True):
            assert vector == pytest.approx(right, abs=1e-6)

    def test_a_mixture_is_refused_before_anything_is_encoded(
        self, films: Graph, server: TalkingServer, settings: Settings
    ) -> None:
        build_vectors(films, TINY, settings.cache)
        before = vectors(films, "text")
        describe(films, server, limit=3)
        with pytest.raises(TrainingError, match=r"^1 of the 4 items .* by 'm'.*describe --endpoint URL --model m"):
            build_vectors(films, TINY, settings.cache, descriptions="m")
        describe(films, server)
        write_items(films, {"alien": {"plot": "A cat survives."}, "brazil": {"plot": "A clerk wakes."}})
        with pytest.raises(TrainingError, match=r"^2 of the 4 items"):
            build_vectors(films, TINY, settings.cache, descriptions="m")
        with pytest.raises(TrainingError, match=r"^4 of the 4 items .* by 'other'"):
            build_vectors(films, TINY, settings.cache, descriptions="other")
        assert vectors(films, "text") == before

    def test_another_kind_of_description_makes_new_vectors_and_edges(
        self, films: Graph, server: TalkingServer, settings: Settings
    ) -> None:
        def build(descriptions: str) -> tuple[int, set[str]]:
            text, *_ = build_vectors(films, TINY, settings.cache, descriptions=descriptions)
            build_edges(films)
            return text.encoded, {edge["encoder"] for edge in edges(films, "TEXT_SIMILAR").values()}

        describe(films, server)
        assert build("composed") == (2, {"random-tiny"})
        assert build("m") == (4, {"random-tiny (descriptions: m)"})
        assert build("m") == (0, {"random-tiny (descriptions: m)"})
        describe(films, server, "other")  # which says the same words
        assert build("other") == (4, {"random-tiny (descriptions: other)"})
        assert build("composed") == (2, {"random-tiny"})

    def test_an_interrupted_change_of_descriptions_is_neither_built_on_nor_exported(
        self, films: Graph, server: TalkingServer, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(what: str, done: int, total: int) -> None:
            raise KeyboardInterrupt

        describe(films, server)
        build_vectors(films, TINY, settings.cache)
        monkeypatch.setattr("training.pipeline.vectors.VECTOR_BATCH", 1)
        with pytest.raises(KeyboardInterrupt):
            build_vectors(films, TINY, settings.cache, interrupt, "m")
        both = r"several encoders \(random-tiny, random-tiny \(descriptions: m\)\)"
        with pytest.raises(TrainingError, match=both):
            build_edges(films)
        with pytest.raises(SnapshotError, match=both):
            export_snapshot(films, tmp_path / "snapshot")

    def test_a_snapshot_names_the_encoder_and_the_model(
        self, films: Graph, server: TalkingServer, settings: Settings, tmp_path: Path
    ) -> None:
        build_vectors(films, TINY, settings.cache)
        composed = export_snapshot(films, tmp_path / "composed").manifest
        assert (composed["encoders"], "descriptions" in composed) == ({"text": "random-tiny"}, False)
        describe(films, server)
        build_vectors(films, TINY, settings.cache, descriptions="m")
        described = export_snapshot(films, tmp_path / "described").manifest
        assert (described["encoders"], described["descriptions"]) == ({"text": "random-tiny"}, "m")
