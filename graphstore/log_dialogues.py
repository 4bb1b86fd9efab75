"""A log of who used what, read as conversations: what a shop without chats can train on.

A person's things in the order of time become one conversation. The seeker names the first one, and every later one is
what a recommender would have named next, so that each is a label and what came before it the context.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from graphstore.dialogues import Dialogue, Turn
from graphstore.input_files import Progress, no_progress
from graphstore.interaction_files import Interaction, read_interactions
from graphstore.rejects import Reject
from graphstore.uris import name_from_uri

__all__ = ["read_log_dialogues"]

MOST_THINGS = 50
"""Of one person; of more, the latest."""


def read_log_dialogues(
    path: Path, prefix: str, source: str, split: str | None, item_prefix: str | None, progress: Progress = no_progress
) -> Iterator[tuple[int, Dialogue] | Reject]:
    """One dialogue per person who had to do with two things at least, with the number of the person's first line.

    prefix: what stands before the person's name in a dialogue's id. item_prefix: as in `read_interactions`.
    A turn's words are the item's name as its URI tells it. What has no time comes first, in the order of the file, and
    a thing that comes again counts where it came first. The log is held in memory.

    Raises InputFileError as `read_interactions` does.
    """
    by_user: dict[str, list[Interaction]] = defaultdict(list)
    for found in read_interactions(path, item_prefix, progress):
        if isinstance(found, Reject):
            yield found
        else:
            by_user[found.user].append(found)
    for user, interactions in by_user.items():
        by_time = sorted(interactions, key=lambda one: (one.time is not None, one.time or 0))
        items = list(dict.fromkeys(one.item for one in by_time))[-MOST_THINGS:]
        if len(items) > 1:
            yield interactions[0].line, Dialogue(f"{prefix}/{user}", source, split, tuple(_turns(items)))


def _turns(items: list[str]) -> Iterator[Turn]:
    for position, uri in enumerate(items):
        yield Turn("recommender" if position else "seeker", name_from_uri(uri), (uri,))
