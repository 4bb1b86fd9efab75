"""Films and their facts, as the sample's tools see them: plain data, no database.

A film is described by nothing but its DBpedia facts. Its title and year are read off its URI, its people off
the facts, and `plot` is a sentence composed here from those facts: it tells no story, because no fact does.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph

from graphstore.input_files import read_lines
from graphstore.uris import title_and_year_from_uri

__all__ = ["Fact", "Facts", "Film", "compose_film", "group_facts", "name_of", "read_facts", "read_films"]

Fact = tuple[str, str, str]
"""Subject URI, local name of the predicate (`starring`), object URI."""

Facts = Mapping[str, Mapping[str, Sequence[str]]]
"""Film or person URI → local name of the predicate → object URIs."""

_TOLD = ("director", "writer", "starring", "musicComposer", "productionCompany", "distributor")

_STARS = 5  # as many as people name; the facts hold all of them


@dataclass(frozen=True)
class Film:
    """One item of the sample; the fields are those of an item line in JSONL."""

    uri: str
    title: str
    year: int | None
    genres: tuple[str, ...]
    plot: str
    directors: tuple[str, ...]
    writers: tuple[str, ...]
    stars: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The item line; a year that no fact tells is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def read_facts(path: Path) -> list[Fact]:
    """Read N-Triples, plain or gzipped; statements whose object is no resource are passed over."""
    facts = []
    data = b"".join(line.text for line in read_lines(path))
    for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_TRIPLES):
        if isinstance(quad.subject, pyoxigraph.NamedNode) and isinstance(quad.object, pyoxigraph.NamedNode):
            relation = re.split(r"[/#]", quad.predicate.value)[-1]
            facts.append((quad.subject.value, relation, quad.object.value))
    return facts


def group_facts(facts: Iterable[Fact]) -> dict[str, dict[str, list[str]]]:
    """The same facts, looked up by subject and relation; objects keep the order of the file."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for subject, relation, target in facts:
        grouped.setdefault(subject, {}).setdefault(relation, []).append(target)
    return grouped


def name_of(uri: str) -> str:
    """What people call the resource: its name without the disambiguation in brackets."""
    return title_and_year_from_uri(uri)[0]


def compose_film(uri: str, facts: Mapping[str, Sequence[str]], fame: Counter[str]) -> Film:
    """Describe one film by its facts; `fame` (facts per person in the sample) puts the best known first."""
    title, year = title_and_year_from_uri(uri)
    people = {
        relation: tuple(name_of(u) for u in sorted(facts.get(relation, ()), key=lambda u: (-fame[u], u)))
        for relation in _TOLD
    }
    return Film(
        uri=uri,
        title=title,
        year=year,
        genres=tuple(name_of(genre).lower() for genre in sorted(facts.get("genre", ()))),
        plot=_compose_plot(people),
        directors=people["director"],
        writers=people["writer"],
        stars=people["starring"][:_STARS],
    )


def read_films(path: Path) -> list[Film]:
    """Read the shipped item lines back, in their order."""
    films = []
    for line in read_lines(path):
        fields = json.loads(line.text)
        lists = {key: tuple(fields[key]) for key in ("genres", "directors", "writers", "stars")}
        films.append(Film(**{**fields, "year": fields.get("year"), **lists}))
    return films


def _compose_plot(people: Mapping[str, Sequence[str]]) -> str:
    """`Directed by A, written by B and C, with D and E. Music by F. Made by G and distributed by H.`"""
    phrases = (
        (("directed by", "director", 2), ("written by", "writer", 2), ("with", "starring", 3)),
        (("music by", "musicComposer", 1),),
        (("made by", "productionCompany", 2), ("distributed by", "distributor", 1)),
    )
    sentences = []
    for clauses in phrases:
        told = [f"{words} {_listed(people[key][:most])}" for words, key, most in clauses if people[key]]
        if told:
            sentence = ", ".join(told)
            sentences.append(sentence[0].upper() + sentence[1:].removesuffix(".") + ".")
    return " ".join(sentences)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
