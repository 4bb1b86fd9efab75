"""A small trained run, made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.director_world import write_director_world
from training.loop import train
from training.mscrs_recommender import MSCRSRecommender
from training.recipe import SumRecipe, load_any_recipe, load_recipe
from training.recommender import Recommender
from training.runs import RunFolder
from training.sum_recommender import SumRecommender


@pytest.fixture(scope="session")
def director_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished `tiny` training on the director world."""
    folder = tmp_path_factory.mktemp("director")
    snapshot = write_director_world(folder / "snapshot")
    # Aligning prompts with what random weights make of words would only disturb: no fuse loss.
    recipe = replace(load_recipe("tiny"), epochs=120, learning_rate=1e-2, fuse_weight=0.0)
    run = RunFolder.create(folder / "run", recipe, snapshot)
    train(run, Path("no-cache-needed"), device="cpu")
    return run


@pytest.fixture(scope="session")
def director_sum_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished training of both scorers on the director world, for a moment: it ranks by chance, and adds up."""
    folder = tmp_path_factory.mktemp("sum")
    both = load_any_recipe("tiny+evidence")
    assert isinstance(both, SumRecipe)
    recipe = replace(
        both,
        mscrs=replace(both.mscrs, pretrain_epochs=1, epochs=2),
        evidence=replace(both.evidence, seeds=1, negatives=40, epochs=4, batch_size=16),
    )
    run = RunFolder.create(folder / "run", recipe, write_director_world(folder / "snapshot"))
    train(run, Path("no-cache-needed"), device="cpu")
    return run


@pytest.fixture(scope="session")
def director_sum(director_sum_run: RunFolder) -> SumRecommender:
    """The same run, loaded from its folder."""
    recommender = Recommender.load(director_sum_run.path, Path("no-cache-needed"), device="cpu")
    assert isinstance(recommender, SumRecommender)
    return recommender


@pytest.fixture(params=["evidence", "mscrs", "evidence+mscrs"])
def any_recommender(request: pytest.FixtureRequest, director_sum: SumRecommender) -> Recommender:
    """Each of the scorers in turn, of one training."""
    return {one.name: one for one in (*director_sum.parts, director_sum)}[request.param]


@pytest.fixture(scope="session")
def director_recommender(director_run: RunFolder) -> MSCRSRecommender:
    """The same run, loaded from its folder."""
    recommender = Recommender.load(director_run.path, Path("no-cache-needed"), device="cpu")
    assert isinstance(recommender, MSCRSRecommender)
    return recommender
