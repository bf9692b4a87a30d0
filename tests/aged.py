"""Jobs that have been kept for long enough, and are counted: all of them, at once."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.retention import forget

KEPT_FOR_LONG_ENOUGH = """
    UPDATE jobs SET tier = 2, forget_on = CAST(now() AT TIME ZONE 'UTC' AS date), expires_at = now() - interval '1 s'
    WHERE finished_at IS NOT NULL
"""
# Where a test before has counted, nothing is forgotten that is not counted, too.
COUNTED_FOR_GOOD = """
    UPDATE counting SET (counted_until, final_until) = (
        SELECT greatest(counted_until, until), greatest(final_until, until)
        FROM (SELECT max(finished_at) + interval '1 s' AS until FROM jobs) AS t)
"""


def forget_all(db: Session) -> int:
    """Forget every job that has ended, as if it were counted and its retention over; return how many it were."""
    db.execute(text(KEPT_FOR_LONG_ENOUGH))
    db.execute(text(COUNTED_FOR_GOOD))
    return forget.prune_kept(db, most=1_000)
