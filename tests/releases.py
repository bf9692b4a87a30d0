"""Releases of the past: their code comes out of the repository's history and runs beside that of today."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from bellhop_local.ports import free_port
from bellhop_local.process import Child
from tests.stack import ROOT, TOKEN, Stack

SERVICES = ["web", "worker", "scheduler"]


@dataclass(frozen=True)
class Release:
    """A commit, the folders with its code, and the modules of its commands."""

    commit: str
    parts: tuple[str, ...]
    migrate: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def unpack(self, folder: Path) -> "Code":
        """Write its files into a folder; skip the test where there is no history."""
        archive = ["git", "archive", self.commit, *self.parts, "tests"]
        found = subprocess.run(archive, cwd=ROOT, capture_output=True, check=False)
        if found.returncode:
            pytest.skip("the history is not here: this is a copy, or a shallow clone")
        subprocess.run(["tar", "--extract", "--directory", folder], input=found.stdout, check=True)
        return Code(self, folder)


PUBLIC = Release(
    "bbe6c7f656caf43220e40620f6444a096aedc2d6",
    ("common", "services/web", "services/worker", "services/scheduler"),
    "bellhop.migrate",
    {"EXTRA_SIGNATURES": "tests.tasks.signatures", "EXTRA_BODIES": "tests.tasks.bodies"},
)
"""The last one whose tables are where the connection puts them."""
ONE_SCHEMA = Release(
    "c462e287669c1fb2b62411b640a8bbca905764d9",
    ("common", "ledger", "services/web", "services/worker", "services/scheduler", "workloads"),
    "bellhop_ledger.migrations.command",
)
"""The last one that had the tables of workloads among the platform's."""
ONE_TABLE = Release(
    "b7dfec2c1c34234540918bde51f16f06aced5ea7",
    ("common", "ledger", "services/web", "services/worker", "services/scheduler", "workloads"),
    "bellhop_ledger.migrations.command",
    {"WORKLOADS": "none"},
)
"""The last one that had all jobs in one table."""


@dataclass(frozen=True)
class Code:
    """A release in a folder."""

    release: Release
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """What makes Python find this code before that of today."""
        sources = [str(path) for part in self.release.parts for path in self.folder.glob(f"{part}/**/src")]
        return {"PYTHONPATH": ":".join([*sources, str(self.folder)]), **self.release.settings}

    def command(self, name: str) -> list[str]:
        """Return the command by which `bellhop-migrate`, `bellhop-web` and so on run."""
        main = self.release.migrate if name == "bellhop-migrate" else f"{name.replace('-', '_')}.main"
        return [sys.executable, "-c", f"from {main} import main; main()"]


class Sides(Stack):
    """A stack in which services of a release of the past run, and beside them those of this one."""

    migrated_before = False

    def __init__(self, directory: Path, code: Code):
        super().__init__(directory)
        self.code, self.before = code, True

    def _child(self, name: str, argv: Sequence[str], **settings: str) -> Child:
        if not self.before:
            return super()._child(name, argv, **settings)
        return super()._child(name, [*self.code.command(argv[0]), *argv[1:]], **self.code.env | settings)

    @classmethod
    @contextmanager
    def at_work(cls, release: Release, folders: pytest.TempPathFactory) -> Iterator["Sides"]:
        """Run the services of a release until the end of the block."""
        made = cls(folders.mktemp("sides"), release.unpack(folders.mktemp("before")))
        try:
            made.start(*SERVICES)
            yield made
        finally:
            made.stop()

    @contextmanager
    def today(self) -> Iterator[None]:
        """Run what is started meanwhile with the code of today."""
        self.before = False
        try:
            yield
        finally:
            self.before = True

    def migrate_forward(self, *arguments: str) -> str:
        """Run the migration of this release and return its log."""
        name = f"migrate-{uuid4().hex[:6]}"
        with self.today():
            self.run(name, "bellhop-migrate", *arguments)
        return self.log(name)

    def move_on(self) -> None:
        """Put this release in the place of the one before, and drop what only that one needs."""
        for service in SERVICES:
            self.services[service].stop(15)
        self.before, self.port = False, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = self.client(TOKEN)
        self.run("migrate-at-last", "bellhop-migrate", "--contract")
        for service in SERVICES:
            self.start_service(service)
        for service in SERVICES:
            self.wait_ready(service)
