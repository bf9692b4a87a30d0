"""Bills of materials in CycloneDX: what is installed with a service or a client, from the wheels of the release."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.release.packages import Package
from scripts.release.tools import run, uv

ENGINE = ("bellhop-contract", "bellhop-ledger")
SERVICES = {
    "bellhop-web": ("services/web/requirements.txt", (*ENGINE, "bellhop-web", "workloads")),
    "bellhop-worker": ("services/worker/requirements.txt", (*ENGINE, "bellhop-worker", "workloads")),
    "bellhop-scheduler": ("services/scheduler/requirements.txt", (*ENGINE, "bellhop-scheduler")),
    "bellhop-flower": ("services/flower/requirements.txt", ENGINE),
    "bellhop-demo": ("demo/requirements.txt", ("bellhop-demo",)),
}
"""The stages of the Dockerfile: their locks, and which of our packages they have."""
CLIENT = "bellhop-client"
"""It has no lock of its own, for its requirements are those of the application; ours are what it is tested with."""


def write(root: Path, out: Path, made: Sequence[Package]) -> None:
    """Install each from its lock and the new wheels, and write down what is there, with the licences."""
    (out / "sbom").mkdir()
    for name in (*SERVICES, CLIENT):
        print(f"release: listing what is in {name}")
        with TemporaryDirectory() as folder:
            python = environment(root, Path(folder))
            install(root, out, python, name, made)
            describe(root, python, out / "sbom" / f"{name}.cdx.json")


def environment(root: Path, folder: Path) -> Path:
    """Make an empty environment, and return its Python."""
    uv("venv", "--python", sys.executable, folder, folder=root)
    return folder / "bin/python"


def install(root: Path, wheels: Path, python: Path, name: str, made: Sequence[Package]) -> None:
    """Install a service as its image has it, or the client with what it is tested with."""
    if name == CLIENT:
        ours = ["--find-links", str(wheels), "--constraint", "requirements-dev.txt"]
        uv("pip", "install", "--python", python, *ours, CLIENT, folder=root)
        return
    lock, wanted = SERVICES[name]
    uv("pip", "install", "--python", python, "--require-hashes", "--requirement", lock, folder=root)
    names = [one.name for one in made if one.name in wanted or one.folder.parent.name in wanted]
    ours = ["--no-deps", "--no-index", "--find-links", str(wheels)]
    uv("pip", "install", "--python", python, *ours, *names, folder=root)


def describe(root: Path, python: Path, bill: Path) -> None:
    """Write what is installed there, without the moment and the number that would differ each time."""
    options = ["--output-reproducible", "--output-format", "JSON", "--output-file", str(bill)]
    run(sys.executable, "-m", "cyclonedx_py", "environment", *options, python, folder=root)
