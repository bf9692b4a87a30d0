"""The pytest plug-in of bellhop-local: the tests of a project with tasks, run as its author runs them."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.inside import failures_in, names_in

pytestmark = pytest.mark.long

PROJECT = Path(__file__).parent / "testing_project"


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What was wrong with each test of the project."""
    folder = tmp_path_factory.mktemp("tested") / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return failures_in(folder / "shop_tests.py", folder / "report.xml", {"PYTHONPATH": ""})


@pytest.mark.parametrize("name", names_in(PROJECT / "shop_tests.py"))
def test_in_a_project(name: str, failures: Mapping[str, list[str]]) -> None:
    assert failures[name] == []
