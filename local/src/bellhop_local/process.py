"""A child process that leads its own session, can be found again, and does not outlive us."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeAlias

import psutil

from bellhop_local.errors import LocalError
from bellhop_local.files import write_private

UNPRIVILEGED_ID = 65534
"""The user and group `nobody`: a server that refuses to run as root runs as this one."""

Output: TypeAlias = Path | Callable[[subprocess.Popen[bytes]], None]
"""Where a child's output goes: to the end of a file, or to a reader of the process' pipe."""


def needs_other_user() -> bool:
    """Whether we are root, which PostgreSQL refuses to be."""
    return os.geteuid() == 0


def prefixed(argv: Sequence[str], death_signal: str, *, drop_root: bool = False) -> list[str]:
    """The command behind `setpriv`, which makes it die with us and, where asked, not be root.

    The capability lets the other user pass the directories of root (0700) above the program and
    its data, the secure bit keeps it valid for access(2), by which initdb looks for `postgres`.
    `setpriv` sets the death signal after it has changed the user, which would clear it.
    """
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    drop = drop_root and needs_other_user()
    if not setpriv:
        if drop:
            raise LocalError("as root this needs setpriv (package util-linux); or run it as another user")
        return list(argv)
    options = [f"--pdeathsig={death_signal}"]
    if drop:
        options += [f"--reuid={UNPRIVILEGED_ID}", f"--regid={UNPRIVILEGED_ID}", "--clear-groups"]
        options += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        options += ["--securebits=+no_setuid_fixup"]
    return [setpriv, *options, "--", *argv]


class Child:
    """A process started by us. Start it in the main thread: the kernel ends it with its thread."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        directory: Path,
        output: Output,
        stop_signal: signal.Signals = signal.SIGTERM,
        drop_root: bool = False,
    ) -> None:
        self.name = name
        self._argv = prefixed(argv, stop_signal.name.removeprefix("SIG"), drop_root=drop_root)
        self._env = env
        self._directory = directory
        self._output = output
        self._stop_signal = stop_signal
        self._pid_file = directory / f"{name}.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._is_asked = False
        self._is_stopped = True

    def start(self) -> None:
        """Start it; one of the same name left over from a killed run is ended first."""
        end_leftover(self._directory, self.name, self._stop_signal)
        if isinstance(self._output, Path):
            with self._output.open("ab") as file:
                self._process = self._popen(file)
        else:
            self._process = self._popen(subprocess.PIPE)
            self._output(self._process)
        self._is_asked = self._is_stopped = False
        write_private(self._pid_file, f"{self.pid} {psutil.Process(self.pid).create_time()}\n")

    def _popen(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._argv,
            env=self._env,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id, which is also the id of its process group."""
        if self._process is None:
            raise LocalError(f"{self.name} is not started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code; None while it runs or before it is started."""
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the signal that asks it to end, once: some programs take the second one for impatience."""
        if self._process is not None and self.is_running and not self._is_asked:
            self._is_asked = True
            self._process.send_signal(self._stop_signal)

    def stop(self, grace: float, hurry: Callable[[], bool] = lambda: False) -> bool:
        """Ask it to end, wait `grace` seconds or until `hurry`, then kill its group.

        Answers whether it ended by itself.
        """
        if self._process is None or self._is_stopped:  # its id may be somebody else's by now
            return True
        self.ask_to_stop()
        ended = wait_until(lambda: not self.is_running or hurry(), grace) and not self.is_running
        self._kill()
        self._process.wait()
        self._is_stopped = True
        self._pid_file.unlink(missing_ok=True)
        return ended

    def _kill(self) -> None:
        """Kill what is left of its process group."""
        kill_group(self.pid)


def wait_until(condition: Callable[[], bool], timeout: float, pause: float = 0.05) -> bool:
    """Wait up to `timeout` seconds until the condition holds; answer whether it did."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def kill_group(group: int) -> None:
    """Kill whatever is left of a process group that we started."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers the latter for a group of zombies
        os.killpg(group, signal.SIGKILL)


def end_leftover(directory: Path, name: str, stop_signal: signal.Signals, grace: float = 10) -> None:
    """End the child of that name, if one still runs that a killed run of ours has left behind."""
    pid_file = directory / f"{name}.pid"
    try:
        pid, started = pid_file.read_text(encoding="utf-8").split()
        process = psutil.Process(int(pid))
        # The clock may have been set since; two different processes with one id are further apart.
        if abs(process.create_time() - float(started)) < 2:
            process.send_signal(stop_signal)
            process.wait(grace)
    except psutil.TimeoutExpired:
        kill_group(int(pid))
    except (OSError, ValueError, psutil.NoSuchProcess):
        pass
    pid_file.unlink(missing_ok=True)
