"""The three systems that need no training, in a world where the right reply is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from tests.training.talks import recommender, seeker
from training.conversation_instances import ConversationInstance
from training.errors import EvaluationError
from training.instances import Context
from training.reply_systems import ConstantReply, RandomReply, RetrievedReply, reply_ladder


class Letters:
    """Counts the letters a to z: texts of the same letters are alike."""

    name = "letters"
    dimensions = 26

    def encode(self, contents: Sequence[str]) -> npt.NDArray[np.float32]:
        """Count them: [n, 26]."""
        rows = [[text.lower().count(chr(ord("a") + place)) for place in range(26)] for text in contents]
        return np.array(rows, np.float32).reshape(-1, 26)


def context(*texts: str) -> Context:
    return Context(tuple(seeker(text=text) for text in texts))


def instance(said: str, target: str) -> ConversationInstance:
    return ConversationInstance("d", 1, context(said), target, ())


TRAINING = [
    instance("aaa", "See <movie>."),
    instance("bbb", "Why?"),
    instance("bab", "Why?"),
    instance("", " "),
    instance("zzz", "See <movie>."),
]


def test_the_constant_reply_is_the_most_frequent_and_then_the_first_in_the_alphabet() -> None:
    assert ConstantReply(TRAINING).replies([context("?"), context("!")]) == ["See <movie>."] * 2
    assert ConstantReply([instance("", " "), instance("", " "), instance("", "A")]).replies([context()]) == ["A"]


def test_random_replies_are_training_targets_and_the_seed_decides() -> None:
    contexts = [context("?")] * 50
    replies = RandomReply(TRAINING, seed=1).replies(contexts)
    assert set(replies) == {one.target for one in TRAINING}
    assert replies == RandomReply(TRAINING, seed=1).replies(contexts)
    assert replies != RandomReply(TRAINING, seed=2).replies(contexts)


def test_the_reply_to_the_most_similar_words_is_retrieved() -> None:
    system = RetrievedReply([instance(said, said * 2) for said in ("ab", "bbbb", "z")], Letters())
    assert system.replies([context("b"), context("zzzzz"), context("aabb")]) == ["bbbb" * 2, "zz", "abab"]
    assert system.replies([]) == []


def test_only_the_newest_turns_are_compared() -> None:
    system = RetrievedReply([instance("a", "of a"), instance("b", "of b")], Letters())
    assert system.replies([context("aaaaaaaaa", "b", "b", "b")]) == ["of b"]


def test_progress_counts_every_training_context() -> None:
    read: list[int] = []
    RetrievedReply([instance("a", "b")] * 1_100, Letters(), read.append)
    assert (sum(read), len(read)) == (1_100, 3)


def test_the_ladder_replies_to_everything() -> None:
    contexts = [Context((recommender(text="Hi"), seeker(text="aaaa")))] * 3
    replies = {system.name: system.replies(contexts) for system in reply_ladder(TRAINING, Letters())}
    assert list(replies) == ["constant reply", "random reply", "retrieved reply"]
    assert {len(said) for said in replies.values()} == {3}


@pytest.mark.parametrize("training", [[], [instance("a", " ")]])
def test_without_a_training_reply_there_is_no_ladder(training: list[ConversationInstance]) -> None:
    with pytest.raises(EvaluationError, match="--split train"):
        reply_ladder(training, Letters())
