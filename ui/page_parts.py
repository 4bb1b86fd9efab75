"""Pieces of the page as HTML. Whatever comes from people or from the graph goes through `escape` here."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from training.encoders import RANDOM_TINY
from training.recommender import Recommender
from ui.chat_session import Answer, Card
from ui.chat_setup import GraphSummary
from ui.drawing import COLOURS, draw, in_words, signed
from ui.linking import Ambiguity
from ui.query_output import printable
from ui.relation_words import GRAPH_TITLES
from ui.why import Bar, Described, Share, Why

__all__ = [
    "bars",
    "brand",
    "card_face",
    "drawing",
    "facts_in_use",
    "message",
    "notice",
    "question",
    "reply",
    "scroll_to",
    "stored",
    "sum_in_words",
    "svg_address",
    "trouble",
    "understood",
    "welcome",
    "why_heading",
    "with_code",
]


def welcome() -> str:
    """The first page."""
    return (
        '<div class="tg-hero"><h1>What are you looking for?</h1><p>Name something that you like. '
        "Every recommendation comes with its reasons: the neighbours in the graph that drove its score.</p></div>"
    )


def message(number: int, text: str) -> str:
    """What the person wrote, as plain text."""
    shown = text if len(text) <= 600 else f"{text[:300]} … {text[-300:]}"
    shown = escape(printable(shown))
    return f'<div class="tg-message" id="tg-message-{number}"><span class="tg-hidden">You: </span>{shown}</div>'


def scroll_to(number: int) -> str:
    """A script that brings a message into sight; it runs when `number` changes, and holds nothing else."""
    find = f'document.getElementById("tg-message-{number:d}")'
    return f'<script>{find}?.scrollIntoView({{block: "start", behavior: "smooth"}});</script>'


def reply(answer: Answer) -> str:
    """The words of the answer, titles emphasised, and who wrote them."""
    text = escape(answer.reply)
    titles = sorted({escape(card.item.label) for card in answer.recommendations}, key=len, reverse=True)
    if titles:
        text = re.sub("|".join(map(re.escape, titles)), lambda match: f"<b>{match[0]}</b>", text)
    by = f'<p class="tg-by">partly in the words of {escape(answer.words_by)}</p>' if answer.words_by else ""
    return f'<div class="tg-reply"><p>{text}</p>{by}</div>'


def notice(text: str) -> str:
    """A sentence beside the answer."""
    return f'<p class="tg-notice">{escape(text)}</p>'


def understood(answer: Answer) -> str:
    """What was found in the graph, as chips."""
    names = dict.fromkeys(link.entity.label for link in answer.linked)
    chips = "".join(f'<span class="tg-chip">{escape(name)}</span>' for name in names)
    return f'<p class="tg-understood"><span>Understood</span> {chips}</p>' if chips else ""


def card_face(card: Card, picture: str | None) -> str:
    """A card. picture: a data address, or None for a drawn placeholder."""
    item = card.item
    face = f'<img src="{picture}" alt="Picture of {escape(item.label, quote=True)}">' if picture else _placeholder(item)
    year = f'<span class="tg-year">{item.year}</span>' if item.year else ""
    facts = " · ".join(filter(None, [year, *map(escape, item.genres[:3])]))
    drawn = '<span class="tg-drawn">drawn</span>' if picture and item.drawn else ""
    return (
        f'<article class="tg-card"><div class="tg-face">{face}{drawn}</div>'
        f'<h3>{escape(item.title)}</h3><p class="tg-facts">{facts}</p></article>'
    )


def _placeholder(item: Described) -> str:
    hue = sum(map(ord, item.uri)) * 47 % 360
    return (
        f'<div class="tg-placeholder" style="--hue:{hue}" role="img" '
        f'aria-label="No picture of {escape(item.label, quote=True)}"><span>{escape(item.title)}</span></div>'
    )


def why_heading(why: Why) -> str:
    """The title above an explanation."""
    return f'<h2 class="tg-why">Why {escape(why.item.label)}? <span>score {why.score:.3f}</span></h2>'


def bars(why: Why, simulated: bool) -> str:
    """Two groups of signed bars, each on its own scale: the sums by graph, and the strongest neighbours."""
    scale = _Scale.of([share.value for share in why.shares])
    shares = "".join(_share(share, scale, simulated) for share in why.shares)
    scale = _Scale.of([bar.value for bar in why.bars])
    near = "".join(_neighbour(bar, scale) for bar in why.bars)
    if why.others:  # a sum of many has no place on a scale of single terms
        near += _row(f"Others ({why.others})", "every other term, summed", "", why.others_value, None)
    return (
        f'<div class="tg-bars"><h4>By graph</h4>{shares}<h4>Strongest neighbours</h4>{near}'
        f'<p class="tg-sum">{escape(sum_in_words(why))}</p></div>'
    )


@dataclass(frozen=True)
class _Scale:
    """Where nought and the two ends of a group of bars are, in percent of its width."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> _Scale:
        return cls(min([0.0, *values]), max([0.0, *values]))

    def place(self, value: float) -> float:
        return 100 * (value - self.low) / ((self.high - self.low) or 1.0)


