"""Descriptions of items by a language model (Eq. 2), onto the items, and from there to the encoder.

    item_facts ── question ──► ChatEndpoint ── answer ──► generated_description, generated_by, generated_from

An item keeps the name of the model beside its words, and the checksum of what the model was told: who is described by
another model, or has changed since, is not described. Items are written in batches, as the answers come; what an
interruption left undone the next run does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx2

from graphstore.graph import Graph
from training.descriptions import COMPOSED, DescribedItem, described_item, kept_of
from training.endpoint import ChatEndpoint
from training.errors import EndpointError, NoAnswerError, TrainingError
from training.pipeline.kinds import Progress, no_progress

__all__ = ["DescriptionReport", "describe_items", "described_texts", "items_to_describe"]

WRITE_BATCH = 16  # answers of a slow model take minutes, and money: more are not lost when the process is killed
FAILURES_IN_A_ROW = 20


@dataclass(frozen=True)
class DescriptionReport:
    """What `describe_items` found and did, in items.

    already: described by this model, as they are now.
    without: nothing but a name is known of them.
    described, failed: of those that were asked for now.
    left: neither; a limit left them to another run.
    reasons: of the failures, each with its number.
    """

    model: str
    items: int
    already: int
    without: int
    described: int
    failed: int
    left: int
    reasons: dict[str, int]


def items_to_describe(graph: Graph, model: str) -> list[DescribedItem]:
    """Return every item with what the model is told of it, by URI. Raises EndpointError for a name that is taken."""
    if model == COMPOSED:
        raise EndpointError(f"No model may be called {COMPOSED!r}, which stands for texts that none wrote.")
    return [described_item(row, model) for row in graph.read("item_facts")]


def described_texts(graph: Graph, model: str) -> dict[str, str]:
    """Return the model's descriptions by the URIs of their items.

    Raises TrainingError when an item of which more than a name is known has none: the others would be compared with
    texts of another kind.
    """
    items = [item for item in items_to_describe(graph, model) if item.question]
    missing = sum(item.missing for item in items)
    if missing:
        raise TrainingError(
            f"{missing:,} of the {len(items):,} items of which more than a name is known have no description by "
            f"{model!r}, or changed since: `tellgraph describe --endpoint URL --model {model}` comes first. "
            "Nothing was encoded."
        )
    return {item.uri: item.description for item in items if item.description is not None}


def describe_items(
    graph: Graph,
    endpoint: ChatEndpoint,
    at_once: int = 4,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> DescriptionReport:
    """Have the items described that the endpoint's model has not described, as they are now.

    at_once: how many questions are under way. limit: how many items are asked about, by URI; None for all.

    Raises:
        EndpointError: no item can be described, or 20 in a row were not; the descriptions that came are in the graph.
    """
    items = items_to_describe(graph, endpoint.model)
    missing = [item for item in items if item.missing]
    asked = missing[:limit]
    work = _Work(graph, endpoint, asked, progress)
    asyncio.run(work.run(at_once))
    failed = work.failures.total()
    if failed and failed == len(asked):
        raise EndpointError(f"None of {failed:,} items was described: {work.failures.most_common(1)[0][0]}")
    return DescriptionReport(
        model=endpoint.model,
        items=len(items),
        already=sum(item.description is not None for item in items),
        without=sum(not item.question for item in items),
        described=len(asked) - failed,
        failed=failed,
        left=len(missing) - len(asked),
        reasons=dict(work.failures.most_common()),
    )


@dataclass
class _Work:
    """Items on their way to the endpoint and, described, into the graph."""

    graph: Graph
    endpoint: ChatEndpoint
    asked: Sequence[DescribedItem]
    progress: Progress
    failures: Counter[str] = field(default_factory=Counter)
    _done: int = 0
    _failed_in_a_row: int = 0
    _answered: list[dict[str, str]] = field(default_factory=list)

    async def run(self, at_once: int) -> None:
        """Ask about all, so many at once; what was answered is written, also when something ends this early."""
        queue = iter(self.asked)
        async with self.endpoint.client() as client:
            askers = [asyncio.create_task(self._ask(client, queue)) for _ in range(min(at_once, len(self.asked)))]
            try:
                await asyncio.gather(*askers)
            finally:
                for asker in askers:
                    asker.cancel()
                await asyncio.gather(*askers, return_exceptions=True)
                self._write()

    async def _ask(self, client: httpx2.AsyncClient, queue: Iterator[DescribedItem]) -> None:
        for item in queue:
            try:
                description = kept_of(await self.endpoint.answer(client, item.messages))
                if not description:
                    raise NoAnswerError(f"{self.endpoint.model} answered without a word.")
            except NoAnswerError as error:
                self._note_failure(str(error))
            else:
                self._failed_in_a_row = 0
                self._answered.append({"uri": item.uri, "description": description, "checksum": item.checksum})
                if len(self._answered) >= WRITE_BATCH:
                    self._write()
            self._done += 1
            self.progress("descriptions", self._done, len(self.asked))

    def _note_failure(self, reason: str) -> None:
        self.failures[reason] += 1
        self._failed_in_a_row += 1
        if self._failed_in_a_row == FAILURES_IN_A_ROW:
            raise EndpointError(
                f"{FAILURES_IN_A_ROW} items in a row were not described, so no more were tried: {reason} "
                "What was described before is in the graph."
            )

    def _write(self) -> None:
        if self._answered:
            self.graph.write("write_descriptions", model=self.endpoint.model, rows=self._answered)
            self._answered = []
