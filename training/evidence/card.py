"""What a run of the additive ranker writes about itself: its curves as a picture, and a model card."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from training.evidence.definitions import FEATURES, KINDS
from training.runs import RunFolder

if TYPE_CHECKING:
    from training.evidence.ranker import EvidenceRecommender

__all__ = ["validation_lines", "write_evidence_card"]

_COLUMNS = 4


def write_evidence_card(
    run: RunFolder, recommender: EvidenceRecommender, entry: dict[str, Any], instances: int
) -> None:
    """Write metrics.json, curves.png and README.md into the run folder."""
    curves = {
        feature.name: {"knots": knots.tolist(), "values": values.tolist()}
        for feature, knots, values in zip(FEATURES, recommender.curves.knots, recommender.curves.values, strict=True)
    }
    run.write_json("metrics.json", {"history": [entry], "model": {"instances": instances, "curves": curves}})
    _draw(run, recommender)
    run.write_text("README.md", _card(run, recommender, entry, instances))


def _draw(run: RunFolder, recommender: EvidenceRecommender) -> None:
    from matplotlib.figure import Figure  # not pyplot: no window system is asked for, and nothing is kept open

    rows = -(-len(FEATURES) // _COLUMNS)
    figure = Figure(figsize=(3.2 * _COLUMNS, 2.2 * rows), layout="constrained")
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    curves = recommender.curves
    low, high = float(curves.values.min()), float(curves.values.max())
    for ax, feature, knots, values in zip(axes, FEATURES, curves.knots, curves.values, strict=False):
        ax.axhline(0, color="0.8", linewidth=0.8)
        ax.plot(knots, values, marker=".", color="#4338ca")
        ax.set_ylim(low - 0.1, high + 0.1)
        ax.set_title(f"{KINDS[feature.kind]}:\n{feature.title}", fontsize=7)
        ax.tick_params(labelsize=6)
        if feature.scale:
            ax.set_xlabel(f"log(1 + {feature.scale:g} · {feature.amount})", fontsize=6)
    for ax in axes[len(FEATURES) :]:
        ax.set_axis_off()
    figure.savefig(run.path / "curves.png", dpi=110)


def _card(run: RunFolder, recommender: EvidenceRecommender, entry: dict[str, Any], instances: int) -> str:
    recipe, snapshot = recommender.recipe, recommender.snapshot
    last_seed = recipe.seed + recipe.seeds - 1
    spread = {
        feature.name: float(np.ptp(values)) for feature, values in zip(FEATURES, recommender.curves.values, strict=True)
    }
    lines = [
        f"# {run.path.name}",
        "",
        "An additive ranker over evidence in the graph, trained by Tellgraph: a score is the sum of the curves below.",
        "",
        f"- Recipe `{recipe.name}`: [recipe.yaml](recipe.yaml), seeds {recipe.seed} to {last_seed}",
        f"- Learned from {instances:,} recommendations in training dialogues; each left its own dialogue out",
        f"- Graph: {len(snapshot.uris):,} entities, {len(snapshot.items):,} items",
        f"- Encoder of chats: {recommender.encoder.name or 'none, since the graph holds no vectors'}",
        f"- Time: {entry['seconds']:.0f} s ({platform.machine()})",
        f"- Versions: tellgraph {metadata.version('tellgraph')}, numpy {metadata.version('numpy')}",
        "",
        *validation_lines(entry),
        "![Curves](curves.png)",
        "",
        "| evidence | feature | from lowest to highest |",
        "|---|---|---|",
    ]
    ordered = sorted(FEATURES, key=lambda feature: -spread[feature.name])
    lines += [f"| {KINDS[one.kind]} | {one.title} (`{one.name}`) | {spread[one.name]:.2f} |" for one in ordered]
    return "\n".join([*lines, ""])


def validation_lines(entry: dict[str, Any]) -> list[str]:
    if "valid" not in entry:
        return []
    recalls = {
        column: " / ".join(f"{entry['valid'][column][f'recall@{k}']:.3f}" for k in (1, 10, 50))
        for column in ("all", "new")
    }
    return [f"Validation dialogues, R@1 / R@10 / R@50: all {recalls['all']}, new {recalls['new']}.", ""]
