"""Recipes: the shipped ones load, and a wrong one is refused with its reason."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml

from training.errors import RecipeError
from training.recipe import Recipe, SumRecipe, load_any_recipe, load_recipe, recipe_names

MINIMAL = "name: mine\nlanguage_model: random-tiny\nlanguage_model_layers: 0\ncontext_encoder: random-tiny\n"


def test_these_recipes_ship() -> None:
    assert recipe_names() == [
        "demo", "demo+evidence", "evidence", "inspired", "inspired+evidence",
        "paper", "small", "small+evidence", "tiny", "tiny+evidence",
    ]  # fmt: skip


@pytest.mark.parametrize("name", recipe_names())
def test_a_shipped_recipe_loads_under_its_name(name: str) -> None:
    assert load_any_recipe(name).name == name


@pytest.mark.parametrize("name", ["small", "paper"])
def test_these_train_every_stage(name: str) -> None:
    recipe = load_recipe(name)
    assert all(recipe.epochs_of(stage) for stage in ("pretrain", "recommend", "converse"))


def test_paper_says_what_the_paper_says() -> None:
    paper = load_recipe("paper")
    assert (paper.language_model, paper.context_encoder) == ("microsoft/DialoGPT-small", "roberta-base")
    assert (paper.graph_layers, paper.batch_size, paper.text_weight) == (3, 64, 0.5)
    assert paper.converse_batch_size == 8
    assert 10 <= paper.prompt_rows <= 50
    assert 1e-5 <= paper.learning_rate <= 1e-3


def test_a_file_is_read_and_survives_the_round_trip(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINIMAL + "seed: 7\n")
    recipe = load_recipe(file)
    assert recipe.seed == 7
    assert set(recipe.as_dict()) == {field.name for field in fields(Recipe)}


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("lambda: 0.3", "no field lambda"),
        ("epochs: many", "epochs is 'many'"),
        ("epochs: 0", "epochs is 0"),
        ("learning_rate: 1e-3", "1.0e-3"),
        ("text_weight: 2.0", "λ"),
        ("temperature: 0.0", "above 0"),
        ("leave_own_dialogue_out: 1", "leave_own_dialogue_out is 1"),
        ("prompt_rows: 65", "encoder_tokens"),
        ("precision: float16", "precision is 'float16', and has to be float32 or bfloat16"),
        ("patience: -1", "patience is -1"),
        ("seed: [1", "not valid YAML"),
    ],
)
def test_a_wrong_recipe_is_refused_with_its_reason(tmp_path: Path, added: str, reason: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINIMAL + added + "\n")
    with pytest.raises(RecipeError, match=reason):
        load_recipe(file)


def test_a_missing_field_and_a_missing_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\n")
    with pytest.raises(RecipeError, match="language_model"):
        load_recipe(file)
    with pytest.raises(
        RecipeError,
        match=re.escape(f"shipped are {', '.join(recipe_names())}"),
    ):
        load_recipe("smal")
    file.write_text("- a\n- list\n")
    with pytest.raises(RecipeError, match="field: value"):
        load_recipe(file)


def test_a_recipe_of_another_model_is_no_recipe_of_mscrs() -> None:
    with pytest.raises(RecipeError, match="evidence"):
        load_recipe("evidence")


def test_a_sum_takes_its_parts_by_name_or_written_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nmodel: evidence+mscrs\nevidence: evidence\nmscrs: {name: part, mscrs: none}\n")
    with pytest.raises(RecipeError, match="mscrs: no field mscrs"):
        load_any_recipe(file)
    file.write_text("name: mine\nmodel: evidence+mscrs\nevidence: tiny\nmscrs: tiny\n")
    with pytest.raises(RecipeError, match="a recipe of these models each"):
        load_any_recipe(file)
    file.write_text("name: mine\nmodel: evidence+mscrs\nevidence: evidence\nmscrs: tiny\nfolds: 1\n")
    with pytest.raises(RecipeError, match="folds is 1"):
        load_any_recipe(file)
    file.write_text("name: mine\nmodel: evidence+mscrs\nevidence: evidence\nmscrs: tiny\n")
    recipe = load_any_recipe(file)
    assert isinstance(recipe, SumRecipe)
    file.write_text("name: mine\nmodel: evidence+mscrs\nevidence: evidence\nmscrs: {recipe: tiny, epochs: 2}\n")
    changed = load_any_recipe(file)
    assert isinstance(changed, SumRecipe)
    assert changed.mscrs == replace(load_recipe("tiny"), epochs=2)
    file.write_text("name: mine\nmodel: evidence+mscrs\nevidence: evidence\nmscrs: {recipe: tiny, epoch: 2}\n")
    with pytest.raises(RecipeError, match="no field epoch"):
        load_any_recipe(file)
    assert recipe.mscrs == load_recipe("tiny")
    file.write_text(yaml.safe_dump(recipe.as_dict()))
    assert load_any_recipe(file) == recipe


def test_an_evidence_recipe_names_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nmodel: evidence\nknots: 2\n")
    with pytest.raises(RecipeError, match="knots is 2"):
        load_any_recipe(file)
