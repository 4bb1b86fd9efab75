"""The demo on a small world of its own: built once, then there; asked, it answers with reasons that add up."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphstore.private_server import PrivateServer
from graphstore.sample import SampleOptions
from graphstore.settings import Settings
from training.pretrained import VectorModels
from ui import demo_command
from ui.demo_command import built_demo, command
from ui.demo_home import DemoHome, DemoOptions
from ui.errors import DoorError
from ui.relation_words import GRAPH_TITLES

SMALL = DemoOptions(
    sample=SampleOptions(films=40, train=30, valid=6), recipe="tiny+evidence", models=VectorModels(text="random-tiny")
)


@pytest.fixture(scope="module")
def home(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHome]:
    """A small demo, built, with its server running, so that tests need not wait for one each."""
    made = DemoHome.inside(dataclasses.replace(settings, home=tmp_path_factory.mktemp("user")))
    PrivateServer(made.settings).connect().close()
    with built_demo(made, SMALL):
        pass
    yield made
    PrivateServer(made.settings).stop()


@pytest.fixture
def demo(home: DemoHome, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command, on the small demo, with somebody else's Neo4j in the environment."""
    monkeypatch.setenv("TELLGRAPH_HOME", str(home.folder.parent))
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setattr(demo_command, "DemoOptions", lambda: SMALL)
    return CliRunner()


def _answer(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


@pytest.mark.database
@pytest.mark.slow
def test_asked_it_answers_with_reasons_that_add_up(demo: CliRunner) -> None:
    answer = _answer(demo.invoke(command, ["--no-app"]))
    assert set(answer) == {"understood", "ambiguous", "unknown", "notices", "reply", "recommendations"}
    assert isinstance(answer["reply"], str)
    assert isinstance(answer["recommendations"], list)
    assert answer["recommendations"]
    for recommended in answer["recommendations"]:
        assert set(recommended) == {"uri", "title", "score", "terms"}
        assert recommended["title"] in answer["reply"]
        total = sum(term["value"] for term in recommended["terms"])
        assert total == pytest.approx(recommended["score"], abs=1e-4 * max(1, abs(recommended["score"])))
        for term in recommended["terms"]:
            assert term["graph"] in GRAPH_TITLES
            if term["path"]:
                nodes = {node for start, _, end in term["path"] for node in (start, end)}
                assert {recommended["uri"], term["source"]} <= nodes


@pytest.mark.database
@pytest.mark.slow
def test_both_scorers_and_their_sum_are_evaluated(home: DemoHome) -> None:
    figures = json.loads(home.evaluation.read_text(encoding="utf-8"))
    assert list(figures["systems"])[2:] == ["evidence", "mscrs", "evidence+mscrs"]


@pytest.mark.database
@pytest.mark.slow
def test_a_second_time_everything_is_there(demo: CliRunner, home: DemoHome, tmp_path: Path) -> None:
    trained = (home.run / "model.safetensors").stat().st_mtime_ns
    result = demo.invoke(command, ["--no-app", "--json", str(tmp_path / "answer.json"), "--message", "Hello"])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("done before") == 7
    assert "Ready after" in result.stderr
    assert "simulated dialogues" in result.stderr
    assert json.loads((tmp_path / "answer.json").read_text())["recommendations"]
    assert (home.run / "model.safetensors").stat().st_mtime_ns == trained


@pytest.mark.database
@pytest.mark.slow
def test_nothing_of_the_sample_was_rejected(home: DemoHome) -> None:
    assert (home.folder / "rejects.jsonl").read_text() == ""


@pytest.mark.database
@pytest.mark.slow
def test_the_server_ends_with_the_demo_unless_it_ran_before(home: DemoHome) -> None:
    server = PrivateServer(home.settings)
    with built_demo(home, SMALL):
        assert server.status().running
    assert server.status().running, "it ran before"
    server.stop()
    with built_demo(home, SMALL):
        assert server.status().running
    assert not server.status().running
    server.connect().close()


@pytest.mark.database
@pytest.mark.slow
def test_an_answer_that_cannot_be_written_is_told_in_one_sentence(demo: CliRunner, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "answer.json"
    result = demo.invoke(command, ["--no-app", "--json", str(target)])
    assert isinstance(result.exception, DoorError)
    assert str(target) in str(result.exception)


def test_two_demos_do_not_build_in_one_place(tmp_path: Path) -> None:
    home = DemoHome(Settings(home=tmp_path, cache=tmp_path))
    with home.alone(), pytest.raises(DoorError, match="wait until it is done"), built_demo(home, SMALL):
        pass


def test_clearing_leaves_what_is_not_the_demos(tmp_path: Path) -> None:
    home = DemoHome.inside(Settings(home=tmp_path / "user", cache=tmp_path / "cache"))
    (tmp_path / "user" / "neo4j").mkdir(parents=True)
    (tmp_path / "cache").mkdir()
    for folder in (home.sample, home.snapshot, home.run):
        folder.mkdir(parents=True)
        (folder / "something").touch()
    home.evaluation.touch()
    home.clear()
    assert (tmp_path / "user" / "neo4j").is_dir()
    assert (tmp_path / "cache").is_dir()
    assert not any(path.exists() for path in (home.sample, home.snapshot, home.run, home.evaluation))


def test_nobodys_neo4j_is_used_but_the_demos_own(tmp_path: Path) -> None:
    user = Settings(home=tmp_path, cache=tmp_path, neo4j_uri="bolt://example.org:7687", neo4j_password="secret")
    own = DemoHome.inside(user).settings
    assert own.neo4j_uri is None
    assert own.neo4j_password is None
    assert own.home == tmp_path / "demo"
    assert own.cache == user.cache


@pytest.mark.parametrize("option", [("--json", "answer.json"), ("--message", "Hello")])
def test_options_of_the_one_question_need_no_app(option: tuple[str, str]) -> None:
    result = CliRunner().invoke(command, option)
    assert result.exit_code == 2
    assert "add --no-app" in result.output


def test_help_says_where_it_lives_and_whose_neo4j_it_uses() -> None:
    text = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert "NEO4J_URI is not used" in text
    assert "TELLGRAPH_HOME" in text
    assert "tellgraph demo --no-app --json demo.json" in text
