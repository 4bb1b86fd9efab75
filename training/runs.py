"""Run folders: what a training leaves behind, and how it goes on after an interruption.

runs/NAME/
  recipe.yaml              the resolved recipe
  snapshot/                the snapshot it was trained on (files linked, not copied, where the disk allows);
                           snapshot/entities.jsonl is the id map: an entity's id is its line
  checkpoint-STAGE.safetensors  weights, optimizer and position of a stage that is not at its end
  pretrained.safetensors   weights after MSCRS's pre-training, from which its other stages start
  model.safetensors        the weights that recommend: stands there only when their training has finished
  conversation.safetensors the weights that write replies, where they were trained
  correlated.safetensors   the training chats among which they find a chat's neighbours
  history.jsonl            one line per epoch
  tensorboard/STAGE/       the scalars of every step, for TensorBoard
  metrics.json             the last figures on the validation dialogues
  evaluation.json, replies.json  figures of `tellgraph evaluate`, where it has been run
  valid_ranks.json         ranks on the validation dialogues, where the run is one of a study
  held_out.json            training dialogues that it does not learn from, where there are any
  curves.png, README.md    pictures and model card, written by the run
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from graphstore.snapshot import Snapshot
from training.errors import RunError
from training.recipe import AnyRecipe, load_any_recipe

__all__ = ["Checkpoint", "RunFolder"]

_WEIGHTS = {"pretrain": "pretrained", "recommend": "model", "converse": "conversation"}  # stage -> file
_EVALUATIONS = ("evaluation.json", "replies.json", "valid_ranks.json")


@dataclass(frozen=True)
class Checkpoint:
    """An unfinished training: weights and optimizer moments by name, and the number of steps that were done.

    best: the weights of epoch `best_epoch`, the best so far, where the recipe has patience.
    """

    weights: dict[str, Tensor]
    moments: dict[str, Tensor]
    step: int
    best: dict[str, Tensor] = field(default_factory=dict)
    best_epoch: int = 0


@dataclass(frozen=True)
class RunFolder:
    """A run folder; nothing is read before it is asked for."""

    path: Path

    @classmethod
    def create(
        cls,
        path: Path,
        recipe: AnyRecipe,
        snapshot: Snapshot,
        held_out: Collection[str] = (),
        parts: Mapping[str, RunFolder] | None = None,
    ) -> RunFolder:
        """Make the folder, its recipe and its copy of the snapshot.

        held_out: ids of training dialogues that the run is not to learn from.
        parts: runs that are done and are parts of this one as well, by name; their files are linked.

        Raises RunError when the folder already holds something.
        """
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError(f"{path} already holds something: go on with --resume, or name another folder with --run.")
        path.mkdir(parents=True, exist_ok=True)
        # Without it there is no run to resume, so it comes last.
        shutil.copytree(snapshot.folder, path / "snapshot", copy_function=_link, dirs_exist_ok=True)
        run = cls(path)
        if held_out:
            run.write_json("held_out.json", sorted(held_out))
        for name, part in (parts or {}).items():
            shutil.copytree(part.path, path / name, copy_function=_link, ignore=shutil.ignore_patterns(*_EVALUATIONS))
        run.write_recipe(recipe)
        return run

    @classmethod
    def open_or_create(
        cls, path: Path, recipe: AnyRecipe, snapshot: Snapshot, held_out: Collection[str] = ()
    ) -> RunFolder:
        """A run that is part of something larger: what is there goes on, whatever recipe it has."""
        if not (path / "recipe.yaml").is_file():
            shutil.rmtree(path, ignore_errors=True)  # it was being made when somebody stopped
            return cls.create(path, recipe, snapshot, held_out)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open an existing run. Raises RunError when there is none."""
        if not (path / "recipe.yaml").is_file():
            raise RunError(f"{path} is no run folder (it has no recipe.yaml). Train one: tellgraph train --run {path}")
        return cls(path)

    @property
    def recipe(self) -> AnyRecipe:
        """The resolved recipe."""
        return load_any_recipe(self.path / "recipe.yaml")

    @property
    def finished(self) -> bool:
        """Whether it can recommend."""
        return self.has("recommend")

    def has(self, stage: str) -> bool:
        """Whether a stage went to its end."""
        return self._weights(stage).is_file()

    def write_recipe(self, recipe: AnyRecipe) -> None:
        """Replace the recipe."""
        _write(self.path / "recipe.yaml", yaml.safe_dump(recipe.as_dict(), sort_keys=False))

    def snapshot(self) -> Snapshot:
        """The snapshot that the run was trained on."""
        return Snapshot.open(self.path / "snapshot")

    def held_out(self) -> frozenset[str]:
        """Ids of the training dialogues that the run does not learn from."""
        file = self.path / "held_out.json"
        return frozenset(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else frozenset()

    def part(self, name: str) -> RunFolder:
        """A run inside this one. Raises RunError when there is none."""
        return RunFolder.open(self.path / name)

    def save_checkpoint(self, stage: str, checkpoint: Checkpoint) -> None:
        """Replace a stage's checkpoint; the old one stands until the new one is whole."""
        tensors = {f"weights.{name}": tensor for name, tensor in checkpoint.weights.items()}
        tensors |= {f"moments.{name}": tensor for name, tensor in checkpoint.moments.items()}
        tensors |= {f"best.{name}": tensor for name, tensor in checkpoint.best.items()}
        tensors |= {"step": torch.tensor(checkpoint.step), "best_epoch": torch.tensor(checkpoint.best_epoch)}
        _save(tensors, self._checkpoint(stage))

    def load_checkpoint(self, stage: str) -> Checkpoint | None:
        """A stage's last checkpoint, or None before the first."""
        file = self._checkpoint(stage)
        if not file.is_file():
            return None
        tensors = _load(file)
        step, best_epoch = (int(tensors.pop(name, 0)) for name in ("step", "best_epoch"))
        parts: dict[str, dict[str, Tensor]] = {"weights": {}, "moments": {}, "best": {}}
        for key, tensor in tensors.items():
            kind, _, name = key.partition(".")
            parts[kind][name] = tensor
        return Checkpoint(parts["weights"], parts["moments"], step, parts["best"], best_epoch)

    def save_model(self, weights: dict[str, Tensor], stage: str = "recommend") -> None:
        """Write the weights that a stage ends with; its checkpoint has done its work."""
        _save(weights, self._weights(stage))
        self._checkpoint(stage).unlink(missing_ok=True)

    def load_model(self, stage: str = "recommend") -> dict[str, Tensor]:
        """The weights that a stage ended with. Raises RunError when it has not, or they cannot be read."""
        if not self.has(stage):
            raise RunError(f"The training in {self.path} has not finished: tellgraph train --run {self.path} --resume")
        return _load(self._weights(stage))

    def save_tensors(self, name: str, tensors: dict[str, Tensor]) -> None:
        """Write tensors into a file of the folder."""
        _save(tensors, self.path / f"{name}.safetensors")

    def load_tensors(self, name: str) -> dict[str, Tensor]:
        """Read them again. Raises RunError when they are not there."""
        file = self.path / f"{name}.safetensors"
        if not file.is_file():
            raise RunError(f"{file} is missing: train {self.path} anew, into another folder.")
        return _load(file)

    def _weights(self, stage: str) -> Path:
        return self.path / f"{_WEIGHTS[stage]}.safetensors"

    def _checkpoint(self, stage: str) -> Path:
        return self.path / f"checkpoint-{stage}.safetensors"

    def history(self) -> list[dict[str, Any]]:
        """One entry per epoch so far."""
        file = self.path / "history.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []

    def write_history(self, entries: list[dict[str, Any]]) -> None:
        """Replace the history."""
        _write(self.path / "history.jsonl", "".join(json.dumps(entry) + "\n" for entry in entries))

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file into the folder."""
        self.write_text(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a file into the folder: a new one in the place of the old, which another run may have as a link."""
        _write(self.path / name, text)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copy2(source, target)


def _load(file: Path) -> dict[str, Tensor]:
    try:
        return load_file(file)
    except (SafetensorError, OSError) as error:
        raise RunError(f"{file} cannot be read ({error}): put a whole copy back, or train anew elsewhere.") from error


def _save(tensors: dict[str, Tensor], file: Path) -> None:
    aside = file.with_name(f".{file.name}.partial")
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, aside)
    aside.replace(file)


def _write(file: Path, text: str) -> None:
    aside = file.with_name(f".{file.name}.partial")
    aside.write_text(text, encoding="utf-8")
    aside.replace(file)
