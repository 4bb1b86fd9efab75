"""What a conversation needs, loaded once: a trained run, an open graph with something in it, and words.

open_run ──┐
open_graph ┴── start_chat ── ChatSession
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphstore.graph import Graph, open_graph
from graphstore.relation_type import RESERVED_TYPES
from graphstore.sample import SOURCE
from graphstore.settings import Settings
from graphstore.snapshot import Snapshot
from training.decoding import Decoding
from training.encoders import RANDOM_TINY
from training.errors import RunError
from training.language import DEFAULT_WRITER, LanguageModel
from training.mscrs_recommender import mscrs_in
from training.recommender import Recommender
from training.replies import find_replier
from training.runs import RunFolder
from ui.chat_session import ChatSession
from ui.errors import NotReadyError
from ui.reply import GuidedWriter
from ui.trained_reply import TrainedWriter
from ui.writer import Writer

__all__ = ["GraphSummary", "example_messages", "load_words", "open_filled_graph", "open_run", "start_chat", "summarise"]


@dataclass(frozen=True)
class GraphSummary:
    """Counts of the graph. sources: where its dialogues are from, by the names they were ingested under."""

    entities: int
    items: int
    facts: int
    dialogues: int
    sources: tuple[str, ...]

    @property
    def sample(self) -> bool:
        """Whether this is the sample that ships: its pictures are drawn, its conversations simulated."""
        return SOURCE in self.sources


def open_run(run: Path | str, settings: Settings | None = None) -> Recommender:
    """The trained run in a folder. settings: where pretrained models are; the environment's when not given.

    Raises NotReadyError where none has finished, with the command that makes one.
    """
    run, settings = Path(run), settings or Settings.from_environment()
    if run.is_file() or (run / "manifest.json").is_file():
        raise NotReadyError(f"{run} is {'a file' if run.is_file() else 'a snapshot'}, and no folder of a trained run.")
    if not (run / "recipe.yaml").is_file():
        raise NotReadyError(
            f"There is no run in {run} yet. Train one with `tellgraph train --recipe evidence --snapshot "
            f"SNAPSHOT --run {run}`, which takes a minute, or try `tellgraph demo`, which needs nothing."
        )
    if not RunFolder.open(run).finished:
        raise NotReadyError(f"The run in {run} is not finished. Go on with `tellgraph train --run {run} --resume`.")
    try:
        return Recommender.load(run, settings.cache)
    except RunError as error:
        raise NotReadyError(str(error)) from error


def open_filled_graph(settings: Settings) -> tuple[Graph, GraphSummary]:
    """The graph and its counts. Raises NotReadyError when nothing in it can be recommended."""
    graph = open_graph(settings)
    try:
        return graph, summarise(graph)
    except BaseException:
        graph.close()
        raise


def summarise(graph: Graph) -> GraphSummary:
    """The graph's counts. Raises NotReadyError when nothing in it can be recommended."""
    counted = {(row["kind"], row["name"]): row["count"] for row in graph.read("counts")}
    summary = GraphSummary(
        entities=counted.get(("nodes", "Entity"), 0),
        items=counted.get(("nodes", "Item"), 0),
        facts=sum(n for (kind, name), n in counted.items() if kind == "relationships" and name not in RESERVED_TYPES),
        dialogues=counted.get(("nodes", "Dialogue"), 0),
        sources=tuple(row["source"] for row in graph.read("dialogue_sources")),
    )
    if not summary.items:
        raise NotReadyError(
            "The graph holds nothing that could be recommended. Fill it with `tellgraph ingest triples FACTS`, "
            "`tellgraph ingest items ITEMS` and `tellgraph ingest dialogues DIALOGUES`, or try `tellgraph demo`."
        )
    return summary


def start_chat(
    run: Recommender, graph: Graph, words: str = "none", *, count: int = 5, settings: Settings | None = None
) -> ChatSession:
    """A new conversation, whose answers recommend `count` items each.

    words: who writes, see `load_words`.
    settings: where pretrained models are; the environment's when not given.
    Raises NotReadyError when nothing in the graph can be recommended, PretrainedError when there is no such model.
    """
    summary = summarise(graph)
    writer = load_words(words, run, settings or Settings.from_environment())
    return ChatSession(run, graph, writer, summary.sample, count)


def load_words(name: str, run: Recommender, settings: Settings) -> Writer | None:
    """Who puts answers into words, or None for plain sentences.

    name: `auto`, `none`, or a model as recipes name them. `auto` lets a run write that has learned to (stage
    `converse`); it gives one that reads with random weights, which is made for trying things out, plain sentences, and
    any other run the small published model.
    Raises PretrainedError when the model cannot be had, RunError when what the run learned does not fit it.
    """
    if name == "none":
        return None
    if name == "auto":
        if replier := find_replier(run):
            drawn = replier.decoding_by(Decoding("sample"))
            return TrainedWriter(replier, f"{run.language_model}, trained to reply", drawn)
        if run.language_model == RANDOM_TINY:
            return None
    return GuidedWriter(_language_model(DEFAULT_WRITER if name == "auto" else name, run, settings))


def _language_model(name: str, run: Recommender, settings: Settings) -> LanguageModel:
    """The run's own, where it is the same and whole: no model is in memory twice."""
    mscrs = mscrs_in(run)
    if mscrs and mscrs.recipe.language_model == name and not mscrs.recipe.language_model_layers:
        return LanguageModel.of_backbone(mscrs.assembly.backbone)
    return LanguageModel.load(name, settings.cache)


def example_messages(snapshot: Snapshot) -> Sequence[str]:
    """A few messages that this graph can answer, made from its best-known items."""
    known = sorted(snapshot.items, key=lambda item: (-(item["popularity"] or 0), item["uri"]))
    # Neighbours in popularity are often of one series, so a few are stepped over.
    titles = [item["title"] for item in known[:13:4] if item["title"]]
    people = list(dict.fromkeys(name for item in known[:12] for name in item["stars"][:1]))
    examples = [f"I loved {titles[0]} and {titles[1]}"] if len(titles) > 1 else []
    examples += [f"Something with {person}?" for person in people[1:2]]
    examples += [f"What goes with {title}?" for title in titles[2:3]]
    return examples
