"""Our Python packages: their order, their one version, and their wheels."""

import re
import sys
import tomllib
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from packaging.requirements import Requirement

from scripts.release.tools import run, uv

LISTING = "scripts/packages.sh"
PLACES = (
    "common/src/bellhop/__init__.py",
    "clients/python/src/bellhop_client/version.py",
    "clients/typescript/package.json",
)
"""Where the version stands besides in each pyproject.toml."""
STATED = re.compile(r'^((?:version|__version__|VERSION) = "|  "version": ")([^"]+)(?=")', re.MULTILINE)
OURS = re.compile(r'("bellhop-[a-z-]+==)([^"]+)(?=")')
"""A requirement of one of our packages in another one, which is of the same release."""


@dataclass(frozen=True)
class Package:
    """A folder with a pyproject.toml."""

    name: str
    folder: Path
    needs: frozenset[str]


def in_order(root: Path) -> list[Package]:
    """Return our packages, each after those that it needs."""
    found = {one.name: one for one in (_read(root / line) for line in run(root / LISTING, folder=root).split())}
    graph = {one.name: one.needs & found.keys() for one in found.values()}
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def _read(folder: Path) -> Package:
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    needs = frozenset(Requirement(line).name for line in project.get("dependencies", ()))
    return Package(project["name"], folder, needs)


def build(root: Path, out: Path, moment: str) -> list[Package]:
    """Make an sdist of each package, and a wheel of that sdist, all dated with this moment."""
    made = in_order(root)
    options = ["--no-build-isolation", "--python", sys.executable, "--out-dir", str(out), "--no-create-gitignore"]
    for package in made:
        print(f"release: building {package.name}")
        uv("build", *options, str(package.folder), folder=root, SOURCE_DATE_EPOCH=moment)
    return made


def versions(root: Path) -> dict[str, str]:
    """Return the versions that stand in our files, by the file."""
    found = {}
    for path in _places(root):
        text = path.read_text()
        stated = STATED.search(text)
        others = {one for _, one in OURS.findall(text)}
        found[str(path.relative_to(root))] = stated[2] if stated and others <= {stated[2]} else "none, or several"
    return found


def set_version(root: Path, version: str) -> None:
    """Write a version into every file that states it, and into what our packages need of each other."""
    for path in _places(root):
        text = STATED.sub(rf"\g<1>{version}", path.read_text(), count=1)
        path.write_text(OURS.sub(rf"\g<1>{version}", text))


def _places(root: Path) -> list[Path]:
    folders = run(root / LISTING, folder=root).split()
    return [root / place for place in [*(f"{folder}/pyproject.toml" for folder in folders), *PLACES]]
