"""What the importer gets: every entity and every fact once, with all who brought them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphstore import import_files
from graphstore.errors import ServerError
from graphstore.import_files import ARRAY_DELIMITER, ImportFiles, Made

URIS = st.sampled_from([f"urn:{name}" for name in "abcdef"])
FACTS = st.lists(st.tuples(URIS, st.sampled_from(["P", "Q"]), URIS), max_size=12)
FILES = st.lists(st.tuples(st.sampled_from(["one", "two", 'th"ree;']), FACTS), max_size=4)


def rows(file: Path) -> dict[tuple[str, ...], list[str]]:
    """Sources by the cells before them."""
    lines = [line.split("\t") for line in file.read_text(encoding="utf-8").split("\n")[1:-1]]
    found = {tuple(cells[:-2]): cells[-2][1:-1].replace('""', '"').split(ARRAY_DELIMITER) for cells in lines}
    assert len(found) == len(lines)
    assert all(cells[-1] == "1" for cells in lines)
    return found


@given(files=FILES)
def test_equal_lines_become_one(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, list[tuple[str, str, str]]]]
) -> None:
    made = ImportFiles(tmp_path_factory.mktemp("import"))
    facts: dict[tuple[str, ...], list[str]] = {}
    entities: dict[tuple[str, ...], list[str]] = {}
    expected = []
    for source, triples in files:
        made.add(source, iter(triples))
        before = len(entities), len(facts)
        for subject, type, object_ in triples:
            keys = [(entities, (uri, f'"{uri[-1]}"')) for uri in (subject, object_)]
            for table, key in [*keys, (facts, (subject, object_, type))]:
                sources = table.setdefault(key, [])
                sources.extend([source] * (source not in sources))
        expected.append(Made(len(entities) - before[0], len(facts) - before[1]))
    assert made.write() == expected
    assert rows(made.facts) == facts
    assert rows(made.entities) == entities


def test_what_does_not_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "_LINES_AT_ONCE", 10)
    monkeypatch.setattr(import_files, "_REMEMBERED_ENTITIES", 5)
    made = ImportFiles(tmp_path)
    facts = [(f"urn:{number % 50}", "P", f"urn:{number % 7}") for number in range(2_000)]
    made.add("one", facts)
    made.add("two", facts[:10])
    assert made.write() == [Made(50, 350), Made(0, 0)]
    assert len(rows(made.facts)) == 350
    assert {tuple(sources) for sources in rows(made.facts).values()} == {("one",), ("one", "two")}
    assert list(tmp_path.rglob("*-*")) == []


@pytest.mark.parametrize("full", [*(f"entities/0-{place}" for place in range(2)), "entities.tsv", "facts.tsv"])
def test_a_full_disk_is_one_sentence(tmp_path: Path, full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    monkeypatch.setattr(import_files, "_SPOOLS", 2)
    made = ImportFiles(tmp_path)
    (tmp_path / full).symlink_to("/dev/full")
    with pytest.raises(ServerError, match=rf"{tmp_path} \(No space left on device\).* three times.*TELLGRAPH_HOME"):  # noqa: PT012
        made.add("one", [(f"urn:{number}", "P", f"urn:{number + 1}") for number in range(100)])
        made.write()


def test_names_are_quoted(tmp_path: Path) -> None:
    made = ImportFiles(tmp_path)
    made.add("one", [("http://films/%22Alien%22,_%5C_a", "P", "http://films/é_%09b")])
    made.write()
    assert rows(made.entities).keys() == {
        ("http://films/%22Alien%22,_%5C_a", '"""Alien"", \\ a"'),
        ("http://films/é_%09b", '"é b"'),
    }
