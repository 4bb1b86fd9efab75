"""The outcome of an evaluation: plain figures, their JSON, and the published ones to hold beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from training.bootstrap import Difference, Estimate
from training.metrics import METRICS

__all__ = ["COLUMNS", "PUBLISHED_ON_INSPIRED_TEST", "Column", "Report"]

COLUMNS = ("all", "repeated", "new")

Figures = dict[str, dict[str, Estimate]]

PUBLISHED_ON_INSPIRED_TEST: Mapping[str, Mapping[str, float]] = {
    name: dict(zip(METRICS, row, strict=True))
    for name, row in {
        "UniCRS": (0.085, 0.230, 0.398, 0.149, 0.187, 0.125, 0.133),
        "DCRS": (0.093, 0.226, 0.414, 0.153, 0.192, 0.130, 0.137),
        "MSCRS": (0.096, 0.257, 0.425, 0.168, 0.202, 0.140, 0.148),
        "LumiCRS": (0.104, 0.274, 0.466, 0.179, 0.212, 0.150, 0.160),
    }.items()
}
"""What the papers print for column `all` of INSPIRED's test split: another split than the valid one."""


@dataclass(frozen=True)
class Column:
    """How many instances a column holds, and from how many dialogues (the unit of its intervals)."""

    instances: int
    dialogues: int


@dataclass(frozen=True)
class Report:
    """Every figure of one evaluation.

    columns: COLUMNS → its size.
    systems: system → column → metric of `training.metrics.METRICS` → figure.
    paired: system → system before it → column → metric → system minus baseline, on the same resampled dialogues.
    beyond_accuracy: system → column (all, new) → figure of `training.beyond_accuracy`; n of ild, pwp and
        coverage counts lists (one per distinct context), n of the recalls counts instances.
    resamples, seed: of the intervals.
    """

    columns: dict[str, Column]
    systems: dict[str, Figures]
    paired: dict[str, dict[str, dict[str, dict[str, Difference]]]] = field(default_factory=dict)
    beyond_accuracy: dict[str, Figures] = field(default_factory=dict)
    resamples: int = 0
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values; a figure without instances is null."""
        values = asdict(self)
        columns = values.pop("columns")
        sizes = {key: {name: column[key] for name, column in columns.items()} for key in ("instances", "dialogues")}
        return {"instances": sizes["instances"], "resampled_dialogues": sizes["dialogues"]} | values
