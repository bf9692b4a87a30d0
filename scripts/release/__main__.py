"""The command: `python -m scripts.release 0.1.0`, or `--set 0.2.0` to write the version into all packages."""

import argparse
import shutil
import sys
from pathlib import Path

from scripts.release import bills, documentation, images, javascript, locks, notes, packages, sums
from scripts.release.ready import NotReady, check
from scripts.release.tools import commit_time


def main() -> None:
    """Make a release, or say in one line why not."""
    parser = argparse.ArgumentParser("scripts.release", description="Make a release of this checkout in dist/VERSION.")
    parser.add_argument("version", help="such as 0.1.0")
    parser.add_argument("--set", action="store_true", help="only write the version into every package")
    wanted = parser.parse_args()
    root = Path.cwd()
    try:
        if wanted.set:
            packages.set_version(root, wanted.version)
        else:
            make(root, wanted.version)
    except NotReady as reason:
        sys.exit(f"release: {reason}")


def make(root: Path, version: str) -> None:
    """Check what must hold, and make the folder; it gets its name when all of it is there."""
    check(root, version)
    out, partial = root / "dist" / version, root / "dist" / f".{version}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    moment = commit_time(root)
    made = packages.build(root, partial, moment)
    documentation.build(root, partial, version, moment)
    javascript.build(root, partial)
    locks.copy(root, partial)
    bills.write(root, partial, made)
    images.build(root, partial, version)
    (partial / "NOTES.md").write_text(notes.of(root, version))
    sums.write(partial)
    shutil.rmtree(out, ignore_errors=True)
    partial.rename(out)
    print(f"release: made {out.relative_to(root)}; there, `sha256sum --check SHA256SUMS` checks it")
    print(f"release: to publish it: git tag --annotate v{version} && git push origin v{version}")


if __name__ == "__main__":
    main()
