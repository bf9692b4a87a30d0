"""Environments of what Bellhop is measured beside: each has its own, made at its first use from pinned versions."""

import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT

ENVIRONMENTS = ROOT / ".bench"


class NotInstalled(Exception):
    """The packages of a peer could not be installed."""


def made_environment(name: str) -> Path:
    """Return the commands of a peer's own environment, which bench/peers/<name>.txt describes. Raises NotInstalled."""
    directory, wanted = ENVIRONMENTS / name, ROOT / "bench" / "peers" / f"{name}.txt"
    stamp = directory / "installed"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        pip = [str(directory / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(directory)], check=True)
            subprocess.run([*pip, "--requirement", str(wanted)], check=True, stdout=sys.stderr)
        except subprocess.CalledProcessError as error:
            raise NotInstalled(f"{name} was not installed: {wanted.read_text().split()}") from error
        stamp.write_text(wanted.read_text())
    return directory / "bin"
