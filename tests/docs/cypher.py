"""Writes docs/cypher.md from the headers of cypher/ and from what the toy graph answers.

    python -m tests.docs.cypher

Starts a private Neo4j of its own and leaves nothing behind.
"""

from __future__ import annotations

import json
import shlex
import tempfile
from pathlib import Path
from typing import Any

from graphstore.graph import Graph, open_graph
from graphstore.private_server import PrivateServer
from graphstore.queries import Query, all_queries
from graphstore.settings import Settings
from tests.toy_films import make_toy_films

PAGE = Path(__file__).parents[2] / "docs" / "cypher.md"
_HEAD = Path(__file__).with_name("cypher_head.md")
_ALIEN = {"uri": "urn:alien"}
_ENDS = {"first": "urn:alien", "second": "urn:aliens"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "changed_since": {"build": 1, "limit": 5},
    "changes_by_build": {"since": 1},
    "counts": {},
    "dialogue": {"id": "toy/train/1"},
    "dialogues_with": {"uri": "urn:gladiator", "split": "train"},
    "entity": _ALIEN,
    "evidence_path": {"starts": ["urn:gladiator", "urn:alien"], "types": ["DIRECTOR"] * 2, "ends": ["urn:scott"] * 2},
    "evidence_popularity": _ALIEN,
    "evidence_turn": {"dialogue": "toy/train/1", "turn": 1, "uri": "urn:aliens"},
    "facts_of_relation": {"relation": "DIRECTOR"},
    "find_entity": {"text": "sigorney weever"},
    "find_items": {"genre": "horror", "to_year": 1999},
    "hubs": {"limit": 3},
    "hybrid_search": {"text": "Ridley Scott", "vector": [0.0, 1.0]},
    "interacted_together": _ALIEN,
    "isolated_items": {},
    "item_descriptions": {},
    "items_near_text": {"vector": [1.0, 0.2], "limit": 2},
    "items_with": {"uri": "urn:scott", "relation": "DIRECTOR"},
    "mentioned_together": _ALIEN,
    "neighbourhood": _ALIEN,
    "neighbourhood_growth": _ALIEN,
    "popular_items": {"limit": 3},
    "recommended_after": _ALIEN,
    "relation_types": {},
    "server_version": {},
    "shared_facts": _ENDS,
    "sources": {},
    "shortest_paths": {"first": "urn:gladiator", "second": "urn:aliens"},
    "similar_by_image": _ALIEN,
    "similar_by_text": _ALIEN,
    "similar_contexts": {"vector": [1.0, 0.2], "limit": 2},
    "similar_to_vector": {"vector": [0.0, 1.0], "index": "item_text", "limit": 2},
    "suggest_entities": {"text": "ridley sc"},
    "two_steps": {"uri": "urn:alien", "first": "STARRING", "second": "STARRING"},
    "unseen_items": {},
    "why_similar": _ENDS | {"limit": 5},
}


def page(graph: Graph) -> str:
    """The whole page, with results from `graph`, which holds the toy films."""
    sections = [_section(graph, query) for query in all_queries() if not query.internal]
    return "\n\n".join([_HEAD.read_text(encoding="utf-8").strip(), *sections]) + "\n"


def _section(graph: Graph, query: Query) -> str:
    given = EXAMPLES[query.name]
    parts = [f"## `{query.name}`", f"{query.purpose}. {query.about}".rstrip()]
    if query.parameters:
        rows = [
            [f"`{one.name}`", one.type, "" if one.required else f"`{json.dumps(one.default)}`"]
            for one in query.parameters.values()
        ]
        parts.append(_table(["parameter", "type", "default"], rows))
    columns = (f"`{name}`" + (f" ({said})" if said else "") for name, said in query.columns.items())
    parts.append(f"Columns: {', '.join(columns)}.")
    parts.append(f"```cypher\n{query.text}\n```")
    parts.append(f"    {_command(query, given)}")
    rows = [[_cell(value) for value in row.values()] for row in graph.read(query.name, **given)]
    parts.append(_table(list(query.columns), rows))
    return "\n\n".join(parts)


def _command(query: Query, given: dict[str, Any]) -> str:
    values = (f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in given.items())
    return shlex.join(["tellgraph", "query", query.name, *(word for value in values for word in ("-p", value))])


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory(prefix="tellgraph-docs-", ignore_cleanup_errors=True) as folder:
        settings = Settings(home=Path(folder), cache=Settings.from_environment().cache)
        try:
            with open_graph(settings) as graph:
                make_toy_films(graph)
                PAGE.write_text(page(graph), encoding="utf-8")
        finally:
            PrivateServer(settings).stop()
    print(f"{PAGE.name} is written.")


if __name__ == "__main__":
    main()
