"""A copy of the repository with an environment of its own, so that a test may take parts of it away."""

import os
import shutil
import subprocess
import sysconfig
import venv
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from tests.stack import ROOT

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
"""Of the environment of this process a command in the copy gets these, and no setting of a test."""

ELF = b"\x7fELF"
"""What a program begins with that is no script."""


class Copy:
    """The files that git knows, and a virtual environment with the packages of this one; ours are those of the copy."""

    def __init__(self, directory: Path):
        self.root = directory / "bellhop"
        self.bin = self.root / ".venv" / "bin"
        for name in _files():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)

    def remove_workload(self, name: str) -> None:
        """Do what a person does who wants none of it."""
        shutil.rmtree(self.root / "workloads" / name)

    def install(self) -> None:
        """Make the environment: links to what others wrote, and of ours what is there."""
        venv.create(self.root / ".venv", symlinks=True, with_pip=False)
        [site] = self.root.glob(".venv/lib/python*/site-packages")
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if not entry.name.lstrip("_").startswith("bellhop"):
                (site / entry.name).symlink_to(entry)
            elif entry.suffix == ".pth":
                self._install_ours(entry, site)
        for command in entry_points(group="console_scripts"):
            self._write_command(command)
        for program in Path(sysconfig.get_path("scripts")).iterdir():
            if program.read_bytes().startswith(ELF):
                self._link_program(program)

    def _link_program(self, program: Path) -> None:
        """Link a program that a wheel brings, such as ruff, unless the environment has one."""
        if not (self.bin / program.name).exists():
            (self.bin / program.name).symlink_to(program)

    def _install_ours(self, link: Path, site: Path) -> None:
        source = self.root / Path(link.read_text().strip()).relative_to(ROOT)
        if source.is_dir():
            (site / link.name).write_text(f"{source}\n")
            [described] = link.parent.glob(f"{link.stem.lstrip('_')}-*.dist-info")
            shutil.copytree(described, site / described.name)

    def _write_command(self, command: EntryPoint) -> None:
        path = self.bin / command.name
        call = f"import sys; from {command.module} import {command.attr}; sys.exit({command.attr}())"
        path.write_text(f"#!{self.bin / 'python'}\n{call}\n")
        path.chmod(0o755)

    def run(self, *argv: str) -> None:
        """Run a command in the copy, which must succeed."""
        env = {name: value for name, value in os.environ.items() if name in KEPT}
        env["PATH"] = f"{self.bin}:{env['PATH']}"
        done = subprocess.run(argv, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-5_000:]


def _files() -> list[str]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in found.split("\0") if name and (ROOT / name).is_file()]
