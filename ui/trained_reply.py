"""The words of the run's own conversation model (MSCRS Eq. 28-29), with the recommended items in its slots.

    chat ─┬─ likeliest reply ──► "What do you like?" ────── judge ──► dropped, with the reason
          └─ replies by chance ► "Have you seen <movie>?" ─ judge ──► "Have you seen Heat (1995)?", the first to pass

It learned what people say, who speak of films that nobody recommends here, of actors and of genres. So its reply is
dropped unless it recommends something, and outside of the slots names nothing: no entity of the graph, but for the
genres of what it recommends, and nothing that is written like a name. It is cut after the sentence with the last slot:
what follows there are plots and praise that nobody could check. What else it says is as true as what it read.
Most turns that it read ask or chat and recommend nothing, so the likeliest reply often does too; some of those that are
drawn from the same model recommend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from training.instances import Context
from training.reply_faults import is_empty, is_unfilled, repeats, slots_in
from training.reply_systems import ReplySystem
from training.title_slots import SLOT, fill_slots
from ui.described import Described
from ui.text_spans import Word, words_of
from ui.writer import NamesIn, Subject, Verdict, Writer, more, stem

__all__ = ["TrainedWriter", "judge"]

_DRAWN = 8  # replies at once: a few seconds for a model of 135 million weights on two cores
_FILM = "this film"  # what the guard reads in the place of a title: it names nothing
_PLAIN = re.compile(r"(?:[^\W_]|[\s,;:'’\"“”.!?–—…()&$%+-])+")  # no sign of markup or of an address
_YEAR = re.compile(rf"{SLOT}\s*\(\d{{4}}\)")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)")
_I = re.compile(r"I['’](?:m|d|ll|ve)")
_OF_KINDS = {"film", "ficti"}  # "Horror film" names the genre "horror"


class TrainedWriter(Writer):
    """replies: the conversation model. drawn: the same, by chance, for another try. name: what it is called."""

    def __init__(self, replies: ReplySystem, name: str, drawn: ReplySystem | None = None) -> None:
        self.replies, self.name, self.drawn = replies, name, drawn

    def reply(self, subject: Subject, names_in: NamesIn, drop: Callable[[Verdict], object]) -> str:
        """The model's reply with titles, and then a plain sentence with those that it left out."""
        for said in self._tries(subject.context):
            verdict = judge(said, subject.items, names_in)
            if not verdict.reason:
                shown = _filled(said, subject.items)
                ended = shown if shown[-1] in ".!?…" else f"{shown}."
                return f"{ended} {more(subject.items[slots_in(said) :])}".rstrip()
            drop(verdict)
        return ""

    def _tries(self, context: Context) -> Iterator[str]:
        (likeliest,) = map(_plainer, self.replies.replies([context]))
        yield likeliest
        if self.drawn:  # the graph is asked about each, so those that are alike count once
            drawn = dict.fromkeys(map(_plainer, self.drawn.replies([context] * _DRAWN)))
            yield from (said for said in drawn if said != likeliest)


def judge(said: str, items: Sequence[Described], names_in: NamesIn) -> Verdict:
    """Keep a reply, or say why not. said: with its slots. items: what there is to fill them, in order."""
    if is_empty(said):
        return Verdict(said, "says nothing")
    if not slots_in(said):
        return Verdict(said, "recommends nothing")
    if repeats(said):
        return Verdict(said, "repeats itself")
    if is_unfilled(_filled(said, items)):
        return Verdict(said, "recommends more than there is")
    read = fill_slots(said, [_FILM] * slots_in(said))
    if not _PLAIN.fullmatch(read):
        return Verdict(said, "no plain text")
    words = words_of(read)
    if name := next((word.text for word in words if _is_like_a_name(word)), ""):
        return Verdict(said, f"a capital: it names something, {name}")
    known = _OF_KINDS.union(*({stem(word) for word in words_of(genre)} for genre in _genres(said, items)))
    for entity in names_in(read):
        if entity.is_item or not {stem(word) for word in words_of(entity.title)} <= known:
            return Verdict(said, f"names what was not recommended: {entity.title}")
    return Verdict(said)


def _plainer(said: str) -> str:
    """Without a year of its own behind a slot, and without what comes after the sentence with the last slot."""
    before, slot, after = _YEAR.sub(SLOT, said).rpartition(SLOT)
    end = _SENTENCE_END.search(after)
    return before + slot + (after[: end.end()] if slot and end else after)


def _filled(said: str, items: Sequence[Described]) -> str:
    return fill_slots(said, [item.label for item in items])


def _genres(said: str, items: Sequence[Described]) -> list[str]:
    """Of what fills the slots."""
    return [genre for item in items[: slots_in(said)] for genre in item.genres]


def _is_like_a_name(word: Word) -> bool:
    """Whether it has a capital that neither I nor a sentence's start explains, where only everyday words may stand."""
    if word.capital:
        return not _I.fullmatch(word.text)
    return word.text[0].isupper() and not word.everyday
