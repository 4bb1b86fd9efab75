"""What was said before the turns of training dialogues that mention an item, as vectors on these turns.

"People who said something like this were recommended X" is then a path: a vector index finds the turn, and the turn's
MENTIONS lead to the item. Dialogues are read and written a batch at a time, a transaction each: what an interruption
left undone the next run does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphstore.dialogues import Turn
from graphstore.graph import Graph
from training.context_text import recent_text, whole_text
from training.encoders import Encoder
from training.pipeline.kinds import Progress, no_progress, prepare_index

__all__ = ["ContextReport", "build_contexts"]

# Some 500 texts: enough that texts of one length come together, and the bar moves every few seconds.
DIALOGUE_BATCH = 64


@dataclass(frozen=True)
class ContextReport:
    """What `build_contexts` found and did, in turns of training dialogues that mention an item and are not the first.

    encoder: its name; None when there is no such turn.
    encoded, unchanged: turns whose vectors were written now, and those that had the right ones.
    without: turns before which nobody said a word.
    removed: turns that are none of these any more, and lost their vectors.
    """

    encoder: str | None
    turns: int
    encoded: int
    unchanged: int
    without: int
    removed: int


@dataclass(frozen=True)
class _Context:
    """What was said before one turn, all and newest, and the hash beside the vectors that it has already."""

    dialogue: str
    turn: int
    texts: tuple[str, str]
    stored: str | None

    def hash_by(self, encoder: str) -> str:
        """Say what the vectors by that encoder are made from: `ENCODER CHECKSUM`."""
        checksum = hashlib.sha256("\0".join(self.texts).encode())
        return f"{encoder} {checksum.hexdigest()}"


def build_contexts(
    graph: Graph, make_encoder: Callable[[], Encoder[str]], progress: Progress = no_progress
) -> ContextReport:
    """Encode what was said before each turn of a training dialogue that mentions an item, where that changed.

    A turn gets `context_vector`, of all that was said, and `recent_vector`, of the newest turns, both of length 1,
    and `context_hash`. Without words there is no vector. A turn that is no longer wanted loses all three.

    make_encoder: called when there is something to encode or to compare.
    Raises PretrainedError when the encoder cannot be had.
    """
    total = graph.read("count_contexts")[0]["turns"]
    encoder = make_encoder() if total else None
    if encoder:
        for index in ("turn_context", "turn_recent"):
            prepare_index(graph, index, encoder.dimensions)
    turns = encoded = unchanged = removed = 0
    for contexts, stale in _batches(graph):
        worded = [context for context in contexts if context.texts[0]]
        wordless = [context for context in contexts if not context.texts[0] and context.stored]
        stale += [[context.dialogue, context.turn] for context in wordless]
        if stale:
            graph.write("remove_contexts", turns=stale)
        changed: list[_Context] = []
        if encoder:
            changed = [context for context in worded if context.stored != context.hash_by(encoder.name)]
            _write(graph, encoder, changed)
        turns, encoded, removed = turns + len(contexts), encoded + len(changed), removed + len(stale)
        unchanged += len(worded) - len(changed)
        if changed:
            progress("contexts", turns, max(turns, total))
    return ContextReport(
        encoder.name if encoder else None, turns, encoded, unchanged, turns - encoded - unchanged, removed
    )


def _batches(graph: Graph) -> Iterator[tuple[list[_Context], list[list[Any]]]]:
    """Yield, some dialogues at a time, the contexts to be there and the places of those that are not to be."""
    last = ""
    while rows := graph.read("context_texts", after=last, size=DIALOGUE_BATCH):
        last = rows[-1]["dialogue"]
        contexts, stale = [], []
        for row in rows:
            said = [Turn(role, text) for _, role, text, _, _ in row["turns"]]
            for place, (index, _, _, wanted, stored) in enumerate(row["turns"]):
                if wanted:
                    texts = whole_text(said[:place]), recent_text(said[:place])
                    contexts.append(_Context(row["dialogue"], index, texts, stored))
                elif stored:
                    stale.append([row["dialogue"], index])
        yield contexts, stale


def _write(graph: Graph, encoder: Encoder[str], contexts: Sequence[_Context]) -> None:
    """Encode both texts of each context, equal ones once, and store the vectors."""
    if not contexts:
        return
    texts = sorted({text for context in contexts for text in context.texts})
    vectors = dict(zip(texts, _normalised(encoder.encode(texts)), strict=True))
    rows = []
    for context in contexts:
        whole, recent = (vectors[text].tolist() if text.strip() else None for text in context.texts)
        place = {"dialogue": context.dialogue, "turn": context.turn}
        rows.append({**place, "whole": whole, "recent": recent, "hash": context.hash_by(encoder.name)})
    graph.write("write_contexts", rows=rows)


def _normalised(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Bring each row to length 1; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    normalised: npt.NDArray[np.float32] = vectors / lengths
    return normalised
