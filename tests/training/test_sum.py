"""The sum of both scorers: what it learns its weights on, how it goes on, and that it is a sum."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from graphstore.dialogues import Turn
from tests.training.director_world import director_uri, film, write_director_world
from training.cross_validation import HeldOutMSCRS, cross_validate
from training.errors import RunError, TrainingError
from training.evidence.fitting import Candidates
from training.evidence.ranker import EvidenceRecommender
from training.examples import pretraining_examples, recommendation_examples
from training.folds import folds_of
from training.graphs import CoMentions
from training.instances import Context, split_instances
from training.loop import Interrupted, train
from training.models.additive import Curves
from training.progress import Progress
from training.recipe import SumRecipe
from training.recommender import Recommender
from training.runs import RunFolder
from training.sum_recommender import SumRecommender, Weights
from training.sum_training import begin_with, fit_weights

NO_CACHE = Path("no-cache-needed")
CHATS = [
    Context(()),
    Context((Turn("seeker", "I liked Film 1-6.", items=(film(1, 6),)),)),
    Context((Turn("seeker", "Both", items=(film(0, 3), film(5, 7)), entities=(director_uri(2),)),)),
]


def test_every_fold_is_judged_by_a_run_that_does_not_know_it(director_sum_run: RunFolder) -> None:
    snapshot, recipe = director_sum_run.snapshot(), director_sum_run.recipe
    assert isinstance(recipe, SumRecipe)
    runs = [director_sum_run.part(f"folds/{number}") for number in range(recipe.folds)]
    known = {dialogue.id for dialogue in snapshot.dialogues("train")}
    assert set.union(*(set(run.held_out()) for run in runs)) == known
    assert sum(len(run.held_out()) for run in runs) == len(known)
    assert not director_sum_run.part("mscrs").held_out()


def test_what_is_held_out_is_in_no_count_and_no_example(director_sum: SumRecommender) -> None:
    snapshot, assembly = director_sum.snapshot, director_sum.mscrs.assembly
    held_out = {dialogue.id for dialogue in snapshot.dialogues("train") if "/1-" in dialogue.id}
    assert held_out
    counts, fewer = (CoMentions.of(snapshot, assembly.recipe, without) for without in ((), held_out))
    expected = counts.graph(without=held_out).whole().matrix.to_dense()
    assert torch.equal(fewer.graph().whole().matrix.to_dense(), expected)
    assert not torch.equal(counts.graph().whole().matrix.to_dense(), expected)
    for maker in (pretraining_examples, recommendation_examples):
        every = set(maker(snapshot, assembly.recipe, assembly.reader).dialogues)
        assert set(maker(snapshot, assembly.recipe, assembly.reader, None, held_out).dialogues) == every - held_out


def test_the_score_is_the_weighted_sum_of_its_parts(director_sum: SumRecommender) -> None:
    weights = director_sum.weights
    evidence, mscrs = (part.scores(CHATS) for part in director_sum.parts)
    np.testing.assert_allclose(director_sum.scores(CHATS), weights.evidence * evidence + weights.mscrs * mscrs)


def test_an_edge_that_both_use_is_one_term(director_sum: SumRecommender) -> None:
    """Film 1-0 and 1-1 are mentioned together: the evidence of the chat, and an edge of MSCRS's graph."""
    evidence = director_sum.evidence
    rising = Curves(evidence.curves.knots, evidence.curves.knots).from_nought()  # each gives its evidence as it is
    heard = EvidenceRecommender(evidence.snapshot, evidence.recipe, rising, evidence.encoder)
    director_sum = SumRecommender(director_sum.recipe, heard, director_sum.mscrs, Weights(2.0, 0.5))
    chat = Context((Turn("seeker", "", items=(film(1, 0),)),))
    values = []
    for part in (*director_sum.parts, director_sum):
        found = [
            term for term in part.explain(chat, film(1, 1)).terms
            if term.graph == "co_mention" and term.source == film(1, 0)
        ]  # fmt: skip
        assert len(found) == 1
        values.append(found[0].value)
    of_evidence, of_mscrs, of_both = values
    assert of_both == pytest.approx(2.0 * of_evidence + 0.5 * of_mscrs)


