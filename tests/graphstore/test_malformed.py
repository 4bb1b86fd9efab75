"""Ten thousand malformed lines among good ones: each is rejected under its own number, and every good one is read."""

from __future__ import annotations

import gzip
import json
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphstore.dialogue_files import read_numbered_dialogues
from graphstore.errors import InputFileError
from graphstore.interaction_files import read_interactions
from graphstore.item_files import read_items, read_uris
from graphstore.rejects import Reject
from graphstore.triple_files import Triple, read_triples

_EACH = 250
"""Lines of each kind in each file that has it."""

Reader = Callable[[Path], Iterable[Any]]


def _item(**fields: Any) -> bytes:
    return json.dumps({"uri": "urn:x", **fields}).encode()


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


N_TRIPLES = {
    "truncated": b"<urn:s> <urn:p> <urn:o",
    "missing dot": b"<urn:s> <urn:p> <urn:o>",
    "missing term": b"<urn:s> <urn:p> .",
    "fourth term": b"<urn:s> <urn:p> <urn:o> <urn:g> .",
    "literal": b'<urn:s> <urn:p> "a word"@en .',
    "literal with an open quote": b'<urn:s> <urn:p> "a word .',
    "blank node": b"_:s <urn:p> <urn:o> .",
    "relative URI": b"<s> <urn:p> <urn:o> .",
    "bad escape": b"<urn:s> <urn:p> <urn:\\u12> .",
    "escaped surrogate": b"<urn:s> <urn:p> <urn:\\uD800> .",
    "bad percent": b"<http://h/%4> <urn:p> <urn:o> .",
    "zero byte": b"<urn:s> <urn:p> <urn:o\x00> .",
    "invalid UTF-8": b"<urn:s> <urn:p> <urn:\xc3> .",
    "huge": b"<urn:s> <urn:p> <urn:" + b"x" * 40_000 + b"> .",
    "two facts": b"<urn:s> <urn:p> <urn:o> .\r<urn:s> <urn:p> <urn:o> .",
    "another format": b'{"subject": "urn:s"}',
}
JSON = {
    "truncated": b'{"uri": "urn:x", "title": "Al',
    "no JSON": b"uri: urn:x",
    "invalid UTF-8": b'{"uri": "urn:x", "title": "\xe9"}',
    "zero byte": b'{"uri": "urn:x", "title": "a\x00b"}',
    "lone surrogate": b'{"uri": "urn:x", "title": "\\ud83c"}',
    "bad escape": b'{"uri": "urn:x", "title": "\\x"}',
    "too deep": _nested(100_000),
    "deep enough to be read": _nested(700),
    "two values": b'{"uri": "urn:x"} {"uri": "urn:y"}',
    "single quotes": b"{'uri': 'urn:x'}",
    "list": b'["urn:x"]',
    "word": b'"urn:x"',
    "null": b"null",
}
ITEMS = JSON | {
    "no key": b'{"title": "Alien"}',
    "relative URI": _item(uri="alien"),
    "wrong type": _item(title=["Alien"]),
    "deep in a field": b'{"uri": "urn:x", "genres": ' + _nested(600) + b"}",
    "bad year": _item(year=19_790),
    "year as text": _item(year="1979"),
    "NaN": b'{"uri": "urn:x", "year": NaN}',
    "endless number": b'{"uri": "urn:x", "year": ' + b"1" * 10_000 + b"}",
    "huge": _item(title="x" * 40_000),
    "huge URI": _item(uri="urn:" + "x" * 40_000),
}
DIALOGUES = JSON | {
    "no turns": b'{"id": "x"}',
    "duplicate id": b'{"id": "0", "turns": [{"role": "seeker", "text": "again"}]}',
    "wrong role": b'{"id": "x", "turns": [{"role": "bot", "text": ""}]}',
    "wrong type": b'{"id": "x", "turns": [{"role": "seeker", "text": 7}]}',
    "misspelt field": b'{"id": "x", "turns": [{"role": "seeker", "text": "", "item": []}]}',
    "deep in a field": b'{"id": "x", "turns": ' + _nested(600) + b"}",
    "huge id": b'{"id": "' + b"x" * 40_000 + b'", "turns": [{"role": "seeker", "text": ""}]}',
}
INSPIRED = JSON | {"empty": b"[]", "wrong role": b'[{"role": "BOT", "text": "", "movie_link": [], "entity_link": []}]'}
REDIAL = JSON | {
    "no workers": b'{"conversationId": "x", "messages": [{"senderWorkerId": 1, "text": ""}]}',
    "one worker": b'{"conversationId": "x", "initiatorWorkerId": 1, "respondentWorkerId": 1, '
    b'"messages": [{"senderWorkerId": 1, "text": ""}]}',
    "duplicate id": b'{"conversationId": "0", "initiatorWorkerId": 1, "respondentWorkerId": 2, '
    b'"messages": [{"senderWorkerId": 1, "text": "again"}]}',
}
EVENTS = JSON | {
    "no user": b'{"item": 1}',
    "wrong type": b'{"user": [1], "item": 1}',
    "empty": b'{"user": "", "item": 1}',
    "NaN": b'{"user": 1, "item": 2, "time": NaN}',
    "bad time": b'{"user": 1, "item": 2, "time": "noon"}',
    "deep in a field": b'{"user": 1, "item": 2, "time": ' + _nested(600) + b"}",
    "huge": b'{"user": "' + b"x" * 40_000 + b'", "item": 1}',
}
ROWS = {
    "too few": b"urn:s,urn:p",
    "too many": b"urn:s,urn:p,urn:o,urn:g",
    "open quote": b'"urn:s,urn:p,urn:o',
    "open quote at the end": b'urn:s,urn:p,"urn:o',
    "words behind a quote": b'"urn:s" x,urn:p,urn:o',
    "invalid UTF-8": b"urn:s,urn:p,urn:\xff",
    "zero byte": b"urn:s,urn:p,urn:o\x00",
    "relative URI": b"s,urn:p,urn:o",
    "empty": b",,",
    "carriage return": b"urn:s,urn:p\r,urn:o",
    "huge": b"urn:s,urn:p,urn:" + b"x" * 200_000,
}
ITEM_ROWS = {
    "too few": b"urn:s,T",
    "too many": b"urn:s,T,1979,x",
    "bad year": b"urn:s,T,next year",
    "huge year": b"urn:s,T," + b"1" * 5_000,
    "no key": b",T,1979",
    "open quote": b'urn:s,"T,1979',
    "invalid UTF-8": b"urn:s,\xc3,1979",
}
LIST = {
    "relative": b"alien",
    "spaces": b"urn:a b",
    "zero byte": b"urn:a\x00",
    "invalid UTF-8": b"urn:\xff",
    "huge": b"urn:" + b"x" * 40_000,
    "another format": b'"urn:a"',
}


