"""The heartbeat: others see by it that this worker lives, how busy it is and what it has done."""

import time
from collections.abc import Callable, Sequence

from bellhop_ledger.ledger import heartbeats, service_events
from bellhop_ledger.ledger.heartbeats import Service, own_name
from bellhop_ledger.platform.database import transaction
from bellhop_worker.engine.slot_table import NOBODY, Counts, Entry, SlotTable

NOTHING = Counts(0, 0, 0)


class HeartbeatWriter:
    """One statement every few seconds for the whole worker, whatever it runs."""

    def __init__(
        self, slots: SlotTable, queues: str, *, release: str | None = None, sign: Callable[[], None] = lambda: None
    ):
        self._slots, self._queues, self._release, self._sign = slots, queues, release, sign
        self._name = own_name(Service.WORKER)
        self._has_started = False
        self._reported: dict[int, Counts] = {}
        self._next = 0.0

    def beat_if_due(self, living: Sequence[Entry]) -> None:
        """Send the worker's heartbeat when it is due."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + heartbeats.PERIOD
            self._beat(living)
            self._sign()

    def stop(self) -> None:
        """Report what was not reported yet, and that the worker stops."""
        self._beat([])
        with transaction() as db:
            service_events.note_stop(db, self._name)

    def _beat(self, living: Sequence[Entry]) -> None:
        now = self._slots.counts()
        new = [since(self._reported.get(slot, NOTHING), counts) for slot, counts in now.items()]
        with transaction() as db:
            if not self._has_started:
                service_events.note_start(db, self._name, Service.WORKER, self._release)
            heartbeats.beat(
                db,
                self._name,
                Service.WORKER,
                queues=self._queues,
                release=self._release,
                processes=len(living),
                busy=sum(entry.lease != NOBODY or entry.job != NOBODY for entry in living),
                succeeded=sum(counts.succeeded for counts in new),
                failed=sum(counts.failed for counts in new),
                retried=sum(counts.retried for counts in new),
            )
        self._reported, self._has_started = now, True


def since(before: Counts, now: Counts) -> Counts:
    """Return what was added."""
    return Counts(now.succeeded - before.succeeded, now.failed - before.failed, now.retried - before.retried)
