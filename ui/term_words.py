"""One sentence for each term of a score, from a template for its kind of path, and the Cypher that shows the path.

    Term ──┬── sentence     "Because you named Arrival (2016): same star, Amy Adams."
           └── cypher_of    parameters and a statement of the library, ready to paste

A sentence says of the graph only what stands there: names and figures are looked up, never guessed, and a model writes
none of it. A title is data, so whoever shows a sentence escapes it like any other text.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphstore.paste import paste
from graphstore.queries import load_query
from training.evidence.words import words_of
from training.recommender import Step, Term
from ui.described import Described, Edge, label_of
from ui.query_output import printable
from ui.relation_words import COMPUTED_GRAPHS, GRAPH_TITLES, relation_noun, relation_words

__all__ = [
    "command_of",
    "conversations",
    "cypher_of",
    "is_turn",
    "others_sentence",
    "sentence",
    "term_as_json",
    "turn_of",
]

_LONGEST_QUOTE = 160  # characters
_WHAT_IS_TOLD = "what is told of {}"  # title, genres, people: what stands for a description where there is none


def sentence(
    term: Term,
    item: Described,
    entities: Mapping[str, Described],
    edges: Sequence[Edge],
    named: Collection[str] = (),
    said: Mapping[str, str] | None = None,
) -> str:
    """What the term stands for, and whether it helps, in one plain sentence.

    item: what the term is about. entities, edges: what the graph says of the nodes and pairs on the path; where it
        says nothing a URI stands for the name, and no figure is given.
    named: URIs that the person named. said: turn → words before it that may be shown.
    """
    telling = _Telling(term, item, entities, edges, said or {})
    whose = telling.name(term.source)
    if term.value > 0 and term.source in named and term.source != item.uri:
        text = f"Because you named {whose}: {telling.claim(brief=True)}"
    elif term.value < 0:
        text = f"Speaks against it: {telling.claim()}"
    elif term.value == 0:
        text = f"Makes no difference: {telling.claim()}"
    else:
        text = telling.claim()
        titles = tuple(name for name in (whose, *map(telling.name, telling.vias)) if name)
        text = text if titles and text.startswith(titles) else text[0].upper() + text[1:]
    return " ".join(printable(text).split()) + ("" if text.endswith(("…”", ".")) else ".")


def others_sentence(count: int) -> str:
    """What stands for the terms that nobody could read one by one."""
    return f"{count:,} other term{'' if count == 1 else 's'}, together."


def cypher_of(term: Term, item: str) -> str:
    """The statement that shows the term's evidence, under its parameters, for Neo4j Browser and cypher-shell.

    item: URI of what the term is about. Of a path it shows the relationships, of a turn of a dialogue what it mentions,
    of popularity the counts; of everything that only the chat knows, the item itself.
    """
    name, parameters = _shown_by(term, item)
    return paste(load_query(name), parameters)


def command_of(term: Term, item: str) -> str:
    """The same as a command of Tellgraph, for a shell."""
    name, parameters = _shown_by(term, item)
    given = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in parameters.items()
    }
    options = [part for key, value in given.items() for part in ("-p", f"{key}={value}")]
    return printable(shlex.join(["tellgraph", "query", name, *options]))


def _shown_by(term: Term, item: str) -> tuple[str, dict[str, Any]]:
    """Name and parameters of the query of the library that shows a term's evidence."""
    if is_turn(term):
        dialogue, turn = turn_of(term.source)
        return "evidence_turn", {"dialogue": dialogue, "turn": turn, "uri": item}
    if term.path and not _is_own(term):
        starts, types, ends = (list(column) for column in zip(*term.path, strict=True))
        return "evidence_path", {"starts": starts, "types": types, "ends": ends}
    return "evidence_popularity" if term.graph == "popularity" else "entity", {"uri": item}


def term_as_json(term: Term, item: str, words: str) -> dict[str, Any]:
    """A term for machines. item: URI of what it is about; words: its sentence."""
    return {
        "graph": term.graph,
        "source": term.source,
        "path": [list(step) for step in term.path],
        "words": term.words,
        "value": term.value,
        "sentence": words,
        "cypher": cypher_of(term, item),
    }


def is_turn(term: Term) -> bool:
    """Whether the term's source is a turn of a dialogue."""
    return bool(term.path) and term.path[0][1] == "MENTIONS"


def turn_of(source: str) -> tuple[str, int]:
    """The dialogue's id and the turn's number of a turn as terms name it, `DIALOGUE#INDEX`."""
    dialogue, _, turn = source.rpartition("#")
    return dialogue, int(turn)


def conversations(count: int, simulated: bool) -> str:
    """So many conversations, in words."""
    return f"{count:,} {'simulated ' if simulated else ''}conversation{'' if count == 1 else 's'}"


def _is_own(term: Term) -> bool:
    return bool(term.path) and term.path[0][1] == "SELF"


