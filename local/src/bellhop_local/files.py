"""Small private files: secrets, ports and process ids that outlive one run."""

import os
import secrets
from pathlib import Path


def private_directory(path: Path) -> Path:
    """Make the directory (and its parents) for nobody but us, and answer its absolute path."""
    path = path.absolute()
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def stored_secret(path: Path) -> str:
    """The secret kept in the file; a random one is made the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8").strip()
