"""`make local`, run by tests in a directory of its own."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from bellhop_local.ports import free_port
from bellhop_local.process import Child
from bellhop_local.state import published
from tests.stack import wait_until

BIN = Path(sys.executable).parent
OF_OTHER_TESTS = {"APP_ENV", "DATABASE_URL", "ENCRYPTION_KEY", "REDIS_URL"}
"""Variables by which this process may be tied to servers of other tests."""


class LocalStack:
    """One run of the command."""

    def __init__(self, directory: Path):
        self.directory = directory / "local"
        self.log = directory / "log"
        self.first_words = ""
        """What it had said when it was ready."""
        ports = {name: str(free_port()) for name in ("WEB_PORT", "FLOWER_PORT", "DEMO_PORT")}
        inherited = {name: value for name, value in os.environ.items() if name not in OF_OTHER_TESTS}
        self.env = {**inherited, **ports, "LOCAL_DIR": str(self.directory), "WORKER_CONCURRENCY": "6"}
        self.child = Child("local", self.command("up"), env=self.env, directory=directory, output=self.log)

    def command(self, verb: str) -> list[str]:
        return [str(BIN / "bellhop-local"), verb]

    def start(self) -> "LocalStack":
        self.child.start()
        wait_until(lambda: bool(published(self.directory)) or not self.child.is_running)
        self.first_words = self.log.read_text()
        assert self.child.is_running, self.first_words
        return self

    def run(self, verb: str, text: str = "", *words: str) -> subprocess.CompletedProcess[str]:
        argv = [*self.command(verb), *words]
        return subprocess.run(argv, env=self.env, input=text, capture_output=True, text=True, check=False)

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.child.pid).children(recursive=True)

    def pid_of(self, service: str) -> int:
        return int((self.directory / "run" / f"{service}.pid").read_text().split()[0])

    def exit_code(self) -> int:
        wait_until(lambda: self.child.exit_code is not None)
        assert self.child.exit_code is not None
        return self.child.exit_code
