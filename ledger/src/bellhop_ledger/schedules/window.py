"""Window: the runs of some schedules from a moment on and before another, from the indexes of their schedules.

The history keeps the latest runs of a schedule only, and says what did not become a job; jobs are there for as long as
they are kept. So both are read. Of a schedule that runs often, the database counts what became of each hour's runs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run
from bellhop_ledger.schedules.timing import LATE

MOST_CELLS = 48
"""A schedule with more runs is shown hour by hour."""
MOST_COUNTED = 3_000
"""So many of a schedule's runs are counted at most, the latest: two days of one each minute."""

_FACTS = """
    j.id, j.due_at, j.state, j.attempt, j.run_at, j.created_at, j.started_at, j.finished_at,
    coalesce(j.first_started_at, j.started_at) AS began_at, j.past_attempts IS NOT NULL AS again
"""
_DUE = "due_at >= CAST(:since AS timestamptz) AND due_at < CAST(:until AS timestamptz)"
_LATEST = f"""
    SELECT {_FACTS} FROM jobs j WHERE j.tier > 0 AND j.schedule = w.schedule AND {_DUE}
    UNION ALL
    SELECT {_FACTS} FROM unfinished_jobs j
    WHERE j.state IN ('blocked','scheduled','queued','running') AND j.schedule = w.schedule AND {_DUE}
    ORDER BY due_at DESC LIMIT CAST(:most AS int)
"""
_WANTED = "(SELECT id, CAST(id AS text) AS schedule FROM unnest(CAST(:ids AS uuid[])) AS one (id)) AS w"
STATE = """
    CASE WHEN j.state = 'succeeded' AND (j.attempt > 1 OR j.again) THEN 'retried'
         WHEN j.state IN ('succeeded','failed','cancelled','running') THEN j.state
         WHEN j.attempt > 0 THEN 'retrying'
         WHEN greatest(j.run_at, j.created_at) < now() - make_interval(secs => :late) THEN 'late'
         ELSE 'waiting' END
"""
"""What became of a run that is a job, in a word."""

JOBS = text(f"""
    SELECT w.id AS schedule_id, j.*, {STATE} AS word FROM {_WANTED}, LATERAL ({_LATEST}) AS j
""")
BY_ID = text(f"""
    SELECT j.*, {STATE} AS word FROM (SELECT {_FACTS} FROM jobs j WHERE j.id = ANY(CAST(:ids AS uuid[]))) AS j
""")

# A line of the history stands for all runs that were missed between two moments; it may begin before the window.
RUNS = text(f"""
    SELECT r.* FROM unnest(CAST(:ids AS uuid[])) AS w (id), LATERAL (
        (SELECT * FROM schedule_runs r WHERE r.schedule_id = w.id AND {_DUE}
         ORDER BY r.due_at DESC LIMIT CAST(:most AS int))
        UNION ALL
        (SELECT * FROM (
            SELECT * FROM schedule_runs r WHERE r.schedule_id = w.id AND r.due_at < CAST(:since AS timestamptz)
            ORDER BY r.due_at DESC LIMIT 1) AS before
         WHERE before.missed_until >= CAST(:since AS timestamptz))) AS r
""")

HOURS = text(f"""
    SELECT w.id AS schedule_id, date_bin('1 hour', j.due_at, CAST(:origin AS timestamptz)) AS hour, {STATE} AS word,
           count(*) AS runs, count(*) FILTER (WHERE j.began_at - j.due_at > make_interval(secs => :late)) AS late
    FROM {_WANTED}, LATERAL ({_LATEST}) AS j GROUP BY 1, 2, 3
    UNION ALL
    SELECT r.schedule_id, date_bin('1 hour', r.due_at, CAST(:origin AS timestamptz)), r.outcome, count(*), 0
    FROM schedule_runs r
    WHERE r.schedule_id = ANY(CAST(:ids AS uuid[])) AND r.outcome <> 'fired'
      AND {_DUE}
    GROUP BY 1, 2, 3
""")


def jobs_in(db: Database, schedules: Sequence[UUID], since: datetime, until: datetime) -> list[Any]:
    """Return the jobs of schedules that were due in a window, of each one more than a row has cells at most."""
    return run(db, JOBS, **_which(schedules, since, until), most=MOST_CELLS + 1, late=LATE.total_seconds())


def runs_in(db: Database, schedules: Sequence[UUID], since: datetime, until: datetime) -> list[Any]:
    """Return the lines of the histories of schedules in a window, of each as many as of its jobs."""
    return run(db, RUNS, **_which(schedules, since, until), most=MOST_CELLS + 1)


def jobs_by_id(db: Database, ids: Sequence[str]) -> list[Any]:
    """Return these jobs: those that have just ended stand in no index of their schedules for a moment."""
    return run(db, BY_ID, ids=list(ids), late=LATE.total_seconds()) if ids else []


def hours_in(db: Database, schedules: Sequence[UUID], since: datetime, until: datetime, origin: datetime) -> list[Any]:
    """Return how many runs of schedules came to what in each hour from `origin` on."""
    if not schedules:
        return []
    which = _which(schedules, since, until)
    return run(db, HOURS, **which, origin=origin, most=MOST_COUNTED, late=LATE.total_seconds())


def _which(schedules: Sequence[UUID], since: datetime, until: datetime) -> dict[str, Any]:
    return {"ids": [str(id) for id in schedules], "since": since, "until": until}
