"""N-Triples become facts; what is none becomes a reject, and the rest goes on."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from graphstore.errors import InputFileError
from graphstore.rejects import Reject
from graphstore.triple_files import Triple, read_triples
from graphstore.uris import LONGEST_URI

FACT = b"<urn:s> <urn:p> <urn:o> .\n"


def read_bytes(tmp_path: Path, content: bytes) -> list[Triple | Reject]:
    path = tmp_path / "facts.nt"
    path.write_bytes(content)
    return list(read_triples(path))


def test_facts_comments_and_blank_lines(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"# a comment\n\n" + FACT + b"  # another\n<urn:a> <urn:p> <urn:\\u00e9> . # end")
    assert found == [Triple(3, "urn:s", "urn:p", "urn:o"), Triple(5, "urn:a", "urn:p", "urn:é")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'<urn:s> <urn:p> "words" .', "the object is no URI"),
        (b'<urn:s> <urn:p> "words"@en .', "the object is no URI"),
        (b"<urn:s> <urn:p> _:blank .", "the object is no URI"),
        (b"_:blank <urn:p> <urn:o> .", "the subject is no URI"),
        (b"<urn:s> <urn:p> <urn:o>", "not N-Triples"),
        (b"<urn:s> <urn:p> <urn:o> <urn:graph> .", "not N-Triples"),
        (b"<urn:s> <urn:p> <no scheme> .", "not N-Triples"),
        (b"<urn:s> <urn:p> <urn:\xff> .", "not N-Triples"),
        (b"complete nonsense", "not N-Triples"),
        (b"<urn:a> <urn:b> <urn:c> .\r<urn:d> <urn:e> <urn:f> .", "not one fact"),
        (b"<urn:s> <urn:p> <urn:" + b"x" * 2_001 + b"> .", "longer than 2000 characters"),
    ],
)
def test_a_bad_line_is_rejected_alone(tmp_path: Path, line: bytes, reason: str) -> None:
    found = read_bytes(tmp_path, FACT * 1_500 + line + b"\n" + FACT * 1_500)
    rejects = [one for one in found if isinstance(one, Reject)]
    assert len(found) == 3_001
    assert [reject.line for reject in rejects] == [1_501]
    assert rejects[0].reason.startswith(reason) or reason in rejects[0].reason
    assert rejects[0].text == line.decode(errors="replace")[:300]


@pytest.mark.parametrize("cut", [b"<urn:s> <urn:p> <ur", b"<urn:s> <urn:p> <urn:o> ", b"<urn:s"])
def test_a_file_that_stops_in_the_middle(tmp_path: Path, cut: bytes) -> None:
    path = tmp_path / "cut.nt"
    path.write_bytes(FACT + cut)
    triples = read_triples(path)
    assert next(triples) == Triple(1, "urn:s", "urn:p", "urn:o")
    assert isinstance(next(triples), Reject)
    with pytest.raises(InputFileError, match="in the middle of line 2"):
        next(triples)


def test_a_cut_gzip_still_gives_its_beginning(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b"<urn:%x> <urn:p> <urn:o> .\n" % (n * 2654435761) for n in range(9_000)))
    path = tmp_path / "cut.nt.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found: list[Triple | Reject] = []
    with pytest.raises(InputFileError, match="inside its gzip data"):
        found.extend(read_triples(path))
    assert 3_000 < len(found) == len(list(_whole_lines(path)))


def _whole_lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as stream, suppress(EOFError):
        yield from stream


SCHEMES = st.sampled_from(["http://", "https://", "http://h/", "urn:", "urn:a", ""])
SIGNS = st.sampled_from([*'aB1.-_~/:#?=@[]<>{}()^|`&%é "\\\x00\x7f\t', "%41", "\\u00e9", "x" * 600])
TERMS = st.builds("<{}{}>".format, SCHEMES, st.lists(SIGNS, max_size=6).map("".join))
SPACES = st.sampled_from([" ", " ", " ", "", "\t", "\r"])
LINES = st.tuples(TERMS, SPACES, TERMS, SPACES, TERMS, SPACES, st.sampled_from([".", ".", ".", "", ". #", ". ."]))


@settings(max_examples=1_500, deadline=None)
@given(line=LINES.map("".join))
def test_every_line_is_read_as_the_parser_reads_it(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    path = tmp_path_factory.getbasetemp() / "line.nt"
    # Enough text around it that a line of control characters does not make the file a binary one.
    path.write_text("<urn:a> <urn:b> <urn:c> .\n" * 20 + f"{line}\n", encoding="utf-8")
    *others, one = read_triples(path)
    try:
        quads = list(parse(line + "\n", RdfFormat.N_TRIPLES))
    except SyntaxError:
        quads = []
    terms = [(quad.subject.value, quad.predicate.value, quad.object.value) for quad in quads]
    if len(terms) == 1 and max(map(len, (terms[0][0], terms[0][2]))) <= LONGEST_URI:
        assert one == Triple(21, *terms[0])
    else:
        assert isinstance(one, Reject)
    assert others == [Triple(number, "urn:a", "urn:b", "urn:c") for number in range(1, 21)]


@pytest.mark.parametrize("suffix", ["nt", "nt.gz", "csv", "ttl"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, suffix: str) -> None:
    facts = [(f"http://films/{number}", "http://terms/p", f"http://people/{number}") for number in range(300_000)]
    if suffix == "csv":
        text = "subject,predicate,object\n" + "".join(f"{s},{p},{o}\n" for s, p, o in facts)
    else:
        text = "".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in facts)
    path = tmp_path / f"facts.{suffix}"
    path.write_bytes(gzip.compress(text.encode(), 1) if suffix.endswith("gz") else text.encode())
    del facts, text
    tracemalloc.start()
    try:
        number = sum(isinstance(one, Triple) for one in read_triples(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == 300_000
    assert peak < 6_000_000


def test_dbpedia_is_read_whole(data_folder: Path) -> None:
    found = list(read_triples(data_folder / "inspired" / "dbpedia.nt.gz"))
    assert len(found) == 30_360
    assert all(isinstance(one, Triple) for one in found)
