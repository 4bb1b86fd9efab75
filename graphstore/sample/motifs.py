"""Shapes for the upper part of a poster. Each motif draws into the field above the title.

Every function has the same form: `draw` blends colours with alpha, `size` is (width, height) of the field in
pixels, `inks` are three colours that go together, and `rng` decides proportions. The same rng state gives the
same picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from PIL.ImageDraw import ImageDraw

__all__ = ["MOTIFS", "Colour", "Motif"]

Colour = tuple[int, int, int]
Motif = Callable[[ImageDraw, tuple[int, int], Sequence[Colour], random.Random], None]


def _disc(draw: ImageDraw, x: float, y: float, radius: float, fill: tuple[int, ...]) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _faded(colour: Colour, opacity: float) -> tuple[int, int, int, int]:
    return (*colour, round(255 * opacity))


def hills(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A low sun behind rolling hills."""
    width, height = size
    _disc(draw, width * rng.uniform(0.3, 0.7), height * rng.uniform(0.35, 0.5), width * 0.27, inks[0])
    for layer in range(4):
        base, swing = height * (0.55 + 0.13 * layer), height * rng.uniform(0.03, 0.07)
        phase, length = rng.uniform(0, 6.3), rng.uniform(0.5, 1.1) * width
        line = [(x, base + swing * math.sin(phase + x * 6.3 / length)) for x in range(0, width + 9, 8)]
        draw.polygon([*line, (width, height), (0, height)], fill=_faded(inks[1 + layer % 2], 0.85))


