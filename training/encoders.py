"""Frozen encoders: descriptions and pictures become vectors.

    Encoder ─┬─ TextEncoder    a transformer's token states, averaged (Eq. 3 of the MSCRS paper)
             └─ ImageEncoder   a picture network's features (Eq. 4), averaged over an item's pictures (Eq. 5)

What every encoder promises, and one suite of tests holds: `encode` gives one float32 row of `dimensions`
numbers per content, in order; equal contents give equal rows (up to float32's rounding in another batch);
the same call gives the same numbers; a content with nothing in it (blank text, no readable picture) gives
a row of zeros. Rows are not normalised: Eq. 9 does that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
import transformers
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import load_file

from training.devices import device_named
from training.errors import PretrainedError
from training.pretrained import PUBLISHED, locate

__all__ = ["RANDOM_TINY", "Encoder", "ImageEncoder", "TextEncoder"]

RANDOM_TINY = "random-tiny"
"""Name of a two-layer BERT over bytes whose weights are drawn from a fixed seed: no download, no meaning."""

Content = TypeVar("Content", contravariant=True)
Thing = TypeVar("Thing")
Floats = npt.NDArray[np.float32]
Pictures = list[Image.Image]
Features = Callable[[Pictures], torch.Tensor]

TEXTS_AT_ONCE = 32
PICTURES_AT_ONCE = 4  # on a CPU three times as fast per picture as 32: the feature maps stay in its cache
EFFICIENT_NET, EFFICIENT_NET_DIMENSIONS = "efficientnet-lite0", 1280


class Encoder(Protocol[Content]):
    """Anything that turns contents into vectors.

    name: what edges and items say about where a vector came from, with a checksum if it was a folder.
    dimensions: numbers per vector.
    """

    name: str
    dimensions: int

    def encode(self, contents: Sequence[Content]) -> Floats:
        """Return [n, dimensions], a row per content."""
        ...


class TextEncoder:
    """A transformer encoder with average pooling over the tokens that are there (Eq. 3).

    model: `RANDOM_TINY`, a published name, a folder, or a hub name (see `training.pretrained`).
    cache: the cache folder of the settings.
    max_tokens: how much is read of a text; 256 is MiniLM's own limit.
    device: `auto` takes a GPU when there is one.

    Raises PretrainedError when the model cannot be had or is no transformer.
    """

    def __init__(self, model: str, cache: Path, *, max_tokens: int = 256, device: str = "auto") -> None:
        self._folder: Path | None = None
        if model == RANDOM_TINY:
            self.name = RANDOM_TINY
            self._tokenizer, network = _random_tiny()
        else:
            self._folder = folder = locate(model, cache)
            self.name = _name(model, folder)
            self._tokenizer = _from_folder(transformers.AutoTokenizer, folder)
            network = _from_folder(transformers.AutoModel, folder)
        self._device = device_named(device)
        self._network = network.float().eval().to(self._device)
        self._max_tokens = min(max_tokens, self._tokenizer.model_max_length)
        self.dimensions = int(network.config.hidden_size)

    @cached_property
    def fingerprint(self) -> str | None:
        """Its name, files, limits, kind of device and libraries: equal ones give equal numbers for equal calls.

        None for `RANDOM_TINY`, which encodes as quickly as a disk reads.
        """
        if self._folder is None:
            return None
        libraries = f"torch {torch.__version__}, transformers {transformers.__version__}"
        return f"{self.name}, {_checksum(self._folder)}, {self._max_tokens} tokens, {self._device.type}, {libraries}"

    def encode(self, contents: Sequence[str]) -> Floats:
        """Average the token states of each text's beginning. Returns [n, dimensions] float32."""
        vectors = np.zeros((len(contents), self.dimensions), np.float32)
        for rows, batch, states in self._states(contents, truncate="right"):
            weights = batch["attention_mask"].unsqueeze(-1).float()  # [b, t, 1]
            vectors[rows] = ((states * weights).sum(1) / weights.sum(1)).cpu().numpy()  # [b, d]
        return vectors

    def token_states(self, texts: Sequence[str], max_tokens: int) -> list[npt.NDArray[np.float16]]:
        """Return the states of each text's newest tokens: T_s of Eq. 17, frozen.

        The encoder reads the end of a text, as much as it takes; of what it read, the last `max_tokens`
        states are given, its special tokens left out.

        Returns: per text [t, dimensions] float16 with t ≤ max_tokens, oldest first; no row for a blank one.
        """
        found = [np.empty((0, self.dimensions), np.float16) for _ in texts]
        special = torch.tensor(self._tokenizer.all_special_ids, device=self._device)
        for rows, batch, states in self._states(texts, truncate="left"):
            ordinary = ~torch.isin(batch["input_ids"], special)  # [b, t]
            for row, own, kept in zip(rows, states, ordinary, strict=True):
                found[row] = own[kept][-max_tokens:].half().cpu().numpy()
        return found

    def _states(self, texts: Sequence[str], truncate: str) -> Iterator[tuple[list[int], Any, torch.Tensor]]:
        """Yield (rows, token batch, states [b, t, d]), leaving blank texts out."""
        self._tokenizer.truncation_side = truncate
        # Texts of one length together: padding is work for nothing.
        order = [row for row, text in enumerate(texts) if text.strip()]
        order.sort(key=lambda row: len(texts[row]))
        for rows in _batches(order, TEXTS_AT_ONCE):
            batch = self._tokenizer(
                [texts[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=self._max_tokens,
                return_tensors="pt",
            ).to(self._device)
            with torch.inference_mode():
                states = self._network(**batch).last_hidden_state
            yield rows, batch, states


class ImageEncoder:
    """A picture network, averaged over an item's pictures (Eq. 4-5).

    model: a published name (EfficientNet-Lite0), or a folder or hub name of a vision transformer.
    cache: the cache folder of the settings.
    unreadable: is told of every picture that cannot be read; it is left out of the average.
    device: `auto` takes a GPU when there is one.

    Raises PretrainedError when the model cannot be had or is no picture network.
    """

    def __init__(self, model: str, cache: Path, *, unreadable: Callable[[str], None], device: str = "auto") -> None:
        folder = locate(model, cache)
        self.name = _name(model, folder)
        self._device = device_named(device)
        network = _efficient_net if model == EFFICIENT_NET else _vision_transformer
        self._features, self.dimensions = network(folder, self._device)
        self._unreadable = unreadable

    def encode(self, contents: Sequence[Sequence[str]]) -> Floats:
        """Average the features of each item's pictures, given as paths. Returns [n, dimensions] float32."""
        sums = np.zeros((len(contents), self.dimensions), np.float32)
        counts = np.zeros((len(contents), 1), np.float32)
        pictures = [(row, path) for row, paths in enumerate(contents) for path in paths]
        for batch in _batches(pictures, PICTURES_AT_ONCE):
            opened = [(row, picture) for row, path in batch if (picture := self._open(path)) is not None]
            rows = [row for row, _ in opened]
            if rows:
                with torch.inference_mode():
                    features = self._features([picture for _, picture in opened])  # [b, d]
                np.add.at(sums, rows, features.cpu().numpy())
                np.add.at(counts, rows, 1)
        return (sums / np.maximum(counts, 1)).astype(np.float32)

    def _open(self, path: str) -> Image.Image | None:
        try:
            with Image.open(path) as picture:
                return picture.convert("RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            self._unreadable(f"{path}: {error}")
            return None


def _batches(things: Sequence[Thing], size: int) -> Iterator[list[Thing]]:
    for start in range(0, len(things), size):
        yield list(things[start : start + size])


def _name(model: str, folder: Path) -> str:
    """A published or hub name says it all; a folder's weights may change while its name stays."""
    if model in PUBLISHED or not Path(model).expanduser().is_dir():
        return model
    digest = hashlib.sha256()
    for weights in sorted([*folder.glob("*.safetensors"), *folder.glob("*.bin")]):
        digest.update(weights.read_bytes())
    return f"{folder.resolve().name}@{digest.hexdigest()[:8]}"


def _checksum(folder: Path) -> str:
    """Of every file of a model, its tokenizer's among them."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with path.open("rb") as file:
            digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _from_folder(loader: Any, folder: Path) -> Any:
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return loader.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise PretrainedError(f"{folder} holds no model that transformers can load: {reason}") from error


def _random_tiny() -> tuple[Any, Any]:
    tokenizer = transformers.ByT5Tokenizer(extra_ids=0)  # one token per byte: needs no vocabulary file
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return tokenizer, transformers.BertModel(config, add_pooling_layer=False)


def _efficient_net(folder: Path, device: torch.device) -> tuple[Features, int]:
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(load_file(folder / "model.safetensors"))
    network.eval().to(device, memory_format=torch.channels_last)
    side = network.input_image_size

    def features(pictures: Pictures) -> torch.Tensor:
        # The whole picture, squeezed to a square as vision transformers take it: titles stand at the rim.
        resized = [picture.resize((side, side), Image.Resampling.BICUBIC) for picture in pictures]
        pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in resized])).to(device)
        # (x - 127) / 128 is the scale that the Lite weights were trained with, unlike their larger siblings.
        scaled = (pixels.permute(0, 3, 1, 2).float() - 127) / 128  # [b, 3, side, side], channels last
        maps: torch.Tensor = network.extract_features(scaled)  # [b, 1280, 7, 7]
        return maps.mean((2, 3))

    return features, EFFICIENT_NET_DIMENSIONS


def _vision_transformer(folder: Path, device: torch.device) -> tuple[Features, int]:
    processor = _from_folder(transformers.AutoImageProcessor, folder)
    network = _from_folder(transformers.AutoModel, folder).float().eval().to(device)

    def features(pictures: Pictures) -> torch.Tensor:
        batch = processor(pictures, return_tensors="pt").to(device)
        states: torch.Tensor = network(**batch).last_hidden_state  # [b, 1 + patches, d]
        return states[:, 0]  # the class token

    return features, int(network.config.hidden_size)
