"""A poster per film, drawn by code: a motif, a palette and well-set type. No photograph, nobody's artwork.

A poster says something about the film's place in the graph, so that similar posters mean related films:
the palette belongs to the distributor, the motif and its proportions to the person who ties the film to most
others (the director where they have several films, else the best-known star).
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from graphstore.sample.films import Facts, Film
from graphstore.sample.motifs import MOTIFS, Colour

__all__ = ["PosterStyle", "draw_poster", "draw_posters", "poster_styles"]

_SIZE = (400, 600)
_SCALE = 2  # drawn at twice the size and reduced: smooth edges
_WIDTH, _HEIGHT = _SIZE[0] * _SCALE, _SIZE[1] * _SCALE
_FIELD = 730  # height of the motif's field, in drawn pixels
_MARGIN = 52
_TITLE_SIZES = range(118, 43, -4)
_TITLE_HEIGHT = 250
_CREDIT_SIZE = 30
_LEADING = 1.1
_COLUMN = _WIDTH - 2 * _MARGIN
_QUALITY = 86
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Palette:
    """paper: background. ink: type. inks: the motif's three colours."""

    paper: Colour
    ink: Colour
    inks: tuple[Colour, Colour, Colour]


@dataclass(frozen=True)
class PosterStyle:
    """What a poster looks like before the type is set.

    palette: index into the palettes. motif_of: URI that motif and proportions are drawn from.
    """

    palette: int
    motif_of: str


def _palette(paper: str, ink: str, *inks: str) -> Palette:
    def colour(code: str) -> Colour:
        return (int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16))

    first, second, third = map(colour, inks)
    return Palette(colour(paper), colour(ink), (first, second, third))


_PALETTES = (
    _palette("14213d", "f5f1e6", "fca311", "2f4a7d", "0b1630"),  # night blue and amber
    _palette("f4e9d8", "3a2618", "d1495b", "edae49", "00798c"),  # cream, red, teal
    _palette("2b2d42", "edf2f4", "ef233c", "8d99ae", "454866"),  # slate and scarlet
    _palette("0f3d3e", "f1f0e8", "e2b04a", "2a7f76", "082425"),  # deep green and gold
    _palette("f7f3ea", "1f2a44", "e76f51", "2a9d8f", "e9c46a"),  # sand and coral
    _palette("3c1642", "fbf3ff", "f9a03f", "a23e8c", "6b2a78"),  # plum and orange
    _palette("e8eef2", "12263a", "37718e", "f26430", "8fb8ca"),  # fog, steel, orange
    _palette("1b1b1e", "f2efe9", "d8b863", "6d6a75", "38353d"),  # black and brass
    _palette("fde8e4", "4a1526", "c8385a", "f49d9d", "7a1f3d"),  # rose and wine
    _palette("123524", "f2f7e8", "b7d968", "3e7b27", "85a947"),  # forest and lime
    _palette("fff3d6", "3b2a1a", "f08a24", "b6451f", "ffc857"),  # straw and rust
    _palette("10243f", "eaf6ff", "5ec4e6", "23598a", "f4d35e"),  # sea and lemon
    _palette("4a0d15", "fbeee0", "f2a65a", "a4243b", "711825"),  # oxblood and peach
    _palette("ecebe4", "23302b", "5f8575", "c08552", "a9bcb1"),  # stone and sage
)


def poster_styles(films: Sequence[Film], facts: Facts) -> dict[str, PosterStyle]:
    """Film URI → style. Distributors take the palettes in turn, those with the most films first."""

    def who(film: Film, *relations: str) -> list[str]:
        known = facts.get(film.uri, {})
        return [uri for relation in relations for uri in known.get(relation, ())]

    houses = Counter(uri for film in films for uri in who(film, "distributor"))
    turn = {uri: place for place, uri in enumerate(sorted(houses, key=lambda uri: (-houses[uri], uri)))}
    films_of = Counter(uri for film in films for uri in set(who(film, "director", "starring")))

    def best_known(uris: Sequence[str]) -> str | None:
        return max(uris, key=lambda uri: (films_of[uri], uri), default=None)

    styles = {}
    for film in films:
        director, star = best_known(who(film, "director")), best_known(who(film, "starring"))
        leads = director if director and (films_of[director] > 1 or not star) else star
        house = min(who(film, "distributor"), key=turn.__getitem__, default=None)
        palette = turn[house] if house else _number_of(leads or film.uri)
        styles[film.uri] = PosterStyle(palette % len(_PALETTES), leads or film.uri)
    return styles


