"""Words of a chat that stand in an item's title or name its genre: what was meant and nobody linked.

A word weighs log((D + 1) / (1 + d)), d of D training dialogues saying it: "the" next to nothing, "Inception" a lot. A
genre counts where all of its name stands in the chat, word for word, and weighs log(items / items of that genre).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Turn
from training.evidence.everyday import everyday_names

__all__ = ["Catalogue", "Hit", "title_words", "words_of"]

_YEAR = re.compile(r"\s*\(\d{4}\)\s*\Z")
_WORD = re.compile(r"[^\W_]+")
_NOW = 2  # turns
_LEAST_WEIGHT = math.log(3)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@lru_cache(maxsize=100_000)  # turns of a chat are read again and again
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(_WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


@dataclass(frozen=True)
class Hit:
    """A word of titles, or a genre, that was said. items: those that have it. amounts: of kind `words`, for each."""

    words: str
    items: Integers
    amounts: Mapping[str, Floats]


@dataclass(frozen=True)
class _Phrase:
    """A name of a genre, word by word, and the items that have it."""

    words: tuple[str, ...]
    genre: str
    items: Integers


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The items' words.

    items: their rows in the order of the item index: uri, title, genres.
    said: word → training dialogues that say it. dialogues: how many there are.
    """

    items: Sequence[Mapping[str, Any]]
    said: Mapping[str, int]
    dialogues: int

    @classmethod
    def of(cls, items: Sequence[Mapping[str, Any]], dialogues: Iterable[Sequence[Turn]]) -> Catalogue:
        """Count the words of training dialogues, those of titles alone."""
        titles = {word for item in items for word in title_words(item)}
        said: Counter[str] = Counter()
        count = 0
        for turns in dialogues:
            said.update(titles & {word for turn in turns for word in words_of(turn.text)})
            count += 1
        return cls(items, said, count)

    @cached_property
    def titles(self) -> dict[str, Integers]:
        """Word → items that have it in their title, ascending."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, item in enumerate(self.items):
            for word in title_words(item):
                found[word].append(number)
        return {word: np.array(items) for word, items in found.items()}

    @cached_property
    def genres(self) -> dict[str, list[_Phrase]]:
        """First word -> the genres that begin with it, by their everyday names as well."""
        having: dict[str, list[int]] = defaultdict(list)
        for number, item in enumerate(self.items):
            for genre in dict.fromkeys(item["genres"] or ()):
                having[genre].append(number)
        found: dict[str, list[_Phrase]] = defaultdict(list)
        for genre, items in having.items():
            for words in dict.fromkeys(tuple(words_of(name)) for name in everyday_names(genre)):
                if words:
                    found[words[0]].append(_Phrase(words, genre, np.array(items)))
        return found

    @cached_property
    def position(self) -> dict[str, int]:
        """URI -> item index."""
        return {item["uri"]: number for number, item in enumerate(self.items)}

    def uri(self, item: int) -> str:
        """Of an item index."""
        uri: str = self.items[item]["uri"]
        return uri

    def weight(self, word: str, own: bool) -> float:
        """own: 1 where the chat is a training dialogue, which does not count itself."""
        return math.log((self.dialogues - own + 1) / (1 + max(self.said.get(word, 0) - own, 0)))

    def hits(self, turns: Sequence[Turn], own: bool) -> Iterator[Hit]:
        """What of the catalogue's words is said in `turns`; words that every third dialogue says are no evidence."""
        of_turns = [words_of(turn.text) for turn in turns]
        said = [word for words in of_turns for word in words]
        now = {word for words in of_turns[-_NOW:] for word in words}
        for word in dict.fromkeys(said):
            items = self.titles.get(word)
            if items is not None and (weight := self.weight(word, own)) > _LEAST_WEIGHT:
                amounts = {
                    "title": np.full(len(items), weight),
                    "title_share": self._rarity(word) / self._rarities[items],
                }
                if word in now:
                    amounts |= {f"{name}_now": values for name, values in amounts.items()}
                yield Hit(word, items, amounts)
        asked = [word for turn, words in zip(turns, of_turns, strict=True) if turn.role == "seeker" for word in words]
        by_seeker = {phrase.genre for phrase in self._standing_in(asked)}
        for genre, phrase in {phrase.genre: phrase for phrase in self._standing_in(said)}.items():
            rarity = np.full(len(phrase.items), math.log(len(self.items) / len(phrase.items)))
            amounts = {"genres": rarity} | ({"genres_seeker": rarity} if genre in by_seeker else {})
            yield Hit(genre, phrase.items, amounts)

    def _rarity(self, word: str) -> float:
        """log((items + 1) / items with the word in their title), above 0."""
        return math.log((len(self.items) + 1) / len(self.titles[word]))

    @cached_property
    def _rarities(self) -> Floats:
        """Of all words of each title, [items]."""
        return np.array([sum(map(self._rarity, title_words(item))) for item in self.items])

    def _standing_in(self, words: Sequence[str]) -> Iterator[_Phrase]:
        for place, word in enumerate(words):
            for phrase in self.genres.get(word, ()):
                if tuple(words[place : place + len(phrase.words)]) == phrase.words:
                    yield phrase


def title_words(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The distinct words of an item's title, without a year in brackets at its end."""
    return tuple(dict.fromkeys(words_of(_YEAR.sub("", item["title"] or ""))))
