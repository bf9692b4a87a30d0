"""Environments of others: the wheel of the client, some distributions, and nothing else of what is installed here."""

import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.stack import ROOT

CLIENT = ROOT / "clients/python"
WHEEL = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]


def requirements(*names: str) -> set[str]:
    """Return the distributions that these need, themselves among them, without extras."""
    found, left = set[str](), [*names]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            needs = map(Requirement, distribution(one).requires or ())
            left += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def make_environment(folder: Path, *names: str) -> Path:
    """Make an environment with the client and these distributions, copied from here, and return its Python."""
    subprocess.run([*WHEEL, "--wheel-dir", folder, CLIENT], capture_output=True, check=True)
    [built] = folder.glob("bellhop_client-*.whl")
    venv.create(folder / "venv", symlinks=True, with_pip=False)
    [site] = folder.glob("venv/lib/python*/site-packages")
    shutil.unpack_archive(built, site, "zip")
    for name in requirements("httpx", *names):
        for file in distribution(name).files or ():
            if ".." not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), site / file)
    return folder / "venv/bin/python"
