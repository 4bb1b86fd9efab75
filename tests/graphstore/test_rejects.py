"""The rejects file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from graphstore.errors import InputFileError
from graphstore.rejects import Reject, RejectsFile


def test_records_reach_the_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "rejects.jsonl"
    with RejectsFile(path) as rejects:
        rejects.add(Reject("facts.nt", 3, "not N-Triples", "oh né\n"))
        rejects.add(Reject("d.jsonl", 4, "unknown link", "urn:x", "mention", turn=2))
        assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
            {"file": "facts.nt", "line": 3, "reason": "not N-Triples", "text": "oh né"},
            {
                "file": "d.jsonl",
                "line": 4,
                "reason": "unknown link",
                "text": "urn:x",
                "part": "mention",
                "turn": 2,
            },
        ]
    assert rejects.count == 2


def test_a_file_name_that_is_no_unicode(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.nt")
    with RejectsFile(tmp_path / "rejects.jsonl") as rejects:
        rejects.add(Reject(name, 1, "not N-Triples", "né"))
    assert json.loads(rejects.path.read_text(encoding="utf-8"))["file"] == name


def test_a_new_run_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_text("old\n", encoding="utf-8")
    with RejectsFile(path):
        pass
    assert path.read_text(encoding="utf-8") == ""


def test_an_unwritable_path(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="name another one with --rejects"), RejectsFile(tmp_path):
        pass
