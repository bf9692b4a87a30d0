"""The checksums of a release, as `sha256sum -c` reads them."""

import hashlib
from pathlib import Path

NAME = "SHA256SUMS"


def write(out: Path) -> None:
    """Write the sum of every file that is there."""
    files = sorted(path for path in out.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out)}\n" for path in files]
    (out / NAME).write_text("".join(lines))
