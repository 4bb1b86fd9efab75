"""The words of a published language model: one sentence about the first recommendation, after the plain ones.

A small language model names what it likes, makes up what it does not know (asked to retell a story it got most of
twenty wrong) and does what it is told. So it is told little (genres and a reason; neither the chat, nor a title, nor
the story), it is shown by example to say only that again, it has no words but those of the examples and those that it
was told, and what it writes is looked at before anybody sees it: a sentence is dropped that names anything, that says
more or less than the model was told, or that is no plain sentence. Titles are put in by this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from functools import cache

from training.language import LanguageModel, Message
from ui.described import Described
from ui.text_spans import words_of
from ui.why import Why
from ui.writer import NamesIn, Subject, Verdict, Writer, lead, stem

__all__ = ["MOST_TOKENS", "GuidedWriter", "judge", "prompt", "told"]

MOST_TOKENS = 48
_SHORTEST, _LONGEST = 25, 240  # characters of a sentence
_SENTENCE = re.compile(r"(.+?[.!?])(?=\s|\Z)", re.DOTALL)
_THIS_FILM = re.compile(r"\b(this|the) film\b", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9 ,;:'’.!?–—-]+")
_MISSAID = re.compile(r"\ba [aeiou]", re.IGNORECASE)  # "a action adventure"
_KIND = re.compile(r"\b(films?|fiction|comedy|drama|horror|thriller|romance|animation|fantasy)\Z", re.IGNORECASE)
_TIE_REASON = "it has something in common with what you named"
_NAMED_REASONS = {
    "facts": _TIE_REASON,  # most facts lead over a neighbour of both
    "co_mention": "people mention it together with what you named",
    "text": "its description reads like what you named",
    "image": "it looks like what you named",
}
_SYSTEM = (
    "You recommend films. You say in one short, friendly sentence what you are told about a film. You add nothing, "
    'and you never write a title or a name: you say "this film".'
)
_EXAMPLES = (
    (
        f"Genres: crime, thriller\nReason: {_NAMED_REASONS['co_mention']}",
        "If you are in the mood for a crime thriller, try this film: people mention it together with what you named.",
    ),
    (
        f"Genres: animation, family\nReason: {_NAMED_REASONS['text']}",
        "This film is animation for the family, and its description reads like what you named.",
    ),
    (
        f"Genres: drama\nReason: {_TIE_REASON}",
        "This film is a drama, and it has something in common with what you named.",
    ),
    (
        f"Reason: {_NAMED_REASONS['co_mention']}",
        "You may well enjoy this film, because people mention it together with what you named.",
    ),
    (
        f"Reason: {_NAMED_REASONS['text']}",
        "This film could be right for you tonight, because its description reads like what you named.",
    ),
    (f"Reason: {_NAMED_REASONS['image']}", "You may well like this film, because it looks like what you named."),
    (f"Reason: {_TIE_REASON}", "You may well like this film, because it has something in common with what you named."),
    ("Genres: western, musical", "This film is a western and a musical, so it could be right for you tonight."),
    ("Genres: comedy", "If you are in the mood for a comedy, try this film."),
)
_OPENERS = frozenset(("because", "for", "if", "in", "this", "with", "you", "your"))
_MOST_GENRES = 3
_TOLD_SHARE = 0.5  # of the content words of a line that was told


def told(item: Described, why: Why) -> str:
    """What the model is told of `item`, in lines; nothing that the person wrote, and no title. Maybe empty."""
    lines = [f"Genres: {', '.join(item.genres[:_MOST_GENRES])}"] if item.genres else []
    if reason := _reason(why):
        lines.append(f"Reason: {reason}")
    return "\n".join(lines)


def _reason(why: Why) -> str:
    """The strongest reason that leads to what the person named, in words that are true of it."""
    graphs = [bar.graph for bar in why.bars if bar.named and bar.value > 0]
    if graphs:
        return _NAMED_REASONS.get(graphs[0], _TIE_REASON)
    helpful = {bar.uri for bar in why.bars if bar.value > 0}
    return _TIE_REASON if any(tie.other_uri in helpful for tie in why.ties) else ""


def prompt(facts: str) -> list[Message]:
    """What the model reads, with examples of what it should make of `facts` (see `told`): they have the same lines."""
    alike = [pair for pair in _EXAMPLES if _line_names(pair[0]) == _line_names(facts)]
    # The last example is followed most closely: let it be one with the same last line, if there is one.
    alike.sort(key=lambda pair: pair[0].splitlines()[-1] == facts.splitlines()[-1])
    turns = [turn for pair in alike for turn in pair] + [facts]
    roles = ["user" if number % 2 == 0 else "assistant" for number in range(len(turns))]
    return [
        {"role": "system", "content": _SYSTEM},
        *({"role": role, "content": turn} for role, turn in zip(roles, turns, strict=True)),
    ]


def _line_names(facts: str) -> list[str]:
    return [line.partition(":")[0] for line in facts.splitlines()]


def _told_stems(facts: str) -> list[set[str]]:
    """The content words of each line that the model was told."""
    values = [line.partition(": ")[2] for line in facts.splitlines()]
    return [{stem(word) for word in words_of(value) if not word.filler} for value in values]


@cache
def _shared_words() -> frozenset[str]:
    """The words of the examples' answers that say nothing of what their film is."""
    told_there: set[str] = set().union(*(stems for facts, _ in _EXAMPLES for stems in _told_stems(facts)))
    words = [word for _, answer in _EXAMPLES for word in words_of(answer)]
    return frozenset(word.text.lower() for word in words if stem(word) not in told_there)