def _dialogues(format: str) -> Reader:
    return lambda path: read_numbered_dialogues(path, format, None, None)  # type: ignore[arg-type]


FILES: dict[str, tuple[Reader, bytes, dict[str, bytes], str]] = {
    "N-Triples": (read_triples, b"", N_TRIPLES, "<urn:s{0}> <urn:p> <urn:o> ."),
    "fact table": (read_triples, b"subject,predicate,object\n", ROWS, 'urn:s{0},urn:p,"urn:o"'),
    "items": (read_items, b"", ITEMS, '{{"uri": "urn:s{0}", "title": "Alien", "year": 1979}}'),
    "item table": (read_items, b"uri,title,year\n", ITEM_ROWS, 'urn:s{0},"A\n\nB",1979'),
    "URIs": (read_uris, b"", LIST, "urn:s{0}"),
    "dialogues": (
        _dialogues("tellgraph"),
        b"",
        DIALOGUES,
        '{{"id": "{0}", "turns": [{{"role": "seeker", "text": ""}}]}}',
    ),
    "INSPIRED": (
        _dialogues("inspired"),
        b"",
        INSPIRED,
        '[{{"role": "SEEKER", "text": "", "movie_link": [], "entity_link": []}}]',
    ),
    "ReDial": (
        _dialogues("redial"),
        b"",
        REDIAL,
        '{{"conversationId": "{0}", "initiatorWorkerId": 1, "respondentWorkerId": 2, '
        '"messages": [{{"senderWorkerId": 1, "text": "@1"}}]}}',
    ),
    "interactions": (
        lambda path: read_interactions(path, "urn:shop:"),
        b"",
        EVENTS,
        '{{"user": {0}, "item": 7, "time": 1}}',
    ),
}


