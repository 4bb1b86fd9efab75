"""Pieces of the page Explore as HTML. Whatever comes from the graph goes through `escape` here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from graphstore.queries import Query
from ui.exploring import Comparison, Entity
from ui.page_parts import with_code
from ui.query_output import printable
from ui.relation_words import relation_words

__all__ = ["direct_edges", "entity_face", "hint", "notice", "query_head", "small", "ways"]

_MOST_LISTED = 8


def hint(text: str) -> str:
    """What to do where there is nothing to show yet."""
    return f'<p class="tg-hint">{_text(text)}</p>'


def small(text: str) -> str:
    """A quiet sentence."""
    return f'<p class="tg-small">{_text(text)}</p>'


def notice(text: str) -> str:
    """A sentence that should be read; what stands in backticks is a command."""
    return f'<p class="tg-notice" role="status">{_with_code(text)}</p>'


def entity_face(entity: Entity, picture: str | None) -> str:
    """What the graph says of one entity. picture: a data address, or None."""
    said = entity.said
    face = f'<img src="{picture}" alt="Picture of {_text(entity.label)}">' if picture else ""
    lists = (("genres", "Genres"), ("directors", "Directed by"), ("writers", "Written by"), ("stars", "Starring"))
    facts = [(title, ", ".join(said[name][:_MOST_LISTED])) for name, title in lists if said.get(name)]
    if said.get("popularity") is not None:
        facts.append(("Mentioned", f"in {said['popularity']} training conversations"))
    facts += [("URI", entity.uri), ("From", ", ".join(said.get("sources") or ()))]
    rows = "".join(f"<dt>{title}</dt><dd>{_text(value)}</dd>" for title, value in facts if value)
    plot = f"<p>{_text(said['plot'])}</p>" if said.get("plot") else ""
    return f'<article class="tg-entity">{face}<div><h2>{_text(entity.label)}</h2>{plot}<dl>{rows}</dl></div></article>'


def direct_edges(found: Comparison) -> str:
    """The edges between two entities, each in a line."""
    names = {one.uri: one.label for one in (found.first, found.second)}
    lines = (f"{names[row['source']]} – {_said(row)} – {names[row['target']]}" for row in found.edges)
    return _list(lines) or small("No edge of any kind leads from one to the other.")


def _said(row: dict[str, Any]) -> str:
    words = relation_words(row["relation"])
    if row["count"] is not None:
        return f"{words}, {row['count']} time{'' if row['count'] == 1 else 's'}"
    return words if row["score"] is None else f"{words}, likeness {row['score']:.2f}"


def ways(lines: Iterable[str]) -> str:
    """Ways in words, each in a line."""
    return _list(lines)


def _list(lines: Iterable[str]) -> str:
    rows = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f'<ul class="tg-ways">{rows}</ul>' if rows else ""


def query_head(query: Query) -> str:
    """What a query is for."""
    return f'<p class="tg-small">{_with_code(f"{query.purpose}. {query.about}")}</p>'


def _with_code(text: str) -> str:
    return with_code(escape(printable(text)))


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
