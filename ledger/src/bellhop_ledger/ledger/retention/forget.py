"""Forget: jobs that ended are filed by the day on which they are forgotten, and a day is forgotten by one DROP."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.retention.tiers import filed, table_of

DAYS_AHEAD = 100
"""Days ahead that have tables of their own. What is kept for longer is rare, and deleted one by one."""
SPARE = 2
"""Days after the last one that is needed now: for so long nobody has to add one."""

FILE_ENDED = text(f"""
    WITH ended AS (
        DELETE FROM unfinished_jobs WHERE id IN (
            SELECT id FROM unfinished_jobs WHERE finished_at IS NOT NULL LIMIT :most FOR UPDATE SKIP LOCKED)
        RETURNING *
    ), filed AS ({filed("ended")} RETURNING id)
    SELECT count(*) FROM filed
""")

TODAY = text("SELECT CAST(now() AT TIME ZONE 'UTC' AS date)")
OVER = text("""
    SELECT CAST(least(now() - interval '1 hour', (SELECT final_until FROM counting)) AT TIME ZONE 'UTC' AS date)
""")
"""The days before this one are over: what began in one of them has ended an hour later, and files nothing there.

And all that ended in them is counted; before anything is counted nothing waits for that.
"""
DAYS = text("""
    SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ended_jobs'::regclass
    ORDER BY day
""")
ADD_DAY = text("SELECT add_ended_day(:day)")
DROP_DAY = text("SELECT drop_ended_day(:day)")

FOLLOWERS = text("""
    SELECT table_name::text AS table, quote_ident(column_name) AS column,
           CASE WHEN table_name = CAST('job_keys' AS regclass) THEN 'gone.idempotency_key IS NOT NULL' ELSE 'true' END
           AS condition
    FROM job_followers ORDER BY 1, 2
""")
"""The tables whose rows go with a job, and which jobs may have some: where few do, the others are not looked for."""
FOLLOWING = """
    DELETE FROM {table} WHERE ctid = ANY(ARRAY(
        SELECT f.ctid FROM {table} f JOIN {gone} gone ON gone.id = f.{column} WHERE {condition} LIMIT :most))
"""
# How a schedule's run ended stands in its history when its job is gone.
NOTE_RUNS = """
    WITH ended AS (
        SELECT r.schedule_id, r.due_at, gone.state, gone.started_at, gone.first_started_at, gone.finished_at
        FROM {gone} gone JOIN schedule_runs r ON r.job_id = gone.id
        WHERE gone.schedule IS NOT NULL AND r.state IS NULL LIMIT :most
    )
    UPDATE schedule_runs r SET state = ended.state, started_at = ended.started_at,
        first_started_at = ended.first_started_at, finished_at = ended.finished_at
    FROM ended WHERE r.schedule_id = ended.schedule_id AND r.due_at = ended.due_at
"""
EXPIRED = text("""
    SELECT id FROM kept_jobs WHERE forget_on <= CAST(now() AT TIME ZONE 'UTC' AS date) AND expires_at < now()
    AND finished_at < coalesce((SELECT final_until FROM counting), 'infinity')
    AND (NOT :only_exported OR forget_on IN (SELECT day FROM exported_days WHERE exported_at IS NOT NULL))
    LIMIT :most FOR UPDATE SKIP LOCKED
""")
DELETE_EXPIRED = text("DELETE FROM kept_jobs WHERE id = ANY(CAST(:ids AS uuid[]))")
THESE = "(SELECT * FROM kept_jobs WHERE id = ANY(CAST(:ids AS uuid[])))"


def file_ended(db: Session, *, most: int) -> int:
    """File jobs that ended where they stood: what was cancelled or lost, and what an older release has finished."""
    moved: int = db.execute(FILE_ENDED, {"most": most}).scalar_one()
    return moved


def add_days(db: Session, keeps: Iterable[timedelta]) -> list[date]:
    """Make tables for the days on which jobs that end now and soon are forgotten; return the new ones.

    `keeps` are the lengths of time for which jobs are kept.
    """
    today = db.execute(TODAY).scalar_one()
    ahead = {int(keep / timedelta(days=1)) + more for keep in keeps for more in range(SPARE + 1)}
    days = [today + timedelta(days=number) for number in sorted({0, 1} | ahead) if number <= DAYS_AHEAD]
    there = set(db.execute(DAYS).scalars())
    return [day for day in days if day not in there and db.execute(ADD_DAY, {"day": day}).scalar_one()]


def past_days(db: Session) -> list[date]:
    """Return the days that are over and still have a table, the oldest first."""
    over = db.execute(OVER).scalar_one()
    return [day for day in db.execute(DAYS).scalars() if day < over]


def leave_day(db: Session, day: date, *, most: int) -> int:
    """Delete what goes with the jobs of a day, at most so many rows of each table; return how many there were.

    When nothing is left, the day can be dropped.
    """
    return _leave(db, table_of(day), {"most": most})


def drop_day(db: Session, day: date) -> None:
    """Forget all jobs of a day. Raises an error of the database where its table stays locked for a moment."""
    db.execute(DROP_DAY, {"day": day})


def prune_kept(db: Session, *, most: int, only_exported: bool = False) -> int:
    """Delete jobs that were kept for long and are past their retention, at most so many; return their number."""
    ids = [str(id) for id in db.execute(EXPIRED, {"most": most, "only_exported": only_exported}).scalars()]
    while ids and _leave(db, THESE, {"ids": ids, "most": most}):
        pass
    db.execute(DELETE_EXPIRED, {"ids": ids})
    return len(ids)


def _leave(db: Session, gone: str, parameters: dict[str, object]) -> int:
    """Delete what goes with jobs, and note how the runs of schedules ended; return how many rows it were."""
    statements = [NOTE_RUNS.format(gone=gone)]
    statements += [FOLLOWING.format(gone=gone, **one._mapping) for one in db.execute(FOLLOWERS)]
    results = [db.execute(text(statement), parameters) for statement in statements]
    return sum(result.rowcount for result in results)  # type: ignore[attr-defined]
