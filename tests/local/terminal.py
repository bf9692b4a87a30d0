"""A terminal, with a command in its foreground: what it shows, and what somebody types."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.stack import wait_until

LEAD = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """One command in a terminal of its own, which it controls."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], folder: Path):
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-c", LEAD, *argv]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=folder)
        os.close(theirs)
        self._shown = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while text := os.read(self._ours, 4096):
                self._shown += text.decode(errors="replace")
        except OSError:  # the last program has closed it
            return

    @property
    def shown(self) -> str:
        """All that it has shown."""
        return self._shown

    def type(self, text: str) -> None:
        """Type something; \\x03 is Ctrl-C."""
        os.write(self._ours, text.encode())

    def expect(self, text: str, *, since: int = 0) -> int:
        """Wait until it shows a text, and return the place behind it."""
        wait_until(lambda: text in self._shown[since:] or self.process.poll() is not None)
        assert text in self._shown[since:], self._shown
        return self._shown.index(text, since) + len(text)

    def close(self) -> int:
        """Press Ctrl-C where it still runs, and return the exit code."""
        if self.process.poll() is None:
            self.type("\x03")
        return self.process.wait(60)
