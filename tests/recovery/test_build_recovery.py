"""Computed edges while they are built: whole for every reader, the same whichever way they came about."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graphstore.connection import Graph
from graphstore.removal import Removal, remove_entities
from graphstore.schema import prepare_schema
from tests.training.toy_world import edges, uri, write_dialogue, write_items, write_text_vectors
from training.errors import TrainingError
from training.pipeline import EdgeOptions, build_edges, edge_staging, similarity_edges

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("probes")]

TYPES = ("CO_MENTIONED", "CO_INTERACTED", "TEXT_SIMILAR", "IMAGE_SIMILAR")
NAMES = [f"film {number}" for number in range(8)]
FEW = EdgeOptions(neighbours=2)
Contents = dict[str, Any]


def contents(graph: Graph) -> Contents:
    """All computed edges that a reader sees, none of them twice, and the popularity."""
    return read_contents(graph, edges)


def rows(graph: Graph, type_: str) -> list[str]:
    """As `edges`, and an edge that stood twice would show."""
    found = graph.read("visible_edges", type=type_)
    return sorted(
        f"{row['uri']} {to} {[value for key, value in sorted(told.items()) if key not in ('build', 'ended')]}"
        for row in found
        for to, told in row["edges"]
    )


def read_contents(graph: Graph, read: Callable[[Graph, str], Any]) -> Contents:
    """The edges as `read` gives them, and the popularity."""
    found: Contents = {type_: read(graph, type_) for type_ in TYPES}
    found["popularity"] = {row["uri"]: row["popularity"] for row in graph.read("item_popularity")}
    return found


def write_world(graph: Graph, turned: bool) -> None:
    """One of two worlds that have hardly an edge in common."""
    step = -40 if turned else 11
    write_text_vectors(graph, {name: float(step * number % 170) for number, name in enumerate(NAMES)})
    for number in range(4):
        write_dialogue(graph, f"talk {number}", [NAMES[number : number + 3] if turned else NAMES[7 - number :]])


def test_a_reader_beside_a_writer_never_sees_half_of_each(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_staging, "EDGE_BATCH", 2)  # many commits, between which there is much to be seen
    write_items(graph, {name: {} for name in NAMES})
    worlds = []
    for turned in (False, True):
        write_world(graph, turned)
        build_edges(graph, FEW)
        worlds.append(read_contents(graph, rows))
    assert not set(worlds[0]["TEXT_SIMILAR"]) & set(worlds[1]["TEXT_SIMILAR"])
    over = threading.Event()
    seen: list[Contents] = []

    def read() -> None:
        while not over.is_set():
            seen.append(graph.steady(lambda: read_contents(graph, rows)))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(8):
            write_world(graph, bool(number % 2))
            build_edges(graph, FEW)
    finally:
        over.set()
        reader.join()
    assert len(seen) > 4
    assert all(one in worlds for one in seen)
    assert worlds[0] in seen
    assert worlds[1] in seen
    assert graph.read("hidden_edges") == [{"edges": 0}]


class _Interrupted(Exception):
    pass


def _interrupt() -> None:
    raise _Interrupted


def _before_write(monkeypatch: pytest.MonkeyPatch, number: int, work: Callable[[], object]) -> Callable[[], int]:
    """Has `work` done before the write of that number; returns what counts them."""
    write, count = Graph.write, 0

    def counted(self: Graph, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        nonlocal count
        count += 1
        if count == number:
            work()
        return write(self, name, **parameters)

    monkeypatch.setattr(Graph, "write", counted)
    return lambda: count


def test_a_build_that_ends_at_any_write_shows_old_or_new_and_the_next_one_is_whole(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_staging, "EDGE_BATCH", 3)
    write_items(graph, {name: {} for name in NAMES})
    write_world(graph, False)
    build_edges(graph, FEW)
    old = contents(graph)
    write_world(graph, True)
    with monkeypatch.context() as patch:
        written = _before_write(patch, -1, _interrupt)
        build_edges(graph, FEW)
        writes = written()
    new = contents(graph)
    assert writes > 8
    for fatal in range(1, writes + 1):
        write_world(graph, False)
        build_edges(graph, FEW)
        write_world(graph, True)
        with monkeypatch.context() as patch, suppress(_Interrupted):
            _before_write(patch, fatal, _interrupt)
            build_edges(graph, FEW)
        assert contents(graph) in (old, new)
        build_edges(graph, FEW)
        assert contents(graph) == new
        assert graph.read("hidden_edges") == [{"edges": 0}]


_CHANGES = st.one_of(
    st.tuples(st.just("vectors"), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 17), max_size=4)),
    st.tuples(
        st.just("talk"), st.tuples(st.integers(0, 3), st.sets(st.sampled_from(NAMES), max_size=4), st.booleans())
    ),
    st.tuples(st.just("forget vectors"), st.sets(st.sampled_from(NAMES), max_size=2)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("delete talks"), st.none()),
)
_STEPS = st.one_of(
    _CHANGES,
    st.tuples(st.just("build"), st.none()),
    st.tuples(st.just("full build"), st.none()),
    st.tuples(st.just("interrupted build"), st.integers(1, 10)),
    st.tuples(st.just("build beside"), st.tuples(st.integers(1, 10), _CHANGES)),
)


def _do(graph: Graph, step: str, what: Any) -> None:
    if step == "vectors":
        write_items(graph, {name: {} for name in what})
        write_text_vectors(graph, {name: 10.0 * angle for name, angle in what.items()})
    elif step == "talk":
        number, mentions, training = what
        write_dialogue(graph, f"talk {number}", [sorted(mentions)], "train" if training else "valid")
    elif step == "forget vectors":
        names = {"vector": "text_vector", "hash": "text_hash", "change": "text_change", "type": "TEXT_SIMILAR"}
        graph.write("remove_vectors", **names, uris=[uri(name) for name in what])
    elif step == "delete":
        remove_entities(graph, [uri(what)])
    elif step == "delete talks":
        Removal(graph, "toy").dialogues()
        graph.write("note_removal")
    elif step == "interrupted build":
        with pytest.MonkeyPatch.context() as patch, suppress(_Interrupted):
            _before_write(patch, what, _interrupt)
            build_edges(graph, FEW)
    elif step == "build beside":
        number, change = what
        with pytest.MonkeyPatch.context() as patch, suppress(TrainingError):
            _before_write(patch, number, lambda: _do(graph, *change))
            build_edges(graph, FEW)
    else:
        build_edges(graph, EdgeOptions(neighbours=2, full=step == "full build"))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(_STEPS, min_size=3, max_size=10))
@example(
    steps=[("vectors", {"film 0": 0, "film 1": 0, "film 2": 0}), ("build", None), ("delete", "film 0")]
)  # ranks with gaps
@example(
    steps=[("talk", (0, {"film 6", "film 7"}, True)), ("build", None), ("vectors", {"film 6": 0})]
)  # an item later
@example(
    steps=[
        ("talk", (0, {"film 0", "film 1"}, True)),
        ("interrupted build", 5),
        ("delete", "film 4"),
        ("talk", (1, {"film 0", "film 1"}, True)),
    ]
)
@example(
    steps=[
        ("talk", (0, {"film 0", "film 1"}, True)),
        ("talk", (1, {"film 2", "film 3"}, True)),
        ("build beside", (3, ("delete talks", None))),
    ]
)
@example(
    steps=[
        ("talk", (0, {"film 0", "film 1"}, True)),
        ("build", None),
        ("talk", (0, {"film 0"}, True)),
        ("delete", "film 1"),
        ("vectors", {"film 1": 0}),
        ("talk", (1, {"film 0", "film 1"}, True)),
    ]
)  # what a dialogue does not mention any more comes back
def test_builds_of_what_changed_give_what_a_full_build_gives(graph: Graph, steps: list[tuple[str, Any]]) -> None:
    graph.write("delete_everything")
    write_items(graph, {name: {} for name in NAMES[:6]})
    graph.write("merge_entities", entities=[[uri(name), name] for name in NAMES[6:]], source="toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity_edges, "LOOKED_UP_SHARE", 1.0)  # or so few rows would all be computed anew
        for step, what in steps:
            _do(graph, step, what)
        build_edges(graph, FEW)
    incremental = contents(graph)
    build_edges(graph, EdgeOptions(neighbours=2, full=True))
    assert incremental == contents(graph)


def test_another_build_takes_over_and_the_first_one_says_so(graph: Graph) -> None:
    write_items(graph, {name: {} for name in NAMES})
    write_world(graph, False)

    def build_meanwhile(what: str, done: int, total: int) -> None:
        if what == "TEXT_SIMILAR":
            build_edges(graph, FEW)

    with pytest.raises(TrainingError, match="has taken over"):
        build_edges(graph, FEW, build_meanwhile)
    assert len(contents(graph)["TEXT_SIMILAR"]) == 16


def test_a_graph_that_nothing_was_taken_into_is_said(graph: Graph) -> None:
    graph.write("forget_state")
    try:
        with pytest.raises(TrainingError, match="`tellgraph ingest` comes before"):
            build_edges(graph, FEW)
    finally:
        prepare_schema(graph)