def test_there_are_ten_thousand_lines_of_many_kinds() -> None:
    assert len({kind for _, _, bad, _ in FILES.values() for kind in bad}) >= 20
    assert sum(_EACH * len(bad) for _, _, bad, _ in FILES.values()) >= 10_000


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_each_is_rejected_and_takes_no_other_along(tmp_path: Path, name: str, packed: bool) -> None:
    read, header, bad, good = FILES[name]
    (tmp_path / "movies_dbpedia.tsv").write_text("1\turn:one\n", encoding="utf-8")
    each = 20 if packed else _EACH
    kinds = [kind for kind in bad for _ in range(each)]
    random.Random(5).shuffle(kinds)
    content, expected, line = [header], [], header.count(b"\n") + 1
    for number, kind in enumerate(kinds):
        whole = good.format(number).encode()
        content += [whole, b"\n", bad[kind], b"\n"]
        expected.append((line + whole.count(b"\n") + 1, kind))
        line += whole.count(b"\n") + 2
    content.append(good.format(len(kinds)).encode())  # the last line of a file may lack its end
    path = tmp_path / "lines"
    path.write_bytes(gzip.compress(b"".join(content), 1) if packed else b"".join(content))
    found = list(read(path))
    rejects = [one for one in found if isinstance(one, Reject)]
    kind_of = dict(expected)
    assert [(one.line, kind_of.get(one.line)) for one in rejects] == expected
    assert all(one.reason and len(one.reason) < 400 and len(one.text) <= 300 for one in rejects)
    assert len(found) - len(rejects) == len(kinds) + 1


def test_no_depth_of_nesting_is_too_much(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    lines = [b'{"id": "%d", "turns": ' % depth + _nested(depth) + b"}" for depth in range(2, 1_300)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    for read in (_dialogues("tellgraph"), lambda path: read_interactions(path, "urn:shop:"), read_items):
        found = list(read(path))
        assert [one.line for one in found if isinstance(one, Reject)] == list(range(1, len(lines) + 1))


def test_a_file_that_somebody_appends_to_is_never_torn_in_silence(tmp_path: Path) -> None:
    """The writer cuts every line in two, so the reader's end is in the middle of one more often than not."""
    fact = b"<http://films/%d> <http://terms/director> <http://people/%d> .\n"
    path = tmp_path / "growing.nt"
    path.write_bytes(b"".join(fact % (number, number) for number in range(20_000)))
    stop = threading.Event()

    def append() -> None:
        with path.open("ab", buffering=0) as stream:
            for number in range(20_000, 2_000_000):
                line = fact % (number, number)
                stream.write(line[:30])
                stream.write(line[30:])
                if stop.is_set():
                    return

    writer = threading.Thread(target=append)
    writer.start()
    try:
        for found in (_read_to_a_word(path) for _ in range(10)):
            assert len(found) >= 20_000
            assert [one.subject for one in found] == [f"http://films/{number}" for number in range(len(found))]
    finally:
        stop.set()
        writer.join()
    assert len(_read_to_a_word(path)) >= 20_000


def _read_to_a_word(path: Path) -> list[Triple]:
    """A file's facts, of which the last may be rejected only where an error tells of it."""

    def until_error() -> Iterator[Triple | Reject]:
        try:
            yield from read_triples(path)
        except InputFileError as error:
            told.append(str(error))

    told: list[str] = []
    found = list(until_error())
    assert all("is being written" in sentence or "is cut off" in sentence for sentence in told)
    if told and isinstance(found[-1], Reject):
        found.pop()
    assert not any(isinstance(one, Reject) for one in found)
    return [one for one in found if isinstance(one, Triple)]
