"""One definition of evidence, two readers: the live graph and a snapshot of it give the same numbers and paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from graphstore.dialogues import Turn
from graphstore.export import export_snapshot
from graphstore.graph import Graph
from graphstore.settings import Settings
from tests.ui.film_world import fill, uri
from training.evidence.chat_vectors import ChatEncoder
from training.evidence.definitions import FEATURES, Evidence
from training.evidence.ranker import EvidenceRecommender, chat_encoder
from training.evidence.snapshot_reader import SnapshotReader
from training.instances import Context
from training.loop import train
from training.pipeline import GraphReader, on_graph
from training.recipe import EvidenceRecipe
from training.runs import RunFolder

pytestmark = pytest.mark.database

Readers = tuple[GraphReader, SnapshotReader, ChatEncoder]
NAMES = ["Inception", "Arrival_(film)", "Interstellar_(film)", "Christopher_Nolan", "Amy_Adams", "Toy_Story"]
TURNS = st.builds(
    lambda role, text, names: Turn(role, text, tuple(uri(name) for name in names)),
    st.sampled_from(["seeker", "recommender"]),
    st.sampled_from(["", "The prestige of a mummy", "A funny sci-fi film with magicians, please", "I like Amy Adams"]),
    st.lists(st.sampled_from([*NAMES, "Nowhere"]), max_size=4),
)


@pytest.fixture(scope="module")
def readers(graph_session: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Readers:
    folder = tmp_path_factory.mktemp("films")
    fill(graph_session, folder, settings)
    snapshot = export_snapshot(graph_session, folder / "snapshot")
    reader = SnapshotReader(snapshot)
    return GraphReader(graph_session, reader.catalogue), reader, chat_encoder(snapshot, settings.cache)


Paths = dict[tuple[object, ...], list[float]]


def _paths(evidence: Evidence) -> Paths:
    """What leads where, with its amounts; no path stands twice."""
    found = [
        ((kind, item, origin.source, origin.steps, origin.words), [float(one[row]) for one in parts.amounts.values()])
        for kind, parts in evidence.parts.items()
        for row, item in enumerate(parts.items.tolist())
        for origin in [parts.origin(row)]
    ]
    paths: Paths = dict(found)
    assert len(paths) == len(found)
    return paths


@examples(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURNS, max_size=4))
def test_both_readers_find_the_same(readers: Readers, turns: list[Turn]) -> None:
    live, stored, encoder = readers
    context = Context(tuple(turns))
    vectors = encoder.encode(context)
    one, other = live.read(context, vectors), stored.read(context, vectors)
    assert one.table() == pytest.approx(other.table(), abs=1e-5)
    ways, stored_ways = _paths(one), _paths(other)
    assert ways.keys() == stored_ways.keys()
    for path, amounts in ways.items():
        assert amounts == pytest.approx(stored_ways[path], abs=1e-5)


def test_this_world_has_every_kind_of_evidence(readers: Readers) -> None:
    live, _, encoder = readers
    names = ("Inception", "Christopher_Nolan", "The_Mummy_(1999_film)")
    context = Context((Turn("seeker", "A sci-fi film with a mummy", tuple(map(uri, names))),))
    table = live.read(context, encoder.encode(context)).table()
    silent = [feature.name for feature, column in zip(FEATURES, table.T, strict=True) if not column.any()]
    assert silent == ["named_by_recommender"]


def test_what_came_after_the_training_counts(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    fill(graph, tmp_path, settings)
    snapshot = export_snapshot(graph, tmp_path / "snapshot")
    recipe = EvidenceRecipe("test", seeds=1, negatives=5, epochs=2)
    run = RunFolder.create(tmp_path / "run", recipe, snapshot)
    recommender = train(run, settings.cache)
    assert isinstance(recommender, EvidenceRecommender)
    live = on_graph(recommender, graph)
    context = Context((Turn("seeker", "", (uri("Good_(film)"),)),))
    before = live.scores([context])[0]
    assert before == pytest.approx(recommender.scores([context])[0])
    graph.write(
        "merge_facts",
        facts=[[uri("Good_(film)"), "DIRECTOR", "http://films.example/resource/Denis_Villeneuve"]],
        source="films",
    )
    table = np.array(live.scores([context])[0])
    assert table[live.item_index[uri("Arrival_(film)")]] != before[live.item_index[uri("Arrival_(film)")]]
