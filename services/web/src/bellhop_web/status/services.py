"""Whether anything runs and becomes due: workers, schedulers, queues that nobody serves, and the export."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.ledger.retention.exported_days import failed
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.site.format import length
from bellhop_web.status.parts import Part, Severity, Subject, jobs_page
from bellhop_web.status.seen import Seen, many

SERVICES = "/workers"


def services(db: Session, seen: Seen) -> Iterator[Part]:
    """Yield what is wrong with the processes that do the work, and with the export of days."""
    if seen.alive("worker"):
        yield from _unserved(seen)
    else:
        yield _no_worker(seen)
    if not seen.alive("scheduler"):
        yield _no_scheduler(seen)
    yield from _not_exported(db)


def _no_worker(seen: Seen) -> Part:
    waits = f". {many(seen.waiting)} {'waits' if seen.waiting == 1 else 'wait'}" if seen.waiting else ""
    return Part(
        kind=Subject.WORKER,
        severity=Severity.BAD,
        words=f"Nothing runs: no worker{_for(seen, seen.last('worker'))}{waits}",
        short="No worker",
        link=SERVICES,
        since=seen.last("worker"),
        count=seen.waiting,
    )


def _no_scheduler(seen: Seen) -> Part:
    return Part(
        kind=Subject.SCHEDULER,
        severity=Severity.BAD,
        words=f"Nothing becomes due: no scheduler{_for(seen, seen.last('scheduler'))}",
        short="No scheduler",
        link=SERVICES,
        since=seen.last("scheduler"),
    )


def _for(seen: Seen, last: datetime | None) -> str:
    return f" for {length(round((seen.now - last).total_seconds()))}" if last else ""


def _unserved(seen: Seen) -> Iterator[Part]:
    """Yield our own queues, and those of all other tasks, from which no worker takes jobs."""
    queues = {queue.name: queue for queue in seen.queues}
    wanted = dict.fromkeys([*QUEUES, *(task.queue for task in known_tasks().values())])
    for queue in (queues[name] for name in wanted if name in queues and not queues[name].workers):
        name, depth = queue.name, queue.depth
        yield Part(
            kind=Subject.QUEUE,
            severity=Severity.BAD if depth else Severity.WARNING,
            words=f"No worker takes jobs from the queue {name}" + (f": {many(depth)} wait" if depth else ""),
            short=f"No worker for {name}",
            link=jobs_page(queue=name, state="queued"),
            since=queue.oldest_at,
            count=depth,
        )


def _not_exported(db: Session) -> Iterator[Part]:
    for day in failed(db)[:1]:
        yield Part(
            kind=Subject.EXPORT,
            severity=Severity.BAD,
            words=f"The jobs to be forgotten on {day.day} could not be exported, and are kept: {day.error}",
            short="Export fails",
            link=jobs_page(task="jobs.export"),
            since=day.failed_at,
        )
