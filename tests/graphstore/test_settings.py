"""Settings: what the environment may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphstore.errors import SettingsError
from graphstore.settings import Settings


def test_an_empty_environment_means_the_private_server_and_the_users_folders() -> None:
    settings = Settings.from_environment({"HOME": "/home/ada"})
    assert settings.neo4j_uri is None
    assert (settings.neo4j_user, settings.neo4j_password, settings.neo4j_database) == ("neo4j", None, "neo4j")
    assert settings.home.is_absolute()
    assert settings.home.name == settings.cache.name == "tellgraph"
    assert settings.home != settings.cache
    assert settings.data is settings.java_home is None


def test_every_variable_arrives(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "TELLGRAPH_HOME": str(tmp_path / "home"),
            "TELLGRAPH_CACHE": str(tmp_path / "cache"),
            "TELLGRAPH_DATA": str(tmp_path),
            "NEO4J_URI": "neo4j+s://graph.example:7687",
            "NEO4J_USER": "ada",
            "NEO4J_PASSWORD": "secret",
            "NEO4J_DATABASE": "films",
            "JAVA_HOME": str(tmp_path),
            "TELLGRAPH_DESCRIBE_KEY": "another secret",
        }
    )
    assert settings == Settings(
        home=tmp_path / "home",
        cache=tmp_path / "cache",
        neo4j_uri="neo4j+s://graph.example:7687",
        neo4j_user="ada",
        neo4j_password="secret",
        neo4j_database="films",
        data=tmp_path,
        java_home=tmp_path,
        describe_key="another secret",
    )
    assert "secret" not in repr(settings)


def test_an_empty_variable_counts_as_absent() -> None:
    assert Settings.from_environment({"NEO4J_URI": " ", "JAVA_HOME": ""}).neo4j_uri is None


def test_an_empty_environment_does_not_fall_back_to_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://localhost:7687")
    assert Settings.from_environment({}).neo4j_uri is None
    assert Settings.from_environment().neo4j_uri == "bolt://localhost:7687"


def test_a_relative_folder_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"TELLGRAPH_HOME": "here"}).home == tmp_path / "here"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "home"
    file.touch()
    with pytest.raises(SettingsError, match=r"TELLGRAPH_HOME is .*home, which is a file"):
        Settings.from_environment({"TELLGRAPH_HOME": str(file)})


@pytest.mark.parametrize(
    "uri",
    ["localhost", "localhost:7687", "http://localhost:7474", "bolt://", "bolt://host:notaport", "bolt://[x"],
)
def test_what_is_no_address_is_refused_with_an_example(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"no address.*bolt://localhost:7687"):
        Settings.from_environment({"NEO4J_URI": uri})


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="NEO4J_PASSWORD") as caught:
        Settings.from_environment({"NEO4J_URI": "bolt://ada:secret@host:7687"})
    assert "secret" not in str(caught.value)


def test_a_settings_object_does_not_show_its_password() -> None:
    assert "secret" not in repr(Settings(home=Path("/h"), cache=Path("/c"), neo4j_password="secret"))