def rays(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A sunburst around a disc."""
    width, height = size
    x, y = width * rng.choice((0.2, 0.5, 0.8)), height * rng.uniform(0.5, 0.7)
    count, reach = rng.choice((12, 16, 20)), 1.5 * (width + height)
    start = rng.uniform(0, 360)
    for ray in range(count):
        angle = start + ray * 360 / count
        box = (x - reach, y - reach, x + reach, y + reach)
        draw.pieslice(box, angle, angle + 180 / count, fill=_faded(inks[ray % 2], 0.8))
    _disc(draw, x, y, width * 0.19, inks[2])


def rings(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Rings whose centres drift apart."""
    width, height = size
    x, y = width * 0.5, height * 0.5
    drift_x, drift_y = rng.uniform(-0.045, 0.045) * width, rng.uniform(-0.03, 0.03) * height
    count = rng.randint(6, 10)
    for ring in range(count):
        radius = width * 0.45 * (1 - ring / count)
        _disc(draw, x + drift_x * ring, y + drift_y * ring, radius, inks[ring % 3])


def orbits(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A star with planets on their paths."""
    width, height = size
    x, y = width * rng.uniform(0.35, 0.65), height * 0.5
    for orbit in range(1, 7):
        radius = width * 0.105 * orbit
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=_faded(inks[1], 0.75), width=4)
        angle = rng.uniform(0, 6.3)
        planet = width * rng.uniform(0.018, 0.05)
        _disc(draw, x + radius * math.cos(angle), y + radius * math.sin(angle), planet, inks[orbit % 3])
    _disc(draw, x, y, width * 0.075, inks[0])


def skyline(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A town at night under a moon."""
    width, height = size
    _disc(draw, width * rng.uniform(0.2, 0.8), height * 0.26, width * 0.13, inks[0])
    for layer, opacity in ((1, 0.55), (2, 0.95)):
        x = -rng.uniform(0, 40)
        while x < width:
            broad, tall = rng.uniform(60, 120), height * rng.uniform(0.2, 0.62) / layer**0.4
            draw.rectangle((x, height - tall, x + broad, height), fill=_faded(inks[layer], opacity))
            if layer == 2:
                _windows(draw, (x, height - tall, broad, tall), inks[0], rng)
            x += broad + rng.choice((0, 6, 14))


def _windows(draw: ImageDraw, house: tuple[float, float, float, float], light: Colour, rng: random.Random) -> None:
    left, top, broad, tall = house
    for row in range(int(tall // 36)):
        for column in range(int(broad // 26)):
            if rng.random() < 0.35:
                x, y = left + 12 + 26 * column, top + 16 + 36 * row
                draw.rectangle((x, y, x + 9, y + 14), fill=_faded(light, 0.9))


def waves(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Bands of water."""
    width, height = size
    bands, length, phase = rng.randint(8, 12), width * rng.uniform(0.35, 0.8), rng.uniform(0, 6.3)
    for band in range(bands):
        base, swing = height * (0.08 + 0.92 * band / bands), height * 0.035
        turn = phase + band * rng.uniform(0.7, 1.0)
        line = [(x, base + swing * math.sin(turn + x * 6.3 / length)) for x in range(0, width + 9, 8)]
        draw.polygon([*line, (width, height), (0, height)], fill=inks[band % 3])


def peaks(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Mountains with a lit and a dark side."""
    width, height = size
    _disc(draw, width * rng.uniform(0.15, 0.85), height * 0.25, width * 0.1, inks[0])
    for peak in range(5):
        x, top = width * (peak + rng.uniform(0.0, 1.0)) / 5, height * rng.uniform(0.2, 0.55)
        spread = width * rng.uniform(0.25, 0.42)
        ridge = x + spread * rng.uniform(-0.15, 0.15)
        draw.polygon([(x, top), (x - spread, height), (ridge, height)], fill=inks[1])
        draw.polygon([(x, top), (x + spread, height), (ridge, height)], fill=inks[2])


def stripes(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Slanted stripes with a disc over them."""
    width, height = size
    slant, step = height * rng.choice((-0.9, -0.5, 0.5, 0.9)), rng.randint(44, 84)
    for number, x in enumerate(range(-height, width + height, step)):
        if number % 3:
            corners = [(x, 0), (x + step, 0), (x + step + slant, height), (x + slant, height)]
            draw.polygon(corners, fill=inks[number % 3])
    _disc(draw, width * rng.uniform(0.35, 0.65), height * rng.uniform(0.4, 0.6), width * 0.25, inks[0])


def halftone(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A grid of dots that swell towards a point."""
    width, height = size
    step = rng.choice((44, 54, 64))
    focus = (width * rng.uniform(0.2, 0.8), height * rng.uniform(0.25, 0.75))
    reach = math.hypot(width, height) * 0.6
    for row, y in enumerate(range(step // 2, height, step)):
        for x in range(step // 2 + (row % 2) * step // 2, width + step, step):
            near = max(0.0, 1 - math.dist(focus, (x, y)) / reach)
            _disc(draw, x, y, step * (0.08 + 0.5 * near), inks[0] if near > 0.62 else inks[1 + row % 2])


def tiles(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A floor of quarter circles."""
    width, height = size
    side = width // rng.choice((3, 4))
    for top in range(0, height, side):
        for left in range(0, width, side):
            back, front = rng.sample(range(3), 2)
            draw.rectangle((left, top, left + side, top + side), fill=_faded(inks[back], 0.9))
            x, y = left + side * rng.randint(0, 1), top + side * rng.randint(0, 1)
            quarter = {(0, 0): 0, (1, 0): 90, (1, 1): 180, (0, 1): 270}[(x > left, y > top)]
            box = (x - side, y - side, x + side, y + side)
            draw.pieslice(box, quarter, quarter + 90, fill=inks[front])


def petals(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """A flower of overlapping leaves."""
    width, height = size
    x, y, count = width * 0.5, height * 0.52, rng.choice((6, 8, 10, 12))
    reach, thick = width * rng.uniform(0.4, 0.47), rng.uniform(0.16, 0.3)
    start = rng.uniform(0, 6.3)
    for petal in range(count):
        angle = start + petal * 2 * math.pi / count
        leaf = [
            (x + reach * (t * math.cos(angle) - bend * math.sin(angle)),
             y + reach * (t * math.sin(angle) + bend * math.cos(angle)))
            for t, bend in _leaf(thick)
        ]  # fmt: skip
        draw.polygon(leaf, fill=_faded(inks[petal % 2], 0.75))
    _disc(draw, x, y, width * 0.08, inks[2])


def _leaf(thick: float) -> list[tuple[float, float]]:
    """Outline of a leaf from (0, 0) to (1, 0): there on one side, back on the other."""
    there = [(t / 24, thick * math.sin(math.pi * t / 24)) for t in range(25)]
    return there + [(t, -bend) for t, bend in reversed(there)]


def spiral(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Dots that wind outwards like the seeds of a sunflower."""
    width, height = size
    x, y, turn = width * 0.5, height * 0.5, rng.choice((2.39996, 2.2, 1.94, 2.45))
    for dot in range(1, 260):
        distance, angle = width * 0.0262 * math.sqrt(dot), dot * turn
        where = (x + distance * math.cos(angle), y + distance * math.sin(angle))
        _disc(draw, *where, 5 + 0.055 * dot, inks[(dot // 55) % 3])


def tunnel(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Frames that lead away to a point."""
    width, height = size
    x, y = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.3, 0.7)
    steps, tilt = rng.randint(8, 12), rng.uniform(-0.12, 0.12)
    for step in range(steps):
        scale = (1 - step / steps) ** 1.5
        corners = [
            (x + (corner_x - x) * scale + tilt * step * (corner_y - y) * scale * 0.5,
             y + (corner_y - y) * scale - tilt * step * (corner_x - x) * scale * 0.5)
            for corner_x, corner_y in ((0, 0), (width, 0), (width, height), (0, height))
        ]  # fmt: skip
        draw.polygon(corners, fill=inks[step % 3])


def threads(draw: ImageDraw, size: tuple[int, int], inks: Sequence[Colour], rng: random.Random) -> None:
    """Straight threads that make curves together."""
    width, height = size
    x, y, radius = width * 0.5, height * 0.5, width * 0.45
    count, factor = 150, rng.choice((2, 3, 4, 5, 7))
    start = rng.uniform(0, 6.3)
    _disc(draw, x, y, radius, _faded(inks[2], 0.55))
    for thread in range(count):
        ends = [start + 2 * math.pi * thread * times / count for times in (1, factor)]
        line = [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in ends]
        draw.line(line, fill=_faded(inks[thread % 2], 0.8), width=3)


MOTIFS: tuple[Motif, ...] = (
    hills, rays, rings, orbits, skyline, waves, peaks,
    stripes, halftone, tiles, petals, spiral, tunnel, threads,
)  # fmt: skip
