"""Make the sample that ships out of an N-Triples file and a list of items.

    python -m graphstore.sample.select_facts FACTS.nt.gz ITEMS.txt FOLDER

FACTS is DBpedia's N-Triples, plain or gzipped; ITEMS has one URI a line; FOLDER receives `facts.nt.gz` and
`items.jsonl.gz`. The same input gives the same lines: they are sorted, and the gzip header has no time.

Kept are
  * films: items with a director or a star that are not named a series, a song or a role by their own URI and
    have no `genre` fact (films have none in DBpedia any more: who has one is a series, a game or a band);
  * every fact about them;
  * of the people and companies in those facts: occupation and genre, where these are resources of their own,
    and `relative` between two of them.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from graphstore.input_files import read_lines
from graphstore.sample.films import Fact, compose_film, group_facts, read_facts
from graphstore.uris import name_from_uri

__all__ = ["select_facts", "select_films", "write_facts", "write_lines"]

_NAMESPACE = "http://dbpedia.org/ontology/"
_DISAMBIGUATION = re.compile(r"\(([^()]*)\)$")


def select_films(facts: Iterable[Fact], items: Iterable[str]) -> list[str]:
    """URIs of the items that are films with a director or a star, sorted."""
    grouped = group_facts(facts)
    films = []
    for uri in sorted(set(items)):
        known, kind = grouped.get(uri, {}), _DISAMBIGUATION.search(name_from_uri(uri))
        is_film = kind.group(1).endswith("film") if kind else "genre" not in known
        if is_film and ("director" in known or "starring" in known):
            films.append(uri)
    return films


def select_facts(facts: Iterable[Fact], films: Iterable[str]) -> list[Fact]:
    """The films' own facts and the second hop that the module's text names, sorted, each once."""
    every, chosen = sorted(set(facts)), set(films)
    first_hop = [fact for fact in every if fact[0] in chosen]
    known = {target for _, _, target in first_hop}
    second_hop = [
        (subject, relation, target)
        for subject, relation, target in every
        if subject in known - chosen
        and (
            (relation == "relative" and target in known)
            # DBpedia splits some occupations into nodes per person (`Name__PersonFunction__1`) that nobody
            # else has.
            or (relation in ("occupation", "genre") and "__" not in target and target not in chosen)
        )
    ]
    return sorted(first_hop + second_hop)


def write_facts(path: Path, facts: Iterable[Fact]) -> None:
    """Write facts as gzipped N-Triples with DBpedia's predicates."""
    write_lines(path, (f"<{subject}> <{_NAMESPACE}{relation}> <{target}> ." for subject, relation, target in facts))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write gzipped lines whose bytes depend on the lines alone (no file name, no time in the header)."""
    text = "".join(f"{line}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def main(arguments: list[str]) -> None:
    """Command line: FACTS ITEMS FOLDER."""
    if len(arguments) != 3:
        raise SystemExit("use: python -m graphstore.sample.select_facts FACTS.nt.gz ITEMS.txt FOLDER")
    source, items, folder = map(Path, arguments)
    every = read_facts(source)
    films = select_films(every, (line.text.decode().strip().strip("<>") for line in read_lines(items)))
    facts = select_facts(every, films)
    grouped, fame = group_facts(facts), Counter(target for _, _, target in facts)
    write_facts(folder / "facts.nt.gz", facts)
    described = (compose_film(uri, grouped[uri], fame).as_json() for uri in films)
    write_lines(folder / "items.jsonl.gz", (json.dumps(film, ensure_ascii=False) for film in described))
    print(f"{len(films)} films, {len(facts)} facts")


if __name__ == "__main__":
    main(sys.argv[1:])