def test_a_sum_that_was_stopped_goes_on_where_it_was(director_sum_run: RunFolder, tmp_path: Path) -> None:
    recipe = director_sum_run.recipe
    assert isinstance(recipe, SumRecipe)
    shorter = replace(recipe, mscrs=replace(recipe.mscrs, pretrain_epochs=0, epochs=1))
    snapshot = write_director_world(tmp_path / "snapshot")
    whole, parts = (RunFolder.create(tmp_path / name, shorter, snapshot) for name in ("whole", "parts"))
    train(whole, NO_CACHE, device="cpu")
    messages = []
    while not parts.finished:
        with contextlib.suppress(Interrupted):
            try:
                train(parts, NO_CACHE, device="cpu", stopped=lambda: True)
            except Interrupted as error:
                messages.append(str(error))
                raise
        assert len(messages) < 20
    assert len(messages) > 3
    assert {f"Stopped. Go on: tellgraph train --run {parts.path} --resume"} == set(messages)
    one, other = (Recommender.load(run.path, NO_CACHE, device="cpu") for run in (whole, parts))
    np.testing.assert_allclose(one.scores(CHATS), other.scores(CHATS), rtol=1e-5)


def test_a_sum_begins_with_a_run_that_is_done(director_sum_run: RunFolder, tmp_path: Path) -> None:
    """The folds learn by that run's recipe, and the sum is the one that was trained whole."""
    both = director_sum_run.recipe
    assert isinstance(both, SumRecipe)
    trained = RunFolder(shutil.copytree(director_sum_run.path / "mscrs", tmp_path / "trained"))
    trained.write_json("evaluation.json", {})
    other = replace(both, mscrs=replace(both.mscrs, name="another", learning_rate=0.5))

    run = begin_with(tmp_path / "run", other, trained)
    assert run.recipe == replace(both, name=f"{both.mscrs.name}+evidence")
    train(run, NO_CACHE, device="cpu")

    assert not (run.path / "mscrs" / "evaluation.json").exists()
    assert (run.path / "mscrs" / "model.safetensors").samefile(trained.path / "model.safetensors"), "trained anew"
    for mine, its in ((run, director_sum_run), (run.part("folds/0"), director_sum_run.part("folds/0"))):
        assert all(torch.equal(value, its.load_model()[name]) for name, value in mine.load_model().items())


def test_a_sum_does_not_begin_with_what_is_no_whole_run(director_sum_run: RunFolder, tmp_path: Path) -> None:
    both = director_sum_run.recipe
    assert isinstance(both, SumRecipe)
    unfinished = RunFolder.create(tmp_path / "unfinished", both.mscrs, director_sum_run.snapshot())
    for sentence, trained in {
        "no run of MSCRS alone": director_sum_run.part("evidence"),
        "--resume, for stage": unfinished,
        "without some dialogues": director_sum_run.part("folds/1"),
    }.items():
        with pytest.raises(RunError, match=sentence):
            begin_with(tmp_path / "run", both, trained)
        assert not (tmp_path / "run").exists()
    whole = director_sum_run.part("mscrs")
    with pytest.raises(RunError, match="lies inside"):
        begin_with(whole.path / "both", both, whole)
    assert not (whole.path / "both").exists()


def test_weights_that_do_not_fit_are_said_before_anything_is_trained_beside_them(
    director_sum_run: RunFolder, tmp_path: Path
) -> None:
    both = director_sum_run.recipe
    assert isinstance(both, SumRecipe)
    trained = RunFolder(shutil.copytree(director_sum_run.path / "mscrs", tmp_path / "trained"))
    for number, (weights, sentence) in enumerate(
        ((b"\x08\0\0\0\0\0\0\0{}      cut", "cannot be read"), (None, "do not fit its recipe and snapshot"))
    ):
        if weights is None:
            trained.save_model({"another": torch.zeros(1)})
        else:
            (trained.path / "model.safetensors").unlink()
            (trained.path / "model.safetensors").write_bytes(weights)
        run = begin_with(tmp_path / f"run{number}", both, trained)
        with pytest.raises(RunError, match=sentence) as raised:
            train(run, NO_CACHE, device="cpu")
        assert "\n" not in str(raised.value)
        assert not (run.path / "folds").exists()


