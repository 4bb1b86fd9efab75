"""How a reply's words are chosen. Nothing here needs torch, so a command may name it before it loads any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Decoding", "Method"]

Method = Literal["greedy", "beam", "sample"]


@dataclass(frozen=True)
class Decoding:
    """How words are chosen.

    method: the likeliest next token, the likeliest of `beams` beginnings, or one drawn from those that make up
        `top_p` of the probability at `temperature`. seed: of the draws.
    """

    method: Method = "greedy"
    beams: int = 4
    top_p: float = 0.9
    temperature: float = 0.8
    seed: int = 0

    def options(self) -> dict[str, Any]:
        """As `transformers.GenerationMixin.generate` takes them."""
        if self.method == "sample":
            return {"do_sample": True, "num_beams": 1, "top_k": 0, "top_p": self.top_p, "temperature": self.temperature}
        return {"do_sample": False, "num_beams": self.beams if self.method == "beam" else 1}
