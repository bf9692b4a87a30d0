"""What PostgreSQL and Valkey have in common as servers of one developer's machine."""

import signal
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from bellhop_local.errors import ServerError
from bellhop_local.files import private_directory, stored_secret
from bellhop_local.ports import stored_port
from bellhop_local.process import Child, Output, end_leftover, wait_until

PATIENCE = 120.0
"""Seconds that a server may take to answer, by default."""


class Server(ABC):
    """A server with its data in a directory of its own, on a port of 127.0.0.1, behind a password.

    A `throwaway` server is for tests: quick, and a crash of the machine may lose its data.
    What it says goes to `output`, or else to the file `log` in its directory.
    """

    name: str
    stop_grace: float
    stop_signal = signal.SIGTERM

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        *,
        throwaway: bool = False,
        output: Output | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.directory = private_directory(directory)
        self.port = port or stored_port(self.directory / "port")
        self.password = stored_secret(self.directory / "password")
        self.throwaway = throwaway
        self.patience = patience
        self.log = self.directory / "log"
        self.output: Output = output or self.log
        self._child: Child | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients reach it, with the password."""

    @abstractmethod
    def _prepare(self) -> Child:
        """Make its files and answer the process that is to be started."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Whether it answers clients."""

    @abstractmethod
    def _finish(self) -> None:
        """What is to be done once it answers."""

    @property
    def child(self) -> Child:
        """Its process."""
        if self._child is None:
            raise ServerError(f"{self.name} is not started")
        return self._child

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.child.pid

    def start(self) -> Self:
        """Start it and wait until it answers; a ServerError says why it does not."""
        end_leftover(self.directory, self.name, self.stop_signal)
        self._child = self._prepare()
        self._child.start()
        try:
            self._wait_until_ready()
            self._finish()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_ready(self) -> None:
        wait_until(lambda: not self.child.is_running or self._is_ready(), self.patience)
        code = self.child.exit_code
        if code is not None:
            raise ServerError(f"{self.name} did not start: it exited with {code}{self._last_words()}")
        if not self._is_ready():
            raise ServerError(
                f"{self.name} did not answer within {self.patience:g} s; wait longer with LOCAL_PATIENCE=<seconds>"
                f"{self._last_words()}"
            )

    def stop(self) -> None:
        """Stop it and wait for its end; its data stays."""
        if self._child is not None:
            self._child.stop(self.stop_grace)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _last_words(self) -> str:
        if self.output != self.log or not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n  " + "\n  ".join(lines[-10:])


def package_directory(package: str) -> Path:
    """Where a wheel is installed. It is not imported: the wrappers in it are not what we want."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"the package {package} is not installed; `make .venv/.ready` installs it")
    return Path(spec.submodule_search_locations[0])
