"""docker-compose.yml and the Dockerfile, as far as they can be held without starting Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

_ROOT = Path(__file__).parents[2]
_TEXT = (_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
_COMMENTS = "\n".join(line for line in _TEXT.splitlines() if line.startswith("#"))
_VARIABLES = sorted(set(re.findall(r"\$\{(\w+)", _TEXT)))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(_TEXT)["services"]
    return services


def test_there_is_a_neo4j_and_the_app(services: dict[str, Any]) -> None:
    assert set(services) == {"neo4j", "app"}
    assert services["app"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}


def test_neo4j_is_a_pinned_community_edition_of_the_release_line(services: dict[str, Any]) -> None:
    assert re.fullmatch(r"neo4j:5\.26\.\d+-community", services["neo4j"]["image"])


def test_the_apps_base_image_is_pinned_to_a_patch_release() -> None:
    bases = re.findall(r"^FROM (\S+)", (_ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    assert bases
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base) for base in bases)


def test_every_port_is_open_to_this_machine_only(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service["ports"]]
    assert len(ports) == 3
    assert all(re.fullmatch(r"127\.0\.0\.1:\$\{\w+:-\d+\}:\d+", port) for port in ports)


def test_the_password_comes_from_outside_and_has_no_default(services: dict[str, Any]) -> None:
    auth = services["neo4j"]["environment"]["NEO4J_AUTH"]
    assert re.fullmatch(r"neo4j/\$\{NEO4J_PASSWORD:\?[^}]+\}", auth)
    assert re.fullmatch(r"\$\{NEO4J_PASSWORD:\?[^}]+\}", services["app"]["environment"]["NEO4J_PASSWORD"])
    assert not re.findall(r"\$\{NEO4J_PASSWORD(?!:\?)", _TEXT)


def test_cypher_reaches_neither_files_nor_the_network(services: dict[str, Any]) -> None:
    environment = services["neo4j"]["environment"]
    assert environment["NEO4J_dbms_security_allow__csv__import__from__file__urls"] == "false"
    assert environment["NEO4J_internal_dbms_cypher__ip__blocklist"] == "0.0.0.0/0,::/0"


def test_neo4j_has_a_health_check_and_keeps_its_data_in_a_named_volume(services: dict[str, Any]) -> None:
    assert "7474" in services["neo4j"]["healthcheck"]["test"][1]
    volumes = yaml.safe_load(_TEXT)["volumes"]
    named = [volume.split(":")[0] for volume in services["neo4j"]["volumes"]]
    assert named == ["neo4j-data"]
    assert set(named) < set(volumes)


@pytest.mark.parametrize("variable", _VARIABLES)
def test_every_variable_is_explained(variable: str) -> None:
    assert re.search(rf"^#   {variable} +\w", _COMMENTS, flags=re.M)


def test_the_app_uses_that_neo4j(services: dict[str, Any]) -> None:
    environment = services["app"]["environment"]
    assert environment["NEO4J_URI"] == "bolt://neo4j:7687"
    assert set(environment) == {"NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD"}


def test_the_image_holds_every_package_and_runs_as_nobody_special() -> None:
    lines = (_ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    for package in ("cypher", "graphstore", "training", "ui"):
        assert f"COPY {package} {package}" in lines
    assert "USER tellgraph" in lines
