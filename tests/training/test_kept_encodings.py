"""Encodings on disk: the same numbers, never those of another text or encoder, and never more than fit."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from graphstore.dialogues import Turn
from tests.training.director_world import write_director_world
from tests.training.test_encoders import text_folder
from tests.training.test_reply_systems import Letters, context, instance
from training.assembly import assemble
from training.encoders import TextEncoder
from training.instances import Context
from training.kept_encodings import KeptEncodings
from training.loop import train
from training.recipe import Recipe, load_recipe
from training.reply_systems import RetrievedReply
from training.runs import RunFolder

__all__ = ["text_folder"]

TEXTS = ["a", "bb", "ccc"]


@dataclass
class Named:
    """An encoder that is nothing but its fingerprint."""

    fingerprint: str | None = "one"


class Counted:
    """Encodes each text as its length, and counts how often it is asked."""

    def __init__(self, texts: Sequence[str] = TEXTS) -> None:
        self.texts = texts
        self.calls = 0

    def __call__(self) -> npt.NDArray[np.float32]:
        """A row of one number per text."""
        self.calls += 1
        return np.array([[len(text)] for text in self.texts], np.float32)


def _ask(kept: KeptEncodings, encode: Counted, request: str = "lengths") -> list[float]:
    rows: list[float] = kept.rows(request, encode.texts, encode, lambda done: None)[:, 0].tolist()
    return rows


def test_what_was_encoded_once_is_read_the_next_time(tmp_path: Path) -> None:
    encode, done = Counted(), list[int]()
    for _ in range(3):
        rows = KeptEncodings(tmp_path, Named()).rows("lengths", TEXTS, encode, done.append)
        assert rows.tolist() == [[1], [2], [3]]
    assert encode.calls == 1
    assert done == [3, 3], "a progress bar hears of rows that were read, too"
    assert not rows.flags.writeable


def test_another_encoder_request_or_text_is_encoded_anew(tmp_path: Path) -> None:
    _ask(KeptEncodings(tmp_path, Named()), Counted())
    others = [
        (Named("two"), "lengths", TEXTS),
        (Named(), "widths", TEXTS),
        (Named(), "lengths", ["a", "bb", "cc"]),
        (Named(), "lengths", ["a", "bbc", "cc"]),
        (Named(), "lengths", TEXTS[::-1]),
    ]
    for encoder, request, texts in others:
        encode = Counted(texts)
        assert _ask(KeptEncodings(tmp_path, encoder), encode, request) == [len(text) for text in texts]
        assert encode.calls == 1


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-3], lambda whole: b"not numpy" + whole])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    kept, encode = KeptEncodings(tmp_path, Named()), Counted()
    _ask(kept, encode)
    (file,) = (tmp_path / "encodings").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert _ask(kept, encode) == [1, 2, 3]
    assert encode.calls == 2
    assert _ask(kept, encode) == [1, 2, 3]
    assert encode.calls == 2


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    texts = [[letter * length for length in range(1, 101)] for letter in "abc"]
    kept = KeptEncodings(tmp_path, Named(), most_bytes=1_200)  # two files of 400 bytes and their heads
    first, second, third = map(Counted, texts)
    for encode in (first, second):
        _ask(kept, encode)
    for file in (tmp_path / "encodings").iterdir():
        os.utime(file, (0, 0))
    _ask(kept, first)  # used now
    _ask(kept, third)
    assert len(list((tmp_path / "encodings").iterdir())) == 2
    for encode in (first, third, second):
        _ask(kept, encode)
    assert (first.calls, second.calls, third.calls) == (1, 2, 1)


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    kept, encode = KeptEncodings(tmp_path, Named(), most_bytes=11), Counted()
    assert _ask(kept, encode) == _ask(kept, encode) == [1, 2, 3]
    assert encode.calls == 2
    assert not (tmp_path / "encodings").exists()


def test_a_cache_that_cannot_be_written_is_gone_without(tmp_path: Path) -> None:
    (tmp_path / "encodings").write_text("a file in the way")
    assert _ask(KeptEncodings(tmp_path, Named()), Counted()) == [1, 2, 3]


def test_two_at_once_keep_the_same(tmp_path: Path) -> None:
    encodes = [Counted() for _ in range(16)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda encode: _ask(KeptEncodings(tmp_path, Named()), encode), encodes))
    assert found == [[1, 2, 3]] * 16
    assert len(list((tmp_path / "encodings").iterdir())) == 1


def test_a_fingerprint_holds_the_weights_the_limit_and_the_tokenizer(text_folder: Path, tmp_path: Path) -> None:
    def fingerprint(folder: Path, limit: int = 8) -> str | None:
        return TextEncoder(str(folder), tmp_path, max_tokens=limit, device="cpu").fingerprint

    other = tmp_path / "another tokenizer" / text_folder.name
    other.mkdir(parents=True)
    for file in text_folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert fingerprint(other) == fingerprint(text_folder)
    assert fingerprint(text_folder, 9) != fingerprint(text_folder)
    tokenizer = other / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8").replace("rain", "rail"), encoding="utf-8")
    assert fingerprint(other) != fingerprint(text_folder)
    assert TextEncoder("random-tiny", tmp_path).fingerprint is None


@pytest.fixture
def recipe(text_folder: Path) -> Recipe:
    return replace(
        load_recipe("tiny"), context_encoder=str(text_folder), pretrain_epochs=1, epochs=1, converse_epochs=1
    )


def test_a_training_learns_the_same_with_and_without_them(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = write_director_world(tmp_path / "snapshot")
    encoded: list[int] = []
    whole = TextEncoder.token_states

    def counted(self: TextEncoder, texts: Sequence[str], most: int) -> list[npt.NDArray[np.float16]]:
        encoded.append(len(texts))
        return whole(self, texts, most)

    monkeypatch.setattr(TextEncoder, "token_states", counted)
    (tmp_path / "no folder").write_text("so that nothing is kept")
    caches = [tmp_path / "no folder", tmp_path / "cache", tmp_path / "cache"]
    runs, times = [], []
    for number, cache in enumerate(caches):
        runs.append(RunFolder.create(tmp_path / f"run {number}", recipe, snapshot))
        encoded.clear()
        train(runs[-1], cache, device="cpu")
        times.append(sum(encoded))
    assert times[0] > times[1] > times[2] == 0, "two stages read the same chats, and the next run reads none anew"
    for stage in ("pretrain", "recommend", "converse"):
        expected = runs[0].load_model(stage)
        for run in runs[1:]:
            found = run.load_model(stage)
            assert all(torch.equal(found[name], weights) for name, weights in expected.items())
    assert runs[0].history()[-1]["valid_token"] == runs[2].history()[-1]["valid_token"]


def test_a_chat_of_a_person_is_not_kept(tmp_path: Path, recipe: Recipe) -> None:
    reader = assemble(write_director_world(tmp_path / "snapshot"), recipe, tmp_path / "cache", "cpu").reader
    said = Context((Turn("seeker", "a robot dreams of rain"),))
    expected = reader.read([said])
    assert not (tmp_path / "cache").exists()
    for _ in range(2):
        kept = reader.read([said], keep=True)
        assert (kept.states == expected.states).all()
        assert kept.state_counts.tolist() == expected.state_counts.tolist() == [5]
    assert len(list((tmp_path / "cache" / "encodings").iterdir())) == 1


def test_the_retrieval_reads_its_training_contexts_once(tmp_path: Path) -> None:
    class Once(Letters):
        fingerprint = "letters"
        read = 0

        def encode(self, contents: Sequence[str]) -> npt.NDArray[np.float32]:
            """Count what is asked as well."""
            type(self).read += len(contents)
            return super().encode(contents)

    training = [instance(said, said * 2) for said in ("ab", "bbbb", "z")]
    replies, done = [], list[int]()
    for _ in range(2):
        encoder = Once()
        system = RetrievedReply(training, encoder, done.append, KeptEncodings(tmp_path, encoder))
        replies.append(system.replies([context("b"), context("zz")]))
    assert replies == [["bbbb" * 2, "zz"]] * 2
    assert Once.read == 3 + 2 + 2
    assert done == [3, 3]
