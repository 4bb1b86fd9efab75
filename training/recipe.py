"""Training recipes: one frozen set of options, read from commented YAML.

`load_recipe("demo")` reads a recipe that ships in training/recipes/; `load_recipe("mine.yaml")` reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from training.errors import RecipeError

__all__ = [
    "EPOCHS_FIELDS",
    "AnyRecipe",
    "EvidenceRecipe",
    "Recipe",
    "SumRecipe",
    "load_any_recipe",
    "load_recipe",
    "recipe_names",
]


EPOCHS_FIELDS = {"pretrain": "pretrain_epochs", "recommend": "epochs", "converse": "converse_epochs"}
"""Stage of MSCRS's training -> the field that says how often it goes through its examples."""


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run. Equation numbers are MSCRS's.

    Raises RecipeError when a value is of the wrong kind or makes no sense beside the others.
    """

    name: str  # what reports call it
    language_model: str  # published name, folder or hub name; `random-tiny` has random weights
    language_model_layers: int  # first layers kept; 0 keeps all
    context_encoder: str  # makes T of Eq. 17: published name, folder or hub name; `random-tiny` as above
    lora_rank: int = 0  # of adapters that learn in the language model's attention; 0 freezes it whole, as the paper
    dimension: int = 128  # d, width of entity embeddings
    bases: int = 8  # R-GCN basis matrices (Eq. 1)
    graph_layers: int = 3  # LightGCN layers L (Eq. 8)
    text_weight: float = 0.5  # λ (Eq. 14); becomes 1 where there are no pictures, 0 where there are no texts
    co_mention_graph: bool = True  # false goes without co-mentions, as if there were none (Eq. 6-8)
    text_graph: bool = True  # likewise without items of similar texts (Eq. 9-12)
    image_graph: bool = True  # likewise without items of similar pictures (Eq. 9-13)
    similar_items: int = 0  # k of Eq. 10, of those that the snapshot has for an item; 0 takes all
    co_mention_threshold: int = 1  # fewest co-mentions that make an edge (Eq. 6)
    leave_own_dialogue_out: bool = True  # a training step's graph lacks what its own dialogues counted (Eq. 6)
    prompt_rows: int = 24  # p (Eq. 17)
    prompt_entities: int = 24  # q (Eq. 17), newest first
    soft_rows: int = 8  # rows of O_rec (Eq. 19)
    context_tokens: int = 64  # newest tokens of s that the language model reads (Eq. 19)
    encoder_tokens: int = 64  # newest tokens of s that the frozen encoder reads, at least prompt_rows
    dropout: float = 0.0  # of the entity embeddings' numbers, in training
    fuse_weight: float = 0.1  # δ (Eq. 24)
    temperature: float = 0.1  # τ (Eq. 18)
    batch_size: int = 16  # turns a step
    converse_batch_size: int = 8  # the same for replies, which are longer
    pretrain_epochs: int = 1  # epochs of Eq. 21-22 before the recommendation task
    epochs: int = 6  # epochs of Eq. 23-24
    converse_epochs: int = 0  # epochs of Eq. 29 for the model that writes replies
    correlation_neighbours: int = 10  # k of the correlation semantic mapping (Eq. 25-26); 0 goes without it
    reply_tokens: int = 48  # of a reply that is learned from, and of one that is written
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up_steps: int = 30
    patience: int = 0  # epochs without a better validation figure after which a stage stops; 0 keeps the last epoch
    micro_batch_size: int = 0  # examples of a step that are read at once, to save memory; 0 reads them all
    bucket_batches: int = 0  # batches of a window in which chats of like length go together; 0 draws chats freely
    gradient_checkpointing: bool = False  # compute the language model's layers again on the way back, keep none
    precision: str = "float32"  # or bfloat16: of the language model's part of a training step
    seed: int = 0
    max_turns: int = 0  # train on this many turns, drawn by the seed, and find neighbours among them; 0 takes all

    def __post_init__(self) -> None:
        _check_kinds(self)
        _check_least(self, dict.fromkeys(_AT_LEAST_ONE, 1) | dict.fromkeys(_AT_LEAST_ZERO, 0))
        if not 0 <= self.dropout < 1:
            raise RecipeError(f"Recipe {self.name!r}: dropout lies between 0 and 1, and is not 1.")
        if not 0 <= self.text_weight <= 1:
            raise RecipeError(f"Recipe {self.name!r}: text_weight is λ of Eq. 14 and lies between 0 and 1.")
        if self.temperature <= 0 or self.learning_rate <= 0:
            raise RecipeError(f"Recipe {self.name!r}: temperature and learning_rate have to be above 0.")
        if self.precision not in ("float32", "bfloat16"):
            raise RecipeError(
                f"Recipe {self.name!r}: precision is {self.precision!r}, and has to be float32 or bfloat16."
            )
        if self.encoder_tokens < self.prompt_rows:
            raise RecipeError(
                f"Recipe {self.name!r}: encoder_tokens ({self.encoder_tokens}) has to reach prompt_rows "
                f"({self.prompt_rows}), since every prompt row holds one token of the encoder (Eq. 17)."
            )

    @property
    def pretrained(self) -> frozenset[str]:
        """Names of the pretrained models that it needs, beside those that made the graph's vectors."""
        return frozenset({self.language_model, self.context_encoder})

    def batch_size_of(self, stage: str) -> int:
        """How many examples a step takes."""
        return self.converse_batch_size if stage == "converse" else self.batch_size

    def epochs_of(self, stage: str) -> int:
        """How often a stage goes through its examples."""
        return int(getattr(self, EPOCHS_FIELDS[stage]))

    def as_dict(self) -> dict[str, Any]:
        """Every field, for a run folder's recipe.yaml."""
        return asdict(self)


