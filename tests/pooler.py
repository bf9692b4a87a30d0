"""A real PgBouncer in transaction mode, from Debian's package, in front of a Postgres of a test."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from bellhop_local.ports import HOST, free_port
from bellhop_local.process import Child
from bellhop_local.servers.postgres import Postgres
from tests.stack import Stack, wait_until

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="there is no pgbouncer (Debian's package)")

CONFIGURATION = """\
[databases]
bellhop = host={host} port={port}
[pgbouncer]
listen_addr = {host}
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {directory}/users.txt
admin_users = bellhop
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
{more}
"""


class PgBouncer:
    """The pooler, with so many connections to Postgres for each role."""

    def __init__(self, directory: Path, postgres: Postgres, *, size: int, more: str = ""):
        directory.mkdir(mode=0o755)
        self.port = free_port()
        self._postgres = postgres
        self._log = directory / "pgbouncer.log"
        (directory / "users.txt").write_text(
            "".join(f'"{role}" "{postgres.password}"\n' for role in ("bellhop", "bellhop_app"))
        )
        ini = directory / "pgbouncer.ini"
        places = {"host": HOST, "port": postgres.port, "own": self.port, "directory": directory}
        ini.write_text(CONFIGURATION.format(**places, size=size, more=more))
        argv = [str(PROGRAM), str(ini)]
        self._child = Child("pgbouncer", argv, directory=directory, output=self._log, drop_root=True)

    def start(self) -> "PgBouncer":
        """Start it."""
        self._child.start()
        return self

    def stop(self) -> None:
        """End it."""
        self._child.stop(5)

    @property
    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text()

    def address(self, role: str = "bellhop_app", database: str = "bellhop") -> str:
        """Return the address at which it answers."""
        return f"postgresql://{role}:{urlsplit(self._postgres.url).password}@{HOST}:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether it lets somebody in."""
        try:
            psycopg2.connect(self.address("bellhop")).close()
        except psycopg2.OperationalError:
            return False
        return True


class PooledStack(Stack):
    """A system whose web and workers reach Postgres through a pooler."""

    def __init__(self, directory: Path, *, connections: int, **settings: str):
        super().__init__(directory, **settings)
        self.pooler = PgBouncer(directory / "pgbouncer", self.postgres, size=connections)
        self.settings |= {
            "DATABASE_URL": self.pooler.address(),
            "DATABASE_POOLER": "transaction",
            "DATABASE_DIRECT_URL": self.application_url,
        }

    def start(self, *services: str) -> "PooledStack":
        """Start the servers, migrate past the pooler, and start it and these services."""
        super().start()
        self.pooler.start()
        wait_until(self.pooler.answers)
        for service in services:
            self.start_service(service)
        for service in services:
            self.wait_ready(service)
        return self

    def stop(self) -> None:
        """End everything."""
        super().stop()
        self.pooler.stop()
