"""What a person says with a button, and its way into the graph. Knows no Streamlit.

Feedback ──┬── heard(turns)    the conversation with what was liked in it, without what was disliked
           ├── unwanted        what is not recommended again
           ├── silenced        the reasons of which the person wants less
           └── write(graph)    as facts of an anonymous visitor; what a lost graph did not take waits for it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from graphstore.dialogues import Turn
from graphstore.errors import ConnectionLostError, QueryError
from graphstore.graph import Graph
from graphstore.visitors import Mark, Visitor
from training.instances import Context
from training.recommender import Silence
from training.what_if import without_mentions

__all__ = ["WAITING", "Feedback", "Marked"]

_AGAINST: dict[Mark, tuple[Mark, ...]] = {
    "LIKED": ("DISLIKED",),
    "MORE_LIKE": ("DISLIKED",),
    "DISLIKED": ("LIKED", "MORE_LIKE"),
    "SEEN": (),
}
WAITING = "The graph does not answer. What you said is kept here, and is written and counts as soon as it does."


@dataclass(frozen=True)
class Marked:
    """What was said of an item."""

    mark: Mark
    uri: str


class Feedback:
    """What one visitor said so far.

    An item that is liked, or of which more is wanted, counts as named by the person where the conversation stood; one
    that is disliked is never recommended again and was never named; one that was seen is not recommended again.

    trouble: a sentence where the graph refused to take something; else empty.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self._leaving: list[Visitor] = []  # to be forgotten, whatever else happens
        self._begin()

    def _begin(self) -> None:
        self.visitor = Visitor()
        self.silenced: tuple[Silence, ...] = ()
        self._places: dict[Marked, int] = {}  # → answers that there were
        self._unwritten: list[Callable[[Graph], None]] = []

    @property
    def marks(self) -> tuple[Marked, ...]:
        """What was said of items, oldest first."""
        return tuple(self._places)

    @property
    def waiting(self) -> int:
        """How many changes the graph does not have yet."""
        return len(self._leaving) + len(self._unwritten)

    @property
    def unwanted(self) -> frozenset[str]:
        """URIs that are not to be recommended, whatever the conversation says."""
        return frozenset(marked.uri for marked in self._places if marked.mark in ("DISLIKED", "SEEN"))

    def say(self, mark: Mark, uri: str, answers: int) -> None:
        """Note what the person says of an item; it takes back what would contradict it."""
        for other in _AGAINST[mark]:
            self.take_back(Marked(other, uri))
        if Marked(mark, uri) not in self._places:
            self._places[Marked(mark, uri)] = answers
            self._unwritten.append(partial(self.visitor.say, mark=mark, uri=uri))

    def less_of(self, silence: Silence) -> None:
        """Note that the person wants less of a reason."""
        if silence not in self.silenced:
            self.silenced += (silence,)
            self._unwritten.append(partial(self.visitor.less_of, kind=silence.graph, source=silence.source))

    def take_back(self, said: Marked | Silence) -> None:
        """Undo one of both; nothing where it was never said."""
        if isinstance(said, Silence) and said in self.silenced:
            self.silenced = tuple(one for one in self.silenced if one != said)
            self._unwritten.append(partial(self.visitor.not_less_of, kind=said.graph, source=said.source))
        elif isinstance(said, Marked) and self._places.pop(said, None) is not None:
            self._unwritten.append(partial(self.visitor.unsay, mark=said.mark, uri=said.uri))

    def forget(self) -> None:
        """Undo everything, here and in the graph; whoever goes on is another visitor."""
        self._leaving.append(self.visitor)
        self._begin()

    def from_now_on(self) -> None:
        """Another conversation begins: what was said before it comes before its first words."""
        self._places = dict.fromkeys(self._places, 0)

    def write(self, graph: Graph) -> None:
        """Bring to the graph what it does not have yet. While it is lost, all waits.

        A mark that it refuses is dropped; what it does not forget is asked for again the next time.
        """
        self.trouble = ""
        try:
            while self._leaving:
                self._leaving[0].forget(graph)
                self._leaving.pop(0)
        except ConnectionLostError:
            return
        except QueryError as error:
            self.trouble = f"What you said before is not forgotten yet, because the graph refused it: {error}"
            return
        while self._unwritten:
            try:
                self._unwritten[0](graph)
            except ConnectionLostError:
                return
            except QueryError as error:
                self.trouble = f"What you marked counts, and the graph did not take it: {error}"
            self._unwritten.pop(0)

    def heard(self, said: Sequence[Turn], answered: Sequence[Turn] = ()) -> Context:
        """The conversation. said: the person's turns.

        answered: our turns; the n-th follows the n-th of `said`, and there may be fewer. Not for ranking: they are no
            evidence of what the person likes.
        """
        turns = [*self._said_at(0)]
        for number, turn in enumerate(said, start=1):
            turns += [turn, *answered[number - 1 : number], *self._said_at(number)]
        disliked = {marked.uri for marked in self._places if marked.mark == "DISLIKED"}
        return without_mentions(Context(tuple(turns)), disliked)

    def _said_at(self, answers: int) -> Iterator[Turn]:
        """What was liked when there were so many answers, as a turn without words."""
        liked = [
            marked.uri
            for marked, place in self._places.items()
            if place == answers and marked.mark in ("LIKED", "MORE_LIKE")
        ]
        if liked:
            yield Turn("seeker", "", tuple(dict.fromkeys(liked)))
