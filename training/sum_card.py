"""What a run of the sum writes about itself."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from training.evidence.card import validation_lines
from training.runs import RunFolder

if TYPE_CHECKING:
    from training.sum_recommender import SumRecommender

__all__ = ["write_sum_card"]


def write_sum_card(run: RunFolder, recommender: SumRecommender, entry: dict[str, Any]) -> None:
    """Write metrics.json and README.md into the run folder; the parts have cards of their own."""
    weights = {"evidence": recommender.weights.evidence, "mscrs": recommender.weights.mscrs}
    run.write_json("metrics.json", {"history": [entry], "model": {"weights": weights}})
    recipe, snapshot = recommender.recipe, recommender.snapshot
    lines = [
        f"# {run.path.name}",
        "",
        "The sum of two recommenders, trained by Tellgraph: every score is still a sum of one term per path.",
        "",
        f"    score = {weights['evidence']:.4g} · evidence + {weights['mscrs']:.4g} · MSCRS's logit",
        "",
        f"- Recipe `{recipe.name}`: [recipe.yaml](recipe.yaml)",
        "- Parts: [evidence](evidence/README.md), [mscrs](mscrs/README.md)",
        f"- Weights: learned on {recipe.folds} folds of the training dialogues, each scored by parts that were trained "
        "without it",
        f"- Graph: {len(snapshot.uris):,} entities, {len(snapshot.items):,} items",
        f"- Time: {entry['seconds'] / 60:.1f} minutes, without parts that were there already ({platform.machine()})",
        f"- Version: tellgraph {metadata.version('tellgraph')}",
        "",
        *validation_lines(entry),
    ]
    for name, weight in weights.items():
        if weight == 0:
            lines += [f"Part `{name}` did not help on dialogues that it had not seen, and counts for nothing.", ""]
    lines += [
        f"By cross-validation: `tellgraph study folds --run {run.path.name}`. Intervals and the ladder: "
        f"`tellgraph evaluate --run {run.path.name} --dialogues FILE`.",
        "",
    ]
    run.write_text("README.md", "\n".join(lines))
