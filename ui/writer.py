"""Who puts an answer into words, and the plain sentences that stand without anybody.

Writer ─┬─ GuidedWriter   (ui.reply)          a published language model, told a reason and shown examples
        └─ TrainedWriter  (ui.trained_reply)  the run's own, which learned what recommenders say

What a model writes is looked at before anybody sees it; a `Verdict` says why it is dropped. A writer puts the titles in
by itself, so that no model can get one wrong.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from training.instances import Context
from ui.described import Described
from ui.linking import NamedEntity
from ui.text_spans import Word
from ui.why import Why

__all__ = ["NamesIn", "Subject", "Verdict", "Writer", "lead", "more", "stem"]

_STEM = 5

NamesIn = Callable[[str], Iterable[NamedEntity]]
"""What the graph knows of the names in a text."""


@dataclass(frozen=True)
class Subject:
    """What there is to say.

    context: the chat so far, both sides of it. items: what is recommended, best first, one at least.
    why: the reasons of the first.
    """

    context: Context
    items: Sequence[Described]
    why: Why


@dataclass(frozen=True)
class Verdict:
    """What the guard says of words. reason: why they are dropped, or empty."""

    words: str
    reason: str = ""


class Writer(ABC):
    """Writes replies. Conversations share one, so it keeps nothing of them. name: whose words these are."""

    name: str

    @abstractmethod
    def reply(self, subject: Subject, names_in: NamesIn, drop: Callable[[Verdict], object]) -> str:
        """A whole reply, as plain text; empty where no words pass the guard. drop: is given those that do not."""


def lead(items: Sequence[Described]) -> str:
    """The sentences that name what is recommended; a request to say more where that is nothing."""
    if not items:
        return "I have nothing to recommend yet. Tell me about something that you like."
    return f"I would start with {items[0].label}. {more(items[1:])}".rstrip()


def more(items: Sequence[Described]) -> str:
    """The sentence that names what is recommended besides; empty where that is nothing."""
    names = [item.label for item in items]
    if not names:
        return ""
    rest = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"After that, have a look at {rest}."


def stem(word: Word) -> str:
    """The letters by which two words count as the same: "robbery", "robberies"."""
    return word.key[:_STEM]
