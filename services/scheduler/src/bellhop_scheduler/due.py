"""The look: one statement a turn says what there is to do, so that a scheduler with nothing to do costs nothing."""

from dataclasses import dataclass
from math import inf

from sqlalchemy import text

from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run

LEFT_ALONE = 1.0
"""Seconds for which an unsent job is left to the outbox sender of the process that wrote it."""

LOOK = text("""
    SELECT (SELECT CAST(extract(epoch FROM min(fire_at) - now()) AS float8) FROM schedules) AS fire,
           (SELECT CAST(extract(epoch FROM min(run_at) - now()) AS float8) FROM unfinished_jobs
            WHERE state = 'scheduled') AS run,
           EXISTS (SELECT FROM schedule_runs WHERE outcome = 'waiting') AS waiting,
           EXISTS (SELECT FROM unfinished_jobs WHERE state = 'queued' AND published_at IS NULL
                   AND queued_at < now() - make_interval(secs => :left_alone)) AS unsent,
           EXISTS (SELECT FROM holds) OR EXISTS (SELECT FROM unfinished_jobs WHERE state = 'blocked')
               OR EXISTS (SELECT FROM schedules WHERE resume_at <= now()) AS held,
           (SELECT CAST(extract(epoch FROM min(runs_at) - now()) AS float8) FROM bulk_actions
            WHERE finished_at IS NULL AND undone_at IS NULL) AS bulk
""")


@dataclass(frozen=True)
class Ahead:
    """What is to come, by the clock of the database."""

    fire: float
    """Seconds until the next run of a schedule."""
    run: float
    """Seconds until the next job with a date."""
    waiting: bool
    """Whether runs wait for the end of an earlier one."""
    unsent: bool
    """Whether there are jobs whose message nobody has sent."""
    held: bool
    """Whether something is paused or jobs are still blocked, or a schedule is paused until now."""
    bulk: float = inf
    """Seconds until the next bulk action, or until the next piece of one that has begun."""


NOTHING = Ahead(inf, inf, waiting=False, unsent=False, held=False)


def look(db: Database) -> Ahead:
    """Return what there is to do."""
    [row] = run(db, LOOK, left_alone=LEFT_ALONE)
    fire, next_run, bulk = (inf if seconds is None else seconds for seconds in (row.fire, row.run, row.bulk))
    return Ahead(fire, next_run, row.waiting, row.unsent, row.held, bulk)