def judge(sentence: str, facts: str, names_in: NamesIn) -> Verdict:
    """Keep a sentence, or say why not.

    facts: what the model was told.
    """
    plain = _PLAIN.fullmatch(sentence) is not None and not _MISSAID.search(sentence)
    if not plain or not _SHORTEST <= len(sentence) <= _LONGEST or sentence[-1] not in ".!?":
        return Verdict(sentence, "no plain sentence")
    words = words_of(sentence)
    # A first word has a capital anyway, so only those may open that no film is called.
    if any(word.capital for word in words) or words[0].key not in _OPENERS:
        return Verdict(sentence, "a capital: it names something")
    if not _THIS_FILM.search(sentence):
        return Verdict(sentence, "not about the film")
    told_stems, said = _told_stems(facts), {stem(word) for word in words}
    known: set[str] = set().union(*told_stems)
    made_up = [w.text for w in words if w.text.lower() not in _shared_words() and stem(w) not in known]
    if made_up:
        return Verdict(sentence, f"says what it was not told: {made_up[0]}")
    if not any(len(stems & said) >= _TOLD_SHARE * len(stems) > 0 for stems in told_stems):
        return Verdict(sentence, "does not say what it was told")
    named = [entity.title for entity in names_in(sentence) if entity.is_item or not _is_kind(entity.title, known)]
    return Verdict(sentence, f"names what was not recommended: {named[0]}" if named else "")


def _is_kind(title: str, known: Collection[str]) -> bool:
    """Whether a title says a kind of item, like "crime fiction" or a genre that was told: no name."""
    return _KIND.search(title) is not None or all(stem(word) in known for word in words_of(title))


class GuidedWriter(Writer):
    """Asks a published language model for one sentence."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.name = model.name

    def reply(self, subject: Subject, names_in: NamesIn, drop: Callable[[Verdict], object]) -> str:
        """The plain sentences, and one about the first item behind them."""
        sentence = self.sentence(subject.items[0], subject.why, names_in, drop)
        return f"{lead(subject.items)} {sentence}" if sentence else ""

    def sentence(self, item: Described, why: Why, names_in: NamesIn, drop: Callable[[Verdict], object]) -> str:
        """One sentence about `item`, with its title put in; empty where none passes the guard."""
        facts = told(item, why)
        if not facts:
            return ""
        only = _shared_words() | {word.text.lower() for word in words_of(facts)}
        with closing(self.model.stream(prompt(facts), MOST_TOKENS, only)) as pieces:
            for sentence in _sentences(pieces):
                verdict = judge(sentence, facts, names_in)
                if not verdict.reason:
                    return _THIS_FILM.sub(lambda match: item.label, sentence, count=1)
                drop(verdict)
        return ""


def _sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Whole sentences as soon as they stand; an unfinished last one is left out."""
    text = ""
    for piece in pieces:
        text += piece
        while match := _SENTENCE.match(text.lstrip()):
            complete = text.lstrip()
            if match.end() == len(complete):
                break  # "2.5": more may follow
            yield match[1].strip()
            text = complete[match.end() :]
    if match := _SENTENCE.match(text.lstrip()):
        yield match[1].strip()
