"""Schedules that have failed again and again, that cannot run, or that are overdue."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Uuid, cast, func, select, text, true
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.schedules import Schedule
from bellhop_web.schedules.health import MOST_FAILURES, failed_runs, has_failed, last_run_failed
from bellhop_web.site.format import length, plural
from bellhop_web.status.parts import Part, Severity, Subject, moment

FEWEST = 2
"""Runs in a row that fail before it is trouble."""
MANY = 3
"""Runs in a row that fail before it is bad."""
OVERDUE = 60.0
"""Seconds after which a run that is due counts as overdue."""
MOST = 20
"""Schedules that are looked at."""

DISABLED = text("""
    SELECT id, name, updated_at FROM schedules
    WHERE enabled AND disabled_reason IS NOT NULL AND deleted_at IS NULL ORDER BY name LIMIT :most
""")
LATE = text("""
    SELECT count(*) AS number, min(fire_at) AS first, (array_agg(id ORDER BY fire_at))[1] AS id,
           (array_agg(name ORDER BY fire_at))[1] AS name
    FROM schedules WHERE fire_at IS NOT NULL AND fire_at < now() - make_interval(secs => :overdue)
""")


def schedules(db: Session, now: datetime) -> Iterator[Part]:
    """Yield the schedules that are in trouble."""
    for row in db.execute(_failing(now - timedelta(hours=24))):
        more = "at least " if row.number == MOST_FAILURES else ""
        yield Part(
            kind=Subject.SCHEDULE,
            severity=Severity.BAD if row.number >= MANY else Severity.WARNING,
            words=f"{row.name} failed {more}{row.number} times in a row since {moment(row.first)}",
            short=f"{row.name} fails",
            link=f"/schedules/{row.id}",
            since=row.first,
            count=row.number,
        )
    for row in db.execute(DISABLED, {"most": MOST}):
        yield Part(
            kind=Subject.SCHEDULE,
            severity=Severity.BAD,
            words=f"{row.name} cannot run",
            short=f"{row.name} cannot run",
            link=f"/schedules/{row.id}",
            since=row.updated_at,
        )


def _failing(since: datetime) -> Select[UUID, str, int, datetime]:
    """Select the schedules that fail again and again.

    Only those of which a run has failed lately are looked at, and only at more runs of those whose last one has.
    """
    failed = select(cast(Job.schedule, Uuid)).where(*has_failed(), Job.due_at >= since)
    failing = select(Schedule.id).where(Schedule.deleted_at.is_(None), Schedule.id.in_(failed), last_run_failed())
    named = failing.cte("failing").prefix_with("MATERIALIZED")
    runs = failed_runs().lateral()
    number = func.count().label("number")
    found = select(Schedule.id, Schedule.name, number, func.min(runs.c.due_at).label("first"))
    found = found.join(runs, true()).where(Schedule.id.in_(select(named.c.id)))
    found = found.group_by(Schedule.id).having(number >= FEWEST)
    return found.order_by(number.desc(), Schedule.name).limit(MOST)


def overdue(db: Session, now: datetime) -> Iterator[Part]:
    """Yield that runs are due and not made, which a scheduler that works does within a second."""
    row = db.execute(LATE, {"overdue": OVERDUE}).one()
    if row.number:
        late = length(round((now - row.first).total_seconds()))
        whose = row.name if row.number == 1 else f"{plural(row.number, 'schedule')}, the first of them {row.name},"
        yield Part(
            kind=Subject.OVERDUE,
            severity=Severity.WARNING,
            words=f"{whose} {'is' if row.number == 1 else 'are'} overdue by {late}",
            short="Schedules overdue",
            link=f"/schedules/{row.id}",
            since=row.first,
            count=row.number,
        )
