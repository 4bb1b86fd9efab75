"""`<movie>` in the place of the items' titles: what a reply says without what it recommends.

Nothing tells where in a turn's text a linked item stands, so its title is looked for. People write titles freely:
"Frozen 2" for *Frozen II*, "Avengers End Game" for *Avengers: Endgame*, "the new Frozen" for either. Words are
therefore compared by key (no case, accents or punctuation; numerals as digits) and run together, and where the full
title does not stand, its shorter forms are tried. docs/conversation-metrics.md says how many links are found so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

__all__ = ["SLOT", "fill_slots", "with_slots"]

SLOT = "<movie>"
"""The placeholder of the published protocol; it stands for an item of any kind."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|&")
_YEAR = re.compile(r"\s*\((?:18|19|20)\d\d\)")
_SENTENCE_END = re.compile(r"(?:\A|[.!?\n])\W*\Z")
_ARTICLE = re.compile(r"\A(?:the|an?)\s+", re.IGNORECASE)
_PART = re.compile(r"\s+(?:part\s+|chapter\s+|vol\.?\s+|volume\s+)?(\d+|ii+|iv|v|vi+|ix|two|three)\s*\Z", re.IGNORECASE)
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
_NUMERALS = {word: str(number) for number, word in [*enumerate(_NUMBERS, 1), *enumerate(_ROMAN[1:], 2)]}
_SAME = _NUMERALS | {"&": "and", "dr": "doctor", "mr": "mister", "vol": "volume", "pt": "part"}

_SHORT = 4  # letters: a title below them has to have its capital ("It", "Up", "Her")
_ALIKE = 88.0  # of 100: one letter in eight may be wrong
_ALIKE_LETTERS = 7


@dataclass(frozen=True)
class _Word:
    key: str
    start: int
    end: int


@dataclass(frozen=True)
class _Stretch:
    """Characters of the text that may be a title; likeness: of their letters to its, 100 where they are the same."""

    start: int
    end: int
    likeness: float


def with_slots(text: str, titles: Sequence[str]) -> tuple[str, int]:
    """`text` with one stretch for each title replaced by SLOT, and how many titles were found.

    titles: of the items that the text mentions, without their years, repeats kept; a year in brackets behind a title
        goes with it. A title that stands more often than it is given stays where it stands the last times.
    """
    words = [_Word(_key(match[0]), *match.span()) for match in _WORD.finditer(text) if _key(match[0])]
    taken: list[tuple[int, int]] = []
    # longest first: "Frozen" must not take the place of "Frozen II"
    for title in sorted(titles, key=len, reverse=True):
        stretch = _find(text, words, title, taken)
        if stretch is not None:
            taken.append(stretch)
    for start, end in sorted(taken, reverse=True):
        text = text[:start] + SLOT + text[end:]
    return text, len(taken)


def fill_slots(reply: str, titles: Sequence[str]) -> str:
    """The reply with a title in each slot, in order; slots beyond the last title stay."""
    before, *after = reply.split(SLOT)
    filled = [*titles[: len(after)], *[SLOT] * (len(after) - len(titles))]
    return before + "".join(title + text for title, text in zip(filled, after, strict=True))


def _key(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in letters if letter.isalnum() or letter == "&")
    return _SAME.get(plain, plain)


def _find(text: str, words: Sequence[_Word], title: str, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    for forms in _forms(title):
        for search in (_equal, _alike):
            for form in forms:
                keys = [_key(word) for word in _WORD.findall(form)]
                # "Watch" for *The Watch*, "It", "Up": such a word is a title only where it is written like one
                plain = sum(map(len, keys)) < _SHORT or (form != title and len(keys) == 1)
                free = [
                    stretch
                    for stretch in search(words, keys)
                    if not (plain and text[stretch.start].islower())
                    and not any(start < stretch.end and stretch.start < end for start, end in taken)
                ]
                if free:
                    best = max(free, key=lambda stretch: _evidence(text, stretch, form))
                    year = _YEAR.match(text, best.end)
                    return best.start, year.end() if year else best.end
    return None


def _forms(title: str) -> Iterator[list[str]]:
    """The title, and then shorter forms of it, without its subtitle and its number; each with and without article."""
    for whole in dict.fromkeys((title, title.partition(":")[0])):
        for form in dict.fromkeys((whole, _PART.sub(r" \1", whole), _PART.sub("", whole))):
            if form.strip():
                yield list(dict.fromkeys((form, _ARTICLE.sub("", form, count=1))))


def _equal(words: Sequence[_Word], keys: Sequence[str]) -> Iterator[_Stretch]:
    """Where words run together to the same as the keys do: "End Game" is "Endgame"."""
    wanted = "".join(keys)
    for first, word in enumerate(words):
        joined = ""
        for last in words[first:]:
            joined += last.key
            if joined == wanted:
                yield _Stretch(word.start, last.end, 100.0)
            if len(joined) >= len(wanted):
                break


def _alike(words: Sequence[_Word], keys: Sequence[str]) -> Iterator[_Stretch]:
    """Where as many words differ from the keys by a slip."""
    wanted = "".join(keys)
    if len(wanted) < _ALIKE_LETTERS:
        return
    for first in range(len(words) - len(keys) + 1):
        stretch = words[first : first + len(keys)]
        likeness = ratio("".join(word.key for word in stretch), wanted)
        if likeness >= _ALIKE:
            yield _Stretch(stretch[0].start, stretch[-1].end, likeness)


def _evidence(text: str, stretch: _Stretch, form: str) -> tuple[float, bool, bool, bool, int]:
    """What speaks for one place before another: its letters, a year, a capital that no sentence's start explains."""
    capital = text[stretch.start].isupper() and _SENTENCE_END.search(text[: stretch.start]) is None
    same = text[stretch.start : stretch.end] == form
    return stretch.likeness, _YEAR.match(text, stretch.end) is not None, capital, same, -stretch.start