@dataclass(frozen=True)
class EvidenceRecipe:
    """Every choice of the additive ranker over evidence (`training.evidence`).

    Raises RecipeError as `Recipe` does.
    """

    name: str  # what reports call it
    model: str = "evidence"  # which is how a recipe of this kind is told from MSCRS's
    seeds: int = 5  # fits whose curves are averaged
    seed: int = 0  # of the first of them
    knots: int = 8  # of every curve
    negatives: int = 150  # items drawn beside every label, in every epoch
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 2e-2
    weight_decay: float = 0.1
    rising_popularity: bool = False  # never let what nobody mentioned gain by that (docs/evidence.md)

    def __post_init__(self) -> None:
        _check_kinds(self)
        _check_least(self, {"seeds": 1, "knots": 3, "negatives": 1, "epochs": 1, "batch_size": 1})
        if self.learning_rate <= 0 or self.weight_decay < 0:
            raise RecipeError(f"Recipe {self.name!r}: learning_rate has to be above 0, and weight_decay not below it.")

    @property
    def pretrained(self) -> frozenset[str]:
        """No model, beside those that made the graph's vectors."""
        return frozenset()

    def as_dict(self) -> dict[str, Any]:
        """Every field, for a run folder's recipe.yaml."""
        return asdict(self)


@dataclass(frozen=True)
class SumRecipe:
    """Every choice of the served sum of both scorers (`training.sum_training`).

    Raises RecipeError as `Recipe` does.
    """

    name: str  # what reports call it
    evidence: EvidenceRecipe  # in a file: the name of a recipe, its fields, or `recipe: NAME` and what differs
    mscrs: Recipe  # as above
    model: str = "evidence+mscrs"  # which is how a recipe of this kind is told from the others
    folds: int = 2  # of the training dialogues, on which the weights of the sum are learned
    seed: int = 0  # of the folds

    def __post_init__(self) -> None:
        if not isinstance(self.evidence, EvidenceRecipe) or not isinstance(self.mscrs, Recipe):
            raise RecipeError(f"Recipe {self.name!r}: evidence and mscrs name a recipe of these models each.")
        _check_kinds(self)
        _check_least(self, {"folds": 2})

    @property
    def pretrained(self) -> frozenset[str]:
        """Names of the pretrained models that it needs, beside those that made the graph's vectors."""
        return self.mscrs.pretrained

    def as_dict(self) -> dict[str, Any]:
        """Every field, for a run folder's recipe.yaml."""
        return asdict(self)


AnyRecipe = Recipe | EvidenceRecipe | SumRecipe


