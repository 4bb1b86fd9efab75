"""`tellgraph evaluate` on a trained run: tables, JSON, and a sentence for everything that can be wrong."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.training.director_world import DIRECTORS, HELD_OUT, film, write_director_world
from training.errors import EvaluationError, RunError
from training.loop import train
from training.metrics import METRICS
from training.recipe import load_recipe
from training.runs import RunFolder
from ui.errors import DoorError
from ui.evaluate_command import EVALUATION, REPLY_EVALUATION, command

SYSTEMS = ("popularity", "last mentioned + co-mention", "mscrs")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was trained for a moment: its figures are any, its files are right."""
    folder = tmp_path_factory.mktemp("evaluate")
    snapshot = write_director_world(folder / "snapshot")
    recipe = replace(load_recipe("tiny"), pretrain_epochs=1, epochs=1, converse_epochs=1)
    train(RunFolder.create(folder / "brief", recipe, snapshot), folder, device="cpu")
    return folder / "brief"


@pytest.fixture
def unseen(tmp_path: Path) -> Path:
    """Twelve dialogues in INSPIRED's format that name films of no training dialogue, and a broken line."""
    lines = []
    for director in range(DIRECTORS):
        for number in HELD_OUT:
            asked = _turn("SEEKER", f"More like film {director}-{number}?", film(director, number))
            lines.append(json.dumps([asked, _turn("RECOMMENDER", "This one.", film(director, 0), "http://no.where/")]))
    path = tmp_path / "unseen.jsonl"
    path.write_text("\n".join([*lines, "no json"]) + "\n", encoding="utf-8")
    return path


def _turn(role: str, text: str, *links: str) -> dict[str, Any]:
    turn: dict[str, Any] = {key: [] for key in ("movie", "movie_name", "entity_link", "entity_name")}
    return turn | {"role": role, "text": text, "movie_link": [f"<{link}>" for link in links]}


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_figures_of_a_file_that_the_run_has_never_seen(run: Path, unseen: Path, tmp_path: Path) -> None:
    """Six masterpieces share the first place in popularity, and the film that was named comes before them."""
    out = tmp_path / "new folder" / "figures.json"
    result = evaluate("--run", run, "--dialogues", unseen, "--format", "inspired", "--json", out)
    assert result.exit_code == 0, result.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert (figures["run"], figures["dialogues"]) == ("brief", "unseen.jsonl")
    assert figures["instances"] == {"all": 12, "repeated": 0, "new": 12}
    assert (figures["read"]["dialogues"], figures["read"]["unknown_links"]) == (12, 12)
    assert [(reject["line"], reject["text"]) for reject in figures["read"]["rejected"]] == [(13, "no json")]
    assert tuple(figures["systems"]) == SYSTEMS
    for system in SYSTEMS:
        assert tuple(figures["systems"][system]["new"]) == METRICS
        for metric, figure in figures["systems"][system]["new"].items():
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1, metric
    reciprocal = {name: columns["all"]["mrr@10"]["value"] for name, columns in figures["systems"].items()}
    assert (reciprocal["popularity"], reciprocal["last mentioned + co-mention"]) == pytest.approx((1 / 6, 1 / 7))
    assert figures["systems"]["popularity"]["repeated"]["recall@1"]["value"] is None


def test_the_figures_are_kept_with_the_run(run: Path, unseen: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert evaluate("--run", run, "--dialogues", unseen, "--json", out).exit_code == 0
    assert (run / EVALUATION).read_bytes() == out.read_bytes()


def test_figures_that_cannot_be_kept_are_shown_all_the_same(run: Path, unseen: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / "other"))
    (other / EVALUATION).unlink(missing_ok=True)
    (other / EVALUATION).mkdir()
    result = evaluate("--run", other, "--dialogues", unseen)
    assert result.exit_code == 0
    assert "popularity" in result.stdout
    assert "will not find these figures" in result.stderr


def test_the_tables_fit_a_terminal_and_say_what_was_left_out(run: Path, unseen: Path) -> None:
    shown = evaluate("--run", run, "--dialogues", unseen).stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    assert "unseen.jsonl: 12 dialogues" in shown
    assert "Instances: 12 (0 repeated, 12 new)" in shown
    assert "Rejected lines: 1; the first is line 13" in shown
    assert "Links that the run does not know, left out as the protocol says: 12" in shown
    (mrr,) = {line for line in shown.splitlines() if line.split()[:2] == ["mrr@50", ".167"]} & set(
        _column(shown, "all")
    )
    assert ".143 [.143, .143]" in mrr
    assert "UniCRS" not in shown


def test_a_sum_stands_above_its_parts_in_a_table_that_fits(director_sum_run: RunFolder, unseen: Path) -> None:
    result = evaluate("--run", director_sum_run.path, "--dialogues", unseen)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" not in result.stdout
    figures = json.loads((director_sum_run.path / EVALUATION).read_text(encoding="utf-8"))
    assert tuple(figures["systems"]) == (*SYSTEMS[:2], "evidence", "mscrs", "evidence+mscrs")
    assert tuple(figures["paired"]["evidence+mscrs"]) == (*SYSTEMS[:2], "evidence", "mscrs")


