"""Replies: learned in front of a frozen language model, written in batches, filled with what is recommended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from graphstore.dialogues import Turn
from tests.training.director_world import DIRECTORS, film, write_director_world
from training.conversation_instances import split_conversations
from training.conversation_training import ConverseStage
from training.correlated_chats import CorrelatedChats, entities_of
from training.decoding import Decoding
from training.errors import RunError
from training.instances import Context
from training.loop import train
from training.mscrs_recommender import MSCRSRecommender
from training.progress import Progress
from training.recipe import Recipe, load_recipe
from training.replies import Replier, filled_replies
from training.runs import RunFolder
from training.title_slots import fill_slots

NO_CACHE = Path("no-cache-needed")
REPLY = "Then see this one."  # what every recommender of the director world says


@pytest.fixture(scope="module")
def language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model that has read chats like these: what stands before them says whether REPLY comes after."""
    folder = tmp_path_factory.mktemp("language model")
    tokenizer = transformers.ByT5Tokenizer(extra_ids=0)
    config = transformers.LlamaConfig(
        vocab_size=384,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        eos_token_id=tokenizer.eos_token_id,
    )
    drawn = np.random.default_rng(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.LlamaForCausalLM(config)
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
        for _ in range(350):
            hints = [("a" * length, "b" * length) for length in drawn.integers(4, 16, size=16)]
            said = [
                f"{hint[coin]} else is there?\nSystem: {(REPLY, 'What do you like?')[coin]}"
                for hint, coin in zip(hints, drawn.integers(2, size=16), strict=True)
            ]
            read = tokenizer(said, padding=True, return_tensors="pt")
            labels = read.input_ids.masked_fill(read.attention_mask == 0, -100)
            optimizer.zero_grad()
            model(**read, labels=labels).loss.backward()
            optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def recipe(language_model: Path) -> Recipe:
    """All three stages around that language model."""
    return replace(
        load_recipe("tiny"),
        language_model=str(language_model),
        pretrain_epochs=1,
        epochs=1,
        converse_epochs=40,
        learning_rate=2e-2,
        correlation_neighbours=3,
    )


@pytest.fixture(scope="module")
def run(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished training on the director world."""
    folder = tmp_path_factory.mktemp("replies")
    run = RunFolder.create(folder / "run", recipe, write_director_world(folder / "snapshot"))
    train(run, NO_CACHE, device="cpu")
    return run


@pytest.fixture(scope="module")
def recommender(run: RunFolder, recipe: Recipe) -> MSCRSRecommender:
    return MSCRSRecommender.of_run(run, recipe, NO_CACHE, "cpu")


def asked(director: int, number: int) -> Context:
    words = f"I liked Film {director}-{number}. What else is there?"
    return Context((Turn("seeker", words, items=(film(director, number),)),))


def test_the_loss_of_a_token_falls_in_training_and_on_others(run: RunFolder) -> None:
    entries = [entry for entry in run.history() if entry["stage"] == "converse"]
    assert len(entries) == 40
    for name in ("token", "valid_token"):
        assert entries[-1][name] < entries[0][name] / 2


def test_it_says_what_the_recommenders_of_this_world_say(run: RunFolder, recommender: MSCRSRecommender) -> None:
    contexts = [asked(director, 6) for director in range(DIRECTORS)]
    assert set(Replier.of_run(run, recommender).replies(contexts)) == {REPLY}


@pytest.mark.parametrize("decoding", [Decoding(), Decoding("beam", beams=2), Decoding("sample", seed=4)])
def test_the_same_chats_get_the_same_replies(run: RunFolder, recommender: MSCRSRecommender, decoding: Decoding) -> None:
    replier = Replier.of_run(run, recommender, decoding)
    contexts = [asked(director, 6) for director in range(DIRECTORS)]
    assert replier.replies(contexts) == replier.replies(contexts)
    assert replier.replies([]) == []


def test_a_chat_without_words_or_mentions_gets_a_reply(run: RunFolder, recommender: MSCRSRecommender) -> None:
    assert len(Replier.of_run(run, recommender).replies([Context(()), Context((Turn("seeker", ""),))])) == 2


def test_neighbours_are_averaged_and_a_chat_without_any_keeps_its_own(
    run: RunFolder, recommender: MSCRSRecommender
) -> None:
    correlated = Replier.of_run(run, recommender).correlated
    states = np.full((2, *correlated.states.shape[1:]), 7, np.float16)
    named = entities_of(asked(2, 6), recommender.snapshot)
    found = correlated.of_others([named, set()], states)
    nearest = correlated.mapping.nearest(named, 3)
    assert len(nearest) == 3
    np.testing.assert_allclose(found[0], correlated.states[nearest].astype(np.float32).mean(axis=0), atol=1e-3)
    assert (found[1] == 7).all()
    without = CorrelatedChats(correlated.mapping, correlated.states, 0)
    assert (without.of_others([named, set()], states) == 7).all()
    assert (without.of_training() == correlated.states).all()


def test_training_chats_see_only_other_dialogues(recommender: MSCRSRecommender) -> None:
    """As the stage reads them; a chat's own dialogue would otherwise be the first that it is like."""
    stage = ConverseStage(recommender.assembly, Progress())
    instances = split_conversations(recommender.snapshot, "train")
    assert stage.replies.dialogues == [one.dialogue for one in instances]
    found = stage.correlated.mapping.neighbours(3)
    assert (found[:, 0] >= 0).all()
    for row, nearest in enumerate(found):
        assert not {instances[at].dialogue for at in nearest if at >= 0} & {instances[row].dialogue}


def test_a_run_without_the_stage_says_so(director_run: RunFolder) -> None:
    recommender = MSCRSRecommender.of_run(director_run, load_recipe("tiny"), NO_CACHE, "cpu")
    with pytest.raises(RunError, match="has not finished"):
        Replier.of_run(director_run, recommender)


@pytest.mark.parametrize(
    ("reply", "titles", "shown"),
    [
        ("See <movie>, or <movie>!", ["Heat (1995)", "Alien"], "See Heat (1995), or Alien!"),
        ("<movie>", [], "<movie>"),
        ("See <movie> and <movie>.", ["Heat"], "See Heat and <movie>."),
        ("Which genre?", ["Heat"], "Which genre?"),
        ("<movie><movie>", ["<movie>", "B"], "<movie>B"),
    ],
)
def test_slots_are_filled_in_order(reply: str, titles: list[str], shown: str) -> None:
    assert fill_slots(reply, titles) == shown


def test_slots_take_the_ranking_without_what_was_named_or_rejected(recommender: MSCRSRecommender) -> None:
    context = asked(2, 6)
    titles = {item["uri"]: item["title"] for item in recommender.snapshot.items}
    best = [one.uri for one in recommender.recommend(context, 3, context.mentions)]
    said = {"one": ["<movie> or <movie>", "Why?"], "other": ["<movie>", "How?"]}
    shown = filled_replies(said, recommender, [context, context], titles, {best[0]})
    assert shown == {
        "one": [f"{titles[best[1]]} or {titles[best[2]]}", "Why?"],
        "other": [titles[best[1]], "How?"],
    }
