"""Simulated people: what each of them likes, and how much."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphstore.sample.world import LINK_WEIGHTS, World

__all__ = ["Person", "imagine_person"]

_CIRCLE_APPEAL = 0.7
_LUCK = 0.3


@dataclass(frozen=True)
class Person:
    """Somebody who looks for a film.

    idols: directors, stars, writers, composers and companies that they like, the dearest first.
    appeal: film → how much they would like it, about 0 to 3; a film that is absent means nothing to them.
    casual: whether they type without capitals and full stops.
    """

    idols: Sequence[str]
    appeal: Mapping[str, float]
    casual: bool


def imagine_person(world: World, rng: random.Random) -> Person:
    """Draw a person: a circle, two films of it that shaped them, and the people behind those films."""
    circles = sorted(world.members)
    sizes = [sum(world.popularity[film] for film in world.members[number]) for number in circles]
    circle = rng.choices(circles, sizes)[0]
    members = world.members[circle]
    shaped_by = rng.choices(members, [world.popularity[film] for film in members], k=2)
    idols = _draw_idols(world, shaped_by, rng)
    films = {*members, *shaped_by, *(film for idol in idols for film in world.films_with[idol])}
    for film in shaped_by:
        films.update(world.related[film])
    appeal = {}
    for film in sorted(films):
        taste = _CIRCLE_APPEAL * (world.circle[film] == circle) + rng.gauss(0, _LUCK)
        taste += sum(LINK_WEIGHTS[world.links[film][idol]] for idol in idols if idol in world.links[film])
        taste += 0.4 * sum(world.related[loved].get(film, 0.0) for loved in shaped_by)
        # Whatever luck says, everybody loves what shaped them, and so has something to talk about.
        appeal[film] = max(taste, 1.0) if film in shaped_by else taste
    return Person(idols, appeal, casual=rng.random() < 0.2)


def _draw_idols(world: World, shaped_by: Sequence[str], rng: random.Random) -> list[str]:
    """Up to three of those who made the two films and at least one more."""
    makers = {
        linked: LINK_WEIGHTS[relation] * min(len(world.films_with[linked]), 9) ** 0.5
        for film in shaped_by
        for linked, relation in world.links[film].items()
        if len(world.films_with[linked]) > 1
    }
    idols: list[str] = []
    while makers and len(idols) < 3:
        idol = rng.choices(list(makers), list(makers.values()))[0]
        del makers[idol]
        idols.append(idol)
    return idols
