"""Steps are done once, again after an interruption, and all anew when what they are made of changes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from rich.console import Console

from ui.demo_steps import Progress, Step, StepRecord, in_background, run_steps


class _Workshop:
    """Three steps that leave files, and a list of what was really done."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.done, self.console = folder, list[str](), Console(record=True, width=120)
        self.breaks_at = ""

    def step(self, name: str) -> Step:
        def work(progress: Progress) -> None:
            progress("things", 1, 2)
            if name == self.breaks_at:
                raise KeyboardInterrupt
            (self.folder / name).write_text(name)
            self.done.append(name)

        return Step(name, f"Making {name}", work, self.folder / name)

    def run(self, made_of: str = "flour") -> list[str]:
        self.done.clear()
        steps = [self.step(name) for name in ("dough", "bread", "toast")]
        run_steps(steps, StepRecord(self.folder / "steps.json", made_of), self.console)
        return self.done


@pytest.fixture
def workshop(tmp_path: Path) -> _Workshop:
    return _Workshop(tmp_path)


def test_what_is_done_is_not_done_again(workshop: _Workshop) -> None:
    assert workshop.run() == ["dough", "bread", "toast"]
    assert workshop.run() == []
    said = workshop.console.export_text()
    assert said.count("done before") == 3
    assert "1/3 Making dough: 0.0 s" in said


def test_an_interrupted_run_goes_on_where_it_was(workshop: _Workshop) -> None:
    workshop.breaks_at = "bread"
    with pytest.raises(KeyboardInterrupt):
        workshop.run()
    workshop.breaks_at = ""
    assert workshop.run() == ["bread", "toast"]


def test_whose_output_is_gone_is_done_again_with_what_follows(workshop: _Workshop) -> None:
    workshop.run()
    (workshop.folder / "bread").unlink()
    assert workshop.run() == ["bread", "toast"]
    assert workshop.run() == []


def test_an_interruption_while_redoing_leaves_later_steps_undone(workshop: _Workshop) -> None:
    workshop.run()
    (workshop.folder / "dough").unlink()
    workshop.breaks_at = "bread"
    with pytest.raises(KeyboardInterrupt):
        workshop.run()
    workshop.breaks_at = ""
    assert workshop.run() == ["bread", "toast"]


def test_everything_is_made_anew_of_something_else(workshop: _Workshop) -> None:
    workshop.run()
    assert workshop.run("rye") == ["dough", "bread", "toast"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"finished": ["dough"]}', '{"made_of": "flour"}'])
def test_a_damaged_record_names_nothing(workshop: _Workshop, damage: str) -> None:
    workshop.run()
    (workshop.folder / "steps.json").write_text(damage)
    assert workshop.run() == ["dough", "bread", "toast"]


def test_background_work_gives_its_result_or_its_error_and_never_holds_the_program() -> None:
    assert in_background(lambda: threading.current_thread().daemon).result(timeout=10) is True

    def fail() -> None:
        raise ValueError("no network")

    with pytest.raises(ValueError, match="no network"):
        in_background(fail).result(timeout=10)
