"""What a release refuses, and what it is made of; tests/integration/test_release.py makes one."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.release import notes, packages
from scripts.release.bills import CLIENT, SERVICES
from scripts.release.ready import NotReady, check
from tests.stack import ROOT
from tests.test_images import STAGES

CHANGELOG = """\
# Changelog

## Unreleased

- Not yet.

## 0.2.0 (2026-12-01)

### Work

- Something new.

## 0.1.0
"""
PACKAGE = """\
[project]
name = "bellhop-{name}"
version = "0.2.0"
dependencies = [{needs}]
"""


def git(folder: Path, *arguments: str) -> None:
    known = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *known, *arguments], cwd=folder, capture_output=True, check=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small repository of two packages, ready for 0.2.0."""
    files = {
        "CHANGELOG.md": CHANGELOG,
        "common/pyproject.toml": PACKAGE.format(name="contract", needs=""),
        "apart/pyproject.toml": PACKAGE.format(name="apart", needs='"bellhop-contract==0.2.0"'),
        "common/src/bellhop/__init__.py": '__version__ = "0.2.0"\n',
        "clients/python/src/bellhop_client/version.py": 'VERSION = "0.2.0"\n',
        "clients/typescript/package.json": '{\n  "version": "0.2.0"\n}\n',
        "scripts/packages.sh": (ROOT / "scripts/packages.sh").read_text(),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "scripts/packages.sh").chmod(0o755)
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "All")
    return tmp_path


def test_a_checkout_that_is_ready_is_not_refused(checkout: Path) -> None:
    check(checkout, "0.2.0")


@pytest.mark.parametrize("version", ["v0.2.0", "0.2", "", "0.2.0; id"])
def test_what_is_no_version_is_refused(checkout: Path, version: str) -> None:
    with pytest.raises(NotReady, match=r"^VERSION: .* is not a version such as"):
        check(checkout, version)


def test_a_version_that_a_file_does_not_have_is_refused_with_the_name_of_the_file(checkout: Path) -> None:
    with pytest.raises(NotReady, match=r"^apart/pyproject.toml has version 0.2.0; `make version VERSION=0.3.0`"):
        check(checkout, "0.3.0")


def test_a_version_is_written_into_every_file(checkout: Path) -> None:
    packages.set_version(checkout, "0.1.0")

    assert set(packages.versions(checkout).values()) == {"0.1.0"}
    assert '"bellhop-contract==0.1.0"' in (checkout / "apart/pyproject.toml").read_text()


def test_a_version_of_which_the_changelog_says_nothing_is_refused(checkout: Path) -> None:
    packages.set_version(checkout, "0.1.0")

    with pytest.raises(NotReady, match=r"^CHANGELOG.md has no section '## 0.1.0'"):
        check(checkout, "0.1.0")


def test_a_checkout_with_changes_is_refused_with_the_name_of_a_file(checkout: Path) -> None:
    (checkout / "new.py").touch()

    with pytest.raises(NotReady, match=r"not clean; commit or remove new.py"):
        check(checkout, "0.2.0")


def test_a_tag_may_be_that_of_this_commit_and_of_no_other(checkout: Path) -> None:
    git(checkout, "tag", "v0.2.0")
    check(checkout, "0.2.0")
    git(checkout, "commit", "--allow-empty", "--message", "More")

    with pytest.raises(NotReady, match=r"the tag v0.2.0 is there already, and is not this commit"):
        check(checkout, "0.2.0")


def test_the_notes_of_a_release_are_its_section_of_the_changelog(checkout: Path) -> None:
    assert notes.of(checkout, "0.2.0") == "### Work\n\n- Something new.\n"


def requirements_of(package: packages.Package) -> list[Requirement]:
    """All that a package says that it needs, with its extras."""
    project = tomllib.loads((package.folder / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    return [Requirement(line) for lines in [project.get("dependencies", []), *extras] for line in lines]


def test_all_our_packages_have_one_version_and_need_each_other_in_it() -> None:
    ours = {package.name: package for package in packages.in_order(ROOT)}
    [version] = set(packages.versions(ROOT).values())

    needed = {str(one) for package in ours.values() for one in requirements_of(package) if one.name in ours}

    assert {one.partition("==")[2] for one in needed} == {version}


def test_a_package_comes_after_those_that_it_needs() -> None:
    names = [package.name for package in packages.in_order(ROOT)]

    assert names.index("bellhop-contract") < names.index("bellhop-ledger") < names.index("bellhop-web")


def test_there_is_a_bill_of_materials_for_each_image_and_the_client() -> None:
    images = {f"bellhop-{name}" for name, (base, _) in STAGES.items() if base == "service"}

    assert {*SERVICES, CLIENT} == {*images, CLIENT}
