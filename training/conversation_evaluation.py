"""Scores the replies of systems on conversation instances, with intervals by dialogue.

    instances ─► ReplySystem.replies ─► conversation_metrics ─┬─ per reply ──────► means ─────┐
                                        reply_faults          ├─ counts ─► figures of sums ───┤─► bootstrap
                                                              └─ of all replies (DIST)        └─► ConversationReport

docs/conversation-metrics.md explains every figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.bootstrap import Bootstrap, Difference, Estimate
from training.conversation_instances import ConversationInstance
from training.conversation_metrics import (
    corpus_bleu,
    corpus_bleu_counts,
    distinct,
    sacrebleu_signature,
    sentence_values,
)
from training.conversation_report import ConversationReport, Faults
from training.errors import EvaluationError
from training.metrics import Floats
from training.reply_faults import SLOT_FIGURES, is_empty, is_unfilled, repeats, slot_counts, slots_in
from training.reply_systems import ReplySystem

__all__ = ["evaluate_replies", "replies_of"]

PREFIX = "System: "
"""Published figures are of replies and targets that both begin with this: a hit for nothing."""

SumFigures = Mapping[str, tuple[Floats, Callable[[Floats], Floats]]]


def replies_of(systems: Sequence[ReplySystem], instances: Sequence[ConversationInstance]) -> dict[str, list[str]]:
    """What each system says to each instance's context: name → [n].

    Raises EvaluationError without instances, when two systems share a name, and when one gives a wrong number.
    """
    if not instances:
        raise EvaluationError("There is nothing to reply to: no recommender turn of the dialogues has one before it.")
    contexts = [instance.context for instance in instances]
    replies: dict[str, list[str]] = {}
    for system in systems:
        if system.name in replies:
            raise EvaluationError(f"Two systems are called {system.name!r}: their figures would get mixed up.")
        replies[system.name] = system.replies(contexts)
        if len(replies[system.name]) != len(contexts):
            raise EvaluationError(
                f"{system.name} gave {len(replies[system.name]):,} replies to {len(contexts):,} contexts."
            )
    return replies


def evaluate_replies(
    replies: Mapping[str, Sequence[str]],
    instances: Sequence[ConversationInstance],
    *,
    shown: Mapping[str, Sequence[str]] | None = None,
    resamples: int = 2_000,
    seed: int = 0,
) -> ConversationReport:
    """The figures of every system's replies to the same instances.

    replies: system → a reply per instance, with open slots; the ladder, from its lowest rung.
    shown: system → the same replies as a person would see them, with their slots filled; for the count of those that
        are not. resamples: draws for the intervals, 0 for none. seed: of the draws.

    Raises EvaluationError without instances, ValueError where there are not as many replies as instances.
    """
    if not instances:
        raise EvaluationError("There is nothing to evaluate: the dialogues give no conversation instance.")
    _, dialogues = np.unique([instance.dialogue for instance in instances], return_inverse=True)
    draws = Bootstrap(dialogues.astype(np.int64), resamples, seed)
    targets = [instance.target for instance in instances]
    scored = {name: _Scored.of(said, targets) for name, said in replies.items()}
    order = list(scored)
    return ConversationReport(
        instances=len(instances),
        dialogues=draws.dialogues,
        with_slot=sum(slots_in(target) > 0 for target in targets),
        systems={name: one.estimates(draws) for name, one in scored.items()},
        paired={
            name: {lower: one.minus(scored[lower], draws) for lower in order[: order.index(name)]}
            for name, one in scored.items()
        },
        faults={name: _faults(said, (shown or {}).get(name)) for name, said in replies.items()},
        sacrebleu=sacrebleu_signature(),
        resamples=resamples,
        seed=seed,
    )


@dataclass(frozen=True)
class _Scored:
    """One system's replies in numbers.

    values: figure → [n], which are averaged. sums: figure → counts [n, k] and what it makes of their sums.
    overall: figures of all replies together, which no resample can tell.
    """

    values: dict[str, Floats]
    sums: SumFigures
    overall: dict[str, float]

    @classmethod
    def of(cls, replies: Sequence[str], targets: Sequence[str]) -> _Scored:
        said, wanted = ([PREFIX + text.strip() for text in texts] for texts in (replies, targets))
        tokens = np.array([len(reply.split()) for reply in replies], dtype=np.float64)
        slots = slot_counts(replies, targets)
        bare = sentence_values(replies, targets)["rouge@l"]
        return cls(
            values=sentence_values(said, wanted) | {"rouge@l_bare": bare, "tokens": tokens},
            sums={
                "sacrebleu": (corpus_bleu_counts(replies, targets), corpus_bleu),
                **{name: (slots, figure) for name, figure in SLOT_FIGURES.items()},
            },
            overall=distinct(said),
        )

    def estimates(self, draws: Bootstrap) -> dict[str, Estimate]:
        number = len(self.values["tokens"])
        return (
            {name: draws.estimate(values) for name, values in self.values.items()}
            | {name: draws.estimate_of_sums(counts, figure) for name, (counts, figure) in self.sums.items()}
            # a resample repeats replies and so has fewer distinct n-grams: its interval would miss the figure
            | {name: Estimate(value, None, None, number) for name, value in self.overall.items()}
        )

    def minus(self, lower: _Scored, draws: Bootstrap) -> dict[str, Difference]:
        return {name: draws.difference(values, lower.values[name]) for name, values in self.values.items()} | {
            name: draws.difference_of_sums(counts, lower.sums[name][0], figure)
            for name, (counts, figure) in self.sums.items()
        }


def _faults(replies: Sequence[str], shown: Sequence[str] | None) -> Faults:
    return Faults(
        empty=sum(map(is_empty, replies)),
        repeating=sum(map(repeats, replies)),
        unfilled=None if shown is None else sum(map(is_unfilled, shown)),
    )
