"""The words of a text, and the stretches of it that may be a name. Knows no graph.

A chat is full of words that some film is called after: "It", "Up", "Home". So two lists of English words ship
in ui/assets: *filler* words never make a name by themselves, and *everyday* words need one thing more that
speaks for a name, which is a capital where none is due, quotation marks, or a year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["LONGEST_NAME", "Span", "Word", "name_key", "spans", "words_of"]

LONGEST_NAME = 9
"""In words; longer titles are found by their part before the colon."""

_ONE_WORD = {"sci fi": "science fiction", "scifi": "science fiction", "rom com": "romantic comedy"}
_SAME = dict.fromkeys(("movie", "movies", "films", "flick", "flicks"), "film") | {"&": "and"}
_WORD = re.compile(r"\b(?:sci[- ]?fi|rom[- ]com)\b|[^\W_]+(?:['’][^\W_]+)*|&", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”«]([^\"“”«»]{1,100})[\"“”»]|(?<!\w)['‘]([^'‘’\n]{1,100})['’](?!\w)")
_YEAR = re.compile(r"\s*[\"”’']?\s*(?:\(\s*(?P<brackets>(?:18|19|20)\d\d)\s*\)|(?P<bare>(?:19|20)\d\d)\b)")
_PART = re.compile(r"\s+(?:\d|II|III|IV|V|VI)\b(?!\s+[a-z]*(?:times?|of|or|stars|hours|years)\b)")
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE_END = re.compile(r"[.!?\n]\W*\Z")


@dataclass(frozen=True)
class Word:
    """A word of a text. start, end: characters; key: how it is compared; capital: where none was due."""

    text: str
    key: str
    start: int
    end: int
    filler: bool
    everyday: bool
    capital: bool


@dataclass(frozen=True)
class Span:
    """A stretch of words that may be a name.

    key_words: its words' keys. key: these without spaces, so that "Spiderman" meets "Spider-Man".
    year: the year that follows it, if one does.
    marked: quotation marks are around it, or a year in brackets behind it.
    evidence: that, or capitals, or nothing else in the text speak for a name.
    distinct: at least one word is no everyday word.
    """

    text: str
    key_words: tuple[str, ...]
    key: str
    start: int
    end: int
    year: int | None
    marked: bool
    evidence: bool
    distinct: bool
    filler: bool


@cache
def _word_list(name: str) -> frozenset[str]:
    return frozenset((resources.files("ui") / "assets" / name).read_text(encoding="utf-8").split())


def _key(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in letters if letter.isalnum() or letter in " &")
    spaced = re.sub(r"[- ]+", " ", word.casefold())
    return _ONE_WORD.get(spaced) or _SAME.get(plain, plain)


def name_key(name: str) -> str:
    """A name as `Span.key` compares it: no case, accents, spaces or punctuation; "movie" is "film"."""
    return "".join(_key(match[0]) for match in _WORD.finditer(name)).replace(" ", "")


def words_of(text: str) -> list[Word]:
    """The words of `text`, in order.

    A capital counts inside a sentence only, and not where most of the text is written in capitals.
    """
    found = [match for match in _WORD.finditer(text) if _key(match[0])]
    capitals = sum(match[0][0].isupper() for match in found)
    listing = text.count(",") > len(found) / 4
    shouting = len(found) > 4 and capitals > 0.75 * len(found) and not listing
    words = []
    for match in found:
        plain = match[0].casefold().replace("’", "'")
        filler = plain in _word_list("filler_words.txt")
        opening = not text[: match.start()].strip() or _SENTENCE_END.search(text[: match.start()]) is not None
        capital = match[0][0].isupper() and not opening and not shouting and plain != "i"
        everyday = filler or plain in _word_list("everyday_words.txt")
        words.append(Word(match[0], _key(match[0]), match.start(), match.end(), filler, everyday, capital))
    return words


def spans(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """Every stretch of up to `LONGEST_NAME` words that something speaks for."""
    quoted = {match.span(1 if match[1] else 2) for match in _QUOTED.finditer(text)}
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST_NAME, len(words))):
            span = _span(text, words[first : last + 1], quoted)
            # "Toy Story 3" does not mention "Toy Story".
            speaks = span.evidence or span.distinct or not span.filler
            if speaks and not _PART.match(text, span.end):
                yield span


def _span(text: str, words: Sequence[Word], quoted: set[tuple[int, int]]) -> Span:
    start, end = words[0].start, words[-1].end
    year = _YEAR.match(text, end)
    marked = any(_is_inside(text, start, end, edges) for edges in quoted) or bool(year and year["brackets"])
    keys = tuple(word.key for word in words)
    content = [word for word in words if not word.filler]
    alone = bool(content) and not _LETTER.search(text[:start] + text[end:])
    # "The Others": the article may be small or open the sentence; every other word has to have its capital.
    capitals = all(word.capital for word in (content or words))
    rest = [word for word in words[1:] if not word.filler] or words[1:]
    opened = bool(rest) and words[0].text[0].isupper() and all(word.capital for word in rest)
    return Span(
        text=text[start:end],
        key_words=tuple(part for key in keys for part in key.split()),
        key="".join(keys).replace(" ", ""),
        start=start,
        end=end,
        year=int(year["brackets"] or year["bare"]) if year else None,
        marked=marked,
        evidence=marked or capitals or opened or alone,
        distinct=any(not word.everyday for word in words),
        filler=not content,
    )


def _is_inside(text: str, start: int, end: int, quoted: tuple[int, int]) -> bool:
    """Whether the quotation marks are around exactly this stretch (punctuation and a year aside)."""
    before, after = text[quoted[0] : start], text[end : quoted[1]]
    in_order = quoted[0] <= start and end <= quoted[1]
    return in_order and not re.search(r"\w", before) and not re.search(r"\w", _YEAR.sub("", after))
