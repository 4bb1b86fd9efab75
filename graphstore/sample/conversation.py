"""One simulated conversation, from hello to goodbye, in 6 to 12 turns.

    _open ──► _suggest ──► _react ──┬── seen and loved, seen and disliked, declined ──► _suggest
                                    ├── curious ──► told more ──► accepted
                                    └── accepted ──► _close

The recommender knows what was said and which films go together, not the seeker's taste.
"""

from __future__ import annotations

import math
import random

from graphstore.dialogues import Role, Turn
from graphstore.sample.films import name_of
from graphstore.sample.people import Person
from graphstore.sample.phrases import Phrases, slots_of
from graphstore.sample.world import LINK_WEIGHTS, World

__all__ = ["Conversation"]

_LONGEST = 12
_SHORTEST = 6
_ITEM_SLOTS = ("film", "other")
_SHARPNESS = 2.0  # how strongly the recommender prefers the film that fits best
_LURE_OF_FAME = 0.6  # exponent of popularity in what the recommender suggests
_GOOD_ENOUGH = 0.3  # appeal of a film that the seeker takes, or liked
_WHIM = 0.06  # share of suggestions that have nothing to do with what was said


class Conversation:
    """A seeker and a recommender; `hold` gives the turns. One use."""

    def __init__(self, world: World, seeker: Person, phrases: Phrases, rng: random.Random) -> None:
        self._world, self._seeker, self._phrases, self._rng = world, seeker, phrases, rng
        self._turns: list[Turn] = []
        self._liked: list[str] = []
        self._rejected: list[str] = []
        self._idols_named: list[str] = []

    def hold(self) -> tuple[Turn, ...]:
        """Talk until the seeker takes a film or the patience of both ends."""
        self._open()
        accepted = None
        while accepted is None:
            accepted = self._react(self._suggest())
        self._close(accepted)
        return tuple(self._turns)

    # Opening ---------------------------------------------------------------------------------------------

    def _open(self) -> None:
        first = self._rng.random()
        if first < 0.6:
            self._say("recommender", "greet")
        elif first < 0.8:
            self._say("seeker", "hello")
            self._say("recommender", "greet_back")
        self._name_tastes()
        if self._rng.random() < 0.35:
            self._say("recommender", "ask_why")
            self._explain_taste()

    def _name_tastes(self) -> None:
        films = self._recall(2 if self._rng.random() < 0.4 else 1)
        self._liked += films
        acts = ["open_two" if len(films) == 2 else "open_one"] if films else []
        slots = dict(zip(_ITEM_SLOTS, films, strict=False))
        if self._seeker.idols and (not films or self._rng.random() < 0.35):
            idol = self._seeker.idols[0]
            self._idols_named.append(idol)
            slot = self._slot_of(idol)
            acts.append("open_company" if slot == "company" else "open_person")
            slots[slot] = idol
        self._say("seeker", *acts, **slots)

    def _explain_taste(self) -> None:
        stars = self._people_in(self._liked[-1]) if self._liked else []
        memories = self._recall(1)
        choice = self._rng.random()
        if stars and choice < 0.5:
            self._idols_named.append(stars[0])
            self._say("seeker", "because_person", person=stars[0])
        elif memories and choice < 0.8:
            self._liked += memories
            self._say("seeker", "because_film", other=memories[0])
        else:
            self._say("seeker", "because_plain")

    # Suggestions -----------------------------------------------------------------------------------------

    def _suggest(self) -> str:
        films = self._choose_films(2 if self._rng.random() < 0.15 else 1)
        if len(films) == 2:
            self._say("recommender", "suggest_pair", film=films[0], other=films[1])
            return self._rng.choice(films)
        reasons = self._reasons_for(films[0])
        if reasons and self._rng.random() < 0.75:
            shared = self._rng.choices(list(reasons), [LINK_WEIGHTS[kind] for kind in reasons.values()])[0]
            relation = reasons[shared]
            if relation == "productionCompany":
                self._say("recommender", "suggest_company", film=films[0], company=shared)
            else:
                self._say("recommender", f"suggest_{relation}", film=films[0], person=shared)
        else:
            self._say("recommender", "suggest_plain", film=films[0])
        return films[0]

    def _choose_films(self, count: int) -> list[str]:
        """Draw films that fit what was said: they share makers with the liked ones, or their circle."""
        world = self._world
        fits: dict[str, float] = {}
        for age, liked in enumerate(reversed(self._liked)):
            fading = 0.8**age
            for film in world.members[world.circle[liked]]:
                fits[film] = fits.get(film, 0.0) + 0.3 * fading
            for film, strength in world.related[liked].items():
                fits[film] = fits.get(film, 0.0) + fading * strength
        for idol in self._idols_named:
            for film in world.films_with[idol]:
                fits[film] = fits.get(film, 0.0) + LINK_WEIGHTS[world.links[film][idol]]
        for rejected in self._rejected:
            for film, strength in world.related[rejected].items():
                fits[film] = fits.get(film, 0.0) - 0.8 * strength
        said = {uri for turn in self._turns for uri in turn.items}
        chosen: list[str] = []
        for _ in range(count):
            whim = self._rng.random() < _WHIM or not fits.keys() - said
            films = [film for film in (world.popularity if whim else fits) if film not in said]
            weights = [world.popularity[film] ** _LURE_OF_FAME for film in films]
            if not whim:
                weights = [
                    weight * math.exp(_SHARPNESS * fits[film]) for film, weight in zip(films, weights, strict=True)
                ]
            chosen += self._rng.choices(films, weights)
            said.add(chosen[-1])
        return chosen

    def _reasons_for(self, film: str) -> dict[str, str]:
        """Who links the film to what the seeker named → by which relation."""
        named = {*self._idols_named, *(maker for liked in self._liked for maker in self._world.links[liked])}
        return {maker: kind for maker, kind in self._world.links[film].items() if maker in named}

    # Reactions -------------------------------------------------------------------------------------------

    def _react(self, film: str) -> str | None:
        """The seeker's answer; the film when it is taken."""
        appeal = self._seeker.appeal.get(film, 0.0) + self._rng.gauss(0, 0.3)
        if len(self._turns) > _LONGEST - 4:
            self._say("seeker", "accept" if appeal > _GOOD_ENOUGH else "settle", film=film)
            return film
        fame = math.sqrt(self._world.popularity[film])
        if self._rng.random() < 0.1 + 0.8 * fame * min(max(appeal, 0.3), 1.0):
            self._judge(film, appeal)
        elif appeal > _GOOD_ENOUGH:
            if self._rng.random() < 0.4 and len(self._turns) <= _LONGEST - 6:
                self._say("seeker", "curious")
                self._tell(film)
            if len(self._turns) + 1 >= _SHORTEST - 2:
                self._say("seeker", *self._rng.choices(("accept", "accept_named"), (3, 1)), film=film)
                return film
            self._judge(film, appeal)
        else:
            self._decline(film)
        return None

    def _judge(self, film: str, appeal: float) -> None:
        """The seeker has seen it."""
        if appeal <= _GOOD_ENOUGH:
            self._rejected.append(film)
            self._say("seeker", "disliked", film=film)
            return
        self._liked.append(film)
        memories, stars = self._recall(1), self._people_in(film)
        choice = self._rng.random()
        if memories and choice < 0.35:
            self._liked.append(memories[0])
            self._say("seeker", "loved_and", film=film, other=memories[0])
        elif stars and choice < 0.55:
            self._idols_named.append(stars[0])
            self._say("seeker", "loved_because", film=film, person=stars[0])
        else:
            self._say("seeker", "loved", film=film)

    def _decline(self, film: str) -> None:
        self._rejected.append(film)
        unnamed = [idol for idol in self._seeker.idols if idol not in self._idols_named]
        memories = self._recall(1)
        if self._rng.random() < 0.6 and (unnamed or memories):
            if unnamed and (not memories or self._rng.random() < 0.5):
                self._idols_named.append(unnamed[0])
                self._say("seeker", "declined_for", **{self._slot_of(unnamed[0]): unnamed[0]})
            else:
                self._liked.append(memories[0])
                self._say("seeker", "declined_for", other=memories[0])
        else:
            self._say("seeker", "declined", film=film)

    def _tell(self, film: str) -> None:
        """Name one or two of the film's people; every film of the sample has at least one."""
        people = self._people_in(film)
        if len(people) > 1:
            self._say("recommender", "tell_two", film=film, person=people[0], second=people[1])
        else:
            self._say("recommender", "tell_one", film=film, person=people[0])

    def _close(self, film: str) -> None:
        self._say("recommender", "close_named" if self._rng.random() < 0.4 else "close", film=film)
        if len(self._turns) < _SHORTEST or (len(self._turns) < _LONGEST and self._rng.random() < 0.5):
            self._say("seeker", "thanks")

    # What they know and how they say it ------------------------------------------------------------------

    def _recall(self, count: int) -> list[str]:
        """Films that the seeker likes and that nobody named yet, the famous and the dear ones rather."""
        said = {uri for turn in self._turns for uri in turn.items}
        films = [film for film, appeal in self._seeker.appeal.items() if appeal > 0.6 and film not in said]
        weights = [self._world.popularity[film] ** 0.7 * math.exp(0.7 * self._seeker.appeal[film]) for film in films]
        return list(dict.fromkeys(self._rng.choices(films, weights, k=count))) if films else []

    def _slot_of(self, maker: str) -> str:
        films = self._world.films_with[maker]
        is_company = any(self._world.links[film][maker] == "productionCompany" for film in films)
        return "company" if is_company else "person"

    def _people_in(self, film: str) -> list[str]:
        """Stars and directors of the film in random order, those with more films rather first."""
        links = self._world.links[film]
        people = [maker for maker, kind in links.items() if kind in ("starring", "director")]
        draw = {maker: self._rng.random() ** (1 / len(self._world.films_with[maker])) for maker in people}
        return sorted(people, key=lambda maker: -draw[maker])

    def _say(self, role: Role, *acts: str, **slots: str) -> None:
        """Add a turn with a sentence per act; only what the sentences really name is mentioned."""
        said = [
            self._rng.choice([text for text in self._phrases[act] if set(slots_of(text)) <= set(slots)]) for act in acts
        ]
        names = {slot: self._world.titles[uri] if slot in _ITEM_SLOTS else name_of(uri) for slot, uri in slots.items()}
        named = [slot for text in said for slot in slots_of(text)]
        text = " ".join(said).format(**names)
        if self._turns and self._rng.random() < 0.1:
            text = f"{self._rng.choice(self._phrases['opener'])} {text}"
        if role == "seeker" and self._seeker.casual:
            text = text[0].lower() + text[1:].removesuffix(".")
        items = tuple(slots[slot] for slot in named if slot in _ITEM_SLOTS)
        entities = tuple(slots[slot] for slot in named if slot not in _ITEM_SLOTS)
        self._turns.append(Turn(role, text, items, entities))
