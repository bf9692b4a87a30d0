"""The notes of a release: its section of the changelog."""

import re
from pathlib import Path


def of(root: Path, version: str) -> str:
    """Return what CHANGELOG.md says of a version; nothing when it has no section of it. A date may stand behind it."""
    sections = re.split(r"^## ", (root / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    found = [body.strip() for title, _, body in (one.partition("\n") for one in sections) if _version(title) == version]
    return f"{found[0]}\n" if found and found[0] else ""


def _version(title: str) -> str:
    return title.partition(" ")[0].strip("[]")
