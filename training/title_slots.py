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

__all__ = ["SLOT", "with_slots"]

SLOT = "<movie>"
"""The placeholder of the published protocol; it stands for an item of any kind."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|&")
_YEAR = re.compile(r"\s*\((?:18|19|20)\d\d\)")
_SENTENCE_END = re.compile(r"(?:\A|[.!?\n])\W*\Z")
_ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_PART = re.compile(r"\s+(?:\d+|[ivx]+|(?:part|chapter|vol\.?|volume)\s+\w+)\s*\Z", re.IGNORECASE)
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


def _key(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in letters if letter.isalnum() or letter == "&")
    return _SAME.get(plain, plain)


def _find(text: str, words: Sequence[_Word], title: str, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    for form in _forms(title):
        key = "".join(_key(word) for word in _WORD.findall(form))
        for alike in (False, True):
            found = [
                stretch
                for stretch in _stretches(words, key, alike)
                if (len(key) >= _SHORT or not text[stretch[0]].islower())
                and not any(start < stretch[1] and stretch[0] < end for start, end in taken)
            ]
            if found:
                start, end = max(found, key=lambda stretch: _likeness(text, stretch, form))
                year = _YEAR.match(text, end)
                return start, year.end() if year else end
    return None


def _forms(title: str) -> Iterator[str]:
    """The title, then shorter forms of it, without its article, subtitle and number."""
    seen = set()
    for whole in (title, title.partition(":")[0]):
        for form in (whole, _PART.sub("", whole)):
            for spoken in (form, _ARTICLE.sub("", form, count=1) if _ARTICLE.match(form) else form):
                if spoken.strip() and spoken not in seen:
                    seen.add(spoken)
                    yield spoken


def _stretches(words: Sequence[_Word], key: str, alike: bool) -> Iterator[tuple[int, int]]:
    """Where whole words run together to `key`, or, with `alike`, to something that differs by a slip."""
    if not key or (alike and len(key) < _ALIKE_LETTERS):
        return
    longest = len(key) + (2 if alike else 0)
    for first, word in enumerate(words):
        joined = ""
        for last in words[first:]:
            joined += last.key
            if len(joined) > longest:
                break
            if joined == key or (alike and ratio(joined, key) >= _ALIKE):
                yield word.start, last.end


def _likeness(text: str, stretch: tuple[int, int], form: str) -> tuple[bool, bool, bool, int]:
    """What speaks for one place before another: a year behind it, a capital that no sentence's start explains."""
    start, end = stretch
    opens = _SENTENCE_END.search(text[:start]) is not None
    return _YEAR.match(text, end) is not None, text[start].isupper() and not opens, text[start:end] == form, -start