def test_orders_are_read_with_the_prefix_that_they_were_ingested_with(run: Path, tmp_path: Path) -> None:
    prefix, log = film(0, 0).removesuffix("film_0_0"), tmp_path / "orders.csv"
    rows = [f"u{director},film_{director}_{number},{number}" for director in range(3) for number in (6, 7)]
    log.write_text("\n".join(["user,item,time", *rows]) + "\n", encoding="utf-8")
    result = evaluate("--run", run, "--dialogues", log, "--format", "log", "--item-prefix", prefix)
    assert result.exit_code == 0, result.output
    assert "orders.csv: 3 dialogues\nInstances: 3 " in result.stdout


def test_published_figures_stand_beside_column_all_when_asked(run: Path, unseen: Path) -> None:
    shown = evaluate("--run", run, "--dialogues", unseen, "--reference").stdout
    assert max(map(len, shown.splitlines())) <= 80
    (row,) = [line.split() for line in shown.splitlines() if "LumiCRS *" in line]
    assert row == ["LumiCRS", "*", ".104", ".274", ".466", ".179", ".212", ".150", ".160"]
    assert "on INSPIRED's test split" in shown


def test_training_dialogues_are_called_so(run: Path, tmp_path: Path) -> None:
    learnt = next(RunFolder.open(run).snapshot().dialogues("train"))
    told = ("role", "text", "items", "entities")
    line = {"id": "learnt", "turns": [{key: getattr(turn, key) for key in told} for turn in learnt.turns]}
    (tmp_path / "learnt.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    result = evaluate("--run", run, "--dialogues", tmp_path / "learnt.jsonl", "--format", "tellgraph")
    assert result.exit_code == 0, result.output
    assert "Dialogues that the run was trained on: 1." in result.stdout


def test_no_run_and_no_instance_are_sentences(run: Path, unseen: Path, tmp_path: Path) -> None:
    assert isinstance(evaluate("--run", tmp_path, "--dialogues", unseen).exception, RunError)
    empty = tmp_path / "empty.jsonl"
    empty.write_text(json.dumps([_turn("SEEKER", "Hello?")]) + "\n", encoding="utf-8")
    assert isinstance(evaluate("--run", run, "--dialogues", empty).exception, EvaluationError)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_scored(unseen: Path, tmp_path: Path) -> None:
    """There is no such run: that this is not what is told shows what was looked at first."""
    arguments = ("--run", tmp_path / "none", "--dialogues", unseen, "--json")
    for path in (tmp_path, unseen / "figures.json"):
        assert isinstance(evaluate(*arguments, path).exception, DoorError)


def _column(shown: str, name: str) -> list[str]:
    """The lines of one column's section in the table of accuracy."""
    lines = shown.splitlines()
    start = next(number for number, line in enumerate(lines) if line.split()[:2] == [name, "n"])
    return lines[start : start + 8]


def test_replies_are_scored_beside_three_that_need_no_training(run: Path, unseen: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "replies.json", tmp_path / "replies.html"
    done = evaluate("--run", run, "--dialogues", unseen, "--replies", "--page", page, "--json", out)
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures == json.loads((run / REPLY_EVALUATION).read_text(encoding="utf-8"))
    systems = ["constant reply", "random reply", "retrieved reply", "mscrs"]
    assert list(figures["systems"]) == systems
    assert figures["instances"] == 12
    assert figures["decoding"]["method"] == "greedy"
    assert (figures["read"]["dialogues"], len(figures["read"]["rejected"])) == (12, 1)
    assert "unseen.jsonl: 12 dialogues\nRejected lines: 1; the first is line 13: " in done.output
    # Every recommender of the training dialogues says one thing, and those of the file another.
    constant = figures["systems"]["constant reply"]
    assert constant["bleu@2"]["value"] == 0
    assert constant["tokens"]["value"] == 4
    for system in systems:
        assert system.split()[0] in done.output
    assert page.read_text(encoding="utf-8").count("<fieldset") >= 12 * len(systems)


def test_what_replies_need_is_said(run: Path, unseen: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    shutil.copytree(run, silent, ignore=shutil.ignore_patterns("conversation.safetensors"))
    error = evaluate("--run", silent, "--dialogues", unseen, "--replies").exception
    assert isinstance(error, DoorError)
    assert "--stage converse" in str(error)
    error = evaluate("--run", run, "--dialogues", unseen, "--page", tmp_path / "page.html").exception
    assert isinstance(error, DoorError)
    assert "--replies" in str(error)
    error = evaluate("--run", run, "--dialogues", unseen, "--replies", "--page", tmp_path).exception
    assert isinstance(error, DoorError)
    assert str(error) == f"{tmp_path} is a folder: name a file with --page."
