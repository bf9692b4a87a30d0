"""Recycling: a process that has done enough leaves after its message, and a new one gives its memory back."""

import os

from billiard.compat import mem_rss

from bellhop_ledger.platform.log import get_logger
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

MIB = 2**20


class Recycling:
    """Knows when this process has run its jobs, or holds its memory. Once it is due, it stays due."""

    def __init__(self, most_jobs: int = 0, most_memory_mib: int = 0):
        """Zero: no limit."""
        self._most_jobs, self._most_memory = most_jobs, most_memory_mib
        self._jobs = 0
        self._is_due = False

    @classmethod
    def of(cls, settings: WorkerSettings) -> "Recycling":
        """Make that of a process with these settings."""
        return cls(settings.worker_max_jobs_per_process, settings.worker_max_memory_mib)

    def count(self, jobs: int = 1) -> None:
        """Add to the jobs that the process has run."""
        self._jobs += jobs

    def is_due(self) -> bool:
        """Whether the process is to begin no other job; it costs next to nothing while there is no limit."""
        if not self._is_due and (self._most_jobs or self._most_memory):
            self._look()
        return self._is_due

    def _look(self) -> None:
        memory = own_mib() if self._most_memory else 0.0
        if (self._most_jobs and self._jobs >= self._most_jobs) or memory > self._most_memory:
            self._is_due = True
            log.info("process_recycled", jobs=self._jobs, memory_mib=round(own_mib()))


def resident_mib(pid: int | None = None) -> float | None:
    """Return the memory that this process holds now, or another one; None where there is no such file or process."""
    try:
        with open(f"/proc/{pid or 'self'}/statm", "rb") as file:
            return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB, 1)
    except OSError:
        return None


def own_mib() -> float:
    """Return the memory that this process holds now; where there is no /proc, the most that it ever held."""
    held = resident_mib()
    return float(mem_rss()) / 1024 if held is None else held
