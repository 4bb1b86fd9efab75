"""What a URI says by itself: whether it is one, and the name, title and year written into it."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

__all__ = [
    "LONGEST_URI",
    "in_an_id",
    "is_uri",
    "name_from_uri",
    "title_and_year_from_text",
    "title_and_year_from_uri",
    "uri_from_id",
]

LONGEST_URI = 2_000
"""In characters. Neo4j's index, which keeps URIs unique, refuses keys from about 8,000 bytes on."""

# RFC 3987's scheme, then the characters that the N-Triples production IRIREF allows.
_URI = re.compile(r'[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]+')
_YEAR = r"(1[89]\d\d|20\d\d)"
_YEAR_IN_BRACKETS = re.compile(rf"(.*\S)\s*\({_YEAR}\)")
_DISAMBIGUATION = re.compile(r"(.*\S)\s*\(([^()]*)\)")


def is_uri(text: str) -> bool:
    """True for an absolute URI or IRI of usable length, without the angle brackets of N-Triples."""
    return len(text) <= LONGEST_URI and _URI.fullmatch(text) is not None


def uri_from_id(prefix: str, id: str) -> str:
    """The URI of a thing that has only an id in its shop; different ids give different URIs.

    Whatever is no ASCII letter, digit or one of `-._~` is percent-encoded. Raises ValueError for half a surrogate pair.
    """
    return prefix + quote(id, safe="")


def in_an_id(name: str) -> str:
    """A source's name as the beginning of an id: two names and what follows a slash never give the same."""
    return name.replace("%", "%25").replace("/", "%2F")


def name_from_uri(uri: str) -> str:
    """The readable end of a URI: percent-decoded, underscores as spaces.

    DBpedia puts slashes into names (`resource/AC/DC`), so everything behind `/resource/` is the name there.
    The disambiguation in brackets stays: `Joker_(2019_film)` gives `Joker (2019 film)`.
    """
    _, found, local = uri.partition("/resource/")
    if not found:
        local = re.split(r"[/#:]", uri.rstrip("/#"))[-1]
    # A decoded control character would end up on somebody's terminal: it becomes a space as well.
    return re.sub(r"[_\s\x00-\x1f\x7f]+", " ", unquote(local)).strip() or uri


def title_and_year_from_uri(uri: str) -> tuple[str, int | None]:
    """Title and year of an item of which only the URI is known.

    DBpedia's disambiguation is no part of a title: `Joker_(2019_film)` gives ("Joker", 2019) and
    `Star_Wars_(film)` gives ("Star Wars", None).
    """
    name = name_from_uri(uri)
    match = _DISAMBIGUATION.fullmatch(name)
    if match is None:
        return name, None
    year = re.search(rf"\b{_YEAR}\b", match[2])
    return match[1], int(year[1]) if year else None


def title_and_year_from_text(text: str) -> tuple[str, int | None]:
    """Splits `127 Hours (2010)` into ("127 Hours", 2010); without a year the text stays whole."""
    match = _YEAR_IN_BRACKETS.fullmatch(text.strip())
    return (match[1], int(match[2])) if match else (text.strip(), None)
