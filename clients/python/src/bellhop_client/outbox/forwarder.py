"""Forwarder: carries jobs from the outbox of an application over to Bellhop, each of them once."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Any, NamedTuple, Self

from bellhop_client.client import Client
from bellhop_client.exchange import Act, Flow, Outcome, Request, send
from bellhop_client.jobs import MOST_TOGETHER
from bellhop_client.operations import Runner
from bellhop_client.outbox import rows
from bellhop_client.outbox.database import Connect, Database, connector
from bellhop_client.outbox.offering import Offered, offer, offer_each
from bellhop_client.outbox.rows import OutboxJob
from bellhop_client.retries import Retries
from bellhop_client.writing import encoded, path_of

log = logging.getLogger("bellhop_client.outbox")
PAUSES = Retries(first=0.5, longest=10.0)
"""After an error. The pauses double, and stay at the longest."""
MOST_DOUBLED = 10
TRIES = 5
"""Errors in a row after which a batch is looked at for jobs that alone are the reason."""
LOOKS, MOST_AGAIN = 10.0, 10
"""Seconds between two looks for jobs that were postponed, and how many of them are then tried again."""


class Carried(NamedTuple):
    """How many jobs Bellhop has accepted, how many it has refused, and how many were postponed."""

    accepted: int
    refused: int
    postponed: int = 0

    def plus(self, other: "Carried") -> "Carried":
        """Return the sums."""
        return Carried(*map(sum, zip(self, other, strict=True)))


class OneAttempt(Runner):
    """Sends the requests of a client once each: the pauses between attempts are not for an open transaction."""

    def __init__(self, client: Client):
        self._driver = client._driver

    def do(self, act: Act) -> Outcome:
        """Send a request."""
        assert isinstance(act, Request)
        return self._driver.send_once(act)


class Forwarder:
    """Carries jobs from the outbox of a database over to Bellhop: batch after batch, in the order of the table.

    A batch is one transaction: its rows are locked, submitted with their keys, and deleted. Wherever it breaks off, the
    rows are still there, and what Bellhop has accepted already it accepts no second time. So a forwarder may be killed
    at any moment, and any number of them may run at once, as threads and as processes.

    `database` is the URL of a Postgres database (with psycopg 3 or 2), or a function that returns a new connection to
    it, of psycopg, SQLAlchemy or Django. `batch` is how many jobs go together, `poll` after how many seconds an outbox
    that was empty is looked at again. Raises ValueError, which names the argument.
    """

    def __init__(self, client: Client, database: str | Connect, *, batch: int = 500, poll: float = 0.2):
        if not 1 <= batch <= MOST_TOGETHER:
            raise ValueError(f"batch: must be 1 to {MOST_TOGETHER:,}")
        if not 0 < poll <= 3600:
            raise ValueError("poll: must be more than 0 and at most 3,600 seconds")
        self._connect = connector(database) if isinstance(database, str) else database
        self._sender, self._batch, self._poll = OneAttempt(client), batch, poll
        self._stopping = Event()
        self._thread: Thread | None = None
        self._next_look = 0.0

    def start(self) -> Self:
        """Run in a thread of its own, which does not keep the process alive. Raises RuntimeError if it runs already."""
        if self._thread is not None:
            raise RuntimeError("the forwarder runs already")
        self._stopping.clear()
        self._thread = Thread(target=self.run, name="bellhop-outbox", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Let `run` return after the batch that is under way, and wait for the thread of `start`."""
        self._stopping.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self) -> None:
        """Carry jobs over until `stop` is called. What goes wrong is logged, and tried again after a pause.

        A job that gets 5xx or no answer each time is postponed, so that it does not hold up those behind it.
        """
        failures, split = 0, False
        with closing(Database(self._connect)) as database:
            while not self._stopping.is_set():
                try:
                    carried = self._carry(database, split=split)
                    split = carried.postponed > 0  # there may be more of its kind
                    failures, pause = 0, 0.0 if sum(carried) == self._batch else self._poll
                    if monotonic() >= self._next_look:
                        self._carry_again(database)
                except Exception as error:  # whatever it is, the rows are still there
                    failures += 1
                    split = failures % TRIES == 0
                    pause = pause_after(failures, error)
                    log.warning("The outbox is tried again in %.1f s: %s: %s", pause, type(error).__name__, error)
                self._stopping.wait(pause)

    def drain(self) -> Carried:
        """Carry over what is there, and return how many jobs it was. Raises BellhopError and errors of the driver.

        A job that gets 5xx or no answer while others are accepted is postponed at once.
        """
        total = Carried(0, 0)
        with closing(Database(self._connect)) as database:
            while sum(carried := self._carry(database, split=True)):
                total = total.plus(carried)
            while sum(carried := self._carry_again(database)):
                total = total.plus(carried)
        return total

    def _carry(self, database: Database, *, split: bool) -> Carried:
        return _carried(database, rows.waiting(self._batch), partial(offer, self._send, split=split))

    def _carry_again(self, database: Database) -> Carried:
        """Try jobs again that were postponed, apart from the others, so that they hold up none."""
        self._next_look = monotonic() + LOOKS
        return _carried(database, rows.due_again(MOST_AGAIN), partial(offer_each, self._send))

    def _send(self, jobs: Sequence[OutboxJob]) -> None:
        body = encoded({"jobs": [job.body() for job in jobs]})
        self._sender.run(send(Request("POST", path_of("jobs", "batch"), body=body), _nothing))


def _carried(
    database: Database, found: Flow[list[OutboxJob]], offer_them: Callable[[Sequence[OutboxJob]], Offered]
) -> Carried:
    """Find jobs, submit them and write down what became of them, in one transaction."""
    with database.transaction() as outbox:
        jobs = outbox.run(found)
        offered = offer_them(jobs)
        if offered.refused:
            outbox.run(rows.set_aside(offered.refused))
        if offered.failed:
            outbox.run(rows.postpone(offered.failed))
        if accepted := offered.accepted(jobs):
            outbox.run(rows.remove(accepted))
    _report(jobs, offered)
    return Carried(len(accepted), len(offered.refused), len(offered.failed))


def _report(jobs: Sequence[OutboxJob], offered: Offered) -> None:
    for job in jobs:
        if reason := offered.refused.get(job.number):
            log.error("Job %s (%s) of the outbox was refused: %s", job.key, job.task, reason)
        elif reason := offered.failed.get(job.number):
            log.error("Job %s (%s) of the outbox is tried again later: %s", job.key, job.task, reason)


def _nothing(_: Any) -> None:
    """Read nothing of an answer: that it is one of Bellhop's is enough."""


def pause_after(failures: int, error: Exception) -> float:
    """Return the seconds until the next attempt, after so many errors in a row; a server may ask for more."""
    asked: float = getattr(error, "retry_after", None) or 0.0
    return asked + PAUSES.jittered(min(failures, MOST_DOUBLED))
