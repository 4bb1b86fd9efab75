"""A causal language model that writes: the words around a recommendation.

It is used as it was published; nothing here is trained.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

from training.backbone import Backbone
from training.errors import PretrainedError
from training.pretrained import locate

__all__ = ["DEFAULT_WRITER", "LanguageModel", "Message"]

DEFAULT_WRITER = "smollm2-135m-instruct"

_PUNCTUATION = (".", ",", ":", ";", "!", "?", "'s", "-")

Message = dict[str, str]
"""`{"role": "system" | "user" | "assistant", "content": …}`, as chat templates take it."""


@dataclass(frozen=True)
class LanguageModel:
    """A loaded model with a chat template. name: what it was asked for as."""

    name: str
    model: Any
    tokenizer: Any

    @classmethod
    def load(cls, name: str, cache: Path) -> LanguageModel:
        """Load a model by published name, folder or hub name (see `training.pretrained.locate`).

        Raises PretrainedError when it cannot be had, or has no chat template.
        """
        folder = locate(name, cache)
        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        except (OSError, ValueError) as error:
            raise PretrainedError(f"{name!r} in {folder} is no causal language model: {error}") from error
        return cls._asked(name, model.eval(), tokenizer)

    @classmethod
    def of_backbone(cls, backbone: Backbone) -> LanguageModel:
        """The one that a run reads with, as it was published, in the memory that it has already. Raises as `load`."""
        return cls._asked(backbone.name, backbone.causal, backbone.tokenizer)

    @classmethod
    def _asked(cls, name: str, model: Any, tokenizer: Any) -> LanguageModel:
        if not tokenizer.chat_template:
            raise PretrainedError(f"{name!r} has no chat template, so it cannot be asked for an answer.")
        return cls(name, model, tokenizer)

    def write(self, messages: Sequence[Message], max_new_tokens: int = 60, only: Iterable[str] = ()) -> str:
        """The answer to `messages`, greedily decoded: the same messages give the same words.

        only: words that the answer is made of, as far as their tokens allow; empty allows every word.
        """
        return "".join(self.stream(messages, max_new_tokens, only))

    def stream(self, messages: Sequence[Message], max_new_tokens: int = 60, only: Iterable[str] = ()) -> Generator[str]:
        """The same answer, piece by piece while it is written. Leaving the iterator early stops the writing."""
        inputs = self.tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(self.model.device)
        if allowed := self._tokens_of(only):
            inputs["prefix_allowed_tokens_fn"] = lambda batch, tokens: allowed
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        unwanted = _Flag()
        writing = Thread(target=self._generate, args=(inputs, streamer, unwanted, max_new_tokens), daemon=True)
        writing.start()
        try:
            yield from streamer
        finally:
            unwanted.up = True
            writing.join()

    def _tokens_of(self, words: Iterable[str]) -> list[int]:
        """Tokens of `words`, behind a space and with a capital at the start, of punctuation, and of the end."""
        written = [form for word in words for form in (f" {word}", word.capitalize())]
        if not written:
            return []
        found = self.tokenizer([*written, *_PUNCTUATION], add_special_tokens=False)["input_ids"]
        return sorted({token for tokens in found for token in tokens} | {self.tokenizer.eos_token_id})

    def _generate(self, inputs: Any, streamer: TextIteratorStreamer, unwanted: _Flag, most: int) -> None:
        try:
            with torch.inference_mode():
                self.model.generate(
                    **inputs,
                    max_new_tokens=most,
                    do_sample=False,
                    streamer=streamer,
                    stopping_criteria=transformers.StoppingCriteriaList([unwanted]),
                )
        finally:
            # Whoever reads must not wait for ever, whatever went wrong here.
            streamer.end()  # type: ignore[no-untyped-call]


class _Flag(transformers.StoppingCriteria):
    """Stops a generation that nobody reads any more."""

    up = False

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **rest: Any) -> torch.Tensor:
        return torch.full((input_ids.shape[0],), self.up, dtype=torch.bool, device=input_ids.device)
