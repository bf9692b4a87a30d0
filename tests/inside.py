"""Tests in a process of their own, which have other settings, plug-ins or a project: run once and reported here."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

OPTIONS = ["--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:valkey", "-W", "error", "-o", "pythonpath=."]


def names_in(file: Path) -> list[str]:
    """Return the names of the tests in a file."""
    return re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)


def failures_in(file: Path, report: Path, env: Mapping[str, str], options: Sequence[str] = ()) -> dict[str, list[str]]:
    """Run the tests of a file in its folder, and return what was wrong with each."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *options, f"--rootdir={file.parent}", f"--junitxml={report}"]
    done = subprocess.run(
        [*command, file.name], cwd=file.parent, env=os.environ | dict(env), capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        faults = [fault.text or "" for kind in ("failure", "error", "skipped") for fault in case.iter(kind)]
        found.setdefault(case.attrib["name"].partition("[")[0], []).extend(faults)
    return found
