"""The images of a release, where there is an engine that can build them."""

import os
import shutil
import subprocess
from pathlib import Path

from scripts.release.tools import run


def build(root: Path, out: Path, version: str) -> None:
    """Build the images, and write down under which names and ids they are on this machine."""
    if not has_engine():
        print("release: no images: there is no Docker here, or it does not work")
        return
    run("scripts/images.sh", folder=root, TAG=version)
    names = [name for service in ("web", "worker", "scheduler", "flower") for name in (_name(service, version),)]
    ids = run("docker", "image", "inspect", "--format", "{{.Id}}", *names, folder=root).split()
    (out / "images.txt").write_text("".join(f"{id} {name}\n" for id, name in zip(ids, names, strict=True)))


def has_engine() -> bool:
    """Whether there is a Docker that answers."""
    found = shutil.which("docker")
    return bool(found) and subprocess.run([str(found), "info"], capture_output=True, check=False).returncode == 0


def _name(service: str, version: str) -> str:
    registry = os.environ.get("REGISTRY", "")
    return f"{registry}/bellhop-{service}:{version}" if registry else f"bellhop-{service}:{version}"
