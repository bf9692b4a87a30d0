"""Schedules that have failed again and again, that cannot run, or that are overdue."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_web.schedules.health import MOST_FAILURES
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

# Only schedules of which a run has failed lately are looked at, and only at more runs of those whose last one has.
FAILED = text("""
    WITH failed AS (
        SELECT schedule FROM ended_jobs WHERE state = 'failed' AND schedule IS NOT NULL AND due_at >= :since
        UNION SELECT schedule FROM kept_jobs WHERE state = 'failed' AND schedule IS NOT NULL AND due_at >= :since
    ), failing AS MATERIALIZED (
        SELECT s.id, s.name FROM failed JOIN schedules s ON CAST(s.id AS text) = failed.schedule
        WHERE s.deleted_at IS NULL AND 'failed' = (
            SELECT coalesce(j.state, r.state) FROM schedule_runs r LEFT JOIN jobs j ON j.id = r.job_id
            WHERE r.schedule_id = s.id AND coalesce(j.state, r.state) IN ('succeeded', 'failed')
            ORDER BY r.due_at DESC LIMIT 1)
    ), runs AS (
        SELECT s.id, s.name, r.due_at, coalesce(j.state, r.state) AS state
        FROM failing s,
             LATERAL (SELECT * FROM schedule_runs r WHERE r.schedule_id = s.id ORDER BY due_at DESC LIMIT :runs) AS r
             LEFT JOIN jobs j ON j.id = r.job_id
        WHERE coalesce(j.state, r.state) IN ('succeeded', 'failed')
    )
    SELECT id, name, count(*) AS number, min(due_at) AS first FROM runs
    WHERE NOT EXISTS (SELECT FROM runs o WHERE o.id = runs.id AND o.state = 'succeeded' AND o.due_at >= runs.due_at)
    GROUP BY id, name HAVING count(*) >= :fewest ORDER BY number DESC, name LIMIT :most
""")
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
    limits = {"runs": MOST_FAILURES, "fewest": FEWEST, "most": MOST}
    for row in db.execute(FAILED, {"since": now - timedelta(hours=24), **limits}):
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
