"""One behavioural suite that every encoder passes, and what is particular to each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from PIL import Image, ImageDraw

from graphstore.settings import Settings
from training.encoders import RANDOM_TINY, Encoder, ImageEncoder, TextEncoder
from training.errors import PretrainedError

TEXTS = [
    "A robot dreams of rain.",
    "An android longs for storms.",
    "Two cooks open a restaurant in Naples, and nothing goes as planned. " * 3,
    "x",
]


@dataclass
class Case:
    """An encoder, four contents that differ, and one in which there is nothing."""

    make: Callable[[], Encoder[Any]]
    contents: Sequence[Any]
    nothing: Any

    @cached_property
    def encoder(self) -> Encoder[Any]:
        return self.make()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Four pictures of different shapes, sizes and modes."""
    folder = tmp_path_factory.mktemp("pictures")
    drawn = [("RGB", (300, 450)), ("L", (64, 40)), ("RGBA", (224, 224)), ("P", (30, 500))]
    for number, (mode, size) in enumerate(drawn):
        picture = Image.new("RGB", size, (60 * number, 200 - 50 * number, 90))
        ImageDraw.Draw(picture).ellipse((5, 5, 25 + 10 * number, 35), fill=(250, 240, 30 * number))
        picture.convert(mode).save(folder / f"{number}.png")
    return [str(path) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="session")
def text_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT with two layers and its tokenizer, saved as people save theirs."""
    folder = tmp_path_factory.mktemp("models") / "my-bert"
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        ".",
        "a",
        "robot",
        "dreams",
        "of",
        "rain",
        "x",
        "##s",
    ]
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    torch.manual_seed(1)
    transformers.BertModel(config).save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate(words)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def vision_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vision transformer with one layer and its preprocessing."""
    folder = tmp_path_factory.mktemp("models") / "my-vit"
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        image_size=32, patch_size=8,
    )  # fmt: skip
    torch.manual_seed(1)
    transformers.ViTModel(config).save_pretrained(folder)
    transformers.ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(params=["random-tiny", "text folder", "all-minilm-l6-v2", "efficientnet-lite0", "vision folder"])
def case(
    request: pytest.FixtureRequest,
    settings: Settings,
    pictures: list[str],
    text_folder: Path,
    vision_folder: Path,
) -> Case:
    """Every kind of encoder, and every place that its weights can come from without a hub."""
    folders = {"text folder": str(text_folder), "vision folder": str(vision_folder)}
    model = folders.get(request.param, request.param)
    if request.param in ("efficientnet-lite0", "vision folder"):
        contents = [pictures[:1], pictures[1:3], pictures, pictures[3:]]
        return Case(lambda: ImageEncoder(model, settings.cache, unreadable=pytest.fail), contents, [])
    return Case(lambda: TextEncoder(model, settings.cache), TEXTS, " \n")


class TestEveryEncoder:
    """What `Encoder` promises."""

    def test_a_float32_row_per_content(self, case: Case) -> None:
        encoder = case.encoder
        vectors = encoder.encode(case.contents)
        assert vectors.dtype == np.float32
        assert vectors.shape == (4, encoder.dimensions)
        assert np.isfinite(vectors).all()

    def test_no_contents_no_rows(self, case: Case) -> None:
        encoder = case.encoder
        assert encoder.encode([]).shape == (0, encoder.dimensions)

    def test_the_same_call_gives_the_same_numbers(self, case: Case) -> None:
        first, second = case.encoder, case.make()
        assert first.name == second.name
        assert np.array_equal(first.encode(case.contents), second.encode(case.contents))

    def test_rows_stand_in_the_order_of_the_contents(self, case: Case) -> None:
        encoder = case.encoder
        backwards = encoder.encode(case.contents[::-1])[::-1]
        assert encoder.encode(case.contents) == pytest.approx(backwards, abs=1e-4)

    def test_equal_contents_give_equal_rows_and_others_do_not(self, case: Case) -> None:
        twins = case.encoder.encode([case.contents[0], case.contents[1], case.contents[0]])
        assert twins[0] == pytest.approx(twins[2], abs=1e-5)
        assert np.abs(twins[0] - twins[1]).max() > 1e-3

    def test_company_does_not_change_a_row(self, case: Case) -> None:
        encoder = case.encoder
        alone = np.concatenate([encoder.encode([content]) for content in case.contents])
        assert encoder.encode(case.contents) == pytest.approx(alone, abs=1e-4)

    def test_more_than_a_batch(self, case: Case) -> None:
        encoder = case.encoder
        many = encoder.encode(list(case.contents) * 9)
        assert many == pytest.approx(np.tile(encoder.encode(case.contents), (9, 1)), abs=1e-4)

    def test_nothing_gives_zeros(self, case: Case) -> None:
        vectors = case.encoder.encode([case.contents[0], case.nothing])
        assert vectors.any(axis=1).tolist() == [True, False]


