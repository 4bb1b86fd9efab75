"""Films, people and other entities of the graph in what somebody wrote.

    text ── words ──┬── searches ── one round trip: full text, misspellings ── candidates ──┐
                    └── spans ─────────────────────────────────────────────────────────────┴─ matches ── Linking

Full text proposes, this module disposes: a candidate is linked only where its whole name stands in the text,
give or take a few letters. Where two films fit equally well, neither is linked: the choice is the person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from graphstore.graph import Graph
from ui.text_spans import Span, Word, name_key, spans, words_of

__all__ = ["Ambiguity", "Link", "Linker", "Linking", "NamedEntity"]

MOST_CHOICES = 6
MOST_SEARCHES = 200
LONGEST_WORD = 40
_SHORT_MESSAGE = 3  # words: with nothing else in it, it is a name
_FEWEST_FACTS = 3  # of an entity that one small everyday-looking word names: "thriller", but not "mix"

_BRACKETS = re.compile(r"\s*\([^()]*\)\s*\Z")
_SUBTITLE = re.compile(r"(?<=\w)(?:: | [-–] ).*\Z")
_KIND = re.compile(r"\s+films?\Z", re.IGNORECASE)
_ARTICLE = re.compile(r"\A(?:the|an?)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class NamedEntity:
    """An entity as the graph knows it. degree: relationships that it has, of any type."""

    uri: str
    title: str
    year: int | None
    is_item: bool
    degree: int

    @property
    def label(self) -> str:
        """Title with the year, where one is known."""
        return f"{self.title} ({self.year})" if self.year else self.title


@dataclass(frozen=True)
class Link:
    """A stretch of the text, as it was written, and the entity that it means."""

    text: str
    entity: NamedEntity


@dataclass(frozen=True)
class Ambiguity:
    """A stretch of the text that may mean several entities, the likeliest first."""

    text: str
    choices: tuple[NamedEntity, ...]


@dataclass(frozen=True)
class Linking:
    """What was understood. unknown: what looks like a name and is nothing in the graph."""

    links: tuple[Link, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Match:
    """cost: letters that differ, and .5 where only a part of the name is written."""

    span: Span
    entity: NamedEntity
    cost: float

    @property
    def worth(self) -> float:
        return len(self.span.key) - 3 * self.cost + (0.5 if self.entity.is_item else 0)


class Linker:
    """Finds names in texts by asking a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def link(self, text: str, chosen: Mapping[str, str] | None = None) -> Linking:
        """What `text` names, in its order. chosen: name, in any spelling, to the URI that was picked for it.

        Raises ConnectionLostError when the graph does not answer.
        """
        words = [word for word in words_of(text) if len(word.key) <= LONGEST_WORD]
        found = list(spans(text, words))
        searches = list(_searches(words, found))[:MOST_SEARCHES]
        if not searches:
            return Linking()
        rows = self._graph.read("link_names", searches=searches)
        candidates = [_entity(row) for row in rows]
        picked = {name_key(name): uri for name, uri in (chosen or {}).items()}
        taken = _without_overlaps(_matches(found, candidates))
        groups = [_decided(group, picked) for group in taken]
        free = [word for word in words if not any(_covers(group[0].span, word) for group in groups)]
        surnames = list(_surnames(free, candidates, picked))
        links = [group for group in groups if len(group) == 1]
        return Linking(
            links=tuple(Link(group[0].span.text, group[0].entity) for group in links)
            + tuple(Link(word, choices[0]) for word, choices in surnames if name_key(word) in picked),
            ambiguous=tuple(Ambiguity(g[0].span.text, _choices(g)) for g in groups if len(g) > 1)
            + tuple(Ambiguity(word, choices) for word, choices in surnames if name_key(word) not in picked),
            unknown=tuple(_unknown(text, free, {word for word, _ in surnames})),
        )


def _entity(row: Mapping[str, object]) -> NamedEntity:
    title = str(row["title"] or _BRACKETS.sub("", str(row["name"])) or row["name"])
    year = row["year"]
    degree = row["degree"]
    return NamedEntity(
        uri=str(row["uri"]),
        title=title,
        year=year if isinstance(year, int) else None,
        is_item=bool(row["is_item"]),
        degree=degree if isinstance(degree, int) else 0,
    )


def _searches(words: Sequence[Word], found: Sequence[Span]) -> Iterator[str]:
    """Lucene queries: what is marked as a name, each telling word, each pair of neighbours, long words taken apart.

    Only letters and digits get in, in small letters, so that nothing in them is syntax.
    """
    seen: set[str] = set()
    telling = [word for word in words if not word.filler or word.capital]
    marked = (" AND ".join(span.key_words) for span in found if span.marked)
    for query in (*marked, *_single_searches(words), *_pair_searches(telling), *_split_searches(words)):
        if query not in seen:
            seen.add(query)
            yield query


def _single_searches(words: Sequence[Word]) -> Iterator[str]:
    for word in words:
        if not word.everyday or word.capital or len(words) <= 2:  # so short a message is likely a title
            yield " AND ".join(_term(part) for part in word.key.split())


def _pair_searches(telling: Sequence[Word]) -> Iterator[str]:
    for left, right in pairwise(telling):
        if right.start - left.end <= 12:  # "Lord of the Rings": fillers stand between
            yield " AND ".join(_term(part) for part in f"{left.key} {right.key}".split())


def _split_searches(words: Sequence[Word]) -> Iterator[str]:
    for word in words:
        if not word.everyday and 6 <= len(word.key) <= 16 and word.key.isalpha():
            places = range(3, len(word.key) - 2)
            yield " OR ".join(f"({word.key[:place]} AND {word.key[place:]})" for place in places)


