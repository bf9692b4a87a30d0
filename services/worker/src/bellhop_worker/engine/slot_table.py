"""The slot table: shared memory in which each process of the pool writes what it does, for the main process to read."""

import mmap
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

WORK, STOP, LIMIT, COUNTS = (struct.Struct(layout) for layout in ("=q16s16s", "=16s", "=dd", "=qqq"))
"""The parts of a slot: pid, lease and job; the job that is to stop; its beginning and hard limit; the counts."""
STOP_AT = WORK.size
LIMIT_AT = STOP_AT + STOP.size
COUNTS_AT = LIMIT_AT + LIMIT.size
SLOT_SIZE = COUNTS_AT + COUNTS.size
HEADER = 16
"""Bytes before the first slot: the flags."""
LANES = 4
"""Slots for each place in the pool: a process leaves that of its dead predecessor for the lease renewer to read."""
NOBODY = UUID(int=0)
STOPPING, INTERRUPTING, DRAINING = range(3)
PATH = "BELLHOP_SLOT_TABLE"


@dataclass(frozen=True)
class Entry:
    """What one process is doing."""

    slot: int
    pid: int
    lease: UUID
    """Under which it has claimed jobs; NOBODY when it has not."""
    job: UUID
    """Whose body it is running; NOBODY between two jobs."""
    since: float
    """When that body began, by the monotonic clock, which all processes share."""
    until: float
    """When it reaches its hard limit."""

    @property
    def is_busy(self) -> bool:
        """Whether it has claimed jobs or runs one."""
        return self.lease != NOBODY or self.job != NOBODY


@dataclass(frozen=True)
class Counts:
    """How many jobs the processes of a slot have ended so far, and how many runs are followed by another attempt."""

    succeeded: int
    failed: int
    retried: int


class SlotTable:
    """One slot a process. Only the process itself writes its slot, but for the name of a job to be stopped."""

    def __init__(self, path: str, places: int):
        self._path, self.slots = path, places * LANES
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _at(self.slots))

    @staticmethod
    def create(places: int) -> None:
        """Make a new slot table; processes that are forked or spawned from here find it by the environment."""
        handle, path = tempfile.mkstemp(prefix="bellhop-slots-")
        os.truncate(handle, _at(places * LANES))
        os.close(handle)
        os.environ[PATH] = path

    def take(self, place: int) -> int:
        """Take a slot for a new process in this place of the pool; if need be, one that was not looked at yet."""
        lanes = range(place * LANES, (place + 1) * LANES)
        taken = {entry.slot for entry in self.entries()}
        slot = next((lane for lane in lanes if lane not in taken), lanes[-1])
        self.free(slot)
        self.write(slot)
        return slot

    def write(self, slot: int, lease: UUID = NOBODY, job: UUID = NOBODY) -> None:
        """Write what this process does now."""
        at = _at(slot)
        self._memory[at : at + WORK.size] = WORK.pack(os.getpid(), lease.bytes, job.bytes)

    def entries(self) -> Iterator[Entry]:
        """Yield the slots that a process has taken."""
        for slot in range(self.slots):
            pid, lease, job = WORK.unpack_from(self._memory, _at(slot))
            since, until = LIMIT.unpack_from(self._memory, _at(slot) + LIMIT_AT)
            if pid:
                yield Entry(slot, pid, UUID(bytes=lease), UUID(bytes=job), since, until)

    def count(self, slot: int, succeeded: int, failed: int, retried: int) -> None:
        """Add to what this process has done."""
        at = _at(slot) + COUNTS_AT
        before = COUNTS.unpack_from(self._memory, at)
        COUNTS.pack_into(self._memory, at, before[0] + succeeded, before[1] + failed, before[2] + retried)

    def counts(self) -> dict[int, Counts]:
        """Return what the processes of each slot have done."""
        places = range(self.slots)
        return {slot: Counts(*COUNTS.unpack_from(self._memory, _at(slot) + COUNTS_AT)) for slot in places}

    def free(self, slot: int) -> None:
        """Empty the slot of a process that is dead or leaves. Its counts stay: the next one adds to them."""
        self._memory[_at(slot) : _at(slot) + COUNTS_AT] = bytes(COUNTS_AT)

    def limit(self, slot: int, until: float) -> None:
        """Set when the body that begins now reaches its hard limit."""
        LIMIT.pack_into(self._memory, _at(slot) + LIMIT_AT, time.monotonic(), until)

    def ask_to_stop(self, slot: int, job: UUID) -> None:
        """Name the job that the process in this slot is to stop."""
        STOP.pack_into(self._memory, _at(slot) + STOP_AT, job.bytes)

    def is_asked_to_stop(self, slot: int, job: UUID) -> bool:
        """Whether this slot's process was asked to stop the job."""
        found: bytes = STOP.unpack_from(self._memory, _at(slot) + STOP_AT)[0]
        return found == job.bytes

    def raise_flag(self, flag: int, *, to: bool = True) -> None:
        """Signal all processes that the worker is stopping or draining, or that they are to break off now."""
        self._memory[flag] = to

    def flag(self, flag: int) -> bool:
        """Whether the flag is raised."""
        return self._memory[flag] == 1

    def remove(self) -> None:
        """Delete the file; processes that have it open keep it."""
        os.unlink(self._path)


def _at(slot: int) -> int:
    """Return where a slot begins."""
    return HEADER + slot * SLOT_SIZE
