"""Why an item does not come before another one, in sentences; the command line and the page Why say the same.

Counterfactual, names of its URIs ──► gap ── difference ── mentions ── paths
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from training.what_if import Counterfactual, Difference
from ui.described import Described, label_of
from ui.relation_words import GRAPH_TITLES

__all__ = ["WhatIfWords"]


@dataclass(frozen=True)
class WhatIfWords:
    """Sentences about a counterfactual. names: what its URIs are called; where one is missing, the URI stands."""

    found: Counterfactual
    names: Mapping[str, Described]

    @property
    def item(self) -> str:
        """What the item is called that does not come first."""
        return self.name(self.found.item)

    @property
    def other(self) -> str:
        """What the item is called that comes before it."""
        return self.name(self.found.other)

    def name(self, uri: str) -> str:
        """What a node is called."""
        return label_of(uri, self.names)

    def gap(self) -> str:
        """Both scores."""
        found = self.found
        if found.gap < 0:
            return f"{self.item} ({found.score:.3f}) comes before {self.other} ({found.other_score:.3f}) already."
        return f"{self.item} scores {found.score:.3f}, {found.gap:.3f} less than {self.other}."

    def difference(self, one: Difference) -> str:
        """What a difference is of: a kind of evidence, and what it leads from. A turn of a dialogue has no name."""
        title = GRAPH_TITLES.get(one.graph, one.graph)
        about = f"“{one.words}”" if one.words else self.name(one.source) if one.source else ""
        return f"{title}: {about}" if about and one.graph != "similar_chats" else title

    def mentions(self) -> str:
        """The fewest mentions without which the item would come first, and whether it then does."""
        if self.found.mentions is None:
            return f"No set of mentions makes up the difference: without any of them {self.other} would stay ahead."
        without = " and ".join(map(self.name, self.found.mentions))
        sure = "scored again without, it does" if self.found.confirmed else "scored again without, it still does not"
        return f"By the terms {self.item} would come before {self.other} had the chat not mentioned {without}; {sure}."

    def paths(self) -> str:
        """How many paths of the graph are the fewest without which the item would come first."""
        if self.found.paths is None:
            return "No set of paths in the graph makes up the difference."
        count = len(self.found.paths)
        what = "one path" if count == 1 else f"{count} paths"
        return f"By the terms {self.item} would come before {self.other} without {what} of the graph."