def draw_posters(
    films: Sequence[Film], facts: Facts, folder: Path, told: Callable[[int], None] = lambda drawn: None
) -> dict[str, Path]:
    """Draw what is missing in `folder`; film URI → its JPEG of 400 × 600. `told` hears each number drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    styles = poster_styles(films, facts)
    paths = {}
    for number, film in enumerate(films, start=1):
        path = folder / f"{_number_of(film.uri):012x}.jpg"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            draw_poster(film, styles[film.uri]).save(unfinished, "JPEG", quality=_QUALITY, optimize=True)
            unfinished.replace(path)
        paths[film.uri] = path
        told(number)
    return paths


def draw_poster(film: Film, style: PosterStyle) -> Image.Image:
    """One poster, RGB, 400 × 600."""
    palette = _PALETTES[style.palette]
    image = Image.new("RGB", (_WIDTH, _HEIGHT), palette.paper)
    draw = ImageDraw.Draw(image, "RGBA")
    number = _number_of(style.motif_of)
    MOTIFS[number % len(MOTIFS)](draw, (_WIDTH, _FIELD), palette.inks, random.Random(number))
    draw.rectangle((0, _FIELD, _WIDTH, _HEIGHT), fill=palette.paper)
    _set_type(draw, film, palette)
    return image.reduce(_SCALE)


def _set_type(draw: ImageDraw.ImageDraw, film: Film, palette: Palette) -> None:
    top = _FIELD + 34
    lines, size = _fit_title(film.title)
    for line in lines:
        draw.text((_MARGIN, top), line, palette.ink, _font(size, line), stroke_width=size // 44)
        top += round(size * _LEADING)
    people = (("by", film.directors), ("with", film.stars))
    credits = [_credit(word, names) for word, names in people if names]
    top = _HEIGHT - 84 - 40 * len(credits)
    for credit in credits:
        draw.text((_MARGIN, top), credit, palette.ink, _font(_CREDIT_SIZE, credit))
        top += 40
    faint = (*palette.ink, 150)
    draw.text((_MARGIN, _HEIGHT - 56), str(film.year or ""), faint, _font(24))
    draw.text((_WIDTH - _MARGIN, _HEIGHT - 56), "drawn by Tellgraph", faint, _font(24), anchor="ra")


def _fit_title(title: str) -> tuple[list[str], int]:
    """The largest type in which the title's lines fit the width and the height that is theirs."""
    for size in _TITLE_SIZES:
        lines = _wrap(title, size)
        widest = max(_width(line, size) for line in lines)
        if widest <= _COLUMN and len(lines) * size * _LEADING <= _TITLE_HEIGHT:
            return lines, size
    return [_shorten(line, size) for line in lines[:4]], size


def _wrap(text: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}", size) <= _COLUMN:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _shorten(text: str, size: int) -> str:
    if _width(text, size) <= _COLUMN:
        return text
    while _width(f"{text}…", size) > _COLUMN:
        text = text[:-1]
    return f"{text.rstrip(' ,')}…"


def _credit(word: str, names: Sequence[str]) -> str:
    """As many of the names as one line takes, three at most."""
    for count in (3, 2):
        line = f"{word} {', '.join(names[:count])}"
        if _width(line, _CREDIT_SIZE) <= _COLUMN:
            return line
    return _shorten(f"{word} {names[0]}", _CREDIT_SIZE)


def _width(text: str, size: int) -> float:
    return _font(size, text).getlength(text)


def _font(size: int, text: str = "") -> _Font:
    """Pillow's own typeface; DejaVu Sans, which matplotlib brings, where a letter is missing in it."""
    return _typeface(size, all(_is_drawable(letter) for letter in text))


@cache
def _typeface(size: int, plain: bool) -> _Font:
    if plain:
        return ImageFont.load_default(size)
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size * 0.92)


@cache
def _is_drawable(letter: str) -> bool:
    own, missing = (_typeface(40, True).getmask(text) for text in (letter, "\uffff"))
    return letter == " " or (own.size, bytes(own)) != (missing.size, bytes(missing))


def _number_of(uri: str) -> int:
    """A number that belongs to a URI, the same in every process."""
    return int.from_bytes(hashlib.sha256(uri.encode()).digest()[:6], "big")
