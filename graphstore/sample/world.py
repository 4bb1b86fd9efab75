"""What the simulated people know: which films belong together, which are famous, and who is in them.

    facts ──► links (film → people and companies) ──► related (film → film, how strongly)
                                                 ├──► popularity (films of much-filmed people are famous)
                                                 └──► circle (films that one kind of person likes)

Nothing here comes from real viewers. Popularity and circles are made from the facts and a seed.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphstore.sample.films import Facts, Film

__all__ = ["LINK_WEIGHTS", "World", "build_world"]

LINK_WEIGHTS: Mapping[str, float] = {
    "director": 2.0,
    "starring": 1.3,
    "writer": 1.3,
    "musicComposer": 0.5,
    "productionCompany": 0.4,
}
"""How much a shared fact of this relation makes two films alike; relations that are absent make no link."""

_CIRCLES = 36
_POPULARITY_EXPONENT = 0.75
_POPULARITY_OFFSET = 12  # flattens the head: the best known film is some 25 times as popular as the median
_SHARED_BY_AT_MOST = 40  # who has more films than this (a studio) does not make two of them alike


@dataclass(frozen=True)
class World:
    """Everything by film URI; people and companies by theirs.

    titles: what a film is called; the year is added where two films share a title.
    links: film → who is linked to it → the weightiest relation between them.
    films_with: who → their films, sorted.
    related: film → other films → strength of what they share (> 0).
    popularity: film → weight, 1 for the best known.
    circle: film → number of its circle, 0 to 35.
    members: circle → its films, sorted.
    """

    titles: Mapping[str, str]
    links: Mapping[str, Mapping[str, str]]
    films_with: Mapping[str, Sequence[str]]
    related: Mapping[str, Mapping[str, float]]
    popularity: Mapping[str, float]
    circle: Mapping[str, int]
    members: Mapping[int, Sequence[str]]


def build_world(films: Sequence[Film], facts: Facts, seed: int) -> World:
    """Derive the world from the films and their facts; the same arguments give the same world."""
    uris = sorted(film.uri for film in films)
    links = {uri: _links_of(facts.get(uri, {})) for uri in uris}
    films_with: dict[str, list[str]] = defaultdict(list)
    for uri in uris:
        for linked in links[uri]:
            films_with[linked].append(uri)
    related = {uri: _related_to(uri, links, films_with) for uri in uris}
    popularity = _popularity(uris, links, films_with, random.Random(seed))
    circle = _circles(uris, related, popularity)
    members: dict[int, list[str]] = defaultdict(list)
    for uri in uris:
        members[circle[uri]].append(uri)
    return World(_titles(films), links, films_with, related, popularity, circle, members)


def _links_of(facts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The weightiest relation first, so that it is the one that stays for somebody with two."""
    links: dict[str, str] = {}
    for relation in sorted(LINK_WEIGHTS, key=lambda relation: -LINK_WEIGHTS[relation]):
        for linked in facts.get(relation, ()):
            links.setdefault(linked, relation)
    return links


def _related_to(
    uri: str, links: Mapping[str, Mapping[str, str]], films_with: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    strength: dict[str, float] = defaultdict(float)
    for linked, relation in links[uri].items():
        others = films_with[linked]
        if len(others) <= _SHARED_BY_AT_MOST:
            rarity = 1 / math.sqrt(len(others))
            for other in others:
                weight = min(LINK_WEIGHTS[relation], LINK_WEIGHTS[links[other][linked]])
                strength[other] += weight * rarity
    strength.pop(uri, None)
    return dict(strength)


def _popularity(
    uris: Sequence[str],
    links: Mapping[str, Mapping[str, str]],
    films_with: Mapping[str, Sequence[str]],
    rng: random.Random,
) -> dict[str, float]:
    """A Zipf-like weight by rank of fame: how many films the film's people have, with some luck."""
    fame = {
        uri: math.log1p(sum(len(films_with[linked]) - 1 for linked in links[uri])) + rng.gauss(0, 0.5) for uri in uris
    }
    ranked = sorted(uris, key=lambda uri: (-fame[uri], uri))
    first = _POPULARITY_OFFSET**_POPULARITY_EXPONENT
    return {uri: first / (rank + _POPULARITY_OFFSET) ** _POPULARITY_EXPONENT for rank, uri in enumerate(ranked)}


def _circles(
    uris: Sequence[str], related: Mapping[str, Mapping[str, float]], popularity: Mapping[str, float]
) -> dict[str, int]:
    """Each film joins the centre that is nearest along related films; a film related to nothing joins any.

    Centres are famous films that have nothing to do with one another.
    """
    centres: list[str] = []
    for uri in sorted(uris, key=lambda uri: -popularity[uri]):
        if len(centres) < _CIRCLES and related[uri] and not any(centre in related[uri] for centre in centres):
            centres.append(uri)
    circle: dict[str, int] = {}
    queue = [(0.0, number, centre) for number, centre in enumerate(centres)]
    while queue:
        distance, number, uri = heapq.heappop(queue)
        if uri not in circle:
            circle[uri] = number
            for other, strength in related[uri].items():
                heapq.heappush(queue, (distance + 1 / strength, number, other))
    for place, uri in enumerate(uri for uri in uris if uri not in circle):
        circle[uri] = place % max(len(centres), 1)
    return circle


def _titles(films: Sequence[Film]) -> dict[str, str]:
    count = Counter(film.title for film in films)
    return {
        film.uri: f"{film.title} ({film.year})" if film.year and count[film.title] > 1 else film.title for film in films
    }
