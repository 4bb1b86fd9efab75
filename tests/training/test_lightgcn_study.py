"""LightGCN on users and items: it learns blocks that popularity cannot see, and a seed decides its figures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.training.block_world import ITEMS, USERS, write_block_world
from training.errors import Interrupted, TrainingError
from training.interactions import InteractionSplit, read_split
from training.lightgcn_options import LightGCNOptions
from training.lightgcn_study import LIGHTGCN, study_lightgcn
from training.lightgcn_training import bpr_loss, draw_negatives, train_lightgcn
from training.progress import Progress

OPTIONS = LightGCNOptions(layers=2, dimension=16, learning_rate=0.02, batch_size=128, epochs=40, patience=10)


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> InteractionSplit:
    folder = write_block_world(tmp_path_factory.mktemp("blocks"))
    return read_split(folder, folder / "test.json")


def test_blocks_are_learned_and_popularity_knows_nothing_of_them(split: InteractionSplit) -> None:
    found = study_lightgcn(split, OPTIONS, resamples=200)
    for part in ("val", "test"):
        own, popular = found.figures[part][LIGHTGCN]["recall@10"], found.figures[part]["popularity"]["recall@10"]
        assert own.value == 1.0
        assert popular.value is not None
        assert popular.high is not None
        assert popular.value < 0.5
        assert own.n == USERS
    assert found.interactions == {"train": 6 * USERS, "val": USERS, "test": USERS}
    assert (found.users, found.items, found.split) == (USERS, ITEMS, "test")
    figures = found.as_json()
    assert figures["recall@20"] == figures["figures"]["test"][LIGHTGCN]["recall@20"]["value"]
    assert figures["options"]["layers"] == 2


def test_the_test_part_is_only_ranked(split: InteractionSplit) -> None:
    """Without it, the same epoch is kept and val has the same figures."""
    options = replace(OPTIONS, epochs=5)
    with_test = study_lightgcn(split, options, resamples=0)
    without = study_lightgcn(replace(split, test=None), options, resamples=0)
    assert (without.split, tuple(without.figures)) == ("val", ("val",))
    assert without.figures["val"] == with_test.figures["val"]
    assert without.best_epoch == with_test.best_epoch


def test_the_same_seed_gives_the_same_figures(split: InteractionSplit) -> None:
    def figures(seed: int) -> dict[str, Any]:
        found = study_lightgcn(split, replace(OPTIONS, epochs=3, seed=seed), resamples=50).as_json()
        return {name: value for name, value in found.items() if name not in ("seconds", "options")}

    assert figures(0) == figures(0)
    assert figures(0) != figures(1)


class _Heard(Progress):
    def __init__(self) -> None:
        self.recalls: list[float] = []

    def advance(self, done: int, **figures: float) -> None:
        self.recalls.append(figures["recall"])


def test_training_ends_after_its_patience_and_keeps_the_best_epoch(split: InteractionSplit) -> None:
    heard = _Heard()
    trained = train_lightgcn(split, replace(OPTIONS, patience=3), progress=heard)
    assert len(heard.recalls) == trained.epochs == trained.best_epoch + 3
    assert heard.recalls.index(max(heard.recalls)) == trained.best_epoch - 1
    assert not trained.stopped


def test_who_stops_the_training_gets_the_best_epoch_so_far(split: InteractionSplit) -> None:
    heard = _Heard()
    trained = train_lightgcn(split, OPTIONS, progress=heard, stopped=lambda: len(heard.recalls) == 2)
    assert (trained.epochs, trained.stopped) == (2, True)
    with pytest.raises(Interrupted, match="before the first epoch ended"):
        train_lightgcn(split, OPTIONS, stopped=lambda: True)


def test_a_loss_that_is_no_number_is_a_sentence(split: InteractionSplit) -> None:
    with pytest.raises(TrainingError, match="smaller --learning-rate"):
        train_lightgcn(split, replace(OPTIONS, learning_rate=1e30))


def test_the_loss_is_equation_15() -> None:
    """One user, two triples: margins 2 and -1, and squares that add up to 30."""
    rows = torch.tensor([[1.0, 0.0]] * 2 + [[2.0, 5.0], [0.0, 5.0]] + [[0.0, 9.0], [1.0, 9.0]])
    own = torch.tensor([[1.0], [1.0], [2.0], [2.0], [2.0], [4.0]])
    expected = (math.log1p(math.exp(-2)) + math.log1p(math.exp(1))) / 2 + 0.1 / 2 * 30 / 2
    assert bpr_loss(rows, own, 0.1).item() == pytest.approx(expected)


def test_negatives_are_what_a_user_has_not_and_each_of_them_comes() -> None:
    owned = {0: [0, 1, 2, 4], 2: [1, 3]}
    keys = torch.tensor(sorted(user * 5 + item for user, items in owned.items() for item in items))
    users = torch.tensor([0, 1, 2]).repeat(400)
    drawn = draw_negatives(users, keys, 5, torch.Generator().manual_seed(0))
    for user in range(3):
        expected = set(range(5)) - set(owned.get(user, []))
        counts = drawn[users == user].bincount(minlength=5)
        assert set(counts.nonzero().flatten().tolist()) == expected
        assert counts[sorted(expected)].min() > 400 / len(expected) / 2
