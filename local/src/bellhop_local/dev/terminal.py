"""A worker that has the terminal, so that a debugger in it can ask the developer."""

import subprocess
from typing import IO

from bellhop_local.process import Child

DEBUGGING = {"WORKER_CONCURRENCY": "1", "WORKER_DEBUGGER": "true"}


class AttachedChild(Child):
    """A process in our own session, and in the foreground as we are: it may open /dev/tty and read from it."""

    def _popen(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._argv, env=self._env, cwd=self._directory, stdout=output, stderr=subprocess.STDOUT)

    def _kill(self) -> None:
        """Kill it alone: its process group is ours. What it has started ends with it."""
        if self._process is not None and self.is_running:
            self._process.kill()