def _check_kinds(recipe: AnyRecipe) -> None:
    for field in fields(recipe):
        value, kind = getattr(recipe, field.name), str(field.type)
        if kind not in ("str", "bool", "int", "float"):
            continue
        fits = {
            "str": isinstance(value, str) and bool(value),
            "bool": isinstance(value, bool),
            "int": isinstance(value, int) and not isinstance(value, bool),
            "float": isinstance(value, int | float) and not isinstance(value, bool),
        }[kind]
        if not fits:
            hint = " (YAML reads 1e-3 as text: write 1.0e-3)" if kind == "float" and isinstance(value, str) else ""
            raise RecipeError(f"Recipe field {field.name} is {value!r}, and has to be of type {kind}{hint}.")


def _check_least(recipe: AnyRecipe, smallest: Mapping[str, int]) -> None:
    for name, least in smallest.items():
        if getattr(recipe, name) < least:
            raise RecipeError(f"Recipe {recipe.name!r}: {name} is {getattr(recipe, name)}, the least is {least}.")


_AT_LEAST_ONE = (
    "dimension", "bases", "graph_layers", "co_mention_threshold", "prompt_rows", "prompt_entities",
    "context_tokens", "encoder_tokens", "batch_size", "converse_batch_size", "epochs", "reply_tokens",
)  # fmt: skip
_AT_LEAST_ZERO = (
    "language_model_layers",
    "lora_rank",
    "pretrain_epochs",
    "converse_epochs",
    "correlation_neighbours",
    "similar_items",
    "soft_rows",
    "fuse_weight",
    "weight_decay",
    "warm_up_steps",
    "max_turns",
    "patience",
    "micro_batch_size",
    "bucket_batches",
)


def recipe_names() -> list[str]:
    """Names of the recipes that ship."""
    folder = resources.files("training.recipes")
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def load_recipe(name_or_file: str | Path) -> Recipe:
    """Read a recipe of MSCRS; raises RecipeError as `load_any_recipe` does, and for one of another model."""
    recipe = load_any_recipe(name_or_file)
    if not isinstance(recipe, Recipe):
        raise RecipeError(f"Recipe {name_or_file} is not one of MSCRS: it trains {recipe.model!r}.")
    return recipe


def load_any_recipe(name_or_file: str | Path) -> AnyRecipe:
    """Read a shipped recipe by name, or any recipe by file.

    Raises RecipeError: no such recipe, not YAML, an unknown or a missing field.
    """
    text = _read(str(name_or_file))
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"Recipe {name_or_file} is not valid YAML: {error}") from error
    return _recipe_of(values, str(name_or_file))


def _recipe_of(values: Any, name: str) -> AnyRecipe:
    if not isinstance(values, dict):
        raise RecipeError(f"Recipe {name} has to hold `field: value` lines.")
    kinds: dict[str, type[AnyRecipe]] = {"evidence": EvidenceRecipe, "evidence+mscrs": SumRecipe}
    kind = kinds.get(str(values.get("model")), Recipe)
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(map(str, values)) - known):
        raise RecipeError(f"Recipe {name}: no field {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    if kind is SumRecipe:
        values = {field: _part(field, value, name) for field, value in values.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise RecipeError(f"Recipe {name} lacks a field: {error}") from error


def _part(field: str, value: Any, name: str) -> Any:
    """A field of a sum's recipe, whose parts are named, named with changes, or written out."""
    if field not in ("evidence", "mscrs"):
        return value
    if isinstance(value, str):
        return load_any_recipe(value)
    if isinstance(value, dict) and "recipe" in value:
        changes = {key: changed for key, changed in value.items() if key != "recipe"}
        value = {**load_any_recipe(value["recipe"]).as_dict(), **changes}
    return _recipe_of(value, f"{name}, {field}")


def _read(name_or_file: str) -> str:
    if name_or_file in recipe_names():
        return (resources.files("training.recipes") / f"{name_or_file}.yaml").read_text(encoding="utf-8")
    path = Path(name_or_file)
    if not path.is_file():
        raise RecipeError(f"No recipe {name_or_file!r}: shipped are {', '.join(recipe_names())}, or name a YAML file.")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"Recipe {path} cannot be read: {error}") from error
