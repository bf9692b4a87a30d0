"""Our packages, as they are built into wheels."""

import tomllib
from pathlib import Path

import pytest

from tests.stack import ROOT

PACKAGES = sorted(path.parent for pattern in ("*/pyproject.toml", "*/*/pyproject.toml") for path in ROOT.glob(pattern))
TAKEN = {"bellhop", "bellhop-py"}
"""Names of other people's distributions on PyPI."""

each = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.relative_to(ROOT)))


@each
def test_a_wheel_has_the_licence_and_says_that_it_is_typed(package: Path) -> None:
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]

    assert project["license"] == "MIT"
    assert project["license-files"] == ["LICENSE"]
    assert (package / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert [path for path in package.glob("src/*") if not (path / "py.typed").exists()] == []


@each
def test_a_distribution_has_a_name_that_nobody_else_has(package: Path) -> None:
    assert tomllib.loads((package / "pyproject.toml").read_text())["project"]["name"] not in TAKEN
