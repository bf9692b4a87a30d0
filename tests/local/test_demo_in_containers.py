"""`make demo` where the containers run."""

import os
import subprocess
from pathlib import Path

from bellhop_local.demo import FEED
from bellhop_local.services import PROGRAMS

DOCKER = """#!/bin/sh
echo "$*" >>"$TEST_LOG"
[ "$2" != ps ] || echo web
"""


def test_the_demo_runs_in_a_container_as_the_owner_of_the_feed_that_it_edits(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TEST_LOG": str(tmp_path / "log")}

    done = subprocess.run([PROGRAMS / "bellhop-local", "demo"], env=env, check=False, capture_output=True, text=True)

    owner = FEED.stat()
    assert done.returncode == 0, done.stderr
    assert f"--user {owner.st_uid}:{owner.st_gid} demo" in (tmp_path / "log").read_text()
