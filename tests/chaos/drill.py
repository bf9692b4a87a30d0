"""The drill: everybody is set to work, the faults happen, and in the end all that was accepted must have ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.chaos import faults
from tests.chaos.callers import Caller
from tests.chaos.journal import Journal, answered, check
from tests.chaos.people import People
from tests.chaos.plan import Fault, Plan
from tests.chaos.verdict import NOTE_ENDS, Verdict, judge
from tests.stack import TOKEN, Stack

SERVICES = ("web", "worker", "worker-2", "scheduler", "scheduler-2")
CALLERS = 4
SCHEDULES = 2
STALLED = 120.0
"""Seconds without the end of any job after which what is left counts as unended."""
UNENDED = "SELECT count(*) FROM unfinished_jobs WHERE task LIKE 'chaos.%' AND finished_at IS NULL"
EACH_SECOND = {"interval_seconds": 1, "catch_up": "all", "ceiling": 1000}
Tell = Callable[[str], None]


def make_stack(directory: Path) -> Stack:
    """Make a stack whose servers keep what they have acknowledged, and on which all recovery is quick."""
    return Stack(
        directory,
        durable=True,
        BELLHOP_PLUGINS="tests.chaos.tasks",
        WORKER_CONCURRENCY="3",
        WORKER_ASYNC_SLOTS="50",
        WORKER_MAX_JOBS_PER_PROCESS="200",
        LEASE_SECONDS="3",
        MESSAGE_GRACE_SECONDS="3",
    )


@dataclass
class Drill:
    """One run of a plan on a stack."""

    stack: Stack
    plan: Plan
    tell: Tell = print
    journal: Journal = field(default_factory=Journal)
    revived: int = 0
    """Services that have ended by themselves, and were started again as Docker would."""
    backlog_seconds: float = 0.0
    """From the end of the last fault until everything had ended."""

    def run(self) -> Verdict:
        """Do all of it."""
        self.stack.start(*SERVICES)
        self.stack.sql(NOTE_ENDS)
        self._make_schedules()
        begun = time.monotonic()
        people = People(self.stack.client(TOKEN), self.journal)
        people.start()
        callers = [self._caller(share, begun, people) for share in range(CALLERS)]
        self._break_and_mend(begun)
        mended = time.monotonic()
        while any(caller.is_alive() for caller in callers):
            self._wait_until(time.monotonic() + 0.2)
        people.finish()
        self._pause_schedules()
        self._work_off()
        self.backlog_seconds = time.monotonic() - mended
        return judge(self.stack, self.journal)

    def _caller(self, share: int, begun: float, people: People) -> Caller:
        submissions = self.plan.submissions[share::CALLERS]
        caller = Caller(self.stack.client(TOKEN), self.journal, submissions, begun, people.take)
        caller.start()
        return caller

    def _break_and_mend(self, begun: float) -> None:
        """Let the faults happen, each from its time until its time."""
        broken = dict[Fault, ExitStack]()
        try:
            for at, fault, breaks in turns(self.plan):
                self._wait_until(begun + at, spared=targets(broken))
                if breaks:
                    self.tell(f"{at:7.1f} s  {fault.name} {fault.target}, for {fault.until - fault.at:.1f} s")
                    broken[fault] = ExitStack()
                    broken[fault].enter_context(faults.BY_NAME[fault.name](self.stack, fault.target, fault.place))
                else:
                    broken.pop(fault).close()
        finally:
            for mending in broken.values():
                mending.close()

    def _wait_until(self, moment: float, spared: frozenset[str] = frozenset()) -> None:
        """Wait, and start again what has ended by itself, for example because Postgres was away at its start."""
        while time.monotonic() < moment:
            for name in SERVICES:
                service = self.stack.services[name]
                if name not in spared and not service.is_running:
                    self.tell(f"           {name} has ended with {service.exit_code} and is started again")
                    self.revived += 1
                    service.stop(0)
                    self.stack.start_service(name)
            time.sleep(0.05)

    def _work_off(self) -> None:
        """Wait until everything has ended, for as long as something still does."""
        left, since = self._unended(), time.monotonic()
        while left and time.monotonic() - since < STALLED:
            time.sleep(0.2)
            if (now := self._unended()) < left:
                left, since = now, time.monotonic()

    def _unended(self) -> int:
        [(number,)] = self.stack.sql(UNENDED)
        return int(number)

    def _make_schedules(self) -> None:
        for number in range(SCHEDULES):
            name = {"name": f"chaos {number}", "task": "chaos.tick"}
            answer = self._post("/api/schedules", name | EACH_SECOND)
            if check(self.journal, answer, 201):
                self.journal.schedules.append(answer.json()["id"])

    def _pause_schedules(self) -> None:
        for id in self.journal.schedules:
            check(self.journal, self._post(f"/api/schedules/{id}/pause", {"reason": "the drill is over"}), 200)

    def _post(self, path: str, body: dict[str, object]) -> httpx.Response:
        return answered(self.journal, lambda: self.stack.http.post(path, json=body))


def turns(plan: Plan) -> Iterator[tuple[float, Fault, bool]]:
    """Yield when each fault begins (True) and ends (False), in the order of time."""
    acts = [(fault.at, fault, True) for fault in plan.faults] + [(fault.until, fault, False) for fault in plan.faults]
    yield from sorted(acts, key=lambda act: act[0])


def targets(broken: dict[Fault, ExitStack]) -> frozenset[str]:
    """Return what is broken at the moment."""
    return frozenset(fault.target for fault in broken)