def sum_in_words(why: Why) -> str:
    """The statement that nothing is left out, with its figures."""
    terms = sum(share.terms for share in why.shares)
    parts = " ".join(f"{signed(share.value)} ({GRAPH_TITLES[share.graph].lower()})" for share in why.shares)
    return f"{parts} = {why.score:.3f}: all {terms} terms add up to the score, within {max(why.gap, 1e-16):.0e}."


def _share(share: Share, scale: _Scale, simulated: bool) -> str:
    count = f"{share.terms} term{'' if share.terms == 1 else 's'}"
    if simulated and share.graph == "co_mention":
        count += ", simulated conversations"
    return _row(GRAPH_TITLES[share.graph], count, COLOURS[share.graph], share.value, scale)


def _neighbour(bar: Bar, scale: _Scale) -> str:
    undirected = bar.outwards is None or bar.graph in ("co_mention", "own")
    arrow = "" if undirected else ("→ " if bar.outwards else "← ")
    small = f"{arrow}{bar.relation}{f', {bar.detail}' if bar.detail else ''}"
    return _row(bar.name, small, COLOURS[bar.graph], bar.value, scale, named=bar.named)


def _row(name: str, small: str, colour: str, value: float, scale: _Scale | None, named: bool = False) -> str:
    badge = ' <span class="tg-named">you named it</span>' if named else ""
    track = _track(value, scale, colour) if scale else "<div></div>"
    return (
        f'<div class="tg-row"><div class="tg-label"><b>{escape(name)}</b>{badge}<small>{escape(small)}</small></div>'
        f'{track}<div class="tg-value">{signed(value)}</div></div>'
    )


def _track(value: float, scale: _Scale, colour: str) -> str:
    nought, end = scale.place(0), scale.place(value)
    negative = " tg-negative" if value < 0 else ""
    return (
        f'<div class="tg-track" aria-hidden="true"><i class="tg-nought" style="left:{nought:.2f}%"></i>'
        f'<i class="tg-bar{negative}" style="left:{min(nought, end):.2f}%;width:{abs(end - nought):.2f}%;--c:{colour}">'
        f"</i></div>"
    )


def drawing(why: Why, chosen: Bar | None = None) -> str:
    """The neighbourhood as a picture with its legend. Streamlit lets no inline SVG through, so it is an image."""
    alt = escape(in_words(why, chosen), quote=True)
    return f'<img class="tg-drawing" src="{svg_address(draw(why, chosen))}" alt="{alt}">{_legend(why)}'


def svg_address(svg: str) -> str:
    """A data address of an SVG file."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def brand() -> str:
    """Name and mark."""
    mark = svg_address((resources.files("ui") / "assets" / "mark.svg").read_text(encoding="utf-8"))
    line = "recommends, and shows its reasons"
    return f'<div class="tg-brand"><img src="{mark}" alt=""><b>Tellgraph</b><span>{line}</span></div>'


def _legend(why: Why) -> str:
    graphs = dict.fromkeys(bar.graph for bar in why.bars if bar.graph != "own")
    marks = [f'<span><i style="background:{COLOURS[graph]}"></i>{GRAPH_TITLES[graph]}</span>' for graph in graphs]
    if why.ties:
        marks.append('<span><i class="tg-dash"></i>stands in the graph, no term of the score</span>')
    if why.ties or any(bar.named for bar in why.bars):
        marks.append('<span><i class="tg-mark"></i>you named it</span>')
    return f'<p class="tg-legend">{"".join(marks)}</p>'


def question(ambiguity: Ambiguity) -> str:
    """What an ambiguous name asks."""
    return f'<p class="tg-question">Which “{escape(ambiguity.text)}” do you mean?</p>'


def facts_in_use(run: str, recommender: Recommender, summary: GraphSummary, words: str | None) -> str:
    """Run, models and counts for the sidebar."""
    model = recommender.language_model or "no language model: curves over evidence in the graph"
    if model == RANDOM_TINY:
        model = "random weights, nothing learnt of language"
    dialogues = f"{summary.dialogues:,} conversations{', simulated' if summary.sample else ''}"
    entries = {
        "Run": run,
        "Recipe": recommender.recipe.name,
        "Reads with": model,
        "Writes with": words or "plain sentences, no language model",
        "Graph": f"{summary.items:,} items, {summary.entities:,} entities, {summary.facts:,} facts, {dialogues}",
    }
    rows = "".join(f"<p><b>{name}</b><br>{escape(value)}</p>" for name, value in entries.items())
    return f'<div class="tg-side">{rows}</div>'


def stored() -> str:
    """What is kept of a person who uses the buttons."""
    return (
        '<p class="tg-side">What you like, dislike, have seen or want more or less of is stored in the graph under a '
        "random number, with the time, and nothing else about you. “Forget me” deletes what you said "
        "since you loaded this page.</p>"
    )


def with_code(escaped: str) -> str:
    """HTML whose backticks enclose commands."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)


def trouble(title: str, sentence: str) -> str:
    """What is wrong and what to do; what stands in backticks is a command."""
    text = with_code(escape(sentence))
    return f'<div class="tg-trouble" role="alert"><h1>{escape(title)}</h1><p>{text}</p></div>'
