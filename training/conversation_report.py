"""The outcome of scoring replies: plain figures, their JSON, and the published ones to hold beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from training.bootstrap import Difference, Estimate

__all__ = [
    "DISTINCT_FIGURES",
    "PUBLISHED_REPLIES_ON_INSPIRED_TEST",
    "ConversationReport",
    "Faults",
]

DISTINCT_FIGURES = ("dist@2", "dist@3", "dist@4", "dist_share@2", "dist_share@3", "dist_share@4")

_PUBLISHED = ("bleu@2", "bleu@3", "rouge@2", "rouge@l", "dist@2", "dist@3", "dist@4")

PUBLISHED_REPLIES_ON_INSPIRED_TEST: Mapping[str, Mapping[str, float]] = {
    name: dict(zip(_PUBLISHED, row, strict=True))
    for name, row in {
        "UniCRS": (0.022, 0.009, 0.029, 0.212, 2.686, 4.343, 5.520),
        "DCRS": (0.033, 0.014, 0.045, 0.229, 3.950, 5.729, 6.233),
        "MSCRS": (0.040, 0.019, 0.052, 0.235, 4.197, 5.983, 6.556),
    }.items()
}
"""Table 3 of the MSCRS paper, INSPIRED's test split: other replies than those of the valid split."""


@dataclass(frozen=True)
class Faults:
    """Number of replies with a fault.

    empty: nothing is said. repeating: a phrase or a token goes on for ever.
    unfilled: a slot is left in what a person would see; None where only replies with open slots were given.
    """

    empty: int
    repeating: int
    unfilled: int | None


@dataclass(frozen=True)
class ConversationReport:
    """Every figure of one evaluation of replies.

    instances, dialogues: number of replies to be given, and of the dialogues (the unit of the intervals).
    with_slot: number of targets that have a slot.
    systems: system → figure → estimate: `training.conversation_metrics.SENTENCE_METRICS`, `rouge@l_bare` (without
        the `System:` that both begin with), `sacrebleu` (0 to 100), `training.reply_faults.SLOT_FIGURES`, `tokens`
        (of a reply, on average), and DISTINCT_FIGURES, without intervals.
    paired: system → system before it → figure → system minus baseline, on the same resampled dialogues.
    faults: system → its counts.
    sacrebleu: signature of sacreBLEU's settings.
    resamples, seed: of the intervals.
    """

    instances: int
    dialogues: int
    with_slot: int
    systems: dict[str, dict[str, Estimate]]
    paired: dict[str, dict[str, dict[str, Difference]]] = field(default_factory=dict)
    faults: dict[str, Faults] = field(default_factory=dict)
    sacrebleu: str = ""
    resamples: int = 0
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values; a figure without instances is null."""
        values = asdict(self)
        return {"instances": values.pop("instances"), "resampled_dialogues": values.pop("dialogues")} | values
