"""The slate: shared memory on which each process of the pool writes what it is doing, for the main process to read."""

import mmap
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

SLOT = struct.Struct("=q16s16s16sdqqq")
COUNTS = struct.Struct("=qqq")
COUNTS_AT = SLOT.size - COUNTS.size
HEADER = 16
LANES = 4
"""Slots for each place in the pool, so that a process leaves that of its dead forerunner for the keeper to read."""
NOBODY = UUID(int=0)
STOPPING, INTERRUPTING = 0, 1
PATH = "BELLHOP_SLATE"


@dataclass(frozen=True)
class Entry:
    """What one process is doing."""

    slot: int
    pid: int
    lease: UUID
    """Under which it has claimed jobs; NOBODY when it has not."""
    job: UUID
    """Whose body it is running; NOBODY between two jobs."""
    until: float
    """When that body reaches its hard limit, by the monotonic clock, which all processes share."""


@dataclass(frozen=True)
class Counts:
    """How many jobs a process has ended so far, and how many of its runs are followed by another attempt."""

    succeeded: int
    failed: int
    retried: int


class Slate:
    """One slot a process. Only the process itself writes its slot, but for the name of a job to be stopped."""

    def __init__(self, path: str, places: int):
        self._path, self.slots = path, places * LANES
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), HEADER + self.slots * SLOT.size)

    @staticmethod
    def create(places: int) -> None:
        """Make a new slate; processes that are forked or spawned from here find it by the environment."""
        handle, path = tempfile.mkstemp(prefix="bellhop-slate-")
        os.truncate(handle, HEADER + places * LANES * SLOT.size)
        os.close(handle)
        os.environ[PATH] = path

    def take(self, place: int) -> int:
        """Take a slot for a new process in this place of the pool; in need one that was not looked at yet."""
        lanes = range(place * LANES, (place + 1) * LANES)
        taken = {entry.slot for entry in self.entries()}
        slot = next((lane for lane in lanes if lane not in taken), lanes[-1])
        self.free(slot)
        self.write(slot)
        return slot

    def write(self, slot: int, lease: UUID = NOBODY, job: UUID = NOBODY) -> None:
        """Write what this process does now."""
        at = HEADER + slot * SLOT.size
        self._memory[at : at + 40] = struct.pack("=q16s16s", os.getpid(), lease.bytes, job.bytes)

    def entries(self) -> Iterator[Entry]:
        """Yield the slots that a process has taken."""
        for slot in range(self.slots):
            pid, lease, job, _, until, *_ = SLOT.unpack_from(self._memory, HEADER + slot * SLOT.size)
            if pid:
                yield Entry(slot, pid, UUID(bytes=lease), UUID(bytes=job), until)

    def count(self, slot: int, succeeded: int, failed: int, retried: int) -> None:
        """Add to what this process has done."""
        at = HEADER + slot * SLOT.size + COUNTS_AT
        before = COUNTS.unpack_from(self._memory, at)
        COUNTS.pack_into(self._memory, at, before[0] + succeeded, before[1] + failed, before[2] + retried)

    def counts(self) -> dict[int, Counts]:
        """Return what the process of each slot has done."""
        places = {slot: HEADER + slot * SLOT.size + COUNTS_AT for slot in range(self.slots)}
        return {slot: Counts(*COUNTS.unpack_from(self._memory, at)) for slot, at in places.items()}

    def free(self, slot: int) -> None:
        """Empty the slot of a process that is dead."""
        at = HEADER + slot * SLOT.size
        self._memory[at : at + SLOT.size] = bytes(SLOT.size)

    def limit(self, slot: int, until: float) -> None:
        """Set when the body that is about to run reaches its hard limit."""
        struct.pack_into("=d", self._memory, HEADER + slot * SLOT.size + 56, until)

    def ask_to_stop(self, slot: int, job: UUID) -> None:
        """Name the job that the process in this slot is to stop."""
        at = HEADER + slot * SLOT.size + 40
        self._memory[at : at + 16] = job.bytes

    def asked_to_stop(self, slot: int) -> UUID:
        """Return the job that this slot's process was asked to stop."""
        at = HEADER + slot * SLOT.size + 40
        return UUID(bytes=self._memory[at : at + 16])

    def raise_flag(self, flag: int) -> None:
        """Signal all processes that the worker is stopping, or that they are to break off now."""
        self._memory[flag] = 1

    def flag(self, flag: int) -> bool:
        """Whether the flag is raised."""
        return self._memory[flag] == 1

    def remove(self) -> None:
        """Delete the file; processes that have it open keep it."""
        os.unlink(self._path)
