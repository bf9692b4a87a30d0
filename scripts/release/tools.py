"""The programs that a release calls, each with what it needs to give the same twice."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
HERE = Path(__file__).parents[1]


def run(*command: str | Path, folder: Path, **env: str) -> str:
    """Run a program to its end and return what it prints. Raises CalledProcessError; its errors are shown."""
    done = subprocess.run(command, cwd=folder, env=os.environ | env, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def uv(*arguments: str | Path, folder: Path, **env: str) -> str:
    """Run uv, which looks for packages where pip would."""
    return run(sys.executable, HERE / "uv_like_pip.py", BIN / "uv", "--quiet", *arguments, folder=folder, **env)


def git(root: Path, *arguments: str) -> str:
    """Ask git something about a checkout."""
    return run("git", *arguments, folder=root).strip()


def commit_time(root: Path) -> str:
    """Return when the last commit was made, in seconds: the date of everything in a release."""
    return git(root, "log", "-1", "--format=%ct")
