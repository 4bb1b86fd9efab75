"""Rows of CSV and TSV files, their line numbers, and what happens to the lines around a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.errors import InputFileError
from graphstore.rejects import Reject
from graphstore.table_files import Row, read_table


def read(folder: Path, content: str) -> list[Row | Reject]:
    path = folder / "table.csv"
    path.write_bytes(content.encode())
    return list(read_table(path, ["a", "b"]))


def seen(found: list[Row | Reject]) -> list[tuple[int, str, str] | tuple[int, str]]:
    return [
        (one.line, one.reason) if isinstance(one, Reject) else (one.line.number, one.cells["a"], one.cells["b"])
        for one in found
    ]


def test_quotes_and_newlines_inside_them(tmp_path: Path) -> None:
    content = '\n A,b\n1,2\r\n\n"x ""y"", z","p\nq\n\nr"\n3,4" disk\n"",5\n'
    assert seen(read(tmp_path, content)) == [
        (3, "1", "2"),
        (5, 'x "y", z', "p\nq\n\nr"),
        (9, "3", '4" disk'),
        (10, "", "5"),
    ]


def test_tabs(tmp_path: Path) -> None:
    assert seen(read(tmp_path, "b\ta\n1,5\t2\n")) == [(2, "2", "1,5")]


def test_semicolons_where_the_header_has_no_comma(tmp_path: Path) -> None:
    assert seen(read(tmp_path, 'b;a\n1,5;"2;3"\n')) == [(2, "2;3", "1,5")]
    assert seen(read(tmp_path, "b,a;x,a\n1;5,x,2\n")) == [(2, "2", "1;5")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2,3", "3 columns where the header has 2"),
        ("1", "1 columns where the header has 2"),
        ('"1,2', "a quote is not closed"),
        ('1,"2" 3', "not CSV: ',' expected after '\"'"),
        ('1,"2', "a quote is not closed"),
        ("1,2\r3,4", "not CSV: new-line character seen in unquoted field"),
        ("1," + "x" * 200_000, "not CSV: field larger than field limit"),
    ],
)
def test_a_bad_line_takes_no_other_along(tmp_path: Path, line: str, reason: str) -> None:
    good = '1,"x\ny"\n3,4\n'
    found = seen(read(tmp_path, f"a,b\n{good}{line}\n{good}"))
    assert [one for one in found if len(one) == 3] == [
        (2, "1", "x\ny"),
        (4, "3", "4"),
        (6, "1", "x\ny"),
        (8, "3", "4"),
    ]
    (reject,) = (one for one in found if len(one) == 2)
    assert reject[0] == 5
    assert reject[1].startswith(reason)


def test_an_open_quote_does_not_take_the_rest_of_a_long_file(tmp_path: Path) -> None:
    found = read(tmp_path, 'a,b\n"1,2\n' + "3,4\n" * 1_000)
    assert isinstance(found[0], Reject)
    assert len(found) == 1_001
    assert all(isinstance(one, Row) for one in found[1:])


@pytest.mark.parametrize("last", ['3,"4', "3", '"3,4\n5'])
def test_a_file_that_stops_in_the_middle(tmp_path: Path, last: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"a,b\n1,2\n{last}", encoding="utf-8")
    found: list[Row | Reject] = []
    with pytest.raises(InputFileError, match="in the middle of line"):
        found.extend(read_table(path, ["a", "b"]))
    assert isinstance(found[0], Row)


@pytest.mark.parametrize("header", ["a", "a,b,a", "a:b", '"a,b'])
def test_another_header(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputFileError, match=r"its first line has to name the columns, each once: a, b\.$"):
        read(tmp_path, f"{header}\n1,2\n")
