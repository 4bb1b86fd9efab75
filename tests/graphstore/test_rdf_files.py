"""Facts in Turtle, RDF/XML and tables: the same facts as in N-Triples, with the lines they stand on."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from graphstore.errors import InputFileError
from graphstore.rejects import Reject
from graphstore.triple_files import Triple, read_triples

TURTLE = b"""@prefix : <http://films/> .
@prefix p: <http://terms/> .

:alien p:director :ridley ;
    p:starring :sigourney , :ian ;
    p:label "Alien", '''a
ship''' .
_:b p:director :ridley .
:aliens p:director :james .
"""
XML = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="http://terms/">
<rdf:Description rdf:about="http://films/alien">
  <p:director rdf:resource="http://films/ridley"/>
  <p:label>Alien</p:label>
  <p:starring
    rdf:resource="http://films/sigourney"/>
</rdf:Description>
<rdf:Description rdf:about="http://films/aliens"><p:director rdf:resource="http://films/james"/></rdf:Description>
</rdf:RDF>
"""


def film_fact(line: int, subject: str, predicate: str, object_: str) -> Triple:
    return Triple(line, f"http://films/{subject}", f"http://terms/{predicate}", f"http://films/{object_}")


TURTLE_FACTS = [
    film_fact(4, "alien", "director", "ridley"),
    film_fact(5, "alien", "starring", "sigourney"),
    film_fact(5, "alien", "starring", "ian"),
    film_fact(9, "aliens", "director", "james"),
]
XML_FACTS = [
    film_fact(4, "alien", "director", "ridley"),
    film_fact(7, "alien", "starring", "sigourney"),
    film_fact(9, "aliens", "director", "james"),
]


def read(folder: Path, name: str, content: bytes) -> tuple[list[Triple], list[Reject]]:
    path = folder / name
    path.write_bytes(content)
    found = list(read_triples(path))
    return (
        [one for one in found if isinstance(one, Triple)],
        [one for one in found if isinstance(one, Reject)],
    )


@pytest.mark.parametrize("name", ["facts.ttl", "facts.TTL.gz", "facts.nt", "facts"])
def test_turtle(tmp_path: Path, name: str) -> None:
    facts, rejects = read(tmp_path, name, gzip.compress(TURTLE) if name.endswith("gz") else TURTLE)
    assert facts == TURTLE_FACTS
    reasons = [(reject.line, reject.reason.split(";")[0]) for reject in rejects]
    assert reasons == [(6, "the object is no URI"), (7, "the object is no URI"), (8, "the subject is no URI")]


def test_turtle_without_prefixes_is_told_by_its_name(tmp_path: Path) -> None:
    facts, _ = read(tmp_path, "facts.ttl", b"<urn:a> <urn:b> <urn:c> ;\n <urn:d> <urn:e> .\n")
    assert facts == [Triple(1, "urn:a", "urn:b", "urn:c"), Triple(2, "urn:a", "urn:d", "urn:e")]


@pytest.mark.parametrize("name", ["facts.rdf", "facts.owl.gz", "facts.xml", "facts"])
def test_rdf_xml(tmp_path: Path, name: str) -> None:
    facts, rejects = read(tmp_path, name, gzip.compress(XML) if name.endswith("gz") else XML)
    assert facts == XML_FACTS
    assert [reject.line for reject in rejects] == [5]


@pytest.mark.parametrize(
    ("name", "content", "before", "message"),
    [
        ("f.ttl", TURTLE + b":a p:b ] .\n:c p:d :e .\n", TURTLE_FACTS, r"f\.ttl, line 10: not Turtle: .*mend the file"),
        ("f.ttl", TURTLE + b":a p:", TURTLE_FACTS, r"f\.ttl, line 10: not Turtle"),
        ("f.ttl", b"@prefix : <http://films/> .\n:\xff", [], r"f\.ttl, line 2: not Turtle: .*UTF-8"),
        ("f.rdf", XML.replace(b"</rdf:RDF>", b"</p:oh>"), XML_FACTS, r"f\.rdf, line 10: not RDF/XML"),
        ("f.rdf", XML[: XML.index(b"</rdf:RDF>") - 3], XML_FACTS, r"f\.rdf, line 9: not RDF/XML"),
        (
            "f.rdf",
            XML.replace(b"http://films/aliens", b"#b"),
            XML_FACTS[:2],
            r"f\.rdf, line 9: not RDF/XML: .*No scheme",
        ),
    ],
)
def test_a_syntax_error_names_its_line(
    tmp_path: Path, name: str, content: bytes, before: list[Triple], message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found: list[Triple | Reject] = []
    with pytest.raises(InputFileError, match=message):
        found.extend(read_triples(path))
    assert [one for one in found if isinstance(one, Triple)] == before


def test_cut_gzip(tmp_path: Path) -> None:
    lines = b"".join(b"p:%x p:b p:c .\n" % (number * 2654435761) for number in range(9_000))
    packed = gzip.compress(b"@prefix p: <urn:p:> .\n" + lines)
    path = tmp_path / "cut.ttl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found: list[Triple | Reject] = []
    with pytest.raises(InputFileError, match="inside its gzip data"):
        found.extend(read_triples(path))
    assert len(found) > 3_000


def test_a_line_of_many_pieces(tmp_path: Path) -> None:
    long = b"<urn:" + b"x" * 100_000 + b">"
    facts, rejects = read(tmp_path, "f.ttl", b"<urn:a> <urn:b> " + long + b" , <urn:c> .\n")
    assert facts == [Triple(1, "urn:a", "urn:b", "urn:c")]
    assert "longer than 2000 characters" in rejects[0].reason


@pytest.mark.parametrize("name", ["facts.csv", "facts.tsv.gz", "facts"])
@pytest.mark.parametrize("header", ["subject,predicate,object", "Object,subject,predicate,more"])
def test_a_table(tmp_path: Path, name: str, header: str) -> None:
    cells = {"subject": "http://films/alien", "predicate": "<http://terms/director>", "object": "http://films/x,y"}
    row = ",".join(f'"{cells.get(column.lower(), "")}"' for column in header.split(","))
    text = f"{header}\n\n{row}\n{row.replace('http://films/alien', 'alien')}\n"
    content = text.replace('",', '"\t').replace(header, header.replace(",", "\t")) if "tsv" in name else text
    facts, rejects = read(tmp_path, name, gzip.compress(content.encode()) if "gz" in name else content.encode())
    assert facts == [film_fact(3, "alien", "director", "x,y")]
    assert [(reject.line, reject.reason.split(";")[0]) for reject in rejects] == [(4, "the subject is no absolute URI")]


@pytest.mark.parametrize("header", [b"from,by,to", b"subject,predicate", b"subject,predicate,object,object", b'"a'])
def test_a_table_with_another_header(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(header + b"\nurn:a,urn:b,urn:c\n")
    with pytest.raises(InputFileError, match=r"its first line has to name .* subject, predicate, object\.$"):
        list(read_triples(path))
