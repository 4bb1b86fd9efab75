"""Adapters in a frozen language model: they alone learn, each task has its own, the weights are held once."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from graphstore.dialogues import Turn
from graphstore.snapshot import Snapshot
from tests.training.director_world import film, write_director_world
from training.assembly import Assembly, assemble
from training.errors import RecipeError
from training.instances import Context
from training.loop import Interrupted, train
from training.models.adapters import adapted
from training.mscrs_recommender import MSCRSRecommender
from training.recipe import Recipe, load_recipe
from training.recommender import Recommender
from training.replies import Replier
from training.runs import RunFolder

NO_CACHE = Path("no-cache-needed")
SHORT = replace(load_recipe("tiny"), pretrain_epochs=1, epochs=1, converse_epochs=1, reply_tokens=8, learning_rate=1e-2)
ASKED = Context((Turn("seeker", "I liked Film 2-6. What else is there?", items=(film(2, 6),)),))


def gpt2() -> Any:
    """A random language model of the other shape; `random-tiny` is a Llama."""
    config = transformers.GPT2Config(
        vocab_size=384, n_embd=32, n_layer=1, n_head=2, n_positions=128, bos_token_id=1, eos_token_id=1
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return transformers.GPT2LMHeadModel(config)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write_director_world(tmp_path_factory.mktemp("world") / "snapshot")


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def recipe(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Adapters of rank 2 in a language model of either shape."""
    if request.param == "llama":
        return replace(SHORT, lora_rank=2)
    folder = tmp_path_factory.mktemp("gpt2")
    gpt2().save_pretrained(folder)
    transformers.ByT5Tokenizer(extra_ids=0).save_pretrained(folder)
    return replace(SHORT, lora_rank=2, language_model=str(folder))


