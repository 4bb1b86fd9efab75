"""What a run writes about itself when training ends: figures, curves, and a model card."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from training.assembly import Assembly
from training.runs import RunFolder

__all__ = ["write_card"]

VERSIONS = ("tellgraph", "torch", "transformers", "numpy")


def write_card(run: RunFolder, assembly: Assembly, history: list[dict[str, Any]]) -> None:
    """Write metrics.json, curves.png and README.md into the run folder."""
    run.write_json("metrics.json", {"history": history, "model": _figures(assembly)})
    curves = run.path / "curves.png"
    curves.unlink(missing_ok=True)  # replaced and not changed, as every file of a run
    _draw_curves(curves, history)
    run.write_text("README.md", _card(run, assembly, history))


def _figures(assembly: Assembly) -> dict[str, Any]:
    trained = sum(parameter.numel() for parameter in assembly.model.parameters())
    reading = assembly.model.language_model.parameters()
    frozen = sum(parameter.numel() for parameter in reading if not parameter.requires_grad)
    graphs = assembly.graphs
    return {
        "trained_parameters": trained,
        "frozen_parameters": frozen,
        "entities": len(assembly.snapshot.uris),
        "items": len(assembly.snapshot.items),
        "text_weight": graphs.text_weight,
        "device": str(assembly.device),
        "threads": torch.get_num_threads(),
    }


def _draw_curves(file: Path, history: list[dict[str, Any]]) -> None:
    from matplotlib.figure import Figure  # not pyplot: no window system is asked for, and nothing is kept open

    figure = Figure(figsize=(10, 3.5), layout="constrained")
    loss, recall = figure.subplots(1, 2)
    for stage in dict.fromkeys(entry["stage"] for entry in history):
        entries = [entry for entry in history if entry["stage"] == stage]
        losses = [entry.get("token", entry["loss"]) for entry in entries]  # of a reply, that of one token
        loss.plot([entry["epoch"] for entry in entries], losses, marker="o", label=stage)
    loss.set(title="Training loss", xlabel="epoch")
    validated = [entry for entry in history if "valid" in entry]
    for column in ("all", "new"):
        values = [entry["valid"][column]["recall@50"] for entry in validated]
        recall.plot([entry["epoch"] for entry in validated], values, marker="o", label=column)
    recall.set(title="Recall@50 on the validation dialogues", xlabel="epoch")
    for axes in (loss, recall):
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend()
    figure.savefig(file, dpi=120)


def _card(run: RunFolder, assembly: Assembly, history: list[dict[str, Any]]) -> str:
    recipe, figures = assembly.recipe, _figures(assembly)
    sources = sorted({dialogue.source for dialogue in assembly.snapshot.dialogues()})
    lines = [
        f"# {run.path.name}",
        "",
        f"MSCRS (Wei et al., SIGIR 2025), trained by Tellgraph: {_stages(history)}.",
        "",
        f"- Recipe `{recipe.name}`: [recipe.yaml](recipe.yaml), seed {recipe.seed}",
        f"- Language model: {recipe.language_model}, "
        f"{recipe.language_model_layers or 'all'} layers, frozen ({figures['frozen_parameters']:,} parameters)"
        f"{_adapters(recipe.lora_rank)}",
        f"- Context encoder: {recipe.context_encoder}, frozen",
        f"- Trained parameters: {figures['trained_parameters']:,}",
        f"- Graph: {figures['entities']:,} entities, {figures['items']:,} items, "
        f"λ = {figures['text_weight']:g}{_why_text_weight(figures['text_weight'], recipe.text_weight)}",
        f"- Dialogues from: {', '.join(sources)}{_simulated(sources)}",
        f"- Time: {sum(entry['seconds'] for entry in history) / 60:.1f} minutes on {figures['device']} "
        f"({platform.machine()}, {figures['threads']} threads)",
        f"- Versions: {', '.join(f'{name} {metadata.version(name)}' for name in VERSIONS)}",
        "",
        "![Curves](curves.png)",
        "",
        *_table(history),
        *_reply_table(history),
        "",
        "An entity's id is its line, from 0, in snapshot/entities.jsonl; an item's index its line in "
        "snapshot/items.jsonl.",
        f"Intervals and the ladder: `tellgraph evaluate --run {run.path.name} --dialogues FILE`"
        + (", of its replies with `--replies`." if any("token" in entry for entry in history) else "."),
        "",
    ]
    return "\n".join(lines)


def _adapters(rank: int) -> str:
    return f", with adapters of rank {rank} in its attention that are trained (LoRA)" if rank else ""


def _stages(history: list[dict[str, Any]]) -> str:
    """What was learned, in the order in which it was."""
    learned = {
        "pretrain": "which entities a turn mentions",
        "recommend": "what to recommend",
        "converse": "how to reply",
    }
    return ", then ".join(learned[stage] for stage in dict.fromkeys(entry["stage"] for entry in history))


def _why_text_weight(used: float, asked: float) -> str:
    return "" if used == asked else f" (the recipe's {asked:g} makes no sense here: one of the two graphs is empty)"


def _simulated(sources: list[str]) -> str:
    return " (simulated: figures say nothing about people)" if "sample" in sources else ""


def _table(history: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| stage | epoch | loss (valid) | fuse loss | R@1 / R@10 / R@50, all | new | s |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in (entry for entry in history if "fuse" in entry):
        columns = [
            " / ".join(f"{entry['valid'][column][f'recall@{k}']:.3f}" for k in (1, 10, 50)) if "valid" in entry else ""
            for column in ("all", "new")
        ]
        lines.append(
            f"| {entry['stage']} | {_number(entry)} | {_losses(entry)} | {entry['fuse']:.3f} "
            f"| {columns[0]} | {columns[1]} | {entry['seconds']:.0f} |"
        )
    return lines


def _number(entry: dict[str, Any]) -> str:
    return f"{entry['epoch']}, kept" if "kept" in entry else str(entry["epoch"])


def _losses(entry: dict[str, Any]) -> str:
    return f"{entry['loss']:.3f}" + (f" ({entry['valid_loss']:.3f})" if "valid_loss" in entry else "")


def _reply_table(history: list[dict[str, Any]]) -> list[str]:
    entries = [entry for entry in history if "token" in entry]
    if not entries:
        return []
    lines = ["", "| replies, epoch | loss of a token | on the validation dialogues | s |", "|---|---|---|---|"]
    for entry in entries:
        valid = f"{entry['valid_token']:.3f}" if "valid_token" in entry else ""
        lines.append(f"| {_number(entry)} | {entry['token']:.3f} | {valid} | {entry['seconds']:.0f} |")
    return lines