def _term(part: str) -> str:
    """One wrong letter (two cost the search five times as much); short words get none: all are like them."""
    return part if part.isdigit() or len(part) < 5 else f"{part}~1"


def _aliases(entity: NamedEntity) -> Iterator[tuple[str, float]]:
    """Keys by which an entity may be called, and what each costs against its full name."""
    yield name_key(entity.title), 0
    shorter = {_SUBTITLE.sub("", entity.title), _ARTICLE.sub("", entity.title)}
    if not entity.is_item:
        shorter.add(_KIND.sub("", entity.title))
    for name in shorter - {entity.title}:
        yield name_key(name), 0.5


def _matches(found: Sequence[Span], candidates: Iterable[NamedEntity]) -> Iterator[_Match]:
    alike: dict[tuple[str, int], list[Span]] = {}
    for span in found:
        alike.setdefault((span.key[0], len(span.key)), []).append(span)
    for entity in candidates:
        for key, cost in _aliases(entity):
            allowed = _allowed_wrong_letters(key)
            for length in range(len(key) - allowed, len(key) + allowed + 1):
                for span in alike.get((key[:1], length), ()):
                    wrong = _wrong_letters(span.key, key, allowed)
                    if wrong <= allowed and _is_plausible(span, entity, wrong):
                        yield _Match(span, entity, cost + wrong)


def _allowed_wrong_letters(name: str) -> int:
    return sum(len(name) >= length for length in (5, 8, 13))


def _wrong_letters(written: str, name: str, allowed: int) -> int:
    """Letters to change, add, drop or swap; more than `allowed` where the two are different names."""
    if written == name:
        return 0
    same_numbers = re.findall(r"\d+", written) == re.findall(r"\d+", name)
    return OSA.distance(written, name, score_cutoff=allowed) if same_numbers else allowed + 1


def _is_plausible(span: Span, entity: NamedEntity, wrong: int) -> bool:
    """Whether the words of a span speak for a name at all; see `ui.text_spans`."""
    if span.evidence:
        return True
    if wrong or len(span.key_words) == 1:
        known_enough = entity.is_item or entity.degree >= _FEWEST_FACTS
        return span.distinct and known_enough
    return True


def _without_overlaps(matches: Iterable[_Match]) -> list[list[_Match]]:
    """The best matches that share no word, each with its equals, in the order of the text."""
    by_span: dict[tuple[int, int], list[_Match]] = {}
    for match in matches:
        by_span.setdefault((match.span.start, match.span.end), []).append(match)
    kept: list[list[_Match]] = []
    for group in sorted(by_span.values(), key=lambda group: -max(match.worth for match in group)):
        span = group[0].span
        if not any(span.start < other[0].span.end and other[0].span.start < span.end for other in kept):
            kept.append(_equals(group))
    return sorted(kept, key=lambda group: group[0].span.start)


def _equals(group: Sequence[_Match]) -> list[_Match]:
    """Those of one span that fit as well as the best: its year first, then the spelling, films before others."""
    year = group[0].span.year
    if year is not None:
        for slack in (0, 1):  # a film's year differs by one between sources
            dated = [m for m in group if m.entity.year is not None and abs(m.entity.year - year) <= slack]
            if dated:
                group = dated
                break
    least = min(match.cost for match in group)
    best = {match.entity.uri: match for match in group if match.cost == least}
    items = [match for match in best.values() if match.entity.is_item]
    ranked = sorted(items or best.values(), key=lambda match: (-match.entity.degree, match.entity.uri))
    # Of two genres or places called the same, the better known is meant; of two people, who knows.
    return ranked if items or (ranked[0].span.evidence and len(ranked[0].span.key_words) > 1) else ranked[:1]


def _decided(group: list[_Match], picked: Mapping[str, str]) -> list[_Match]:
    chosen = picked.get(group[0].span.key)
    return [match for match in group if match.entity.uri == chosen] or group


def _choices(group: Sequence[_Match]) -> tuple[NamedEntity, ...]:
    return tuple(match.entity for match in group[:MOST_CHOICES])


def _covers(span: Span, word: Word) -> bool:
    return span.start <= word.start and word.end <= span.end


def _surnames(
    free: Sequence[Word], candidates: Sequence[NamedEntity], picked: Mapping[str, str]
) -> Iterator[tuple[str, tuple[NamedEntity, ...]]]:
    """Capitalised words that nothing else explains, with the people who may be meant by them."""
    for word in free:
        if word.capital and not word.everyday:
            people = [entity for entity in candidates if not entity.is_item and _is_surname(word.key, entity.title)]
            people.sort(key=lambda entity: (entity.uri != picked.get(word.key), -entity.degree, entity.uri))
            if people:
                yield word.text, tuple(people[:MOST_CHOICES])


def _is_surname(key: str, name: str) -> bool:
    parts = name.split()
    return 2 <= len(parts) <= 3 and len(key) > 3 and name_key(parts[-1]) == key


def _unknown(text: str, free: Sequence[Word], explained: set[str]) -> Iterator[str]:
    """Runs of capitalised words that are no everyday words and that nothing explains; or a whole short message."""
    if text and len(free) <= _SHORT_MESSAGE and all(word in free for word in words_of(text)):
        if any(not word.everyday for word in free):
            yield text.strip()
        return
    run: list[Word] = []
    for word in [*free, None]:
        if word and word.capital and word.text not in explained and (not run or _follows(text, run[-1], word)):
            run.append(word)
            continue
        if any(not other.everyday for other in run):
            yield text[run[0].start : run[-1].end]
        run = [word] if word and word.capital and word.text not in explained else []


def _follows(text: str, left: Word, right: Word) -> bool:
    return text[left.end : right.start].strip() == ""