@pytest.fixture(scope="module")
def run(recipe: Recipe, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """All three stages, trained without a stop."""
    run = RunFolder.create(tmp_path_factory.mktemp("adapters") / "run", recipe, snapshot)
    train(run, NO_CACHE, device="cpu")
    return run


def loaded(run: RunFolder) -> MSCRSRecommender:
    recommender = Recommender.load(run.path, NO_CACHE, "cpu")
    assert isinstance(recommender, MSCRSRecommender)
    return recommender


def adapters(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: weights for name, weights in model.state_dict().items() if name.startswith("adapters.")}


def test_rank_0_is_the_frozen_model_itself_and_needs_no_peft(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)  # importing it now fails
    assembly = assemble(snapshot, SHORT, NO_CACHE, "cpu")
    assert assembly.model.language_model is assembly.backbone.model
    assert assembly.conversation().causal is assembly.backbone.causal
    assert not adapters(assembly.model)
    assert not adapters(assembly.conversation())


def test_untrained_adapters_change_nothing_and_share_every_weight(snapshot: Snapshot, recipe: Recipe) -> None:
    assembly = assemble(snapshot, recipe, NO_CACHE, "cpu")
    plain = assemble(snapshot, replace(recipe, lora_rank=0), NO_CACHE, "cpu")
    read = assembly.reader.read([ASKED]).batch([0])
    for one in (assembly, plain):
        one.model.eval()
    final = assembly.final(assembly.model.encoder)
    with torch.inference_mode():
        assert torch.equal(assembly.model(final, read)[0], plain.model(final, read)[0])
    base = {weights.data_ptr() for weights in assembly.backbone.causal.parameters()}
    for model in (assembly.model.language_model, assembly.conversation().causal):
        frozen = {weights.data_ptr() for weights in model.parameters() if not weights.requires_grad}
        assert frozen <= base


def test_training_moves_the_adapters_and_no_weight_of_the_language_model(
    run: RunFolder, recipe: Recipe, snapshot: Snapshot
) -> None:
    untouched = assemble(snapshot, recipe, NO_CACHE, "cpu")
    recommender = loaded(run)
    replier = Replier.of_run(run, recommender)
    fresh = dict(untouched.backbone.causal.state_dict())
    for name, weights in recommender.assembly.backbone.causal.state_dict().items():
        assert torch.equal(weights, fresh[name])
    for trained, drawn in (
        (recommender.assembly.model, untouched.model),
        (replier.model, untouched.conversation()),
    ):
        before, after = adapters(drawn), adapters(trained)
        assert before.keys() == after.keys() != set()
        assert all(not before[name].any() for name in before if ".B." in name)
        assert all(not torch.equal(before[name], after[name]) for name in before)


def test_each_task_has_adapters_of_its_own_and_neither_disturbs_the_other(run: RunFolder) -> None:
    recommender = loaded(run)
    replier = Replier.of_run(run, recommender)
    said, scores = replier.replies([ASKED]), recommender.scores([ASKED])
    ranking, replying = adapters(recommender.assembly.model), adapters(replier.model)
    assert ranking.keys() == replying.keys()
    assert not any(torch.equal(weights, replying[name]) for name, weights in ranking.items())
    for weights in replier.model.adapters.parameters():
        weights.data.add_(1)
    assert (recommender.scores([ASKED]) == scores).all()
    for weights in recommender.assembly.model.adapters.parameters():
        weights.data.add_(1)
    assert (recommender.scores([ASKED]) != scores).any()
    assert Replier.of_run(run, recommender).replies([ASKED]) == said


def test_a_training_that_was_stopped_anywhere_ends_with_the_same_adapters(
    run: RunFolder, recipe: Recipe, snapshot: Snapshot, tmp_path: Path
) -> None:
    parts = RunFolder.create(tmp_path / "parts", recipe, snapshot)
    while not parts.has("converse"):
        with contextlib.suppress(Interrupted):
            train(parts, NO_CACHE, device="cpu", stopped=lambda: True)
    for stage in ("pretrain", "recommend", "converse"):
        expected, found = run.load_model(stage), parts.load_model(stage)
        assert any(name.startswith("adapters.") for name in expected)
        assert expected.keys() == found.keys()
        assert all(torch.equal(found[name], weights) for name, weights in expected.items())


def test_replies_start_from_adapters_as_they_were_drawn(snapshot: Snapshot, recipe: Recipe, tmp_path: Path) -> None:
    still = replace(recipe, learning_rate=1e-12, weight_decay=0.0)
    run = RunFolder.create(tmp_path / "run", recipe, snapshot)
    train(run, NO_CACHE, device="cpu", stages=["pretrain"])
    run.write_recipe(still)
    train(run, NO_CACHE, device="cpu")
    pretrained, ranking, replying = (run.load_model(stage) for stage in ("pretrain", "recommend", "converse"))
    drawn = adapters(assemble(snapshot, recipe, NO_CACHE, "cpu").conversation())
    for name, weights in drawn.items():
        torch.testing.assert_close(replying[name], weights)
        torch.testing.assert_close(ranking[name], pretrained[name])
        assert not torch.equal(pretrained[name], weights)


def test_every_score_is_still_the_sum_of_its_terms(run: RunFolder) -> None:
    recommender = loaded(run)
    best = [one.uri for one in recommender.recommend(ASKED, 3)]
    for explanation in recommender.explain_all(ASKED, best):
        assert sum(term.value for term in explanation.terms) == pytest.approx(explanation.score, abs=1e-9)


def test_the_card_says_what_is_trained(run: RunFolder) -> None:
    assembly: Assembly = loaded(run).assembly
    frozen = sum(weights.numel() for weights in assembly.backbone.model.parameters())
    card = (run.path / "README.md").read_text(encoding="utf-8")
    assert f"frozen ({frozen:,} parameters), with adapters of rank 2" in card


@pytest.mark.parametrize("layer", ["model.layers.0", "model.layers.0.self_attn.q_proj"])
def test_a_forward_that_was_put_around_a_layer_does_not_hide_the_adapters(snapshot: Snapshot, layer: str) -> None:
    causal = assemble(snapshot, SHORT, NO_CACHE, "cpu").backbone.causal
    module = causal.get_submodule(layer)
    plain = module.forward
    module.forward = lambda *arguments, **named: plain(*arguments, **named)
    own = adapted(causal, 2, 0)
    tokens = torch.arange(6).unsqueeze(0)
    before = own(tokens).logits
    assert torch.equal(before, causal(tokens).logits)
    for name, weights in own.named_parameters():
        if "lora_B" in name:
            weights.data.add_(1)
    assert not torch.equal(own(tokens).logits, before)


def test_a_language_model_of_another_shape_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"lora_rank is 4.*Linear.*lora_rank: 0"):
        adapted(torch.nn.Linear(2, 2), 4, 0)
