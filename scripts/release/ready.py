"""What must hold before a release is made."""

import re
from pathlib import Path

from scripts.release import notes, packages
from scripts.release.tools import git

VERSION = re.compile(r"\d+\.\d+\.\d+")


class NotReady(Exception):
    """A release cannot be made; the message says what is to be done."""


def check(root: Path, version: str) -> None:
    """Raise NotReady for the first thing that is missing or in the way."""
    if not VERSION.fullmatch(version):
        raise NotReady(f"VERSION: {version!r} is not a version such as 0.1.0")
    if others := {path: found for path, found in packages.versions(root).items() if found != version}:
        path, found = next(iter(others.items()))
        raise NotReady(f"{path} has version {found}; `make version VERSION={version}` writes it everywhere")
    if not notes.of(root, version):
        raise NotReady(f"CHANGELOG.md has no section '## {version}', or nothing is in it")
    _check_git(root, version)


def _check_git(root: Path, version: str) -> None:
    if changed := git(root, "status", "--porcelain"):
        raise NotReady(f"the checkout is not clean; commit or remove {changed.splitlines()[0][3:]}")
    tagged = git(root, "tag", "--list", f"v{version}")
    if tagged and git(root, "rev-list", "-1", tagged) != git(root, "rev-parse", "HEAD"):
        raise NotReady(f"the tag {tagged} is there already, and is not this commit")
