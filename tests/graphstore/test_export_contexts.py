"""What was said before turns, exported: of training dialogues that are kept, of one encoder, of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphstore.dialogues import Dialogue, Turn
from graphstore.errors import SnapshotError
from graphstore.export import ExportFilters, export_snapshot
from graphstore.graph import Graph
from graphstore.snapshot import Snapshot
from tests.graphstore.test_export import content, dialogue_row, fill, write_vectors
from tests.graphstore.test_export_builds import build

pytestmark = pytest.mark.database

HEAT = Dialogue("toy/train/0", "toy", "train", (Turn("seeker", "hello"), Turn("recommender", "Heat!", ("urn:heat",))))
PLACES = [("toy/train/0", 1), ("toy/train/2", 11)]


def write_contexts(graph: Graph, encoder: str, *contexts: tuple[str, int, list[float], list[float] | None]) -> None:
    rows = [
        {"dialogue": dialogue, "turn": turn, "whole": whole, "recent": recent, "hash": f"{encoder} 0a1b"}
        for dialogue, turn, whole, recent in contexts
    ]
    graph.write("write_contexts", rows=rows)


@pytest.fixture
def talks(graph: Graph) -> Graph:
    """The toy graph, with a context in each of two training dialogues."""
    fill(graph)
    graph.write("merge_dialogues", dialogues=[dialogue_row(HEAT)])
    write_contexts(graph, "toy", ("toy/train/2", 11, [0.0, 1.0], None), ("toy/train/0", 1, [1.0, 0.0], [0.6, 0.8]))
    return graph


def places(snapshot: Snapshot) -> list[tuple[str, int]]:
    ids = [dialogue.id for dialogue in snapshot.dialogues()]
    contexts = snapshot.contexts()
    return [(ids[line], turn) for line, turn in zip(contexts.dialogue, contexts.turn.tolist(), strict=True)]


def export(graph: Graph, folder: Path, filters: ExportFilters) -> Snapshot:
    export_snapshot(graph, folder, filters=filters)
    return Snapshot.open(folder)


def test_contexts_arrive_by_dialogue_and_turn(talks: Graph, tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    export_snapshot(talks, tmp_path / "s", lambda table, rows: seen.append((table, rows)))
    snapshot = Snapshot.open(tmp_path / "s")
    contexts = snapshot.contexts()
    assert places(snapshot) == PLACES
    assert contexts.whole.tolist() == [[1, 0], [0, 1]]
    assert np.array_equal(contexts.recent, np.array([[0.6, 0.8], [0, 0]], dtype=np.float32))
    assert snapshot.manifest["contexts"] == {"turns": 2, "dimensions": 2}
    assert seen[-1] == ("contexts", 2)
    export_snapshot(talks, tmp_path / "again")
    assert content(tmp_path / "again") == content(tmp_path / "s")


def test_contexts_stay_with_the_dialogues_that_are_kept(talks: Graph, tmp_path: Path) -> None:
    assert places(export(talks, tmp_path / "s", ExportFilters(relations=("GENRE",)))) == PLACES
    build(talks, "CO_MENTIONED", [])
    late = Dialogue("toy/train/1b", "toy", "train", HEAT.turns)
    talks.write("merge_dialogues", dialogues=[dialogue_row(late)])
    write_contexts(talks, "toy", ("toy/train/1b", 1, [0.0, 1.0], [0.0, 1.0]))
    assert places(export(talks, tmp_path / "s", ExportFilters(since=2))) == [("toy/train/1b", 1)]
    kept = set()
    for seed in range(8):  # of three items, two are mentioned
        snapshot = export(talks, tmp_path / "s", ExportFilters(sample=1, seed=seed))
        expected = [dialogue.id for dialogue in snapshot.dialogues() if len(dialogue.turns) > 1]
        assert [dialogue for dialogue, _ in places(snapshot)] == expected
        kept.add(tuple(expected))
    assert ("toy/train/2",) in kept


def test_a_dialogue_that_moved_to_another_split_keeps_its_contexts_out(talks: Graph, tmp_path: Path) -> None:
    talks.write("merge_dialogues", dialogues=[dialogue_row(HEAT) | {"split": "valid"}])
    assert places(export(talks, tmp_path / "s", ExportFilters())) == PLACES[1:]


def test_contexts_alone_name_the_text_encoder(graph: Graph, tmp_path: Path) -> None:
    graph.write("merge_entities", entities=[["urn:heat", "Heat"]], source="toy")
    graph.write("merge_dialogues", dialogues=[dialogue_row(HEAT)])
    write_contexts(graph, "toy", ("toy/train/0", 1, [1.0, 0.0], [1.0, 0.0]))
    assert export(graph, tmp_path / "s", ExportFilters()).manifest["encoders"] == {"text": "toy"}


def test_contexts_of_two_encoders_are_refused(talks: Graph, tmp_path: Path) -> None:
    write_contexts(talks, "another", ("toy/train/0", 1, [1.0], [1.0]))
    with pytest.raises(SnapshotError, match=r"dialogues come from several encoders \(another, toy\): run `tellgraph"):
        export_snapshot(talks, tmp_path / "s")
    write_contexts(talks, "toy", ("toy/train/0", 1, [1.0, 0.0], None))
    write_vectors(talks, "another", {"urn:heat": [0.6, 0.8], "urn:alien": [1.0, 0.0]})
    with pytest.raises(SnapshotError, match="from another and those of the dialogues from toy: run `tellgraph build v"):
        export_snapshot(talks, tmp_path / "s")


def test_what_changes_after_the_dialogues_were_read_fits_all_the_same(
    talks: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = talks.stream
    longer = Dialogue("toy/train/0", "toy", "train", (*HEAT.turns, Turn("recommender", "Alien!", ("urn:alien",))))
    new = Dialogue("toy/train/9", "toy", "train", HEAT.turns)

    def write_meanwhile(name: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
        if name == "export_contexts":
            talks.write("merge_dialogues", dialogues=[dialogue_row(longer), dialogue_row(new)])
            write_contexts(talks, "toy", ("toy/train/0", 2, [1.0, 0.0], None), ("toy/train/9", 1, [1.0, 0.0], None))
        return stream(name, **parameters)

    monkeypatch.setattr(talks, "stream", write_meanwhile)
    assert places(export(talks, tmp_path / "s", ExportFilters())) == PLACES
    assert places(export(talks, tmp_path / "next", ExportFilters())) == sorted(
        [*PLACES, ("toy/train/0", 2), ("toy/train/9", 1)]
    )
