"""A release of the files that are here: whole, the same each time, and enough to run Bellhop from."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bellhop_local.process import Child
from scripts.release import packages
from tests.documents import blocks
from tests.stack import ROOT, TOKEN, Stack

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
VERSION = packages.versions(ROOT)["common/pyproject.toml"]
PAGE = "docs/operations/from-a-release.md"
INSTALL, INSTALL_CLIENT = (block.code for block in blocks() if block.document == PAGE)
TASK = next(block.code for block in blocks() if (block.document, block.language) == ("README.md", "python"))
GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
RELEASE = f"{sys.executable} -m scripts.release {VERSION}"
NO_ENGINE = {"DOCKER_HOST": "unix:///nowhere"}
"""So that no image of a test is left on this machine."""
SUBMIT = f"""
import os
from bellhop_client import Client

client = Client(os.environ["BELLHOP_URL"], "{TOKEN}")
print(client.wait(client.submit("invoices.render", {{"invoice_id": 7}})).result)
"""


class Installed(Stack):
    """A stack whose services are those of another environment."""

    migrated_before = False
    bin: Path

    def _child(self, name: str, argv: Sequence[str], **settings: str) -> Child:
        return super()._child(name, [str(self.bin / argv[0]), *argv[1:]], **settings)


def run(command: str, folder: Path, **env: str) -> str:
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of this checkout, committed as they are, and with a section of the changelog that has a name."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    changelog = (folder / "CHANGELOG.md").read_text()
    (folder / "CHANGELOG.md").write_text(changelog.replace("## Unreleased\n", f"## {VERSION}\n"))
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "All of it"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def released(checkout: Path) -> Path:
    """The folder of the release."""
    run(RELEASE, checkout, **NO_ENGINE)
    return checkout / "dist" / VERSION


@pytest.fixture(scope="module")
def environment(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that was empty, after the commands of the page."""
    folder = tmp_path_factory.mktemp("installed") / "bellhop"
    for command in (INSTALL, INSTALL_CLIENT.replace("pip install", "/opt/bellhop/bin/pip install")):
        here = command.replace("/opt/bellhop", str(folder)).replace("python3", sys.executable)
        run(here.replace("dist/0.1.0", str(released)).replace("0.1.0", VERSION), folder.parent)
    return folder


@pytest.fixture(scope="module")
def system(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system from this environment, with the task of the README."""
    folder = tmp_path_factory.mktemp("system")
    (folder / "invoices.py").write_text(TASK)
    made = Installed(folder, BELLHOP_PLUGINS="invoices", PYTHONPATH=str(folder))
    made.bin = environment / "bin"
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


def test_every_package_is_there_as_a_wheel_and_as_sources(released: Path) -> None:
    names = {package.name.replace("-", "_") for package in packages.in_order(ROOT)}

    assert {path.name.split("-")[0] for path in released.glob(f"*-{VERSION}-py3-none-any.whl")} == names
    assert {path.name.split("-")[0] for path in released.glob(f"*-{VERSION}.tar.gz")} == names
    assert all(
        (released / name).stat().st_size for name in ("NOTES.md", "openapi.json", f"bellhop-docs-{VERSION}.tar.xz")
    )


def test_a_bill_of_materials_has_what_is_locked_with_licences_and_nothing_of_this_machine(released: Path) -> None:
    for path in sorted((released / "sbom").iterdir()):
        bill = json.loads(path.read_text())
        listed = {one["name"].lower(): one for one in bill["components"]}
        assert bill["bomFormat"] == "CycloneDX"
        assert all(one["purl"].startswith("pkg:pypi/") for one in listed.values())
        assert sum("licenses" in one for one in listed.values()) > len(listed) * 0.9
        assert "file:" not in path.read_text()


def test_a_bill_of_materials_has_our_packages_and_those_of_the_lock(released: Path) -> None:
    lock = (released / "requirements/bellhop-scheduler.txt").read_text()
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))

    bill = json.loads((released / "sbom/bellhop-scheduler.cdx.json").read_text())

    listed = {one["name"]: one["version"] for one in bill["components"]}
    assert listed["bellhop-ledger"] == VERSION
    assert listed["celery"] == locked["celery"]


def test_the_same_commit_gives_the_same_bytes(checkout: Path, released: Path) -> None:
    before = (released / "SHA256SUMS").read_text()

    run(RELEASE, checkout, **NO_ENGINE)

    assert (released / "SHA256SUMS").read_text() == before


def test_a_job_runs_on_a_system_that_was_installed_from_the_folder(system: Stack, environment: Path) -> None:
    (environment / "submit.py").write_text(SUBMIT)

    result = run("bin/python submit.py", environment, BELLHOP_URL=system.url)

    assert result == "invoice-7.pdf\n"
    assert str(environment) in run("bin/python -c 'import bellhop_web; print(bellhop_web.__file__)'", environment)
