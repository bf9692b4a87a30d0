"""The documentation of a release, to be read without a network."""

import tarfile
from pathlib import Path

from scripts.release.tools import BIN, run


def build(root: Path, out: Path, version: str, moment: str) -> None:
    """Build the site, and pack it so that the same pages give the same bytes."""
    print("release: building the documentation")
    site = root / "build/docs"
    run("scripts/docs.sh", folder=root, OUT=str(site), VENV=str(BIN.parent), SOURCE_DATE_EPOCH=moment)
    name = f"bellhop-docs-{version}"
    with tarfile.open(out / f"{name}.tar.xz", "w:xz") as packed:
        for path in sorted(site.rglob("*")):
            packed.add(
                path, f"{name}/{path.relative_to(site)}", recursive=False, filter=lambda one: _plain(one, moment)
            )


def _plain(entry: tarfile.TarInfo, moment: str) -> tarfile.TarInfo:
    """Take away who built it on which day."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(moment)
    entry.mode = 0o755 if entry.isdir() else 0o644
    return entry
