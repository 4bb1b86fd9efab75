"""Saved ratings are judged and summed, from Python and by the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.ui.reply_world import rating, save_ratings
from ui.errors import DoorError
from ui.ratings import read_ratings, sum_ratings
from ui.study_command import command


def test_means_are_over_all_files_and_the_best_system_leads(tmp_path: Path) -> None:
    ann = save_ratings(tmp_path / "a.json", rating(0, "poor", 2, 0), rating(0, "good", 2, 2), rater="Ann")
    ben = save_ratings(tmp_path / "b.json", rating(0, "poor", 1, 0), {"chat": 3, "system": "good", "fluency": 1})
    sums = sum_ratings([read_ratings(path) for path in (ann, ben)])
    assert (sums.page, sums.raters, sums.chats, list(sums.systems)) == ("p", 2, 2, ["good", "poor"])
    means = {
        system: {quality: (one.value, one.n) for quality, one in figures.items()}
        for system, figures in sums.systems.items()
    }
    assert means == {
        "good": {"fluency": (1.5, 2), "informativeness": (2.0, 1)},
        "poor": {"fluency": (1.5, 2), "informativeness": (0.0, 2)},
    }
    good = sums.systems["good"]["fluency"]
    assert (good.low, good.high) == (1.0, 2.0)


def test_a_quality_that_nobody_rated_has_no_mean(tmp_path: Path) -> None:
    path = save_ratings(tmp_path / "a.json", {"chat": 0, "system": "a", "fluency": 0})
    assert sum_ratings([read_ratings(path)]).systems["a"]["informativeness"].value is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "holds no ratings"),
        ('{"page": "p", "rater": ""}', "'ratings'"),
        ('{"page": 1, "rater": "", "ratings": []}', "1 is no text"),
        ('{"page": "p", "rater": "", "ratings": [{"chat": 0, "system": "a", "fluency": 3}]}', "fluency is 3"),
        ('{"page": "p", "rater": "", "ratings": [{"chat": 0, "system": "a", "fluency": true}]}', "fluency is True"),
        ('{"page": "p", "rater": "", "ratings": [{"chat": "0", "system": "a"}]}', "is no number"),
        ('{"page": "p", "rater": "", "ratings": [{"chat": 0, "system": "a"}, {"chat": 0, "system": "a"}]}', "twice"),
    ],
)
def test_a_file_that_no_page_saved_is_told_in_a_sentence(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "ratings.json"
    path.write_text(content)
    with pytest.raises(DoorError, match=reason) as refused:
        read_ratings(path)
    assert str(path) in str(refused.value)


def test_a_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DoorError, match=r"No such file.*name files that a page"):
        read_ratings(tmp_path / "none.json")


def test_files_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    first = read_ratings(save_ratings(tmp_path / "1.json", rating(0, "a", 1, 1), rater="Ann"))
    same_marks = read_ratings(save_ratings(tmp_path / "2.json", rating(0, "a", 1, 1)))
    same_name = read_ratings(save_ratings(tmp_path / "3.json", rating(0, "a", 2, 1), rater="Ann"))
    other_page = read_ratings(save_ratings(tmp_path / "4.json", rating(0, "a", 0, 1), page="q"))
    empty = read_ratings(save_ratings(tmp_path / "5.json"))
    for files, reason in (
        ((first, same_marks), "hold the same marks"),
        ((first, same_name), "are both by Ann"),
        ((first, other_page), "rate different pages"),
        ((empty,), "There is no mark"),
    ):
        with pytest.raises(DoorError, match=reason):
            sum_ratings(files)


def test_the_command_prints_a_table_and_writes_the_sums(tmp_path: Path) -> None:
    ann = save_ratings(tmp_path / "a.json", rating(0, "good [x]", 2, 1), rating(1, "good [x]", 1, 1))
    ben = save_ratings(tmp_path / "b.json", rating(0, "good [x]", 2, 2))
    result = CliRunner().invoke(command, ["ratings", str(ann), str(ben), "--json", str(tmp_path / "out" / "sums.json")])
    assert result.exit_code == 0, result.output
    for words in ("2 chats", "files: 2", "[x]", "1.667", "1.333"):
        assert words in result.output
    sums = json.loads((tmp_path / "out" / "sums.json").read_text())
    assert sums["systems"]["good [x]"]["fluency"]["n"] == 3
    assert (sums["raters"], sums["chats"]) == (2, 2)
