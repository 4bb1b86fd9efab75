"""What is wrong with a file is told in one sentence, and what could be read was read."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from graphstore.errors import InputFileError
from graphstore.input_files import Line, first_line, parse_json_lines, read_lines
from graphstore.rejects import Reject


def test_plain_and_gzip_give_the_same_lines(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfone\r\n\n  \ntwo"
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "packed").write_bytes(gzip.compress(content))
    expected = [Line(1, b"one\r\n"), Line(4, b"two")]
    assert list(read_lines(tmp_path / "plain")) == list(read_lines(tmp_path / "packed")) == expected


@pytest.mark.parametrize("content", [b"", b"\n \n", gzip.compress(b"")])
def test_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=r"empty\.jsonl is empty"):
        list(read_lines(path))


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="There is no file"):
        list(read_lines(tmp_path / "nowhere"))
    with pytest.raises(InputFileError, match="cannot be read"):
        list(read_lines(tmp_path))


def test_pipe_and_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading, writing = os.pipe()
    try:
        for path in (tmp_path / "pipe", Path(f"/dev/fd/{reading}"), Path("/dev/null")):
            with pytest.raises(
                InputFileError, match=f"{path} is a pipe or a device, and .* read more than once: name a file"
            ):
                first_line(path)
    finally:
        os.close(reading)
        os.close(writing)


BINARY = [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", bytes(range(128, 256)), "text".encode("utf-16")]


@pytest.mark.parametrize("content", [*BINARY, gzip.compress(BINARY[0])])
def test_binary(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match="is not a text file"):
        list(read_lines(path))


def test_one_bad_byte_does_not_make_a_file_binary(tmp_path: Path) -> None:
    path = tmp_path / "latin"
    path.write_bytes(b"Am\xe9lie and a few more words\n")
    assert len(list(read_lines(path))) == 1


def test_cut_gzip_yields_what_stands_before_the_cut(tmp_path: Path) -> None:
    whole = b"".join(b"line %d\n" % (number * 2654435761) for number in range(20_000))
    packed = gzip.compress(whole)
    path = tmp_path / "cut.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found: list[Line] = []
    with pytest.raises(InputFileError, match=r"cut off: it ends inside its gzip data after line \d+"):
        found.extend(read_lines(path))
    assert 5_000 < len(found) < 15_000
    assert found == [Line(n + 1, b"line %d\n" % (n * 2654435761)) for n in range(len(found))]


def test_damaged_gzip(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"a line of some length\n" * 1_000))
    packed[20:40] = b"\xff" * 20
    path = tmp_path / "damaged.gz"
    path.write_bytes(packed)
    with pytest.raises(InputFileError, match="is damaged"):
        list(read_lines(path))


def test_a_file_that_grows_is_read_to_the_end_that_it_has_then(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"a line\n" * 100_000)
    lines = read_lines(path)
    first = next(lines)
    with path.open("ab") as stream:
        stream.write(b"a later line\n")
    assert [first, *lines][-1] == Line(100_001, b"a later line\n")


def test_a_line_that_is_being_written_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"a line\n" * 100_000)
    found: list[Line] = []
    with pytest.raises(InputFileError, match=r"growing is being written: line 100001 has no end yet"):  # noqa: PT012
        for line in read_lines(path):
            if not found:
                with path.open("ab") as stream:
                    stream.write(b"half a li")
            found.append(line)
    assert len(found) == 100_000


def test_a_line_without_end(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b"one\n" + b"x" * 20_000_000)
    lines = read_lines(path)
    assert next(lines) == Line(1, b"one\n")
    with pytest.raises(InputFileError, match="line 2 is longer than 16 MB"):
        next(lines)


def test_progress_ends_at_the_size_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "lines.gz"
    path.write_bytes(gzip.compress(b"a line\n" * 5_000))
    seen: list[int] = []
    list(read_lines(path, seen.append))
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert seen[-1] == path.stat().st_size


@pytest.mark.parametrize("last", [b'{"a": tr', b'{"a": {"b": 1}', b'["one", "tw', b'{"a": [1,'])
def test_a_json_file_that_stops_in_the_middle(tmp_path: Path, last: bytes) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_bytes(b'{"a": 1}\n' + last)
    records = parse_json_lines(path)
    assert next(records) == (Line(1, b'{"a": 1}\n'), {"a": 1})
    assert isinstance(next(records), Reject)
    with pytest.raises(InputFileError, match="cut off: it ends in the middle of line 2"):
        next(records)


@pytest.mark.parametrize("last", [b"{not json}", b"no json at all", b'{"a": tr\n'])
def test_a_bad_last_line_is_only_a_bad_line(tmp_path: Path, last: bytes) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"a": 1}\n' + last)
    _, reject = parse_json_lines(path)
    assert isinstance(reject, Reject)
    assert reject.reason.startswith("not JSON")
