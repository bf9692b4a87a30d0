"""What each service needs, in exact versions with hashes, for those who install it without a checkout."""

import shutil
from pathlib import Path

from scripts.release.bills import SERVICES


def copy(root: Path, out: Path) -> None:
    """Copy the lock of each service."""
    (out / "requirements").mkdir()
    for name, (lock, _) in SERVICES.items():
        shutil.copyfile(root / lock, out / "requirements" / f"{name}.txt")
