"""Django's own tests of tasks, with our backend in the place of its dummy one, and recorded jobs in that of a server.

They are in Django's source distribution and not in its wheel. Django 5.2, which the other interpreters have, has none.
"""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import django
import pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 13), reason="they are run once, by the newest Python")
DOWNLOAD = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "django"]
DUMMY = "django.tasks.backends.dummy"
BACKEND = """
from copy import deepcopy

from bellhop_client.django import BellhopBackend


class DummyBackend(BellhopBackend):
    results = []

    def clear(self):
        self.results.clear()

    def enqueue(self, task, args, kwargs):
        self.results.append(super().enqueue(task, args, kwargs))
        return deepcopy(self.results[-1])
"""
RUN = """
import sys
import unittest

import django
import pytest
from django.conf import settings

from bellhop_client.testing import RecordedJobs
from bellhop_client.testing.replacing import answer_by

tasks = {"default": {"BACKEND": "ours.DummyBackend"}}
settings.configure(TASKS=tasks, USE_TZ=True, BELLHOP_URL="http://127.0.0.1:1", BELLHOP_TOKEN="token", DATABASES={})
django.setup()
answer_by(RecordedJobs(), pytest.MonkeyPatch())
unittest.main("tasks.test_tasks")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tests, and our backend under the name of the dummy one."""
    got = subprocess.run([*DOWNLOAD, "--dest", tmp_path, f"django=={django.__version__}"], check=False, timeout=240)
    archives = list(tmp_path.glob("*.tar.gz"))
    if got.returncode or not archives:
        pytest.skip("the source of Django cannot be had")
    with tarfile.open(archives[0]) as archive:
        members = [one for one in archive.getmembers() if "/tests/tasks/" in one.name]
        archive.extractall(tmp_path, members, filter="data")
    [found] = tmp_path.glob("*/tests")
    tests = found / "tasks/test_tasks.py"
    tests.write_text(tests.read_text().replace(f"{DUMMY}.DummyBackend", "ours.DummyBackend").replace(DUMMY, "ours"))
    (found / "ours.py").write_text(BACKEND)
    return found


def test_our_backend_passes_them(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr.splitlines()[-1]
    assert int(done.stderr.partition("Ran ")[2].split()[0]) > 30
