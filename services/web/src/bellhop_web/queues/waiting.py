"""Waiting: how many jobs wait in each queue, and for how long the oldest has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from bellhop_web.queues.rates import ARRIVALS_OF

MOST_COUNTED = 10_000
"""Jobs of a queue that are counted one by one."""

# Each queue is found by one step through jobs_waiting_idx, which has its jobs by the time at which they were queued.
WAITING = text("""
    WITH RECURSIVE names(queue) AS (
        SELECT min(queue) FROM unfinished_jobs WHERE state = 'queued'
        UNION ALL SELECT (SELECT min(queue) FROM unfinished_jobs WHERE state = 'queued' AND queue > names.queue)
        FROM names WHERE names.queue IS NOT NULL
    )
    SELECT queue,
           (SELECT count(*) FROM (
                SELECT FROM unfinished_jobs j WHERE state = 'queued' AND j.queue = names.queue LIMIT :most) AS part
           ) AS depth,
           (SELECT count(*) FROM (
                SELECT FROM unfinished_jobs j WHERE state = 'queued' AND j.queue = names.queue
                AND j.queued_at > now() - make_interval(secs => :lately) LIMIT :most) AS part
           ) AS lately,
           (SELECT min(queued_at) FROM unfinished_jobs j WHERE state = 'queued' AND j.queue = names.queue) AS oldest
    FROM names WHERE queue IS NOT NULL ORDER BY queue
""")


def waiting_by_queue(db: Session) -> Sequence[Row[Any]]:
    """Return the queues in which jobs wait: `queue`, `depth` and `lately` up to one more than are counted, `oldest`."""
    return db.execute(WAITING, {"most": MOST_COUNTED + 1, "lately": ARRIVALS_OF}).all()
