"""The words around a recommendation: a sentence of our own with the titles, then one of a language model.

A small language model names what it likes, believes what it reads and does what it is told. So it is told
little (genres, the story, the kinds of reasons; neither the chat nor a title), and what it writes is looked at
before anybody sees it: a sentence that names anything at all is dropped, and so is one that is no plain
sentence. Titles are put in by this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from training.language import LanguageModel, Message
from ui.text_spans import words_of
from ui.why import Described, Why

__all__ = ["MOST_TOKENS", "Verdict", "Writer", "is_kind", "judge", "lead", "prompt"]

MOST_TOKENS = 48
_SHORTEST, _LONGEST = 25, 240  # characters of a sentence
_LONGEST_STORY = 400  # characters that the model reads
_SENTENCE = re.compile(r"(.+?[.!?])(?=\s|\Z)", re.DOTALL)
_THIS_FILM = re.compile(r"\b(this|the) (film|movie)\b", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9 ,;:'’.!?–—-]+")
_KIND = re.compile(r"\b(films?|fiction|comedy|drama|horror|thriller|romance|animation|fantasy)\Z", re.IGNORECASE)
_REASONS = {
    "facts": "it shares people with what you like",
    "co_mention": "people who talk about what you like talk about it as well",
    "text": "its story reads like ones you may know",
    "image": "it looks like ones you may know",
}
_SYSTEM = (
    "You recommend films. You write one short, friendly sentence. You never write a title or a name: "
    'you say "this film".'
)
_EXAMPLE_QUESTION = (
    "Genres: crime, thriller\nStory: A retired thief is pulled back for one last robbery.\n"
    "Reason: it shares people with what you like\nTell me in one sentence why I may enjoy this film."
)
_EXAMPLE_ANSWER = "You may enjoy this film for its slow tension, and because people whose work you like made it."


@dataclass(frozen=True)
class Verdict:
    """What the guard says of a sentence. reason: why it is dropped, or empty."""

    sentence: str
    reason: str = ""


def lead(items: Sequence[Described]) -> str:
    """The sentence that names what is recommended; a request to say more where that is nothing."""
    names = [item.label for item in items]
    if not names:
        return "I have nothing to recommend yet. Tell me about a film or a person that you like."
    first = f"I would start with {names[0]}."
    if len(names) == 1:
        return first
    rest = names[1] if len(names) == 2 else f"{', '.join(names[1:-1])} and {names[-1]}"
    return f"{first} After that, have a look at {rest}."


def prompt(item: Described, why: Why) -> list[Message]:
    """What the model reads to say why `item` may be liked: nothing that the person wrote, and no title."""
    known = []
    if item.genres:
        known.append(f"Genres: {', '.join(item.genres)}")
    if item.plot and not item.drawn:  # the sample has no stories, only lists of who made what
        known.append(f"Story: {item.plot[:_LONGEST_STORY]}")
    kinds = [_REASONS[bar.graph] for bar in why.bars if bar.value > 0 and bar.graph in _REASONS]
    if kinds:
        known.append(f"Reason: {kinds[0]}")
    question = "\n".join([*known, "Tell me in one sentence why I may enjoy this film."])
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": _EXAMPLE_QUESTION},
        {"role": "assistant", "content": _EXAMPLE_ANSWER},
        {"role": "user", "content": question},
    ]


def judge(sentence: str, names_something: Callable[[str], bool]) -> Verdict:
    """Keep a sentence, or say why not. names_something: whether the graph knows a name in a text."""
    plain = _PLAIN.fullmatch(sentence) is not None
    if not plain or not _SHORTEST <= len(sentence) <= _LONGEST or sentence[-1] not in ".!?":
        return Verdict(sentence, "no plain sentence")
    words = words_of(sentence)
    opens_with_name = not words[0].everyday and not _is_ordinary(words[0].text, sentence)
    if opens_with_name or any(word.capital for word in words):
        return Verdict(sentence, "a capital: it names something")
    if not _THIS_FILM.search(sentence):
        return Verdict(sentence, "not about the film")
    return Verdict(sentence, "names what was not recommended" if names_something(sentence) else "")


def is_kind(title: str) -> bool:
    """Whether an entity's title says a kind of item ("crime fiction"), which a sentence may speak of."""
    return _KIND.search(title) is not None


def _is_ordinary(word: str, sentence: str) -> bool:
    """An opening word has a capital anyway; one that stands small in the same sentence is no name."""
    return word.lower() in sentence[len(word) :].split()


class Writer:
    """Writes replies. names_something: as in `judge`; model: None writes the plain sentence alone."""

    def __init__(self, model: LanguageModel | None, names_something: Callable[[str], bool]) -> None:
        self.model = model
        self._names_something = names_something
        self.dropped: list[Verdict] = []

    @property
    def name(self) -> str | None:
        """The model whose words these are, or None."""
        return self.model.name if self.model else None

    def words(self, item: Described, why: Why) -> str:
        """One sentence about `item`, with its title put in; empty where none passes the guard."""
        if self.model is None:
            return ""
        with closing(self.model.stream(prompt(item, why), MOST_TOKENS)) as pieces:
            for sentence in _sentences(pieces):
                verdict = judge(sentence, self._names_something)
                if not verdict.reason:
                    return _THIS_FILM.sub(lambda match: item.label, sentence, count=1)
                self.dropped.append(verdict)
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
