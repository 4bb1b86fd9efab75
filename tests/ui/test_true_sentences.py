"""A thousand sentences of random chats, read back by templates of the test's own, and asked of the graph in Cypher.

What a sentence claims is taken from its text alone; the statements that check it (tests/cypher/false_*.cypher) count
dialogues, follow facts and compare vectors, and know nothing of the terms or of the edges' figures.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphstore.dialogues import Turn
from graphstore.export import export_snapshot
from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from tests.ui.film_world import fill, uri
from training.evidence.definitions import FEATURES
from training.evidence.ranker import EvidenceRecommender, chat_encoder
from training.instances import Context
from training.loop import train
from training.models.additive import Curves
from training.pipeline import on_graph
from training.recipe import EvidenceRecipe, load_recipe
from training.recommender import Recommender, Term
from training.runs import RunFolder
from ui.graph_reads import describe, sentences
from ui.message import named_by_person

pytestmark = pytest.mark.database

MORE_FACTS = [
    ("Inception", "goodFor", "Rainy_day"),
    ("Her_(film)", "goodFor", "Rainy_day"),
    ("Interstellar_(film)", "goodFor", "Christopher_Nolan"),
    ("Critic", "praises", "Inception"),
    ("Critic", "praises", "Up_(2009_film)"),
    ("Toy_Story", "previousWork", "Up_(2009_film)"),
]
NAMES = ["Inception", "Arrival_(film)", "Interstellar_(film)", "Christopher_Nolan", "Amy_Adams", "Toy_Story", "Critic"]
NAMES += ["Her_(film)", "Rainy_day", "The_Mummy_(1999_film)", "Markup", "Up_(2009_film)"]
TEXTS = ["The prestige of a mummy", "A sci-fi thriller with magicians", "I like a good drama", "Scary, please", ""]

TYPES = {
    "directed by": "DIRECTOR",
    "director": "DIRECTOR",
    "written by": "WRITER",
    "writer": "WRITER",
    "starring": "STARRING",
    "star": "STARRING",
    "genre": "GENRE",
    "good for": "GOOD_FOR",
    "praises": "PRAISES",
    "sequel to": "PREVIOUS_WORK",
}


@pytest.fixture(scope="module")
def world(graph_session: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("films")
    fill(graph_session, folder, settings)
    facts = (f"<{uri(s)}> <http://films.example/ontology/{p}> <{uri(o)}> .\n" for s, p, o in MORE_FACTS)
    (folder / "more.nt").write_text("".join(facts), encoding="utf-8")
    with RejectsFile(folder / "rejects.jsonl") as rejects:
        FileIngest(graph_session, folder / "more.nt", rejects, "more").triples()
    return graph_session


@pytest.fixture
def quotable(world: Graph, probes: None) -> Graph:
    world.write("let_quote")
    return world


@pytest.fixture(scope="module")
def snapshot(world: Graph, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return export_snapshot(world, tmp_path_factory.mktemp("snapshot") / "films")


@pytest.fixture(scope="module")
def evidence(snapshot: Snapshot, world: Graph, settings: Settings) -> Recommender:
    """Curves of chance, so that every kind of evidence counts, for or against."""
    chance = np.random.default_rng(7)
    knots = np.tile(np.linspace(0, 5, 6), (len(FEATURES), 1))
    curves = Curves(knots, chance.normal(size=knots.shape)).from_nought()
    recipe = EvidenceRecipe("chance")
    return on_graph(EvidenceRecommender(snapshot, recipe, curves, chat_encoder(snapshot, settings.cache)), world)


@pytest.fixture(scope="module")
def mscrs(snapshot: Snapshot, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    recipe = replace(load_recipe("tiny"), pretrain_epochs=0, epochs=1)
    return train(RunFolder.create(tmp_path_factory.mktemp("mscrs") / "run", recipe, snapshot), settings.cache)


def chats(count: int) -> Iterator[Context]:
    chance = random.Random(5)
    for _ in range(count):
        turns = [
            Turn(chance.choice(["seeker", "recommender"]), chance.choice(TEXTS), tuple(uri(n) for n in names))
            for names in (chance.sample(NAMES, chance.randint(0, 3)) for _ in range(chance.randint(1, 3)))
        ]
        yield Context(tuple(turns))


class Reader:
    """Reads claims out of sentences. claims: by the probe that asks for what is wrong with them."""

    def __init__(self, labels: list[str]) -> None:
        self.claims: dict[str, list[list[Any]]] = defaultdict(list)
        self.kinds: dict[str, int] = defaultdict(int)
        self._names = set(labels)
        self._label = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
        words, label = "|".join(TYPES), self._label
        self._patterns = {
            "both": rf"(\d+) conversations? mentions? both|(\d+) conversations? mentions? it together with ({label})",
            "popular": r"(\d+) conversations? mentions? it",
            "alike": r"(?:the (description|picture)s of both are alike|its (description|picture) is like that of "
            rf"({label})|what is told of both is alike|what is told of it is like what is told of ({label}))"
            r" \(similarity (-?\d\.\d\d)\)",
            "talk": r"it is mentioned in a conversation like this one \((.+?)\)(?:, after “(?:… )?(.*)”)?",
            "same": rf"same ({words}) as ({label}): ({label})|same ({words}), ({label})",
            "like": rf"({words}) ({label}), like ({label})|both ({words}) ({label})",
            "from": rf"({label}): ({words}) (?:it and ({label})|both)",
            "noun": rf"its ({words})",
            "brief": rf"({words}) it",
            "facts": rf"(?:({label}): )?({words}) ({label})(?:; ({label}): ({words}) ({label}))?",
            "towards": rf"({label}): ({words}) (it)(?:; ({label}): ({words}) ({label}))?",
            "words": r"the chat (?:speaks of|says) (?:its genre )?“(.+?)”(?:, (.*))?",
            "own": r"what the model learned of it, whatever its neighbours are",
            "named": r"it was named in this chat",
            "description": r"(its description|what is told of it) fits what was said in this chat",
        }

    def read(self, sentence: str, term: Term, item: str, context: Context, label_of: dict[str, str]) -> None:
        """Note what the sentence claims of `item`, a label. Fails where no template reads it, or the chat belies it."""
        claim, about = sentence.removesuffix("."), None
        if match := re.match(rf"Because you named ({self._label}): ", claim):
            claim, about = claim[match.end() :], match[1]
            assert term.value > 0
            assert about in {label_of[one] for one in named_by_person(context)}
        elif claim.startswith("Speaks against it: "):
            claim = claim.removeprefix("Speaks against it: ")
            assert term.value < 0
        else:
            assert term.value >= 0
            claim = claim.removeprefix("Makes no difference: ")
        first = claim[0] if any(claim.startswith(name) for name in self._names) else claim[0].lower()
        found = [(kind, m) for kind, p in self._patterns.items() if (m := re.fullmatch(p, first + claim[1:]))]
        assert len(found) == 1, f"{sentence!r} is read as {[kind for kind, _ in found]}"
        kind, groups = found[0][0], found[0][1].groups()
        self.kinds[kind] += 1
        getattr(self, f"_{kind}")(groups, about, item, context)

    def _both(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["false_counts"].append([[item, groups[2] or about], int(groups[0] or groups[1])])

    def _popular(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["false_counts"].append([[item], int(groups[0])])

    def _alike(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        what, other = groups[0] or groups[1], groups[2] or groups[3] or about
        kind = "IMAGE_SIMILAR" if what == "picture" else "TEXT_SIMILAR"
        self.claims["false_similarities"].append([item, other, kind, float(groups[4])])
        self.claims["described"] += [[item], [other]] if what == "description" else []

    def _talk(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["false_mentions"].append([item, groups[1] or "", groups[0]])
        self.kinds["quote"] += bool(groups[1])

    def _same(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        noun, other, via = (groups[0], groups[1], groups[2]) if groups[0] else (groups[3], about, groups[4])
        self.claims["false_facts"] += [[one, TYPES[noun], via] for one in (item, other)]

    def _like(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        words, via, other = groups[:3] if groups[0] else (groups[3], groups[4], about)
        self.claims["false_facts"] += [[one, TYPES[words], via] for one in (item, other)]

    def _from(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["false_facts"] += [[groups[0], TYPES[groups[1]], one] for one in (item, groups[2] or about)]

    def _noun(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["false_facts"].append([item, TYPES[groups[0]], about])

    def _brief(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["false_facts"].append([about, TYPES[groups[0]], item])

    def _facts(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        start, words, end = groups[:3]
        self.claims["false_facts"].append([start or item, TYPES[words], item if end == "it" else end])
        if groups[3]:
            self.claims["false_facts"].append([groups[3], TYPES[groups[4]], groups[5]])

    _towards = _facts

    def _words(self, groups: Any, about: str | None, item: str, context: Context) -> None:
        word, what = groups
        said = " ".join(turn.text.casefold() for turn in context.turns)
        if what == "a word of its title":
            assert word in said
            assert word in item.casefold()
        self.claims["genre" if what is None else "title"].append([item, word])

    def _own(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        pass

    def _named(self, groups: Any, about: str | None, item: str, context: Context) -> None:
        self.claims["named"].append([item, context.mentions])

    def _description(self, groups: Any, about: str | None, item: str, _: Context) -> None:
        self.claims["described"] += [[item]] if groups[0] == "its description" else []


@pytest.mark.slow
def test_a_thousand_sentences_are_true_of_the_graph(
    quotable: Graph, evidence: Recommender, mscrs: Recommender, snapshot: Snapshot
) -> None:
    known = describe(quotable, snapshot.uris)
    label_of = {one.uri: one.label for one in known.values()}
    by_label = {one.label: one for one in known.values()}
    reader, count = Reader([" ".join(label.split()) for label in label_of.values()]), 0
    for recommender, number in ((evidence, 12), (mscrs, 3)):
        for context in chats(number):
            for explanation in recommender.explain_all(context, list(recommender.item_index)):
                told = sentences(quotable, explanation, named_by_person(context))
                for sentence, term in zip(told, explanation.terms, strict=True):
                    reader.read(sentence, term, label_of[explanation.item], context, label_of)
                count += len(told)
    assert count >= 1_000
    silent = {*reader._patterns, "quote"} - {kind for kind, found in reader.kinds.items() if found}
    assert silent == set(), f"no sentence of the kinds {silent} among {count}"
    for probe in ("false_facts", "false_counts", "false_similarities", "false_mentions"):
        claims = [list(one) for one in {repr(claim): claim for claim in reader.claims[probe]}.values()]
        assert quotable.read(probe, claims=claims) == [], probe
    for label, genre in reader.claims["genre"]:
        assert genre in by_label[label].genres
    for label, mentions in reader.claims["named"]:
        assert by_label[label].uri in mentions
    assert all(by_label[label].plot for (label,) in reader.claims["described"])
