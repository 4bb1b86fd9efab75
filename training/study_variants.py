"""What a study compares: recipes that differ in one thing, trained on the same snapshot.

ablation   the recipe, and the recipe without each of its parts
sweep      one number of the recipe, several values
curve      the recipe on shares of the training dialogues; with one seed, a larger share holds the smaller ones
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from graphstore.snapshot import Snapshot
from training.errors import RecipeError
from training.recipe import Recipe

__all__ = ["FULL", "Study", "Variant", "ablation", "curve", "numeric_fields", "sweep"]

FULL = "full"

_EDGES = {"co_mention_graph": "CO_MENTIONED", "text_graph": "TEXT_SIMILAR", "image_graph": "IMAGE_SIMILAR"}
_WITHOUT: dict[str, dict[str, Any]] = {
    "without co-mention graph": {"co_mention_graph": False},
    "without text graph": {"text_graph": False},
    "without image graph": {"image_graph": False},
    "without the three graphs": dict.fromkeys(_EDGES, False),
    "without fuse loss": {"fuse_weight": 0.0},
    "without pre-training": {"pretrain_epochs": 0},
    "without correlation mapping": {"correlation_neighbours": 0},
    "without soft prompt": {"soft_rows": 0},
}

_OF_REPLIES = ("correlation_neighbours", "reply_tokens", "converse_batch_size")


@dataclass(frozen=True)
class Variant:
    """One recipe of a study.

    changes: its fields that are not the study's recipe's. share: of the training dialogues that it learns from.
    place: where it stands on the study's axis; None where there is no axis.
    """

    name: str
    recipe: Recipe
    changes: dict[str, Any]
    share: float = 1.0
    place: float | None = None

    @property
    def folder(self) -> str:
        """Name of the folder of its runs."""
        return self.name.replace(" ", "-")

    def held_out(self, snapshot: Snapshot, seed: int) -> list[str]:
        """Training dialogues that a run with this seed does not learn from, sorted."""
        dialogues = [dialogue.id for dialogue in snapshot.dialogues("train")]
        order = np.random.default_rng(seed).permutation(len(dialogues)).tolist()
        return sorted(dialogues[at] for at in order[max(1, round(self.share * len(dialogues))) :])


@dataclass(frozen=True)
class Study:
    """Variants in the order in which they are shown.

    name: what it asks. baseline: name of the variant that the others are held against. axis: what `place` of a variant
    is, or nothing. left_out: a sentence for each variant that makes no sense here.
    """

    name: str
    recipe: Recipe
    variants: tuple[Variant, ...]
    baseline: str
    axis: str = ""
    left_out: tuple[str, ...] = ()


def ablation(recipe: Recipe, snapshot: Snapshot) -> Study:
    """The recipe, and without each part that it has: the paper's ablations. A part that is not there is left out."""
    variants, left_out = [Variant(FULL, recipe, {})], []
    for name, changes in _WITHOUT.items():
        if why := _pointless(recipe, snapshot, changes):
            left_out.append(f"{name} is left out: {why}.")
        else:
            variants.append(Variant(name, replace(recipe, **changes), changes))
    return Study("ablation", recipe, tuple(variants), FULL, left_out=tuple(left_out))


def _pointless(recipe: Recipe, snapshot: Snapshot, changes: dict[str, Any]) -> str:
    """Why nothing would change; nothing where something does."""
    differing = [name for name, value in changes.items() if getattr(recipe, name) != value]
    if not differing:
        return f"recipe {recipe.name!r} has {', '.join(f'{name}: {value}' for name, value in changes.items())} already"
    if "correlation_neighbours" in changes and not recipe.converse_epochs:
        return f"recipe {recipe.name!r} trains no replies (converse_epochs), and only these use it"
    graphs = [name for name in differing if name in _EDGES]
    if graphs and not any(_has_edges(snapshot, name) for name in graphs):
        return f"the snapshot has no {' or '.join(_EDGES[name] for name in graphs)} edge"
    return ""


def _has_edges(snapshot: Snapshot, graph: str) -> bool:
    return bool(snapshot.manifest["relations"].get(_EDGES[graph], {"edges": 0})["edges"])


def numeric_fields() -> dict[str, str]:
    """Fields of a recipe that can be swept → int or float. The seed is none of them: every variant has all seeds."""
    return {one.name: str(one.type) for one in fields(Recipe) if one.type in ("int", "float") and one.name != "seed"}


def sweep(recipe: Recipe, snapshot: Snapshot, field: str, values: Sequence[float]) -> Study:
    """The recipe with each value of a numeric field, held against its own value, or the first.

    Raises RecipeError for a field that is not there or would change nothing here, for fewer than two values, and for
    one that makes no sense.
    """
    known = numeric_fields()
    if field not in known:
        raise RecipeError(f"A recipe has no number called {field!r} to be swept. There are {', '.join(sorted(known))}.")
    if field in _OF_REPLIES and not recipe.converse_epochs:
        raise RecipeError(f"Recipe {recipe.name!r} trains no replies (converse_epochs), and only these use {field}.")
    if field == "text_weight" and not all(_has_edges(snapshot, name) for name in ("text_graph", "image_graph")):
        raise RecipeError(
            "text_weight weighs the texts' graph against the pictures', and the snapshot has edges of one of them "
            "alone, so that λ is given (Eq. 14), whatever the recipe says."
        )
    if len(set(values)) < 2:
        raise RecipeError(f"Name two or more values of {field}: one alone compares with nothing.")
    variants = []
    for value in dict.fromkeys(values):
        if known[field] == "int" and int(value) != value:
            raise RecipeError(f"{field} is a whole number in a recipe, and {value} is none.")
        changes: dict[str, Any] = {field: int(value) if known[field] == "int" else float(value)}
        name = f"{field} {changes[field]}"
        variants.append(Variant(name, replace(recipe, **changes), changes, place=float(value)))
    own = [one.name for one in variants if one.recipe == recipe]
    return Study(f"sweep of {field}", recipe, tuple(variants), own[0] if own else variants[0].name, axis=field)


def curve(recipe: Recipe, shares: Sequence[float]) -> Study:
    """The recipe on shares of the training dialogues, above 0 and at most 1, held against the largest.

    Raises RecipeError for shares that are none, and for fewer than two.
    """
    if wrong := [share for share in shares if not 0 < share <= 1]:
        raise RecipeError(f"A share of the training dialogues lies above 0 and is at most 1; {wrong[0]} does not.")
    ordered = sorted(set(shares))
    if len(ordered) < 2:
        raise RecipeError("Name two or more shares of the training dialogues: one alone is no curve.")
    variants = tuple(Variant(f"share {share}", recipe, {}, share, place=share) for share in ordered)
    return Study("learning curve", recipe, variants, variants[-1].name, axis="share of the training dialogues")