def test_text_is_the_average_of_the_token_states(settings: Settings, text_folder: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(text_folder)
    network = transformers.AutoModel.from_pretrained(text_folder).eval()
    with torch.inference_mode():
        states = network(**tokenizer("a robot dreams", return_tensors="pt")).last_hidden_state
    vectors = TextEncoder(str(text_folder), settings.cache).encode(["a robot dreams", "a robot dreams of a rain."])
    assert vectors[0] == pytest.approx(states[0].mean(0).numpy(), abs=1e-5)


def test_minilm_knows_what_is_alike(settings: Settings) -> None:
    vectors = TextEncoder("all-minilm-l6-v2", settings.cache).encode(TEXTS)
    robot, android, cooks, _ = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert robot @ android > robot @ cooks + 0.3


def test_token_states_are_those_of_the_newest_tokens(settings: Settings, text_folder: Path) -> None:
    encoder = TextEncoder(str(text_folder), settings.cache)
    tokenizer = transformers.AutoTokenizer.from_pretrained(text_folder)
    network = transformers.AutoModel.from_pretrained(text_folder).eval()
    with torch.inference_mode():
        states = network(**tokenizer("a robot dreams of rain", return_tensors="pt")).last_hidden_state
    newest, nothing, short = encoder.token_states(["a robot dreams of rain", "", "rain"], max_tokens=3)
    assert newest == pytest.approx(states[0, 3:6].half().numpy(), abs=1e-2)  # the last is [SEP]
    assert newest.dtype == np.float16
    assert nothing.shape == (0, 8)
    assert short.shape == (1, 8)


def test_token_states_read_the_end_and_vectors_the_beginning(settings: Settings) -> None:
    encoder = TextEncoder(RANDOM_TINY, settings.cache, max_tokens=9)  # a byte is a token, and one token ends it
    one, other = "12345678" + "a" * 90 + "abcdefgh", "87654321" + "z" * 90 + "abcdefgh"
    first, second = encoder.token_states([one, other], max_tokens=4)
    assert np.array_equal(first, second)
    assert encoder.encode([one]) == pytest.approx(encoder.encode([one + " and more"]), abs=1e-6)
    assert encoder.encode([one]) != pytest.approx(encoder.encode([other]), abs=1e-3)


def test_an_items_pictures_are_averaged(settings: Settings, pictures: list[str]) -> None:
    encoder = ImageEncoder("efficientnet-lite0", settings.cache, unreadable=pytest.fail)
    single = encoder.encode([[path] for path in pictures])
    assert encoder.encode([pictures])[0] == pytest.approx(single.mean(0), abs=1e-5)


def test_a_broken_picture_is_told_and_left_out(settings: Settings, pictures: list[str], tmp_path: Path) -> None:
    told: list[str] = []
    cut_off, no_picture, gone = tmp_path / "cut.png", tmp_path / "text.jpg", tmp_path / "gone.png"
    cut_off.write_bytes(Path(pictures[0]).read_bytes()[:300])
    no_picture.write_text("not a picture")
    broken = [str(cut_off), str(no_picture), str(gone)]
    encoder = ImageEncoder("efficientnet-lite0", settings.cache, unreadable=told.append)
    vectors = encoder.encode([[pictures[0], *broken], pictures[:1], broken])
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-5)
    assert not vectors[2].any()
    assert [line.split(":")[0] for line in told] == broken * 2


def test_a_folders_name_changes_with_its_weights(settings: Settings, text_folder: Path, tmp_path: Path) -> None:
    before = TextEncoder(str(text_folder), settings.cache).name
    other = tmp_path / "my-bert"
    transformers.AutoTokenizer.from_pretrained(text_folder).save_pretrained(other)
    network = transformers.AutoModel.from_pretrained(text_folder)
    torch.nn.init.zeros_(network.get_input_embeddings().weight)
    network.save_pretrained(other)
    after = TextEncoder(str(other), settings.cache).name
    assert before.startswith("my-bert@")
    assert after.startswith("my-bert@")
    assert before != after


@pytest.mark.parametrize("model", ["efficientnet-lite0", "{folder}"])
def test_what_is_no_text_model_is_refused(settings: Settings, tmp_path: Path, model: str) -> None:
    with pytest.raises(PretrainedError, match="no model that transformers can load"):
        TextEncoder(model.format(folder=tmp_path), settings.cache)


def test_what_is_no_picture_network_is_refused(settings: Settings) -> None:
    with pytest.raises(PretrainedError, match="no model that transformers can load"):
        ImageEncoder("all-minilm-l6-v2", settings.cache, unreadable=pytest.fail)
