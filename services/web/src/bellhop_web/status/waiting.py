"""What waits: queues that drain slowly, and what people have paused."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from bellhop_ledger.ledger import holds
from bellhop_web.queues.waiting import MOST_COUNTED
from bellhop_web.site.format import length, plural
from bellhop_web.status.parts import Part, Severity, Subject, jobs_page, moment
from bellhop_web.status.seen import Seen, WaitingQueue, many

LONG = 300.0
"""Seconds after which a job has waited long for a worker."""
SOON = 60.0
"""Seconds in which a queue drains that is not worth a word."""


def waiting(seen: Seen) -> Iterator[Part]:
    """Yield the queues in which jobs wait long, or that take a while to drain."""
    for queue in seen.queues:
        waited = (seen.now - queue.oldest).total_seconds()
        left = _seconds_left(seen, queue)
        if waited > LONG or (left is not None and left > SOON):
            yield _queue(queue, waited, left)


def _seconds_left(seen: Seen, queue: WaitingQueue) -> float | None:
    """Return how long the queue takes to drain as fast as jobs have ended lately; None where that is not known.

    All queues are counted together: jobs that wait elsewhere are served by the same workers.
    """
    if not seen.a_minute or queue.depth > MOST_COUNTED:
        return None
    return 60 * seen.waiting / seen.a_minute


def _queue(queue: WaitingQueue, waited: float, left: float | None) -> Part:
    drains = f"drains in {length(60 * max(round(left / 60), 1))}" if left is not None else ""
    old = f"has {many(queue.depth)} waiting, the oldest for {length(60 * round(waited / 60))}" if waited > LONG else ""
    return Part(
        kind=Subject.WAITING,
        severity=Severity.WARNING if waited > LONG else Severity.GOOD,
        words=f"{queue.name} {' and '.join(filter(None, (old, drains)))}",
        short=f"{queue.name} waits",
        link=jobs_page(queue=queue.name, state="queued"),
        since=queue.oldest,
        count=queue.depth,
    )


def paused(db: Session) -> Iterator[Part]:
    """Yield what is paused: by its name where it is one thing, else how many."""
    found = holds.current(db, most=MOST_COUNTED + 1)
    if not found:
        return
    waits = sum(hold.waiting for hold in found)
    what = f"{found[0].kind} {found[0].name} is" if len(found) == 1 else f"{plural(len(found), 'thing')} are"
    suffix = f", {many(waits)} {'waits' if waits == 1 else 'wait'}" if waits else ""
    yield Part(
        kind=Subject.PAUSED,
        severity=Severity.WARNING,
        words=f"{what[0].upper()}{what[1:]} paused since {moment(found[0].since)}{suffix}",
        short="Paused",
        link="/holds",
        since=found[0].since,
        count=waits,
    )