@dataclass(frozen=True)
class _Telling:
    """What is said of one term. A claim is brief where the source has just been named."""

    term: Term
    item: Described
    entities: Mapping[str, Described]
    edges: Sequence[Edge]
    said: Mapping[str, str]

    @property
    def vias(self) -> tuple[str, ...]:
        """Nodes of the path between source and item."""
        ends = (self.term.source, self.item.uri)
        return tuple(dict.fromkeys(node for step in self.term.path for node in step[::2] if node not in ends))

    def name(self, uri: str) -> str:
        """How a node is called."""
        if uri == self.item.uri:
            return self.item.label
        return label_of(uri, self.entities)

    def claim(self, brief: bool = False) -> str:
        """What stands in the graph."""
        if not self.term.path:
            return self._of_the_item()
        if len(self.term.path) > 1:
            return self._over_a_neighbour(brief)
        (step,) = self.term.path
        match COMPUTED_GRAPHS.get(step[1], step[1]):
            case "co_mention":
                return self._together(step, brief)
            case "text" | "image" as graph:
                return self._alike(graph, step, brief)
            case "MENTIONS":
                return self._conversation()
            case "SELF":
                return "what the model learned of it, whatever its neighbours are"
        return self._fact(step, brief)

    def _of_the_item(self) -> str:
        match self.term.graph:
            case "named":
                return "it was named in this chat"
            case "words":
                return self._words()
            case "description":
                what = "its description" if self.item.plot else _WHAT_IS_TOLD.format("it")
                return f"{what} fits what was said in this chat"
            case "popularity":
                known = self.item.conversations
                if known is None:
                    return "how often conversations mention it"
                verb = "mentions" if known == 1 else "mention"
                return f"{conversations(known, self.item.drawn)} {verb} it"
        return GRAPH_TITLES.get(self.term.graph, self.term.graph).lower()

    def _words(self) -> str:
        words = self.term.words
        in_title, is_genre = words in words_of(self.item.title), words in self.item.genres
        if in_title and is_genre:  # which of both it was the term does not tell
            return f"the chat speaks of “{words}”, which is a genre of it and a word of its title"
        if is_genre:
            return f"the chat speaks of its genre “{words}”"
        return f"the chat says “{words}”, a word of its title" if in_title else f"the chat says “{words}”"

    def _together(self, step: Step, brief: bool) -> str:
        edge = self._edge(step)
        other = "both" if brief else f"it together with {self.name(self.term.source)}"
        count = edge.count if edge else None
        if edge is None or count is None:
            return f"conversations mention {other}"
        return f"{conversations(count, edge.simulated)} {'mentions' if count == 1 else 'mention'} {other}"

    def _alike(self, graph: str, step: Step, brief: bool) -> str:
        edge, what = self._edge(step), "description" if graph == "text" else "picture"
        measured = f" (similarity {edge.similarity:.2f})" if edge and edge.similarity is not None else ""
        source = self.entities.get(self.term.source)
        if graph == "text" and not (self.item.plot and source and source.plot):
            of_it = _WHAT_IS_TOLD.format("both" if brief else "it")
            other = _WHAT_IS_TOLD.format(self.name(self.term.source))
            return f"{of_it} is {'alike' if brief else f'like {other}'}{measured}"
        if brief:
            return f"the {what}s of both are alike{measured}"
        return f"its {what} is like that of {self.name(self.term.source)}{measured}"

    def _conversation(self) -> str:
        which = turn_of(self.term.source)[0]
        like = f"a {'simulated ' if self.item.drawn else ''}conversation like this one ({which})"
        quote = _quoted(self.said.get(self.term.source, ""))
        return f"it is mentioned in {like}, after {quote}" if quote else f"it is mentioned in {like}"

    def _fact(self, step: Step, brief: bool) -> str:
        start, relation, _ = step
        if brief and start == self.item.uri and (noun := relation_noun(relation)):
            return f"its {noun}"
        return f"{relation_words(relation)} it" if brief and start != self.item.uri else self._statement(step)

    def _over_a_neighbour(self, brief: bool) -> str:
        first, last = self.term.path[0], self.term.path[-1]
        other, relation = self.name(self.term.source), last[1]
        between = self.name(last[2] if last[0] == self.item.uri else last[0])
        outwards = (first[0] == self.term.source, last[0] == self.item.uri)
        if first[1] != relation or len(set(outwards)) > 1:
            return f"{self._statement(last)}; {self._statement(first)}"
        words, noun = relation_words(relation), relation_noun(relation)
        if not all(outwards):
            return f"{between}: {words} {'both' if brief else f'it and {other}'}"
        if noun:
            return f"same {noun}, {between}" if brief else f"same {noun} as {other}: {between}"
        return f"both {words} {between}" if brief else f"{words} {between}, like {other}"

    def _statement(self, step: Step) -> str:
        """One fact, from its subject on; the item is the subject of whatever has none."""
        start, relation, end = step
        if start == self.item.uri:
            return f"{relation_words(relation)} {self.name(end)}"
        return f"{self.name(start)}: {relation_words(relation)} {'it' if end == self.item.uri else self.name(end)}"

    def _edge(self, step: Step) -> Edge | None:
        """The relationship as the graph has it now; a pair stands with one figure, whichever way it points."""
        ends = ((step[0], step[2]), (step[2], step[0]))
        return next((e for e in self.edges if e.relation == step[1] and (e.source, e.target) in ends), None)


def _quoted(words: str) -> str:
    """The end of what was said, which is what came last."""
    plain = " ".join(words.split()).replace("“", '"').replace("”", '"')
    if len(plain) <= _LONGEST_QUOTE:
        return f"“{plain}”" if plain else ""
    return f"“… {plain[-_LONGEST_QUOTE:].partition(' ')[2]}”"