def test_a_sum_that_could_not_take_all_of_a_run_is_no_run(
    director_sum_run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = director_sum_run.recipe
    assert isinstance(both, SumRecipe)

    def full(source: str, target: str) -> None:
        if source.endswith("mscrs/model.safetensors"):
            raise OSError(28, "No space left on device")
        shutil.copy2(source, target)

    monkeypatch.setattr("training.runs._link", full)
    with pytest.raises(shutil.Error, match="No space left"):
        begin_with(tmp_path / "run", both, director_sum_run.part("mscrs"))
    with pytest.raises(RunError, match="no run folder"):
        RunFolder.open(tmp_path / "run")


def test_weights_are_found_again_and_noise_gets_none() -> None:
    """Labels drawn by softmax over 3 a - 1 noise: the weight of `a` is 3, and of what speaks against labels, none."""
    generator = np.random.default_rng(0)
    instances, items = 4_000, 40
    telling, noise = generator.normal(size=(2, instances, items))
    chances = np.exp(3 * telling)
    labels = np.array([generator.choice(items, p=row / row.sum()) for row in chances])
    rest = np.array([np.delete(np.arange(items), label) for label in labels])
    order = np.concatenate([labels[:, None], rest], axis=1)
    candidates = Candidates(np.empty(0, np.float32), order, np.empty(0, object), items - 1)
    scores = np.stack([np.take_along_axis(one, order, axis=1) for one in (telling, noise)])
    weights, _ = fit_weights(scores, candidates)
    assert weights.evidence == pytest.approx(3, abs=0.15)
    assert weights.mscrs < 0.1
    scores[1, :, 0] -= 5  # what ranks every label low
    weights, _ = fit_weights(scores, candidates)
    assert weights.mscrs == 0
    assert weights.evidence == pytest.approx(3, abs=0.15)
    scores[0, :, 0] -= 20
    with pytest.raises(TrainingError, match="Neither scorer"):
        fit_weights(scores, candidates)


def test_too_few_dialogues_for_the_folds_are_said_before_anything_is_trained(
    director_sum_run: RunFolder, tmp_path: Path
) -> None:
    recipe = director_sum_run.recipe
    assert isinstance(recipe, SumRecipe)
    run = RunFolder.create(tmp_path / "run", replace(recipe, folds=1_000), director_sum_run.snapshot())
    with pytest.raises(TrainingError, match="too few training dialogues"):
        train(run, NO_CACHE, device="cpu")
    assert not (run.path / "mscrs").exists()


def test_folds_keep_a_dialogue_together_and_are_even() -> None:
    dialogues = [f"d{number % 7}" for number in range(50)]
    fold = folds_of(dialogues, 3, seed=1)
    assert len({(dialogue, number) for dialogue, number in zip(dialogues, fold.tolist(), strict=True)}) == 7
    sizes = np.bincount([fold[dialogues.index(name)] for name in set(dialogues)])
    assert sorted(sizes.tolist()) == [2, 2, 3]


def test_cross_validation_ranks_with_what_was_held_out(director_sum_run: RunFolder) -> None:
    recipe = director_sum_run.recipe
    assert isinstance(recipe, SumRecipe)
    held_out = HeldOutMSCRS.of_run(director_sum_run, recipe, NO_CACHE, Progress())
    snapshot = director_sum_run.snapshot()
    instances = split_instances(snapshot, "train")
    run = director_sum_run.part("folds/0")
    row = next(row for row, one in enumerate(instances) if one.dialogue_id in run.held_out())
    alone = Recommender.load(run.path, NO_CACHE, device="cpu").scores([instances[row].context])[0]
    np.testing.assert_allclose(held_out.logits[row], alone, rtol=1e-5, atol=1e-6)  # float32, and some are near 0
    encoder = Recommender.load(director_sum_run.part("evidence").path, NO_CACHE).encoder  # type: ignore[attr-defined]
    report = cross_validate(snapshot, recipe.evidence, encoder, mscrs=held_out)
    assert list(report.systems) == ["popularity", "evidence", "mscrs", "evidence+mscrs"]
    assert set(report.paired["evidence+mscrs"]) == {"popularity", "evidence", "mscrs"}
    assert report.columns["all"].instances == len(instances)


def test_a_part_that_is_gone_is_named(director_sum_run: RunFolder, tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", director_sum_run.recipe, director_sum_run.snapshot())
    run.save_model(director_sum_run.load_model())
    with pytest.raises(RunError, match="evidence is no run folder"):
        Recommender.load(run.path, NO_CACHE)
