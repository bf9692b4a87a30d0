"""The output of all services on one terminal, each line behind the name of its service."""

import os
import sys
import threading
from collections.abc import Mapping
from subprocess import Popen
from typing import TextIO

COLOURS = {
    "postgres": 34,
    "redis": 31,
    "migrate": 37,
    "web": 32,
    "worker": 33,
    "scheduler": 35,
    "flower": 36,
    "bellhop": 1,
}
ADVICE = ("Memory overcommit must be enabled",)
"""What is said to those who run a server, and looks like a fault to those who start this for the first time."""
WIDTH = max(len(name) for name in COLOURS)


class Terminal:
    """Writes whole lines, one at a time; a terminal that is gone is no reason to fail."""

    def __init__(self, stream: TextIO = sys.stdout, environment: Mapping[str, str] = os.environ) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and not environment.get("NO_COLOR")
        self._lock = threading.Lock()
        self._readers: list[threading.Thread] = []
        self.last_words: dict[str, str] = {}
        """The last line that each process has said."""

    def line(self, name: str, text: str) -> None:
        """Write one line of a service."""
        prefix = f"{name:<{WIDTH}} |"
        self.plain(f"{self._colour(prefix, COLOURS[name])} {text}")

    def plain(self, text: str) -> None:
        """Write text without a prefix."""
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass

    def follow(self, name: str, process: Popen[bytes]) -> None:
        """Write whatever the process says, from a thread of its own."""
        reader = threading.Thread(target=self._copy, args=(name, process), name=f"{name}-output", daemon=True)
        reader.start()
        self._readers.append(reader)

    def drain(self, timeout: float = 1) -> None:
        """Wait a moment for the last words of processes that have ended."""
        for reader in self._readers:
            reader.join(timeout)

    def _copy(self, name: str, process: Popen[bytes]) -> None:
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    text = line.decode(errors="replace").rstrip()
                    if not any(words in text for words in ADVICE):
                        self.line(name, text)
                        self.last_words[name] = text or self.last_words.get(name, "")

    def _colour(self, text: str, colour: int) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text
