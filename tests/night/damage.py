"""What went wrong in that night, done to a stack by its own API, its workers and its scheduler."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bellhop_local.ports import free_port
from tests.night.shop import DOWN, UP
from tests.stack import Stack, wait_until

CRASH = """
    UPDATE unfinished_jobs SET state = 'running', attempt = attempt + 1, started_at = now(), worker = 'worker@vm-3',
        lease = gen_random_uuid(), lease_expires_at = now() - interval '1 s'
    WHERE task = 'orders.pack' AND state = 'queued'
"""
"""What a machine leaves behind that loses its power: claimed jobs whose leases nobody renews. The sweep ends them."""
LATE = """
    UPDATE schedules SET next_due_at = date_trunc('hour', now()) - interval '8 h', fire_at = now() WHERE id = %s
"""
"""Its runs of the night are made up for at once."""
ON_TIME = """
    UPDATE jobs SET created_at = due_at, run_at = due_at, queued_at = due_at, started_at = due_at + interval '1 s',
        first_started_at = due_at + interval '1 s', finished_at = due_at + interval '3 s'
    WHERE task = 'reports.revenue' AND finished_at IS NOT NULL AND due_at < now() - interval '1 min'
"""
"""And stand where they would stand, had the clock gone through the night."""


NIGHT = 8
"""Runs of the schedule, one an hour."""
WITHOUT_SLOW = "default,people"
"""What the first worker serves: the machine that packed orders is the one that lost its power."""


@dataclass
class Night:
    """How many of each there are, and which orders are affected by what."""

    directory: Path
    refused: int
    timed_out: int
    malformed: int
    lost: int
    mails: int
    shop: int = field(default_factory=free_port)
    """Where the shop's API would listen."""
    stack: Stack = field(init=False)

    def __post_init__(self) -> None:
        mail: dict[str, Any] = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(free_port()), "SMTP_SECURITY": "none"}
        others: dict[str, Any] = {
            "BELLHOP_PLUGINS": "tests.night",
            "FETCH_ALLOW": f"localhost:{self.shop}",
            "WORKLOADS": "none",
        }
        self.stack = Stack(self.directory, WORKER_QUEUES=WITHOUT_SLOW, **mail, **others)

    @property
    def failures(self) -> int:
        """All jobs that failed, but for those of the schedule."""
        return self.refused + self.timed_out + self.malformed + self.lost

    @property
    def orders(self) -> dict[str, range]:
        """The orders that each cause affects."""
        counts = {name: getattr(self, name) for name in ("refused", "timed_out", "malformed", "lost")}
        found, first = {}, 1001
        for name, count in counts.items():
            found[name], first = range(first, first + count), first + count
        return found

    def fall(self) -> "Night":
        """Let all of it go wrong, and wait until it has."""
        self.stack.start("web", "worker", "scheduler")
        orders = self.orders
        self.stack.submit_many([self._notify(order) for order in orders["refused"]])
        self.stack.submit_many([_charge(order, f"{order % 90}.50", DOWN) for order in orders["timed_out"]])
        self.stack.submit_many([_charge(order, f"{order % 90},5O", UP) for order in orders["malformed"]])
        self.stack.submit_many([_pack(order) for order in orders["lost"]])
        self._schedule()
        self._write_mails()
        wait_until(lambda: self._failed("orders.charge") == self.timed_out + self.malformed)
        wait_until(lambda: self._failed("http.request") == self.refused)
        self.stack.sql(CRASH)
        self.stack.start_command("worker-2", "bellhop-worker", WORKER_QUEUES="slow")
        wait_until(lambda: self._failed("orders.pack") == self.lost)
        wait_until(lambda: self._failed("reports.revenue") >= NIGHT)
        self.stack.sql(ON_TIME)
        wait_until(lambda: self._retrying("mail.send") == self.mails)
        return self

    def _notify(self, order: int) -> dict[str, Any]:
        url = f"http://localhost:{self.shop}/orders/{order}"
        args = {"url": url, "method": "POST", "body": {"order": order}, "retries": 0}
        return {"task": "http.request", "args": args, "label": f"order {order}"}

    def _schedule(self) -> None:
        body = {"name": "nightly revenue", "task": "reports.revenue", "args": {"region": "EU"}, "crontab": "0 * * * *"}
        body |= {"time_zone": "UTC", "catch_up": "all", "overlap": "allow"}
        made = self.stack.http.post("/api/schedules", json=body)
        assert made.status_code == 201, made.text
        self.stack.sql(LATE, made.json()["id"])

    def _write_mails(self) -> None:
        for number in range(self.mails):
            person = {"email": f"buyer-{number}@example.org", "password": "correct horse battery"}
            assert self.stack.client().post("/api/account", json=person).status_code == 202

    def jobs(self, query: str) -> list[dict[str, Any]]:
        """Return all jobs that a query finds, by the API."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page: dict[str, Any] = {"q": query, "limit": 100} | ({"cursor": cursor} if cursor else {})
            answer = self.stack.http.get("/api/jobs", params=page).json()
            found += answer["jobs"]
            if (cursor := answer["next_cursor"]) is None:
                return found

    def count(self, which: str, task: str) -> int:
        """Count jobs of a task."""
        [(number,)] = self.stack.sql(f"SELECT count(*) FROM jobs WHERE {which}", task)
        return int(number)

    def _failed(self, task: str) -> int:
        return self.count("state = 'failed' AND finished_at IS NOT NULL AND task = %s", task)

    def _retrying(self, task: str) -> int:
        return self.count("state IN ('scheduled', 'queued') AND attempt > 0 AND task = %s", task)


def _charge(order: int, amount: str, bank: str) -> dict[str, Any]:
    args = {"order": order, "amount": amount, "bank": bank}
    return {"task": "orders.charge", "args": args, "label": f"order {order}"}


def _pack(order: int) -> dict[str, Any]:
    return {"task": "orders.pack", "args": {"order": order}, "label": f"order {order}"}
