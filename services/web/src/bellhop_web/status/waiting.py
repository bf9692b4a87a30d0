"""What waits: queues that drain slowly, and what people have paused."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from bellhop_ledger.ledger import holds
from bellhop_web.queues.rates import Outlook
from bellhop_web.queues.views import QueueView
from bellhop_web.queues.waiting import MOST_COUNTED
from bellhop_web.site.format import length, plural
from bellhop_web.status.parts import Part, Severity, Subject, jobs_page, moment
from bellhop_web.status.seen import Seen, many

LONG = 300.0
"""Seconds after which a job has waited long for a worker."""
SOON = 60.0
"""Seconds in which a queue drains that is not worth a word."""


def waiting(seen: Seen) -> Iterator[Part]:
    """Yield the queues in which jobs wait long, or that take a while to drain, as the page of queues has it."""
    for queue in seen.queues:
        waited = (seen.now - (queue.oldest_at or seen.now)).total_seconds()
        if waited > LONG or (queue.seconds_to_empty or 0.0) > SOON:
            yield _queue(queue, waited)


def _queue(queue: QueueView, waited: float) -> Part:
    old = f"has {many(queue.depth)} waiting, the oldest for {length(60 * round(waited / 60))}" if waited > LONG else ""
    grows = "grows" if queue.outlook is Outlook.GROWS else ""
    drains = f"drains in {queue.forecast.minutes}" if queue.outlook is Outlook.EMPTIES else grows
    return Part(
        kind=Subject.WAITING,
        severity=Severity.WARNING if waited > LONG else Severity.GOOD,
        words=f"{queue.name} {' and '.join(filter(None, (old, drains)))}",
        short=f"{queue.name} waits",
        link=jobs_page(queue=queue.name, state="queued"),
        since=queue.oldest_at,
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
