"""The drawn posters: their look follows the graph, and their type stays on the paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import graphstore.sample
from graphstore.sample.films import Film, group_facts, read_facts, read_films
from graphstore.sample.posters import PosterStyle, draw_poster, draw_posters, poster_styles

SHIPPED = Path(graphstore.sample.__file__).parent
DBR = "http://dbpedia.org/resource/"


@pytest.fixture(scope="module")
def films() -> list[Film]:
    return read_films(SHIPPED / "items.jsonl.gz")


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, list[str]]]:
    return group_facts(read_facts(SHIPPED / "facts.nt.gz"))


def test_poster_style_follows_the_graph(films: list[Film], facts: dict[str, dict[str, list[str]]]) -> None:
    styles = poster_styles(films, facts)

    def style_of(name: str) -> PosterStyle:
        return styles[f"{DBR}{name}"]

    assert style_of("Inception").motif_of == style_of("Interstellar_(film)").motif_of == f"{DBR}Christopher_Nolan"
    for film in films:
        for house in facts[film.uri].get("distributor", [])[:1]:
            others = [f for f in films if facts[f.uri].get("distributor") == [house]]
            if facts[film.uri]["distributor"] == [house]:
                assert {styles[other.uri].palette for other in others} == {styles[film.uri].palette}


def test_posters_have_their_size_and_nothing_runs_over_the_edge(
    films: list[Film], facts: dict[str, dict[str, list[str]]]
) -> None:
    styles = poster_styles(films, facts)
    longest = sorted(films, key=lambda film: len(film.title))[-12:]
    wide = Film(f"{DBR}Wide", "Donaudampfschifffahrtsgesellschaft " * 6, 2001, (), "", ("Ó" * 80,), (), ("x",) * 9)
    for film in (*longest, wide):
        poster = draw_poster(film, styles.get(film.uri, styles[films[0].uri]))
        assert poster.size == (400, 600)
        type_area = np.asarray(poster)[370:]
        paper = type_area[0, 0]
        assert (type_area[:, :20] == paper).all()
        assert (type_area[:, -20:] == paper).all()
        assert (type_area[-8:] == paper).all()
        assert (type_area != paper).any(), "a poster has type"


def test_drawing_again_keeps_what_is_there_and_finishes_the_rest(
    films: list[Film], facts: dict[str, dict[str, list[str]]], tmp_path: Path
) -> None:
    some, heard = films[:4], list[int]()
    first = draw_posters(some[:2], facts, tmp_path)
    (tmp_path / "123.part").write_bytes(b"half a poster")
    written = {path: path.stat().st_mtime_ns for path in first.values()}
    paths = draw_posters(some, facts, tmp_path, heard.append)
    assert heard == [1, 2, 3, 4]
    assert {path: path.stat().st_mtime_ns for path in written} == written
    for film in some:
        with Image.open(paths[film.uri]) as poster:
            assert poster.format == "JPEG"
            assert poster.size == (400, 600)
