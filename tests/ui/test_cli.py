"""The command line as a whole: every command helps, and no mistake shows a traceback."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from graphstore.errors import SettingsError
from ui import cli


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(cli.group, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"tellgraph {name}" in shown.output


def test_the_group_lists_every_command() -> None:
    shown = CliRunner().invoke(cli.group, ["--help"])
    assert all(f"  {name} " in shown.output for name in cli.COMMANDS)


def _main(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return ended.value.code


def test_an_expected_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise SettingsError("TELLGRAPH_HOME is a file.")

    monkeypatch.setattr(cli.group, "main", fail)
    assert _main([]) == 1
    assert capsys.readouterr().err == "Error: TELLGRAPH_HOME is a file.\n"


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.group, "main", interrupt)
    assert _main([]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli.group, "main", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main([])


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["bake"]) == 2
    assert "bake" in capsys.readouterr().err
